"""国密 in the log: a second root over the same leaves, with SM3, and a second signature, with SM2.

Both stand where whoever does not know them passes over them, as witnesses and other tools do: the
root in an extension line of the checkpoint, the signature in a line of its own. A cosignature
covers the second root as well.
"""

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Self

from service.trust.crypto.sm import sm3
from service.trust.crypto.sm2 import Sm2Key
from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.merkle import HASH_SIZE, Digest
from service.trust.transparency.signed_note import Key, MalformedKey, Signature, decoded_base64
from service.trust.verification import sm2_verifies

SM3 = Digest("sm3", sm3)

NO_ASSIGNED_TYPE = 0xFF
"""signed-note's type for what it has no byte for; a name of one's own follows it."""
_NAME = b"eighthours/sm2-sm3\n"
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


@dataclass(frozen=True, slots=True)
class Sm2Verifier:
    """SM2 with SM3 over the text. Raises MalformedKey for a key of another kind."""

    key: Key

    def __post_init__(self) -> None:
        name, public = self.key.public[: len(_NAME)], self.key.public[len(_NAME) :]
        if (
            (self.key.type, name, len(public)) != (NO_ASSIGNED_TYPE, _NAME, 64)
            # The format leaves the id open; ours is derived like the others.
            or self.key != _key(self.key.name, public)
        ):
            raise MalformedKey(f"{MalformedKey.__doc__}：须为 SM2 公钥（0xff）")

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this is the key's signature on the text."""
        return sm2_verifies(self.key.public[len(_NAME) :], text.encode(), signature)


class Sm2Signer:
    """A private SM2 key with its name."""

    def __init__(self, name: str, private: Sm2Key) -> None:
        self._private = private
        self.key = _key(name, private.public)

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key."""
        return cls(name, Sm2Key.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``PRIVATE+KEY+name+id+base64``. Raises MalformedKey."""
        words = f"{MalformedKey.__doc__}：须为 SM2 私钥（0xff）"
        parts = Key.parse(text.removeprefix(_PRIVATE))
        name, private = parts.public[: len(_NAME)], parts.public[len(_NAME) :]
        if not text.startswith(_PRIVATE) or (parts.type, name) != (NO_ASSIGNED_TYPE, _NAME):
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
        data = bytes([NO_ASSIGNED_TYPE]) + _NAME + self._private.private
        return f"{_PRIVATE}{self.key.name}+{self.key.id.hex()}+{b64encode(data).decode()}"

    def sign(self, text: str) -> Signature:
        """The signature on a note's text."""
        return Signature(self.key.name, self.key.id, self._private.sign(text.encode()))


def _key(name: str, public: bytes) -> Key:
    return Key.of(name, NO_ASSIGNED_TYPE, _NAME + public)
