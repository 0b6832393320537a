"""Checkpoints (c2sp.org/tlog-checkpoint): the text that says which tree a log has."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Self

from service.trust.transparency.merkle import HASH_SIZE
from service.trust.transparency.signed_note import decoded_base64

_LARGEST = 2**63 - 1


class MalformedCheckpoint(ValueError):
    """不是有效的检查点"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree at one size."""

    origin: str
    """Names the log; the key that signs it has the same name."""
    size: int
    """How many leaves, that is, the position of the last event."""
    root: bytes
    extensions: tuple[str, ...] = ()
    """Further lines, opaque to whoever does not know them."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the text of a note, its signatures cut off. Raises MalformedCheckpoint."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise MalformedCheckpoint(f"{MalformedCheckpoint.__doc__}：至少三行，不得有空行")
        origin, size, encoded, *extensions = lines[:-1]
        root = decoded_base64(encoded)
        if root is None or len(root) != HASH_SIZE:
            raise MalformedCheckpoint(f"{MalformedCheckpoint.__doc__}：树根须为 32 字节的 Base64")
        return cls(origin, decimal(size), root, tuple(extensions))

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def decimal(text: str) -> int:
    """A number as these formats write it: ASCII digits, no leading zero, below 2**63.

    Raises MalformedCheckpoint.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or text != str(int(text)):
        raise MalformedCheckpoint(f"{MalformedCheckpoint.__doc__}：数字的写法")
    if (number := int(text)) > _LARGEST:
        raise MalformedCheckpoint(f"{MalformedCheckpoint.__doc__}：数字过大")
    return number
