"""Signatures of organisations with SM2: made by the service under 国密, accepted always."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import gmssl_pyx
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from service.contracts.samples import MASTER
from service.trust import verification
from service.trust.crypto.profile import GUOMI
from service.trust.signatures import ServiceKeys, presented
from service.trust.verification import (
    MalformedSignature,
    PublicKey,
    SignatureDoesNotFit,
    SignatureRefused,
    canonical,
    thumbprint,
    verify,
)
from tests.trust.signing import copied, detached
from tests.trust.test_signatures import COMMUNITY, EVENT, OCCURRED, SYSTEM

KEYS = ServiceKeys(MASTER.under(GUOMI))


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class OwnSm2System:
    """An organisation's own system: GmSSL as it is bound for Python, none of our code."""

    def __init__(self) -> None:
        self._public, self._private = gmssl_pyx.sm2_key_generate()
        x, y = encoded(self._public[:32]), encoded(self._public[32:])
        self.jwk = {"crv": "SM2", "kty": "EC", "x": x, "y": y}
        self.x = encoded(self._public)

    def sign(self, stated: Any, **header: Any) -> str:
        """A compact JWS with its statement inside; header parameters that are None are left out."""
        given = {"alg": "SM2SM3", "jwk": self.jwk, "typ": "statement+jws", **header}
        raw = json.dumps({name: value for name, value in given.items() if value is not None})
        signed = f"{encoded(raw.encode())}.{encoded(rfc8785.dumps(stated))}"
        der = gmssl_pyx.sm2_sign(self._private, self._public, signed.encode())
        numbers = decode_dss_signature(der)
        return f"{signed}.{encoded(b''.join(each.to_bytes(32) for each in numbers))}"


SM2_SYSTEM = OwnSm2System()


def signed_by_service() -> dict[str, Any]:
    """An endorsement as the service stores it where 国密 was chosen."""
    event = copied(EVENT)
    stated = canonical(verification.statement(event))
    event["data"]["signature"] = KEYS.sign(COMMUNITY, stated)
    return event


SIGNED = signed_by_service()
SERVICE = PublicKey(COMMUNITY, KEYS.public(COMMUNITY), "service")


def test_what_the_service_signed_says_how_and_verifies() -> None:
    assert verify(SIGNED, [SERVICE]) == SERVICE
    header, _, raw = verification.split(SIGNED["data"]["signature"])
    assert header == {
        "alg": "SM2SM3",
        "held_by": "service",
        "kid": SERVICE.signing_key_id,
        "typ": "statement+jws",
    }
    assert len(raw) == 64


def test_another_library_verifies_it() -> None:
    protected, _, signature = SIGNED["data"]["signature"].split(".")
    payload = encoded(rfc8785.dumps(verification.statement(SIGNED)))
    raw = urlsafe_b64decode(signature + "==")
    public = urlsafe_b64decode(SERVICE.x + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    assert gmssl_pyx.sm2_verify(public, f"{protected}.{payload}".encode(), der)


def test_whatever_is_altered_is_noticed() -> None:
    for name in verification.statement(SIGNED)["data"]:
        altered = copied(SIGNED)
        altered["data"][name] = "something else"
        with pytest.raises(SignatureRefused):
            verify(altered, [SERVICE])
    other = copied(SIGNED)
    other["data"]["participation_id"] = "another"
    with pytest.raises(SignatureDoesNotFit):
        verify(other, [SERVICE])


def test_every_organisation_has_a_key_of_its_own_and_always_the_same() -> None:
    again = ServiceKeys(MASTER.under(GUOMI))
    assert KEYS.public("a") == again.public("a") != KEYS.public("b")
    assert KEYS.public("a") != ServiceKeys(MASTER).public("a")


def test_an_own_system_may_sign_with_sm2() -> None:
    found = presented(SM2_SYSTEM.sign({"b": "贰", "a": 1}))
    assert (found.x, found.signing_key_id) == (SM2_SYSTEM.x, thumbprint(SM2_SYSTEM.x))
    assert found.statement == '{"a":1,"b":"贰"}'.encode()
    event = copied(SIGNED)
    event["data"]["signature"] = detached(SM2_SYSTEM.sign(verification.statement(event)))
    item = {
        "organisation_id": COMMUNITY,
        "held_by": "organisation",
        "public_key": verification.jwk(SM2_SYSTEM.x),
        "valid_from": (OCCURRED - timedelta(days=1)).isoformat(),
    }
    assert item["public_key"] == SM2_SYSTEM.jwk
    own = PublicKey.of(item)
    assert verify(event, [SERVICE, own]) == own
    with pytest.raises(SignatureDoesNotFit):
        presented(OwnSm2System().sign({}, jwk=SM2_SYSTEM.jwk))


def malformed() -> Iterator[str]:
    """Headers that do not fit their key, and keys that are none."""
    x, y = SM2_SYSTEM.jwk["x"], SM2_SYSTEM.jwk["y"]
    for alg in ("Ed25519", "EdDSA", "ES256", "none"):
        yield SM2_SYSTEM.sign({}, alg=alg)
    yield SYSTEM.sign({}).replace(
        SYSTEM.sign({}).partition(".")[0],
        encoded(json.dumps({"alg": "SM2SM3", "jwk": SYSTEM.jwk, "typ": "statement+jws"}).encode()),
    )
    for jwk in (
        {"y": None},
        {"y": x},
        {"x": y, "y": x},
        {"y": f"{y}="},
        {"x": "AA"},
        {"x": encoded(bytes(32)), "y": encoded(bytes(32))},
        {"crv": "P-256"},
        {"kty": "OKP"},
        {"d": "AA"},
    ):
        yield SM2_SYSTEM.sign({}, jwk={**SM2_SYSTEM.jwk, **jwk})
    without_y = {name: SM2_SYSTEM.jwk[name] for name in ("crv", "kty", "x")}
    yield SM2_SYSTEM.sign({}, jwk=without_y)


@pytest.mark.parametrize("compact", list(malformed()))
def test_what_does_not_fit_together_is_not_accepted(compact: str) -> None:
    with pytest.raises(MalformedSignature):
        presented(compact)


def test_a_key_is_used_with_its_own_algorithm_only() -> None:
    """Also where the header names the key by its id alone."""
    event = copied(SIGNED)
    compact = SM2_SYSTEM.sign(
        verification.statement(event), alg="Ed25519", jwk=None, kid=thumbprint(SM2_SYSTEM.x)
    )
    event["data"]["signature"] = detached(compact)
    with pytest.raises(MalformedSignature):
        verify(event, [PublicKey(COMMUNITY, SM2_SYSTEM.x)])
