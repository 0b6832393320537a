"""SM2 signatures (GB/T 32918.2) with SM3, under the identity that everybody uses by default.

The curve's arithmetic for signing is GmSSL's. Signatures are checked in `verification.py`, which
stands alone.
"""

import secrets
from dataclasses import dataclass, field
from typing import Self

import gmssl_pyx
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from service.trust.crypto.sm import sm3
from service.trust.verification import SM2_A, SM2_B, SM2_PRIME

SEED_SIZE = 48
"""Bytes a private key is made of: so many that their remainder is as good as uniform."""

_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_Point = tuple[int, int]
_GENERATOR = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_IDENTITY = b"1234567812345678"


def _bytes(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32) for number in numbers)


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """A private key."""

    private: bytes = field(repr=False)
    """32 bytes: a number from 1 to the order of the curve less 2."""
    public: bytes
    """64 bytes: both coordinates of the point."""
    _prefix: bytes = field(repr=False)
    """Z: the hash of signer's identity, curve and public key that precedes every message."""

    @classmethod
    def of_number(cls, number: int) -> Self:
        """The key with this private number. Raises ValueError for one that is out of range."""
        if not 0 < number < _ORDER - 1:
            raise ValueError("no private key of SM2")
        public = _bytes(*_multiple(number))
        identity = (8 * len(_IDENTITY)).to_bytes(2) + _IDENTITY
        prefix = sm3(identity + _bytes(SM2_A, SM2_B, *_GENERATOR) + public)
        return cls(_bytes(number), public, prefix)

    @classmethod
    def of_seed(cls, seed: bytes) -> Self:
        """The key that follows from `SEED_SIZE` secret bytes, always the same."""
        if len(seed) != SEED_SIZE:
            raise ValueError(f"{SEED_SIZE} bytes are needed")
        return cls.of_number(int.from_bytes(seed) % (_ORDER - 2) + 1)

    @classmethod
    def generate(cls) -> Self:
        """A new key."""
        return cls.of_seed(secrets.token_bytes(SEED_SIZE))

    def sign(self, message: bytes) -> bytes:
        """r and s, 32 bytes each."""
        # Not sm2_sign: it prepares for signing many messages, which takes ten times as long.
        der = gmssl_pyx.sm2_sign_sm3_digest(self.private, sm3(self._prefix + message))
        return _bytes(*decode_dss_signature(der))


def _multiple(number: int) -> _Point:
    """The generator so many times."""
    # GmSSL's binding does not give the public key of a private one.
    sum_: _Point | None = None
    power = _GENERATOR
    while number:
        if number & 1:
            sum_ = power if sum_ is None else _sum(sum_, power)
        power = _sum(power, power)
        number >>= 1
    if sum_ is None:
        raise ValueError("no point")
    return sum_


def _sum(one: _Point, other: _Point) -> _Point:
    """Of two points; two different ones never lie above each other in `_multiple`."""
    if one == other:
        slope = (3 * one[0] ** 2 + SM2_A) * pow(2 * one[1], -1, SM2_PRIME)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, SM2_PRIME)
    x = (slope**2 - one[0] - other[0]) % SM2_PRIME
    return x, (slope * (one[0] - x) - one[1]) % SM2_PRIME
