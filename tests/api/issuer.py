"""A small OpenID provider on a real socket, which checks what a real one checks."""

import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

from fastapi import FastAPI, Request
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT, SECRET = "eighthours", "a secret: with %, + and 汉字"


@cache
def _first_key() -> RSAKey:
    """Made once: it takes a fifth of a second."""
    return RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})


@dataclass
class Granted:
    """What a code was given for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str


@dataclass
class Issuer:
    """Whoever comes is ``subject``; everything it says can be bent."""

    clock: Callable[[], datetime]
    subject: str = "sub-of-zhang-san"
    url: str = ""
    key: RSAKey | ECKey | OKPKey = field(default_factory=_first_key)
    published: list[dict[str, Any]] | None = None
    """Its key set, if it is not just the key it signs with."""
    sign: Callable[[bytes], bytes] | None = None
    """How it signs, where no library would."""
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    """What it answers on a path instead."""
    granted: dict[str, Granted] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self._describe)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/keys")(self._keys)
        return app

    async def _describe(self, request: Request) -> Response:
        described = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.description,
        }
        return self._or_instead(request, JSONResponse(described))

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = self.grant(
            Granted(
                asked["client_id"], asked["redirect_uri"], asked["code_challenge"], asked["nonce"]
            )
        )
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    def grant(self, granted: Granted) -> str:
        code = secrets.token_urlsafe(16)
        self.granted[code] = granted
        return code

    async def _token(self, request: Request) -> Response:
        form = {name: each[0] for name, each in parse_qs((await request.body()).decode()).items()}
        if "authorization" in request.headers:
            self.asked.append("client_secret_basic")
            pair = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            client_id, _, secret = pair.partition(":")
            who = unquote_plus(client_id), unquote_plus(secret)
        else:
            self.asked.append("client_secret_post")
            who = form["client_id"], form["client_secret"]
        if who != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        granted = self.granted.pop(form["code"], None)
        challenge = sha256(form.get("code_verifier", "").encode()).digest()
        if (
            granted is None
            or granted.client_id != who[0]
            or granted.redirect_uri != form["redirect_uri"]
            or granted.challenge != _part(challenge)
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        answer = {"token_type": "Bearer", "access_token": "-", "id_token": self._signed(granted)}
        return self._or_instead(request, JSONResponse(answer))

    def _signed(self, granted: Granted) -> str:
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.url, "aud": CLIENT, "sub": self.subject, "nonce": granted.nonce,
            "iat": now, "exp": now + 300, **self.claims,
        }  # fmt: skip
        header = {"kid": self.key.kid, "alg": self.key.get("alg"), **self.header}
        if self.sign is None:
            return jws.serialize_compact(
                header, json.dumps(claims), self.key, algorithms=[header["alg"]]
            )
        content = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        return f"{content}.{_part(self.sign(content.encode()))}"

    async def _keys(self, request: Request) -> Response:
        keys = [self.key.as_dict(private=False)] if self.published is None else self.published
        return self._or_instead(request, JSONResponse({"keys": keys}))

    def _or_instead(self, request: Request, answer: Response) -> Response:
        return self.answers.get(request.url.path, answer)


def _part(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
