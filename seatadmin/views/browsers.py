"""What is known of the browser that asks: its network, its name in words, whether it is known."""

import hashlib
import secrets
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from seatadmin.text import fold_email

KNOWN_FOR = 180 * 24 * 3600
"""Seconds for which a browser stays known after its last sign-in."""

PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("HeadlessChrome", "Chrome without a window"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def address() -> str:
    """By what tries are counted: the address; of IPv6 the network, which one household has."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found)


def network() -> str:
    """What is kept of the address: enough to recognize the place, too little to find the person."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 48), strict=False))
    return f"{str(found).rpartition('.')[0]}.x"


def words() -> str:
    """The browser in words, as far as it says what it is."""
    said = request.user_agent.string
    program = next((name for sign, name in PROGRAMS if sign in said), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in said), None)
    return f"{program} on {system}" if system else program


def known_device(email: str) -> str | None:
    """The name of this browser, when this account has signed in with it before.

    Such a browser is counted by itself, so guesses of others never keep its person out.
    """
    given = request.cookies.get(_cookie(), "")
    try:
        name, accounts = _serializer().loads(given, max_age=KNOWN_FOR)
    except BadSignature:
        return None
    return str(name) if _account(email) in accounts else None


def remember(response: Response, email: str) -> Response:
    """Make this browser a known device of the account. A few accounts may share a browser."""
    try:
        name, accounts = _serializer().loads(request.cookies.get(_cookie(), ""), max_age=KNOWN_FOR)
    except BadSignature:
        name, accounts = secrets.token_urlsafe(16), []
    account = _account(email)
    accounts = [account, *(other for other in accounts if other != account)][:5]
    response.set_cookie(
        _cookie(),
        _serializer().dumps([name, accounts]),
        max_age=KNOWN_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known device")


def _account(email: str) -> str:
    """An account as the cookie names it: whoever reads the cookie does not read the address."""
    return hashlib.sha256(str(fold_email(email)).encode()).hexdigest()[:32]
