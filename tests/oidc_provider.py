"""A provider of company sign-in for tests: discovery, authorization code flow, JWKS, on loopback."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = ("audit-app", "a client secret of the tests")


class Provider(ThreadingHTTPServer):
    """`claims` are those of whoever signs in next; `asked` the paths that were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = RSAKey.generate_key(2048, {"kid": "tests", "use": "sig", "alg": "RS256"}, private=True)
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def id_token(self, nonce: str | None) -> str:
        """A signed token about whoever signs in."""
        from joserfc import jwt

        moment = int(time.time())
        facts = {"iss": self.address, "aud": CLIENT[0], "iat": moment, "exp": moment + 600, "sub": "1"}
        if nonce:
            facts["nonce"] = nonce
        return jwt.encode({"alg": "RS256", "kid": "tests"}, facts | self.claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        at = self.server.address
        if parts.path == "/.well-known/openid-configuration":
            self._json({
                "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": ["openid", "email", "profile"],
            })  # fmt: skip
        elif parts.path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self._authorize({key: values[0] for key, values in parse_qs(parts.query).items()})
        else:
            self.send_error(404)

    def _authorize(self, asked: Mapping[str, str]) -> None:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT[0]
        code = secrets.token_urlsafe(16)
        self.server.codes[code] = dict(asked)
        back = urlencode({"code": code, "state": asked["state"]})
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.end_headers()

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.codes.pop(body.get("code", [""])[0], None)  # a code is good once
        if self.path != "/token" or asked is None or body["redirect_uri"] != [asked["redirect_uri"]]:
            self.send_error(400)
            return
        token = self.server.id_token(asked.get("nonce"))
        self._json({"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _json(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers while the block lasts."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
