"""Proofs (c2sp.org/tlog-proof): one event is in the log, in one text that is checked offline."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint, decimal
from service.trust.transparency.merkle import (
    HASH_SIZE,
    SHA256,
    Digest,
    InvalidProof,
    verify_inclusion,
)
from service.trust.transparency.signed_note import Note, Signature, Verifier, decoded_base64

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a leaf is in the tree of a checkpoint, and the hashes that show it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None
    """Of no meaning here, and proved by nothing."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the text; nothing is verified. Raises InvalidProof, MalformedNote."""
        head, _, note = text.partition("\n\n")
        lines = head.split("\n")
        if lines.pop(0) != _FIRST_LINE:
            raise InvalidProof(f"{InvalidProof.__doc__}：首行")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decoded_base64(lines.pop(0).removeprefix("extra "))
            if extra is None:
                raise InvalidProof(f"{InvalidProof.__doc__}：附加数据")
        if not lines or not lines[0].startswith("index "):
            raise InvalidProof(f"{InvalidProof.__doc__}：缺少序号")
        try:
            index = decimal(lines.pop(0).removeprefix("index "))
        except MalformedCheckpoint as error:
            raise InvalidProof(f"{InvalidProof.__doc__}：序号") from error
        path = [hash_ for line in lines if (hash_ := decoded_base64(line)) is not None]
        if len(path) != len(lines) or len(path) > _LONGEST or {*map(len, path)} - {HASH_SIZE}:
            raise InvalidProof(f"{InvalidProof.__doc__}：路径")
        return cls(index, tuple(path), Note.parse(note), extra)

    def __str__(self) -> str:
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        path = (b64encode(each).decode() for each in self.path)
        return "\n".join(
            [_FIRST_LINE, *extra, f"index {self.index}", *path, "", str(self.checkpoint)]
        )

    def verify(
        self,
        data: bytes,
        log: Verifier,
        witnesses: Iterable[Verifier] = (),
        digest: Digest = SHA256,
    ) -> list[Signature]:
        """Raises unless the log, named as its key is, signed a tree with this leaf at this index.

        Returns the witnesses' cosignatures; whether they are enough is for a policy to say. Raises
        InvalidProof, InvalidSignature, MalformedCheckpoint.
        """
        signed = self.checkpoint.verified([log, *witnesses])
        checkpoint = Checkpoint.parse(self.checkpoint.text)
        of_log = [
            each for each in signed if each.key_id == log.key.id and each.name == log.key.name
        ]
        if not of_log or checkpoint.origin != log.key.name:
            raise InvalidProof(f"{InvalidProof.__doc__}：检查点不是 {log.key.name} 签发的")
        leaf = digest.leaf(data)
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root, digest)
        return [each for each in signed if each not in of_log]
