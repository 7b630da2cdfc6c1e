"""Signing in by an OpenID Connect provider, where one is configured: code flow with PKCE.

The provider says whose e-mail address it is, and verified it. Whoever has an active account of
staff with that address is signed in; no account is ever made here.
"""

import hmac
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.services import sign_in
from seatadmin.views.addresses import safe_next
from seatadmin.views.auth import enter, note_refusal

SECONDS = 10
"""How long the provider may take to answer."""

LEEWAY = 60
"""Seconds that the provider's clock may be off."""

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
FAILED = "Signing in with your organization did not work. Try again, or use your password."
UNKNOWN = "Your organization knows you, but no active account here has your e-mail address."
UNVERIFIED = "Your organization did not confirm that your e-mail address is yours."

provider = Blueprint("provider", __name__)


class _Untrue(Exception):
    """The provider's answer does not fit what was asked."""


@provider.get("/login/provider")
def start() -> Any:
    """To the provider, with what its answer must bring back."""
    asked = {
        "state": generate_token(32),
        "nonce": generate_token(32),
        "verifier": generate_token(64),
        "next": safe_next(request.args.get("next"), url_for("admin.index")),
    }
    try:
        address, _ = _client().create_authorization_url(
            _known()["authorization_endpoint"],
            state=asked["state"],
            nonce=asked["nonce"],
            code_verifier=asked["verifier"],
        )
    except (requests.RequestException, KeyError, ValueError, _Untrue) as error:
        return _failed(error)
    session["provider"] = asked
    return redirect(address)


@provider.get("/login/provider/back")
def back() -> Any:
    """From the provider: sign in whoever it vouches for."""
    asked = session.pop("provider", None)
    try:
        claims = _claims(asked, request.args)
    except (
        requests.RequestException,
        OAuthError,
        JoseError,
        KeyError,
        ValueError,
        _Untrue,
    ) as error:
        return _failed(error)
    if claims.get("email_verified") is not True:
        return _refused(None, UNVERIFIED)
    user = sign_in.named(db.session, str(claims.get("email")).replace("\x00", ""))
    if user is None or not user.is_active:
        return _refused(user, UNKNOWN)
    return enter(user, {}, asked["next"])


def _claims(asked: Any, given: Any) -> dict[str, Any]:
    """What the provider says of the person, after every check. Raises whatever is wrong."""
    if not asked or not hmac.compare_digest(
        asked["state"].encode(), given.get("state", "").encode()
    ):
        raise _Untrue("another state")
    if "code" not in given:
        raise _Untrue("no code")
    known, client = _known(), _client()
    token = client.fetch_token(
        known["token_endpoint"],
        code=given["code"],
        code_verifier=asked["verifier"],
        timeout=SECONDS,
    )
    keys = KeySet.import_key_set(_fetched(known["jwks_uri"]))  # type: ignore[arg-type]
    claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": current_app.config["OIDC_ISSUER"]},
        aud={"essential": True, "value": client.client_id},
        nonce={"essential": True, "value": asked["nonce"]},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    ).validate(claims)
    if claims.get("azp", client.client_id) != client.client_id:
        raise _Untrue("for another program")
    return dict(claims)


def _client() -> Any:
    config = current_app.config
    return OAuth2Session(
        config["OIDC_CLIENT_ID"],
        config["OIDC_CLIENT_SECRET"],
        scope="openid email",
        redirect_uri=url_for("provider.back", _external=True),
        code_challenge_method="S256",
    )


def _known() -> dict[str, Any]:
    """The provider's own addresses, read anew: sign-ins are rare, and they may move."""
    issuer = current_app.config["OIDC_ISSUER"]
    known = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if known.get("issuer") != issuer:
        raise _Untrue("another issuer")
    return known


def _fetched(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise _Untrue("no object")
    return found


def _failed(error: Exception) -> Any:
    """Nobody was named, so nothing stands in the audit: anybody may call these addresses."""
    current_app.logger.warning("sign-in by the provider failed: %s", type(error).__name__)
    return _back_to_login(FAILED)


def _refused(user: User | None, words: str) -> Any:
    note_refusal(user, "provider")
    return _back_to_login(words)


def _back_to_login(words: str) -> Any:
    flash(words, "danger")
    return redirect(url_for("auth.login"))
