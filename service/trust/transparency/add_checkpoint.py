"""The request by which a log asks a witness to cosign (c2sp.org/tlog-witness, add-checkpoint)."""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple, Self

from service.trust.transparency.checkpoint import decimal
from service.trust.transparency.merkle import HASH_SIZE
from service.trust.transparency.signed_note import LONGEST_NOTE, Note, decoded_base64

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
"""The content type of a 409, which says the size the witness knows."""

_LONGEST_PROOF = 63
LONGEST_REQUEST = LONGEST_NOTE + 4096
"""Bytes: a note and a proof."""


class MalformedRequest(ValueError):
    """不是有效的见证请求"""


class AddCheckpoint(NamedTuple):
    """A checkpoint, and the proof that its tree begins with the one of ``old`` leaves."""

    old: int
    proof: Sequence[bytes]
    note: Note

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """From the body of a request. Raises ValueError."""
        head, blank, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        word, _, old = first.partition(" ")
        proof = [hash_ for hash_ in map(decoded_base64, lines) if hash_ is not None]
        if (
            word != "old"
            or not blank
            or len(lines) > _LONGEST_PROOF
            or [len(hash_) for hash_ in proof] != [HASH_SIZE] * len(lines)
        ):
            raise MalformedRequest(MalformedRequest.__doc__)
        return cls(decimal(old), proof, Note.parse(note))

    def body(self) -> bytes:
        """The body of a request."""
        lines = "".join(f"{b64encode(hash_).decode()}\n" for hash_ in self.proof)
        return f"old {self.old}\n{lines}\n{self.note}".encode()
