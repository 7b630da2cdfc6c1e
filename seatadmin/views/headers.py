"""What every answer carries, and which hosts are answered at all."""

from typing import Any

from flask import Flask, current_app, make_response, request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

from seatadmin.views.shell import nonce

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'"
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # as the policy says, for what does not read policies
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

UNLESS_SAID = {
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",  # static files say for themselves that they may be kept
}


def init_app(app: Flask) -> None:
    """Turn away hosts that are not this site's, and give every answer its headers."""
    app.before_request(_turn_away)
    app.after_request(_headers)


def _turn_away() -> Any:
    """400, in plain words: a page would be made of addresses, and there is no host for them."""
    allowed = current_app.config["ALLOWED_HOSTS"]
    malformed = isinstance(request.routing_exception, BadRequest)
    if not malformed and (not allowed or host_is_trusted(request.host.lower(), allowed)):
        return None
    return make_response("This host is not served here.\n", 400, {"Content-Type": "text/plain"})


def _headers(response: Response) -> Response:
    response.headers.update(ALWAYS)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=nonce())
    if (seconds := current_app.config["HSTS_SECONDS"]) > 0:
        response.headers["Strict-Transport-Security"] = f"max-age={seconds}"
    for name, value in UNLESS_SAID.items():
        response.headers.setdefault(name, value)
    return response
