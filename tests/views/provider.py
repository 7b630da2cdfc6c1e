"""A small OpenID Connect provider on 127.0.0.1, which says of people what a test wants it to."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "seat-admin", "the secret of Seat Admin there"


class Provider:
    """What it says of whoever signs in: `claims` beside the usual ones; `key` signs."""

    def __init__(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.granted: dict[str, dict[str, str]] = {}
        self.url = ""
        self.app = Flask("provider")
        self.app.get("/.well-known/openid-configuration")(self._metadata)
        self.app.get("/jwks")(lambda: jsonify(keys=[self.published.as_dict(private=False)]))
        self.app.post("/token")(self._token)

    def grant(self, address: str) -> dict[str, str]:
        """Somebody signs in at the provider; returns what it sends the browser back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code {len(self.granted)}"
        self.granted[code] = asked
        return {"code": code, "state": asked["state"]}

    def _metadata(self) -> Any:
        return jsonify(
            issuer=self.url,
            authorization_endpoint=f"{self.url}/authorize",
            token_endpoint=f"{self.url}/token",
            jwks_uri=f"{self.url}/jwks",
        )

    def _token(self) -> Any:
        asked = self.granted.pop(request.form["code"], None)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = request.authorization
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != request.form["redirect_uri"]
            or known is None
            or (known.username, known.password) != (CLIENT, SECRET)
        ):
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, told, self.key)
        return jsonify(access_token="x", token_type="Bearer", id_token=token)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a port of its own."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    provider.url = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
