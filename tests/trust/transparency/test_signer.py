"""The signer refuses whatever does not extend what it signed last, and forgets nothing."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import (
    SHA256,
    Digest,
    Node,
    Range,
    consistency_ranges,
    range_hash,
)
from service.trust.transparency.signed_note import Ed25519Verifier, Note
from service.trust.transparency.signer import (
    DoesNotExtend,
    LogSigner,
    SignerInUse,
    SignerPlace,
    UnusableSigner,
    public_key,
)

ORIGIN = "example.com/log"


class Tree:
    """A small tree; ``changed`` says which of its leaves is another one."""

    def __init__(self, size: int, changed: int | None = None, digest: Digest = SHA256) -> None:
        self.size = size
        self._digest = digest
        self._leaves = [b"other" if at == changed else b"%d" % at for at in range(size)]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(ORIGIN, size, range_hash(Range(0, size), self._hash, self._digest))

    def proof(self, old: int) -> list[bytes]:
        return [
            range_hash(each, self._hash, self._digest)
            for each in consistency_ranges(old, self.size)
        ]

    def _hash(self, node: Node) -> bytes:
        if node.level == 0:
            return self._digest.leaf(self._leaves[node.index])
        below = (Node(node.level - 1, 2 * node.index + at) for at in (0, 1))
        return self._digest.node(*map(self._hash, below))


@contextmanager
def signer(folder: Path, origin: str = ORIGIN) -> Iterator[LogSigner]:
    with LogSigner.opened(SignerPlace(folder, origin)) as opened:
        yield opened


def test_growth_is_signed_and_remembered(tmp_path: Path) -> None:
    with signer(tmp_path / "s") as first:
        assert first.last == Checkpoint(ORIGIN, 0, SHA256.empty)
        note = first.sign(Tree(5).checkpoint(), [])
        assert note.verified([first.verifier])
    with signer(tmp_path / "s") as again:
        assert again.last == Tree(5).checkpoint()
        note = again.sign(Tree(9).checkpoint(), Tree(9).proof(5))
        assert note.verified([Ed25519Verifier(public_key(tmp_path / "s"))])
        assert Note.parse((tmp_path / "s" / "last-signed").read_text()) == note
        # The same once more is no growth and no harm.
        assert again.sign(Tree(9).checkpoint(), []) == note


def test_what_does_not_extend_the_last_signed_tree_is_refused(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        it.sign(Tree(5).checkpoint(), [])
        rewritten = Tree(9, changed=2)
        refused = {
            "shorter": (Tree(4).checkpoint(), []),
            "shorter, with a proof": (Tree(4).checkpoint(), Tree(9).proof(4)),
            "empty": (Tree(0).checkpoint(), []),
            "the same size, another root": (Tree(5, changed=4).checkpoint(), []),
            "longer, another past": (rewritten.checkpoint(), rewritten.proof(5)),
            "longer, another past, the true proof": (rewritten.checkpoint(), Tree(9).proof(5)),
            "longer, no proof": (Tree(9).checkpoint(), []),
            "another log": (Checkpoint("other", 9, Tree(9).checkpoint().root), Tree(9).proof(5)),
        }
        for name, (checkpoint, proof) in refused.items():
            with pytest.raises(DoesNotExtend):
                it.sign(checkpoint, proof)
            assert it.last.size == 5, name
        it.sign(Tree(9).checkpoint(), Tree(9).proof(5))


def test_an_empty_tree_has_one_root(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        it.sign(Tree(0).checkpoint(), [])
        with pytest.raises(DoesNotExtend):
            it.sign(Checkpoint(ORIGIN, 0, SHA256.leaf(b"")), [])


def test_nothing_is_signed_that_could_not_be_written_down_first(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        (tmp_path / "last-signed.new").mkdir()
        with pytest.raises(OSError, match="last-signed"):
            it.sign(Tree(5).checkpoint(), [])
        assert it.last.size == 0
    with signer(tmp_path) as it:
        assert it.last.size == 0


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with signer(tmp_path), pytest.raises(SignerInUse), signer(tmp_path):
        pass
    with signer(tmp_path):
        pass


def test_its_files_are_for_its_owner_only(tmp_path: Path) -> None:
    with signer(tmp_path / "a" / "s") as it:
        it.sign(Tree(1).checkpoint(), [])
    assert stat.S_IMODE((tmp_path / "a" / "s").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a/s").iterdir()}
    assert modes == {"log.key": 0o600, "log.pub": 0o644, "last-signed": 0o600, "lock": 0o600}


def test_a_key_whose_memory_was_taken_away_signs_nothing(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        it.sign(Tree(5).checkpoint(), [])
    (tmp_path / "last-signed").unlink()
    with pytest.raises(UnusableSigner, match="last-signed"), signer(tmp_path):
        pass


def test_a_memory_that_the_key_did_not_sign_is_refused(tmp_path: Path) -> None:
    with signer(tmp_path / "mine"), signer(tmp_path / "other") as other:
        other.sign(Tree(3).checkpoint(), [])
    mine = tmp_path / "mine" / "last-signed"
    for text in ((tmp_path / "other" / "last-signed").read_text(), "", mine.read_text()[:-9]):
        mine.write_text(text)
        with pytest.raises(UnusableSigner), signer(tmp_path / "mine"):
            pass


def test_a_log_keeps_its_name_and_its_key(tmp_path: Path) -> None:
    with signer(tmp_path):
        pass
    with pytest.raises(UnusableSigner, match=r"example\.com/log"), signer(tmp_path, "renamed"):
        pass
    (tmp_path / "log.key").write_text("PRIVATE+KEY+what")
    with pytest.raises(UnusableSigner), signer(tmp_path):
        pass
