"""Signatures of organisations: made by the service for those without a key, accepted from others.

The service's keys are derived from the master key, one for each organisation; the database holds
none of them. Every signature is a detached JWS (RFC 7515, appendix F), with Ed25519 or, where the
algorithms of 国密 are chosen, with SM2.
"""

from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import orjson

from service.trust import verification
from service.trust.crypto.profile import CryptoProfile, SigningKey
from service.trust.verification import MalformedSignature

LONGEST_JWS = 8192
"""Characters of a signature with its statement."""
_REMEMBERED = 20_000


class Derives(Protocol):
    """What is needed of a master key."""

    @property
    def profile(self) -> CryptoProfile: ...
    def derive(self, purpose: str, length: int = 32) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Held:
    private: SigningKey
    protected: str


class ServiceKeys:
    """The keys the service holds for organisations; the header of a signature says so."""

    def __init__(self, master: Derives) -> None:
        self._master = master
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def sign(self, organisation_id: str, statement: bytes) -> str:
        """A detached JWS over the canonical statement, in the organisation's name."""
        held = self._key(organisation_id)
        signature = held.private.sign(f"{held.protected}.{_text(statement)}".encode())
        return f"{held.protected}..{_text(signature)}"

    def public(self, organisation_id: str) -> str:
        """The public key, as `verification` writes it."""
        return _text(self._key(organisation_id).private.public)

    def _key(self, organisation_id: str) -> _Held:
        held = self._held.get(organisation_id)
        if held is None:
            signing = self._master.profile.signing
            seed = self._master.derive(f"signing-key/{organisation_id}", signing.seed_size)
            private = signing.key(seed)
            header = {
                "alg": signing.algorithm,
                "held_by": "service",
                "kid": verification.thumbprint(_text(private.public)),
                "typ": verification.TYPE,
            }
            held = _Held(private, _text(verification.canonical(header)))
            self._held[organisation_id] = held
            if len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
        return held


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody brought: a statement, and a signature that fits it and the key it names."""

    signing_key_id: str
    x: str
    statement: bytes
    """In its canonical form: an object."""
    detached: str


def presented(jws: str) -> Presented:
    """A compact JWS with its statement inside and its public key in the header (``jwk``).

    It shows that whoever made it holds the key, not whose key that is. Raises MalformedSignature,
    SignatureDoesNotFit.
    """
    header, payload, raw = verification.split(jws)
    if "held_by" in header:
        raise MalformedSignature("only the service says that it holds a key")
    x, signing_key_id = verification.embedded(header), verification.key_id_of(header)
    protected, _, rest = jws.partition(".")
    verification.check(x, protected, payload, raw)
    try:
        stated = orjson.loads(payload)
        exact = verification.canonical(stated) == payload
    except (ValueError, RecursionError):
        exact = False
    if not exact or not isinstance(stated, dict):
        raise MalformedSignature("the statement is not in its canonical form")
    signature = rest.partition(".")[2]
    return Presented(signing_key_id, x, payload, f"{protected}..{signature}")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
