"""The log's private key and what it signed last, in a folder outside the database.

Whoever can rewrite the database, the tiles as well, still cannot have another history signed: what
is signed must extend the last signed tree, and that one is kept here.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.trust.transparency import durable
from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.guomi import (
    SM3,
    Sm2Signer,
    in_sm3,
    with_sm3_root,
)
from service.trust.transparency.merkle import SHA256, Digest, InvalidProof, verify_consistency
from service.trust.transparency.signed_note import (
    Ed25519Signer,
    Ed25519Verifier,
    InvalidSignature,
    Key,
    MalformedKey,
    MalformedNote,
    Note,
)
from service.trust.transparency.sm2_verifier import Sm2Verifier

_KEY, _PUBLIC, _LAST, _LOCK = "log.key", "log.pub", "last-signed", "lock"
_SM2_KEY, _SM2_PUBLIC = "log.sm2.key", "log.sm2.pub"


class SignerInUse(RuntimeError):
    """另一个进程正在使用日志签名密钥"""


class UnusableSigner(RuntimeError):
    """日志签名密钥或其末次签名记录不可用"""


class DoesNotExtend(RuntimeError):
    """日志与此前签名的内容不一致，拒绝签名"""


@dataclass(frozen=True, slots=True)
class SignerPlace:
    """Where the log's key is, and what the log is called."""

    folder: Path
    origin: str
    guomi: bool = False
    """Whether there is a second tree, with SM3, and a second key, of SM2."""


class LogSigner:
    """Signs the checkpoints of one log, each an extension of the one before."""

    def __init__(self, place: SignerPlace) -> None:
        """With `LogSigner.opened` only: two at a time could sign two histories."""
        self.origin = place.origin
        self.guomi = place.guomi
        self._last_file = place.folder / _LAST
        self._signer, self._second = _signers(place)
        self.verifier = Ed25519Verifier(self._signer.key)
        self.last = self._last_signed()
        """What was signed last."""

    @classmethod
    @contextmanager
    def opened(cls, place: SignerPlace) -> Iterator["LogSigner"]:
        """The signer in this folder, for this process alone; made where there is none.

        Raises SignerInUse, UnusableSigner.
        """
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(place.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SignerInUse(SignerInUse.__doc__) from None
            yield cls(place)
        finally:
            os.close(lock)

    def sign(
        self, checkpoint: Checkpoint, proof: Sequence[bytes], sm3_proof: Sequence[bytes] = ()
    ) -> Note:
        """The signed checkpoint; the proofs are the consistency proofs from the last signed one.

        What was signed is on disk before anybody gets it. Raises DoesNotExtend.
        """
        self._check(checkpoint, proof)
        if self.guomi:
            self._check_sm3(checkpoint, sm3_proof)
        note = _signed(checkpoint, self._signer, self._second)
        if checkpoint != self.last:
            durable.write(self._last_file, str(note))
            self.last = checkpoint
        return note

    def _check(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
        last = self.last
        if checkpoint.origin != last.origin:
            raise DoesNotExtend(f"{DoesNotExtend.__doc__}：日志名称不同")
        if checkpoint.size < last.size:
            raise DoesNotExtend(
                f"{DoesNotExtend.__doc__}：已签名到第 {last.size} 条，现在只有 {checkpoint.size} 条"
            )
        _require_growth(last, checkpoint, proof, SHA256)

    def _check_sm3(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
        last, new = in_sm3(self.last), in_sm3(checkpoint)
        if last is None or new is None:
            raise DoesNotExtend(f"{DoesNotExtend.__doc__}：缺少 SM3 树根")
        _require_growth(last, new, proof, SM3)

    def _last_signed(self) -> Checkpoint:
        path = self._last_file
        try:
            note = Note.parse(path.read_text("utf-8"))
            seconds = [] if self._second is None else [Sm2Verifier(self._second.key)]
            signed = note.verified([self.verifier, *seconds])
            last = Checkpoint.parse(note.text)
        except FileNotFoundError:
            # It is made before the key, so that a key without it means that it was taken away.
            raise UnusableSigner(f"{UnusableSigner.__doc__}：缺少 {path}") from None
        except (OSError, MalformedNote, InvalidSignature, MalformedCheckpoint) as error:
            raise UnusableSigner(f"{UnusableSigner.__doc__}：{path}（{error}）") from error
        if len(signed) < 1 + len(seconds) or last.origin != self.origin:
            raise UnusableSigner(f"{UnusableSigner.__doc__}：{path} 不是用这一密钥签名的")
        return last


def public_key(folder: Path) -> Key:
    """The public key of the signer in this folder. Raises OSError, MalformedKey."""
    return Key.parse((folder / _PUBLIC).read_text("utf-8"))


def sm2_public_key(folder: Path) -> Key | None:
    """Its second public key, where 国密 was chosen. Raises OSError, MalformedKey."""
    file = folder / _SM2_PUBLIC
    return Key.parse(file.read_text("utf-8")) if file.exists() else None


def _signers(place: SignerPlace) -> tuple[Ed25519Signer, Sm2Signer | None]:
    path, second_path = place.folder / _KEY, place.folder / _SM2_KEY
    if not path.exists():
        return _made(place)
    try:
        signer = Ed25519Signer.parse(path.read_text("utf-8").strip())
        second = Sm2Signer.parse(second_path.read_text("utf-8").strip()) if place.guomi else None
    except (OSError, MalformedKey) as error:
        raise UnusableSigner(f"{UnusableSigner.__doc__}：{place.folder}（{error}）") from error
    for each in (signer, second):
        if each is not None and each.key.name != place.origin:
            raise UnusableSigner(
                f"{UnusableSigner.__doc__}：{place.folder} 属于日志 {each.key.name}，"
                f"不属于 {place.origin}"
            )
    return signer, second


def _made(place: SignerPlace) -> tuple[Ed25519Signer, Sm2Signer | None]:
    folder, origin = place.folder, place.origin
    signer = Ed25519Signer.generate(origin)
    second = Sm2Signer.generate(origin) if place.guomi else None
    empty = Checkpoint(origin, 0, SHA256.empty)
    if second is not None:
        empty = with_sm3_root(empty, SM3.empty)
    durable.write(folder / _LAST, str(_signed(empty, signer, second)))
    durable.write(folder / _PUBLIC, f"{signer.key}\n", mode=0o644)
    if second is not None:
        durable.write(folder / _SM2_PUBLIC, f"{second.key}\n", mode=0o644)
        durable.write(folder / _SM2_KEY, f"{second.secret()}\n")
    # The last of all: with it everything else must be there.
    durable.write(folder / _KEY, f"{signer.secret()}\n")
    return signer, second


def _signed(checkpoint: Checkpoint, signer: Ed25519Signer, second: Sm2Signer | None) -> Note:
    text = str(checkpoint)
    return Note(text, tuple(each.sign(text) for each in (signer, second) if each is not None))


def _require_growth(
    last: Checkpoint, new: Checkpoint, proof: Sequence[bytes], digest: Digest
) -> None:
    if last.size == 0 and (new.size or new.root == last.root):
        return
    try:
        verify_consistency(last.size, new.size, proof, last.root, new.root, digest)
    except InvalidProof:
        raise DoesNotExtend(f"{DoesNotExtend.__doc__}：前 {last.size} 条已被改动") from None
