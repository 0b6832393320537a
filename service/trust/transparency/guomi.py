"""国密 in the log: a second root over the same leaves, with SM3, and a second signature, with SM2.

Both stand where whoever does not know them passes over them, as witnesses and other tools do: the
root in an extension line of the checkpoint, the signature in a line of its own. A cosignature
covers the second root as well.
"""

from base64 import b64encode
from dataclasses import replace
from typing import Self

from service.trust.crypto.sm import sm3
from service.trust.crypto.sm2 import Sm2Key
from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.merkle import HASH_SIZE, Digest
from service.trust.transparency.signed_note import Key, MalformedKey, Signature, decoded_base64
from service.trust.transparency.sm2_verifier import NO_ASSIGNED_TYPE, SM2_NAME, sm2_key

SM3 = Digest("sm3", sm3)

_PRIVATE = "PRIVATE+KEY+"
_EXTENSION = "eighthours/sm3-root "


def with_sm3_root(checkpoint: Checkpoint, root: bytes) -> Checkpoint:
    """The checkpoint with its second root."""
    line = f"{_EXTENSION}{b64encode(root).decode()}"
    return replace(checkpoint, extensions=(*checkpoint.extensions, line))


def in_sm3(checkpoint: Checkpoint) -> Checkpoint | None:
    """The checkpoint of the second tree; None where the log has no such tree.

    Raises MalformedCheckpoint.
    """
    lines = [each for each in checkpoint.extensions if each.startswith(_EXTENSION)]
    if not lines:
        return None
    root = decoded_base64(lines[0].removeprefix(_EXTENSION))
    if len(lines) > 1 or root is None or len(root) != HASH_SIZE:
        raise MalformedCheckpoint(f"{MalformedCheckpoint.__doc__}：SM3 树根")
    return replace(checkpoint, root=root)


class Sm2Signer:
    """A private SM2 key with its name."""

    def __init__(self, name: str, private: Sm2Key) -> None:
        self._private = private
        self.key = sm2_key(name, private.public)

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key."""
        return cls(name, Sm2Key.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``PRIVATE+KEY+name+id+base64``. Raises MalformedKey."""
        words = f"{MalformedKey.__doc__}：须为 SM2 私钥（0xff）"
        parts = Key.parse(text.removeprefix(_PRIVATE))
        name, private = parts.public[: len(SM2_NAME)], parts.public[len(SM2_NAME) :]
        if not text.startswith(_PRIVATE) or (parts.type, name) != (NO_ASSIGNED_TYPE, SM2_NAME):
            raise MalformedKey(words)
        try:
            signer = cls(parts.name, Sm2Key.of_number(int.from_bytes(private)))
        except ValueError:
            raise MalformedKey(words) from None
        if len(private) != 32 or signer.key.id != parts.id:
            raise MalformedKey(f"{MalformedKey.__doc__}：{parts.name} 的标识与私钥不符")
        return signer

    def secret(self) -> str:
        """The private key as text, to be kept in a file that nobody else can read."""
        data = bytes([NO_ASSIGNED_TYPE]) + SM2_NAME + self._private.private
        return f"{_PRIVATE}{self.key.name}+{self.key.id.hex()}+{b64encode(data).decode()}"

    def sign(self, text: str) -> Signature:
        """The signature on a note's text."""
        return Signature(self.key.name, self.key.id, self._private.sign(text.encode()))
