"""Which algorithms an installation uses: international ones, or the 国密 ones. Chosen once.

What was made says under which algorithm; what is read is read under that one.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.trust import verification
from service.trust.crypto import sm, sm2

ProfileName = Literal["international", "guomi"]

_NONCE = 12


class Gcm(Protocol):
    """A block cipher in GCM under one key: `AESGCM` and what is like it."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Sealing:
    """How personal fields, and the keys they are under, are sealed."""

    name: str
    mark: bytes
    """What stands before everything sealed this way."""
    key_size: int
    cipher: Callable[[bytes], Gcm]
    digest: Callable[[bytes], bytes]
    """Of the place to which a sealed text is bound."""


class SealingKey:
    """A key with its algorithm."""

    __slots__ = ("_cipher", "sealing")

    def __init__(self, sealing: Sealing, key: bytes) -> None:
        self.sealing = sealing
        self._cipher = sealing.cipher(key)

    def seal(self, data: bytes, place: bytes) -> bytes:
        """Nonce and ciphertext, without the mark; they open at this place and nowhere else."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self.sealing.digest(place))

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed there; raises InvalidTag for everything else."""
        if len(sealed) < _NONCE:
            raise InvalidTag
        nonce, data = sealed[:_NONCE], sealed[_NONCE:]
        return self._cipher.decrypt(nonce, data, self.sealing.digest(place))


class SigningKey(Protocol):
    """A private key for organisations' signatures."""

    @property
    def public(self) -> bytes: ...
    def sign(self, message: bytes, /) -> bytes: ...


class Ed25519Key:
    """A private Ed25519 key."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.sign = self._private.sign


@dataclass(frozen=True, slots=True)
class Signing:
    """How organisations' words are signed."""

    algorithm: str
    """``alg`` of a JWS."""
    seed_size: int
    key: Callable[[bytes], SigningKey]
    """The private key that follows from a secret of that size."""


@dataclass(frozen=True, slots=True)
class CryptoProfile:
    """One choice of algorithms."""

    name: ProfileName
    word: str
    """What people read."""
    hash: HashAlgorithm
    sealing: Sealing
    signing: Signing

    def keyed_hash(self, key: bytes, data: bytes) -> bytes:
        """HMAC, 32 bytes."""
        hashed = HMAC(key, self.hash)
        hashed.update(data)
        return hashed.finalize()

    def derive(self, secret: bytes, purpose: str, length: int) -> bytes:
        """A key of its own for one purpose (HKDF)."""
        info = f"eighthours/{purpose}".encode()
        return HKDF(self.hash, length, salt=None, info=info).derive(secret)


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


# Without a mark: what is stored was sealed this way before there was a choice.
_AES = Sealing("AES-256-GCM", b"", 32, AESGCM, _sha256)
_SM4 = Sealing("SM4-GCM", b"sm4-gcm:", sm.KEY_SIZE, sm.Sm4Gcm, sm.sm3)

INTERNATIONAL = CryptoProfile(
    "international",
    "国际通用算法",
    SHA256(),
    _AES,
    Signing(verification.ED25519, 32, Ed25519Key),
)
GUOMI = CryptoProfile(
    "guomi",
    "国密算法",
    SM3(),
    _SM4,
    Signing(verification.SM2, sm2.SEED_SIZE, sm2.Sm2Key.of_seed),
)
PROFILES: dict[ProfileName, CryptoProfile] = {each.name: each for each in (INTERNATIONAL, GUOMI)}


def sealed_with(sealed: bytes) -> tuple[CryptoProfile, bytes]:
    """The profile under whose algorithm something was sealed, and what follows its mark."""
    # Sealed with AES a text begins with a random nonce, or with Base64, which has no colon.
    if sealed.startswith(_SM4.mark):
        return GUOMI, sealed[len(_SM4.mark) :]
    return INTERNATIONAL, sealed
