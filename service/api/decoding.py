"""The one place where a signed token becomes claims: whatever is wrong with it, it is refused here.

Access tokens, the assertions by which clients identify themselves and the ID tokens of an OpenID
provider are all judged by `decoded`. The library checks the signature and nothing else: it checks
no expiry, takes the last of two equal claims and lets a header name its own key.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

LONGEST = 8 * 1024
"""Bytes of a token at the most; no more of it than its length is looked at before."""

_HEADER = frozenset({"alg", "typ", "kid"})
"""What a header may say. Not ``crit``, which would have to be obeyed, nor ``jwk``, ``jku`` or
``x5u``, by which a token brings the key that it wants to be believed by."""


_LATEST = 253_402_300_799
"""The end of the year 9999: later moments are none for most of what compares them."""


class TokenRefused(ValueError):
    """令牌不可信"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs tokens, bound to the one algorithm it is used with."""

    public: OKPKey | ECKey | RSAKey
    algorithm: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What a token must be in order to be believed."""

    keys: Mapping[str, Key]
    """By key id; a revoked key is not among them."""
    issuer: str
    audience: str
    longest: timedelta
    """Between issue and expiry at the most."""
    type: str | None = None
    """The ``typ`` of the header; None where the issuer may leave it out."""
    leeway: timedelta = timedelta(seconds=5)
    """How far the issuer's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A token that is believed, good from ``begins`` until just before ``ends`` (epoch seconds)."""

    claims: Mapping[str, Any]
    kid: str
    begins: int
    ends: int

    def good_at(self, now: datetime, leeway: timedelta) -> bool:
        """Whether it has begun, give or take the leeway, and not ended."""
        moment = now.timestamp()
        return self.begins - leeway.total_seconds() <= moment < self.ends


def decoded(token: str, trust: Trust) -> Decoded:
    """What a token says, if it is one to believe; TokenRefused.

    When it begins and ends is for the caller to compare with the clock (`Decoded.good_at`), because
    a token is checked once and may be shown again.
    """
    if len(token) > LONGEST:
        raise TokenRefused("too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused("not three parts")
    header = _object(parts[0])
    if not header.keys() <= _HEADER:
        raise TokenRefused("a header that asks for more")
    if trust.type is not None and header.get("typ") != trust.type:
        raise TokenRefused("another type")
    kid = _text(header, "kid")
    key = trust.keys.get(kid)
    if key is None or header.get("alg") != key.algorithm:
        raise TokenRefused("unknown key, or another algorithm than the key's")
    try:
        jws.deserialize_compact(token, key.public, algorithms=[key.algorithm])
    except (JoseError, ValueError) as error:
        raise TokenRefused("signature") from error
    return _believed(_object(parts[1]), kid, trust)


def _believed(claims: dict[str, Any], kid: str, trust: Trust) -> Decoded:
    if claims.get("iss") != trust.issuer:
        raise TokenRefused("another issuer")
    if claims.get("aud") not in (trust.audience, [trust.audience]):
        raise TokenRefused("another audience")
    issued, ends = _moment(claims, "iat"), _moment(claims, "exp")
    begins = max(issued, _moment(claims, "nbf")) if "nbf" in claims else issued
    if not 0 < ends - begins <= trust.longest.total_seconds():
        raise TokenRefused("lives too long, or not at all")
    return Decoded(claims, kid, begins, ends)


def _object(part: str) -> dict[str, Any]:
    try:
        raw = b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        raise TokenRefused("not JSON") from error
    if not isinstance(found, dict):
        raise TokenRefused("not an object")
    return found


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # One reader would take the first and another the last of them.
        raise TokenRefused("the same claim twice")
    return found


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefused(f"no {name}")
    return value


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    # A bool is an int to Python.
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise TokenRefused(f"no moment {name}")
    return value
