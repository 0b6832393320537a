"""Checks an organisation's signature away from here, with nothing but Python and `cryptography`.

What is checked is an event as it is stored (its JSON) against the public keys that
``GET /organisations/{id}/signing-keys`` lists. This file imports nothing of the service, so that it
can be handed out as it is. Signatures of SM2 need `gmssl-pyx` besides.

A public key is written here as Base64url: of Ed25519 its 32 bytes, of SM2 both coordinates.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any

from cryptography.exceptions import InvalidSignature as _Mismatch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

TYPE = "statement+jws"
"""``typ`` of the header: what else the key may have signed is no statement."""
ED25519 = "Ed25519"
SM2 = "SM2SM3"
"""SM2 with SM3; a private name, as the curve's is: JOSE has registered none."""
_ALGORITHMS = frozenset({ED25519, "EdDSA", SM2})
_SPEAKS_FOR = {
    "CertificateIssued": "branch_id",
    "ParticipationEndorsed": "community_id",
    "OpinionGiven": "replying_id",
    "OpinionCountersigned": "replying_id",
}
"""The field that says whose word an event is, by type."""

_PRIME = 2**255 - 19
_ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset(
    {0, 1, _PRIME - 1, _PRIME, _PRIME + 1, _ORDER_EIGHT, _PRIME - _ORDER_EIGHT}
)
"""Points that "verify" signatures nobody made; a key at one of them proves nothing."""

SM2_PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A = SM2_PRIME - 3
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93


class SignatureRefused(ValueError):
    """签名未通过核验"""


class NotSigned(SignatureRefused):
    """没有签名"""


class MalformedSignature(SignatureRefused):
    """签名的格式不正确"""


class SigningKeyUnknown(SignatureRefused):
    """签名所用的密钥不在已审批的密钥之中"""


class SignedByAnotherOrganisation(SignatureRefused):
    """签名所用的密钥属于另一组织"""


class SignatureDoesNotFit(SignatureRefused):
    """签名与内容不符：内容被改动，或者不是用这一密钥签的"""


class SignedBeforeApproval(SignatureRefused):
    """签名之时密钥尚未审批"""


class SignedAfterExpiry(SignatureRefused):
    """签名之时密钥已经到期或者已被更换"""


class SignedAfterRevocation(SignatureRefused):
    """签名之时密钥已不可信"""


class SignedInOrganisationsPlace(SignatureRefused):
    """该组织当时有自己的密钥，却由服务代为签名"""


class TextAltered(SignatureRefused):
    """文字与所签的摘要不符"""


@dataclass(frozen=True)
class PublicKey:
    """An organisation's public key and when it counts."""

    organisation_id: str
    x: str
    held_by: str = "organisation"
    """``organisation``, or ``service`` where the service signs for it."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    distrusted_since: datetime | None = None

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "PublicKey":
        """From an item of ``GET /organisations/{id}/signing-keys``."""
        moments = {
            name: datetime.fromisoformat(item[name]) if item.get(name) else None
            for name in ("valid_from", "valid_until", "distrusted_since")
        }
        x = _public(item["public_key"])
        return cls(item["organisation_id"], x, item["held_by"], **moments)

    @property
    def signing_key_id(self) -> str:
        """Its thumbprint."""
        return thumbprint(self.x)

    def counts_at(self, moment: datetime) -> bool:
        """Whether the organisation signs with it at this moment."""
        return (
            (self.valid_from is None or self.valid_from <= moment)
            and (self.valid_until is None or moment < self.valid_until)
            and (self.distrusted_since is None or moment < self.distrusted_since)
        )


def verify(event: Mapping[str, Any], keys: Iterable[PublicKey]) -> PublicKey:
    """The key that signed this stored event; raises the `SignatureRefused` that says why not.

    ``keys`` are those of every organisation concerned, only approved ones, ended ones too.
    """
    signature = event["data"].get("signature")
    if not isinstance(signature, str):
        raise NotSigned(NotSigned.__doc__)
    keys = list(keys)
    header, payload, raw = split(signature)
    if payload:
        raise MalformedSignature("the signature is not detached")
    known = [key for key in keys if key.signing_key_id == key_id_of(header)]
    if not known:
        raise SigningKeyUnknown(SigningKeyUnknown.__doc__)
    acting = event["actor"]["organisation_id"]
    speaking = event["data"].get(_SPEAKS_FOR.get(event["type"], ""), acting)
    if speaking != acting or known[0].organisation_id != acting:
        raise SignedByAnotherOrganisation(SignedByAnotherOrganisation.__doc__)
    _require_algorithm(header, known[0].x)
    check(known[0].x, signature.partition(".")[0], canonical(statement(event)), raw)
    if (known[0].held_by == "service") != (header.get("held_by") == "service"):
        raise MalformedSignature("the header says somebody else holds the key")
    for name in ("occurred_at", "recorded_at"):
        _require_counts(known[0], datetime.fromisoformat(event[name]))
    # Whose key counts for something told later is judged by when it was told.
    recorded_at = datetime.fromisoformat(event["recorded_at"])
    if known[0].held_by == "service" and any(
        key.held_by != "service" and key.organisation_id == acting and key.counts_at(recorded_at)
        for key in keys
    ):
        raise SignedInOrganisationsPlace(SignedInOrganisationsPlace.__doc__)
    return known[0]


def verify_text(event: Mapping[str, Any], name: str, text: str, salt: str) -> None:
    """Raises TextAltered unless an opened text (e.g. ``comment``) is the one that was signed."""
    signed = event["data"].get(f"{name}_digest")
    found = digest(salt.encode(), text.encode(), "sha256").hex()
    if not isinstance(signed, str) or not compare_digest(signed, found):
        raise TextAltered(TextAltered.__doc__)


def _require_counts(key: PublicKey, moment: datetime) -> None:
    if key.valid_from is not None and moment < key.valid_from:
        raise SignedBeforeApproval(SignedBeforeApproval.__doc__)
    if key.distrusted_since is not None and moment >= key.distrusted_since:
        raise SignedAfterRevocation(SignedAfterRevocation.__doc__)
    if key.valid_until is not None and moment >= key.valid_until:
        raise SignedAfterExpiry(SignedAfterExpiry.__doc__)


def statement(event: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed of a stored event: not the signature, keyed hashes of persons, sealed text."""
    data = event["data"]
    left_out = {"signature"}
    for name in data:
        if name.endswith("_by_person"):
            left_out.add(name)
        elif name.endswith("_digest"):
            text = name.removesuffix("_digest")
            left_out |= {text, f"{text}_salt"}
    actor = event["actor"]
    return {
        "actor": {name: actor[name] for name in ("organisation_id", "person", "role")},
        "data": {name: value for name, value in data.items() if name not in left_out},
        "occurred_at": event["occurred_at"],
        "type": event["type"],
        "version": event["version"],
    }


def canonical(value: object) -> bytes:
    """The one byte form of a statement (RFC 8785; whole numbers and ASCII names only)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def thumbprint(x: str) -> str:
    """The id of a public key (RFC 7638)."""
    return _text(sha256(canonical(jwk(x))).digest())


def jwk(x: str) -> dict[str, str]:
    """A public key as a JWK."""
    raw = _bytes(x)
    if len(raw) == 64:
        return {"crv": "SM2", "kty": "EC", "x": _text(raw[:32]), "y": _text(raw[32:])}
    return {"crv": "Ed25519", "kty": "OKP", "x": x}


def split(jws: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Header, payload (empty where detached) and signature; raises MalformedSignature."""
    parts = jws.split(".")
    if len(parts) != 3:
        raise MalformedSignature("a JWS has three parts")
    raw_header, payload, signature = map(_bytes, parts)
    try:
        header = json.loads(raw_header)
    except (ValueError, RecursionError):
        raise MalformedSignature("the header is no JSON") from None
    if (
        not isinstance(header, dict)
        or not header.keys() <= {"alg", "typ", "jwk", "kid", "held_by"}
        or not isinstance(header.get("alg"), str)
        or header["alg"] not in _ALGORITHMS
        or header.get("typ") != TYPE
    ):
        raise MalformedSignature(f"the header is not that of a {TYPE}")
    return header, payload, signature


def key_id_of(header: Mapping[str, Any]) -> str:
    """The thumbprint of the key that a header names; raises MalformedSignature.

    Naming a key proves nothing: it has to be among those that were approved.
    """
    if "jwk" not in header:
        return str(header.get("kid"))
    found = thumbprint(embedded(header))
    if header.get("kid", found) != found:
        raise MalformedSignature("kid and jwk are not the same key")
    return found


def embedded(header: Mapping[str, Any]) -> str:
    """The public key that a header embeds; raises MalformedSignature."""
    x = _public(header.get("jwk"))
    _require_algorithm(header, x)
    return x


def _public(jwk: Any) -> str:
    if not isinstance(jwk, dict) or not all(isinstance(each, str) for each in jwk.values()):
        raise MalformedSignature("jwk is no public key")
    match jwk:
        case {"kty": "OKP", "crv": "Ed25519", "x": x} if len(jwk) == 3:
            point = int.from_bytes(_bytes(x), "little") & (2**255 - 1)
            if len(_bytes(x)) == 32 and point not in _SMALL_ORDER:
                return str(x)
        case {"kty": "EC", "crv": "SM2", "x": x, "y": y} if len(jwk) == 4:
            if len(_bytes(x)) == len(_bytes(y)) == 32 and _is_on_curve(_bytes(x), _bytes(y)):
                return _text(_bytes(x) + _bytes(y))
    raise MalformedSignature("jwk is no public key of Ed25519 or SM2")


def _require_algorithm(header: Mapping[str, Any], x: str) -> None:
    if (header["alg"] == SM2) != (len(_bytes(x)) == 64):
        raise MalformedSignature("alg is not that of the key")


def check(x: str, protected: str, payload: bytes, signature: bytes) -> None:
    """Raises SignatureDoesNotFit unless the key made this signature over header and payload."""
    key, signed = _bytes(x), f"{protected}.{_text(payload)}".encode()
    if len(key) == 64:
        if not sm2_verifies(key, signed, signature):
            raise SignatureDoesNotFit(SignatureDoesNotFit.__doc__)
        return
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (_Mismatch, ValueError):
        raise SignatureDoesNotFit(SignatureDoesNotFit.__doc__) from None


def sm2_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether these 64 bytes are the key's SM2 signature on the message, under SM3.

    The signer's identity is the one of GB/T 35276 where nothing else was agreed.
    """
    from gmssl_pyx import sm2_verify  # noqa: PLC0415 - Ed25519 is checked without it

    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if len(signature) != 64 or not _is_on_curve(public[:32], public[32:]):
        return False
    return bool(sm2_verify(public, message, encode_dss_signature(r, s), b"1234567812345678"))


def _is_on_curve(x_bytes: bytes, y_bytes: bytes) -> bool:
    x, y = int.from_bytes(x_bytes), int.from_bytes(y_bytes)
    return max(x, y) < SM2_PRIME and (y * y - x**3 - SM2_A * x - SM2_B) % SM2_PRIME == 0


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Raises MalformedSignature unless it is Base64url in its one form, without padding."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise MalformedSignature("no Base64url") from None
    if _text(raw) != text:
        raise MalformedSignature("no Base64url")
    return raw
