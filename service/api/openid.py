"""统一身份认证: signing in through any OpenID Connect provider, named by its issuer's URL.

Authorization code with PKCE. What must be remembered between going there and coming back travels in
a cookie that only this service can read; the ID token is judged where every token is (`decoding`).
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import orjson

# Its HTTP clients are not used: the one for httpx announces its end with every start.
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.exceptions import InvalidTag
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from service.api.decoding import Key, TokenRefused, Trust, decoded
from service.trust.master_key import MasterKey

PATH = "/sign-in/provider/return"
PATIENCE = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_LONGEST_ID_TOKEN = timedelta(hours=24)
_CLOCKS_APART = timedelta(seconds=60)
_TIMEOUT = 5.0
_ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("Ed25519", "EdDSA"),
}
"""What a provider's keys may be used with; the first, unless the key itself says another."""


class OpenIdRefused(ValueError):
    """统一身份认证未能确认身份"""


class OpenIdUnavailable(ConnectionError):
    """统一身份认证暂时无法使用"""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where people sign in, and as whom this service is known there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    """How browsers reach this service, e.g. ``https://jilu.example.gov.cn``."""


class OpenId:
    """One provider, as this service talks to it."""

    def __init__(self, provider: Provider, master: MasterKey) -> None:
        self.issuer = provider.issuer
        self.secure = provider.public_url.startswith("https://")
        """Whether the browser is to send the cookie over TLS only."""
        self._provider = provider
        self._seal = master.sealing_key("openid-cookie")
        self._return_to = provider.public_url.rstrip("/") + PATH

    async def begin(self, now: datetime) -> tuple[str, str]:
        """Where to send the browser, and the cookie it brings back; OpenIdUnavailable."""
        async with httpx.AsyncClient(timeout=_TIMEOUT) as http:
            described = await self._description(http)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        place = prepare_grant_uri(
            _named(described, "authorization_endpoint"),
            self._provider.client_id,
            "code",
            redirect_uri=self._return_to,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        remembered = orjson.dumps([state, nonce, verifier, int(now.timestamp())])
        sealed = self._seal.seal(remembered, self.issuer.encode())
        return place, urlsafe_b64encode(sealed).decode()

    async def end(self, cookie: str, *, state: str, code: str, issuer: str, now: datetime) -> str:
        """Whom the provider vouches for (the ``sub`` of its ID token).

        Raises OpenIdRefused, OpenIdUnavailable.
        """
        expected, nonce, verifier = self._remembered(cookie, now)
        if not code or not secrets.compare_digest(state.encode(), expected.encode()):
            raise OpenIdRefused("no code, or another state than this browser's")
        async with httpx.AsyncClient(timeout=_TIMEOUT) as http:
            described = await self._description(http)
            # Who answers must say so if they say that they do (RFC 9207): no mix-up of providers.
            says = described.get("authorization_response_iss_parameter_supported") is True
            if issuer != self.issuer and (issuer or says):
                raise OpenIdRefused("another issuer answered")
            id_token = await self._redeemed(http, described, code, verifier)
            # Asked anew each time: a provider changes its keys, and nobody signs in often.
            keys = _keys(await _fetched(http, _named(described, "jwks_uri")))
        return self._subject(id_token, keys, nonce, now)

    async def _redeemed(
        self, http: httpx.AsyncClient, described: Mapping[str, Any], code: str, verifier: str
    ) -> str:
        """The ID token that the provider gives for a code."""
        who = self._provider.client_id, self._provider.client_secret
        secret: dict[str, str] = {}
        methods = described.get("token_endpoint_auth_methods_supported")
        if isinstance(methods, list) and "client_secret_basic" not in methods:
            secret = dict(zip(("client_id", "client_secret"), who, strict=True))
        content = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self._return_to,
            code_verifier=verifier,
            **secret,
        )
        request = http.build_request(
            "POST",
            _named(described, "token_endpoint"),
            content=content,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        # RFC 6749, 2.3.1: both are form-encoded inside the header.
        basic = None if secret else httpx.BasicAuth(*map(quote_plus, who))
        try:
            answer = await http.send(request, auth=basic)
        except httpx.HTTPError as error:
            raise OpenIdUnavailable(type(error).__name__) from error
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise OpenIdRefused("the provider does not take the code")
        return _named(_object(answer), "id_token")

    def _subject(self, id_token: str, keys: Mapping[str, Key], nonce: str, now: datetime) -> str:
        trust = Trust(
            keys=keys,
            issuer=self.issuer,
            audience=self._provider.client_id,
            longest=_LONGEST_ID_TOKEN,
            leeway=_CLOCKS_APART,
        )
        try:
            token = decoded(id_token, trust)
        except TokenRefused as error:
            raise OpenIdRefused("the ID token is not to be believed") from error
        subject = token.claims.get("sub")
        if not token.good_at(now, trust.leeway) or token.claims.get("nonce") != nonce:
            raise OpenIdRefused("the ID token is not of this moment, or was not asked for")
        if not isinstance(subject, str) or not re.fullmatch("[!-~]{1,255}", subject):
            raise OpenIdRefused("the ID token names nobody")
        return subject

    async def _description(self, http: httpx.AsyncClient) -> Mapping[str, Any]:
        place = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        described = await _fetched(http, place)
        # A description that speaks for somebody else would let them vouch for anybody.
        if described.get("issuer") != self.issuer:
            raise OpenIdUnavailable("described by another issuer")
        return described

    def _remembered(self, cookie: str, now: datetime) -> tuple[str, str, str]:
        try:
            opened = self._seal.open(urlsafe_b64decode(cookie), self.issuer.encode())
        except (ValueError, InvalidTag) as error:
            raise OpenIdRefused("no cookie of ours") from error
        state, nonce, verifier, begun = orjson.loads(opened)
        if not 0 <= now.timestamp() - begun <= PATIENCE.total_seconds():
            raise OpenIdRefused("begun too long ago")
        return state, nonce, verifier


async def _fetched(http: httpx.AsyncClient, place: str) -> Mapping[str, Any]:
    """A JSON object that the provider publishes; OpenIdUnavailable."""
    try:
        return _object(await http.get(place))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OpenIdUnavailable(type(error).__name__) from error


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of a provider's answer; OpenIdUnavailable."""
    try:
        found = answer.json() if answer.is_success else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise OpenIdUnavailable(f"status {answer.status_code}, or no JSON object")
    return found


def _named(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise OpenIdUnavailable(f"no {name}")
    return value


def _keys(document: Mapping[str, Any]) -> dict[str, Key]:
    """The provider's signing keys by their id; others are passed over."""
    found = {}
    published = document.get("keys")
    for jwk in published if isinstance(published, list) else ():
        try:
            allowed = _ALGORITHMS[jwk["kty"]]
            kid, algorithm = str(jwk["kid"]), jwk.get("alg", allowed[0])
            key = import_key(jwk)
        except (JoseError, KeyError, TypeError, ValueError):
            continue
        fits = jwk.get("use", "sig") == "sig" and algorithm in allowed
        if fits and isinstance(key, RSAKey | ECKey | OKPKey):
            found[kid] = Key(key, algorithm)
    return found
