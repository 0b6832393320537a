"""An organisation's own system: an Ed25519 key, and what it signs with other people's library."""

import json
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.jwk import OKPKey


class OwnSystem:
    """Signs with `joserfc` over the canonical form that `rfc8785` makes: neither is ours."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519")
        self.jwk = {name: self.key.as_dict(private=False)[name] for name in ("crv", "kty", "x")}

    @property
    def x(self) -> str:
        return str(self.jwk["x"])

    @property
    def signing_key_id(self) -> str:
        return self.key.thumbprint()

    def sign(self, stated: Any, **header: Any) -> str:
        """A compact JWS with its statement inside."""
        return self.sign_bytes(rfc8785.dumps(stated), **header)

    def sign_bytes(self, payload: bytes, **header: Any) -> str:
        """The same over bytes as they are; header parameters that are None are left out."""
        header = {"alg": "Ed25519", "jwk": self.jwk, "typ": "statement+jws", **header}
        given = {name: value for name, value in header.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[given["alg"]], strict_check_header=False)
        return jws.serialize_compact(given, payload, self.key, registry=registry)


def detached(compact: str) -> str:
    """The JWS without its payload."""
    protected, _, signature = compact.split(".")
    return f"{protected}..{signature}"


def copied(event: dict[str, Any]) -> dict[str, Any]:
    """A deep copy of an event's JSON."""
    found: dict[str, Any] = json.loads(json.dumps(event))
    return found
