"""Cosignatures (c2sp.org/tlog-cosignature, Ed25519): a witness says that and when it saw a tree.

A witness signs only trees that continue the one it signed before, so that two different histories
of one log never both get a quorum.
"""

from dataclasses import dataclass
from typing import Self

from service.trust.transparency.signed_note import (
    Ed25519Signer,
    Key,
    MalformedKey,
    Signature,
    ed25519_verifies,
)

COSIGNATURE = 0x04
_TIMESTAMP = 8
_SIGNATURE = 64
_LATEST = 2**63 - 1


def _message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """Checks one witness's cosignatures. Raises MalformedKey for a key of another kind."""

    key: Key

    def __post_init__(self) -> None:
        if self.key.type != COSIGNATURE or len(self.key.public) != 32:
            raise MalformedKey(f"{MalformedKey.__doc__}：须为见证公钥（0x04）")

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the witness cosigned this checkpoint text, at the time the signature carries."""
        if len(signature) != _TIMESTAMP + _SIGNATURE:
            return False
        timestamp = int.from_bytes(signature[:_TIMESTAMP])
        if timestamp > _LATEST:
            return False
        message = _message(text, timestamp)
        return ed25519_verifies(self.key.public, message, signature[_TIMESTAMP:])


class Cosigner:
    """A witness's private key."""

    def __init__(self, signer: Ed25519Signer) -> None:
        self._signer = signer
        self.key = signer.key

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key."""
        return cls(Ed25519Signer.generate(name, COSIGNATURE))

    @classmethod
    def parse(cls, secret: str) -> Self:
        """From the text of its private key. Raises MalformedKey."""
        return cls(Ed25519Signer.parse(secret, COSIGNATURE))

    def secret(self) -> str:
        """The private key as text, to be kept in a file that nobody else can read."""
        return self._signer.secret()

    def cosign(self, text: str, timestamp: int) -> Signature:
        """The cosignature on a checkpoint's text; ``timestamp`` in seconds since the epoch."""
        signed = self._signer.sign_bytes(_message(text, timestamp))
        value = timestamp.to_bytes(_TIMESTAMP) + signed
        return Signature(self.key.name, self.key.id, value)


def cosigned_at(signature: Signature) -> int:
    """When, in seconds since the epoch; of a signature that was verified."""
    return int.from_bytes(signature.value[:_TIMESTAMP])
