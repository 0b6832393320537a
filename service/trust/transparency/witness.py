"""A witness (c2sp.org/tlog-witness): cosigns a log's checkpoints as long as the log only grows.

It belongs to another body than the log does, and knows the log's name and key from its own people,
never from whoever asks. Its folder holds everything::

    lock               held while it runs: two at a time could sign two histories
    witness.key        its private key
    witness.pub        its public key, for the policies of others
    <hash>.checkpoint  the last checkpoint it cosigned, by the SHA-256 of the log's name; empty
                       until the first one
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.trust.transparency import durable
from service.trust.transparency.add_checkpoint import SIZE_TYPE, AddCheckpoint
from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.cosignature import CosignatureVerifier, Cosigner
from service.trust.transparency.merkle import SHA256, InvalidProof, verify_consistency
from service.trust.transparency.signed_note import (
    Ed25519Verifier,
    InvalidSignature,
    Key,
    MalformedKey,
    MalformedNote,
    Note,
)

_KEY, _PUBLIC, _LOCK = "witness.key", "witness.pub", "lock"
_TEXT = "text/plain; charset=utf-8"


class UnusableWitness(RuntimeError):
    """见证无法启动"""


class NotCosigned(Exception):
    """A checkpoint was refused; nothing has changed."""

    def __init__(self, status: int, words: str, content_type: str = _TEXT) -> None:
        super().__init__(words)
        self.status = status
        self.content_type = content_type


@dataclass
class WitnessedLog:
    """A log, and what of it was cosigned last."""

    verifier: Ed25519Verifier
    file: Path
    last: Checkpoint


class Witness:
    """The witness of some logs; `Witness.opened` makes one.

    It does one thing after another and waits for the disk meanwhile: what it knows, what is on disk
    and what it has signed never differ.
    """

    def __init__(
        self, cosigner: Cosigner, logs: Collection[WitnessedLog], clock: Callable[[], datetime]
    ) -> None:
        self._cosigner = cosigner
        self._clock = clock
        self._logs = {each.last.origin: each for each in logs}

    @classmethod
    @contextmanager
    def opened(
        cls, folder: Path, name: str, logs: Collection[Key], clock: Callable[[], datetime]
    ) -> Iterator["Witness"]:
        """The witness of this folder, for this process alone; made where there is none.

        Raises UnusableWitness, OSError.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                words = f"{UnusableWitness.__doc__}：另一个进程正在使用 {folder}"
                raise UnusableWitness(words) from None
            yield cls(*_loaded(folder, name, logs), clock)
        finally:
            os.close(lock)

    @property
    def key(self) -> Key:
        """Its public key."""
        return self._cosigner.key

    @property
    def logs(self) -> Collection[WitnessedLog]:
        """What it watches."""
        return self._logs.values()

    def add_checkpoint(self, body: bytes) -> str:
        """The signature line on a checkpoint that continues the last one.

        Raises NotCosigned with the status the protocol has for it, OSError when the disk fails.
        """
        try:
            request = AddCheckpoint.parse(body)
            checkpoint = Checkpoint.parse(request.note.text)
        except ValueError as error:
            raise NotCosigned(400, str(error)) from error
        log = self._logs.get(checkpoint.origin)
        if log is None:
            raise NotCosigned(404, "不见证这一日志")
        try:
            by_log = request.note.verified([log.verifier])
        except InvalidSignature as error:
            raise NotCosigned(403, str(error)) from error
        if not by_log:
            raise NotCosigned(403, "没有日志的签名")
        _require_growth(log.last, request, checkpoint)
        mine = self._cosigner.cosign(request.note.text, int(self._clock().timestamp()))
        # On disk before anybody gets the signature: whatever happens, a restart knows of it.
        durable.write(log.file, str(Note(request.note.text, (*by_log, mine))))
        log.last = checkpoint
        return str(mine)

    def checkpoint(self, origin_hash: str) -> str | None:
        """The last checkpoint cosigned of the log with this hash; None where there is none."""
        for log in self._logs.values():
            if log.file.stem == origin_hash:
                return log.file.read_text("utf-8") or None
        return None


def _require_growth(last: Checkpoint, request: AddCheckpoint, new: Checkpoint) -> None:
    if request.old > new.size:
        raise NotCosigned(400, "原有条数大于检查点的条数")
    if request.old != last.size:
        raise NotCosigned(409, f"{last.size}\n", SIZE_TYPE)
    if new.size == 0 and new.root != SHA256.empty:
        raise NotCosigned(422, "空日志的树根不对")
    if request.old == 0:
        # An empty tree is the beginning of every tree.
        if request.proof:
            raise NotCosigned(422, "首个检查点不得附证明")
        return
    try:
        verify_consistency(last.size, new.size, request.proof, last.root, new.root)
    except InvalidProof as error:
        words = f"与已见证的前 {last.size} 条不一致"
        raise NotCosigned(422, words) from error


def _loaded(folder: Path, name: str, logs: Collection[Key]) -> tuple[Cosigner, list[WitnessedLog]]:
    key_file = folder / _KEY
    new = not key_file.exists()
    try:
        cosigner = Cosigner.generate(name) if new else Cosigner.parse(key_file.read_text("utf-8"))
        if cosigner.key.name != name:
            raise UnusableWitness(
                f"{UnusableWitness.__doc__}：{key_file} 属于 {cosigner.key.name}，不属于 {name}"
            )
        found = [_log(folder, Ed25519Verifier(key), cosigner, new=new) for key in logs]
    except (MalformedKey, MalformedNote, MalformedCheckpoint, InvalidSignature) as error:
        raise UnusableWitness(f"{UnusableWitness.__doc__}：{error}") from error
    if new:
        # The key is the last: a key without the file of its log means that it was taken away.
        durable.write(folder / _PUBLIC, f"{cosigner.key}\n", 0o644)
        durable.write(key_file, f"{cosigner.secret()}\n")
    return cosigner, found


def _log(folder: Path, verifier: Ed25519Verifier, cosigner: Cosigner, *, new: bool) -> WitnessedLog:
    origin = verifier.key.name
    file = folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.checkpoint"
    if not file.exists():
        if not new:
            raise UnusableWitness(
                f"{UnusableWitness.__doc__}：缺少 {file}，不知道 {origin} 已见证到哪里。"
                "若是新增的日志，请建立同名空文件"
            )
        durable.write(file, "")
    text = file.read_text("utf-8")
    if not text:
        return WitnessedLog(verifier, file, Checkpoint(origin, 0, SHA256.empty))
    note = Note.parse(text)
    last = Checkpoint.parse(note.text)
    if last.origin != origin or not note.verified([CosignatureVerifier(cosigner.key)]):
        raise UnusableWitness(f"{UnusableWitness.__doc__}：{file} 不是用这一密钥签名的")
    return WitnessedLog(verifier, file, last)
