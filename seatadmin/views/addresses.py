"""Addresses: reading ids from them, and following only those that stay inside the site."""

from urllib.parse import urlsplit

from flask import abort, request

from seatadmin.services.listings.clauses import whole


def row_id(text: str | None) -> int:
    """The id in an address or a form; a malformed one is answered like an absent row."""
    try:
        return whole(text or "")
    except ValueError:
        abort(404)


def safe_next(target: str | None, default: str) -> str:
    """`target` when it is a path of this site, else `default`."""
    unsafe = not target or not target.startswith("/") or target.startswith("//")
    if unsafe or "\\" in str(target) or not str(target).isprintable():
        return default
    return str(target)


def return_address(default: str) -> str:
    """Where a form asks to be led back to."""
    return safe_next(request.values.get("url"), default)


def came_from(default: str) -> str:
    """The page of this site that led here, else `default`."""
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:  # no address at all
        return default
    if referrer.netloc != request.host or referrer.path == request.path:
        return default
    return safe_next(f"{referrer.path}?{referrer.query}".rstrip("?"), default)
