"""The second root and the second signature: both hold by themselves, and nobody trips over them."""

import stat
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from service.auditing import Told, UntrustedCheckpoint, audit_tables, policy_for, trusted
from service.eventstore import EventLog, system_clock
from service.trust.crypto.profile import GUOMI
from service.trust.transparency.add_checkpoint import AddCheckpoint
from service.trust.transparency.audit import Fault, Finding
from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.guomi import SM3, Sm2Signer, in_sm3, with_sm3_root
from service.trust.transparency.merkle import SHA256, Digest, Frontier
from service.trust.transparency.policy import KnownLog, Policy
from service.trust.transparency.signed_note import (
    Ed25519Signer,
    Ed25519Verifier,
    InvalidSignature,
    Key,
    MalformedKey,
    Note,
    Signature,
)
from service.trust.transparency.signer import (
    DoesNotExtend,
    LogSigner,
    SignerPlace,
    UnusableSigner,
    public_key,
    sm2_public_key,
)
from service.trust.transparency.sm2_verifier import Sm2Verifier
from service.trust.transparency.witness import Witness
from tests.database import MASTER_KEY, Database
from tests.domain.town import TOWN, enrolled
from tests.eventstore.history import given
from tests.trust.transparency.test_publisher import published, publishing
from tests.trust.transparency.test_signer import ORIGIN, Tree

SIGNER = Sm2Signer.generate(ORIGIN)


class Sm3Tree(Tree):
    """A small tree with both roots; ``sm3_changed`` says where only the second one differs."""

    def __init__(
        self, size: int, changed: int | None = None, sm3_changed: int | None = None
    ) -> None:
        super().__init__(size, changed)
        self._second = Tree(size, changed if sm3_changed is None else sm3_changed, SM3)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        return with_sm3_root(super().checkpoint(size), self._second.checkpoint(size).root)

    def sm3_proof(self, old: int) -> list[bytes]:
        return self._second.proof(old)


@contextmanager
def signer(folder: Path, *, guomi: bool = True) -> Iterator[LogSigner]:
    with LogSigner.opened(SignerPlace(folder, ORIGIN, guomi)) as opened:
        yield opened


def both(folder: Path) -> tuple[Ed25519Verifier, Sm2Verifier]:
    second = sm2_public_key(folder)
    assert second is not None
    return Ed25519Verifier(public_key(folder)), Sm2Verifier(second)


def test_the_second_root_is_a_line_of_its_own() -> None:
    plain = Checkpoint(ORIGIN, 5, b"1" * 32, ("something else",))
    checkpoint = with_sm3_root(plain, b"3" * 32)
    assert str(checkpoint) == (
        f"{ORIGIN}\n5\n{b64encode(b'1' * 32).decode()}\nsomething else\n"
        f"eighthours/sm3-root {b64encode(b'3' * 32).decode()}\n"
    )
    assert Checkpoint.parse(str(checkpoint)) == checkpoint
    second = in_sm3(checkpoint)
    assert second is not None
    assert (second.origin, second.size, second.root) == (ORIGIN, 5, b"3" * 32)
    assert in_sm3(plain) is None
    line = checkpoint.extensions[1]
    for lines in ((line, line), (line[:-4],), (line + "AAAA",), (line.replace("=", ""),)):
        with pytest.raises(MalformedCheckpoint):
            in_sm3(replace(plain, extensions=lines))


def test_a_key_of_sm2_has_texts_like_the_others() -> None:
    verifier = Sm2Verifier(Key.parse(str(SIGNER.key)))
    again = Sm2Signer.parse(SIGNER.secret())
    for each in (SIGNER, again):
        assert verifier.verifies("text\n", each.sign("text\n").value)
    assert not verifier.verifies("other\n", SIGNER.sign("text\n").value)
    public = SIGNER.key.public
    assert SIGNER.key.type == 0xFF
    assert public.startswith(b"eighthours/sm2-sm3\n")
    for key in (
        Ed25519Signer.generate(ORIGIN).key,
        Key.of(ORIGIN, 0xFE, public),
        Key.of(ORIGIN, 0xFF, public[:-1]),
        Key.of(ORIGIN, 0xFF, b"E" + public[1:]),
        replace(SIGNER.key, id=b"1234"),
        replace(SIGNER.key, name="another"),
    ):
        with pytest.raises(MalformedKey):
            Sm2Verifier(key)
    other = Sm2Signer.generate("another").secret()
    for secret in (
        str(SIGNER.key),
        Ed25519Signer.generate(ORIGIN).secret(),
        other.replace("another", ORIGIN),
        SIGNER.secret()[:-8],
        "",
    ):
        with pytest.raises(MalformedKey):
            Sm2Signer.parse(secret)


def test_growth_is_signed_with_both_keys_and_remembered(tmp_path: Path) -> None:
    with signer(tmp_path) as first:
        note = first.sign(Sm3Tree(5).checkpoint(), [], [])
        assert len(note.verified(both(tmp_path))) == 2
    with signer(tmp_path) as again:
        assert again.last == Sm3Tree(5).checkpoint()
        tree = Sm3Tree(9)
        note = again.sign(tree.checkpoint(), tree.proof(5), tree.sm3_proof(5))
        assert len(note.verified(both(tmp_path))) == 2
        # Tools that know Ed25519 alone see an unknown line and pass over it.
        assert len(note.verified([Ed25519Verifier(public_key(tmp_path))])) == 1
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert (modes["log.sm2.key"], modes["log.sm2.pub"]) == (0o600, 0o644)


def test_the_second_tree_must_grow_as_well(tmp_path: Path) -> None:
    """Nobody relies on SHA-256 to vouch for it."""
    with signer(tmp_path) as it:
        it.sign(Sm3Tree(5).checkpoint(), [], [])
        tree, other = Sm3Tree(9), Sm3Tree(9, sm3_changed=2)
        proof = tree.proof(5)
        for checkpoint, sm3_proof in (
            (other.checkpoint(), other.sm3_proof(5)),
            (other.checkpoint(), tree.sm3_proof(5)),
            (tree.checkpoint(), []),
            (tree.checkpoint(), proof),
            (Tree(9).checkpoint(), tree.sm3_proof(5)),
        ):
            with pytest.raises(DoesNotExtend):
                it.sign(checkpoint, proof, sm3_proof)
        same_size = Sm3Tree(5, sm3_changed=2)
        with pytest.raises(DoesNotExtend):
            it.sign(same_size.checkpoint(), [], [])
        it.sign(tree.checkpoint(), proof, tree.sm3_proof(5))


def test_neither_key_is_done_without(tmp_path: Path) -> None:
    with signer(tmp_path / "plain", guomi=False), signer(tmp_path / "both"):
        pass
    with pytest.raises(UnusableSigner), signer(tmp_path / "plain"):
        pass
    # What was signed last must be signed by both.
    path = tmp_path / "both" / "last-signed"
    note = Note.parse(path.read_text())
    path.write_text(str(replace(note, signatures=note.signatures[:1])))
    with pytest.raises(UnusableSigner), signer(tmp_path / "both"):
        pass
    (tmp_path / "both" / "log.sm2.key").unlink()
    with pytest.raises(UnusableSigner, match=r"log\.sm2\.key"), signer(tmp_path / "both"):
        pass


def test_a_witness_that_knows_nothing_of_it_cosigns(tmp_path: Path) -> None:
    with signer(tmp_path / "log") as it:
        note = it.sign(Sm3Tree(5).checkpoint(), [], [])
    key = public_key(tmp_path / "log")
    with Witness.opened(tmp_path / "witness", "witness.example", [key], system_clock) as witness:
        line = witness.add_checkpoint(AddCheckpoint(0, [], note).body())
    # Its word covers the second root: the whole text is cosigned.
    cosigned = note.with_signatures([Signature.parse(line.removesuffix("\n"))])
    assert in_sm3(Checkpoint.parse(cosigned.text)) is not None


def test_where_both_keys_are_known_both_must_have_signed(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        note = it.sign(Sm3Tree(5).checkpoint(), [], [])
    policy = policy_for(None, tmp_path)
    assert len(trusted(Told("both", str(note)), policy).judgement.signed_by) == 2
    keys = [str(each.key) for each in both(tmp_path)]
    text = "".join(f"log {key}\n" for key in keys) + "quorum none\n"
    assert Policy.parse(text.encode()).logs == policy.logs
    alone = Policy.parse(f"log {keys[0]}\nquorum none\n".encode())
    for signature in note.signatures:
        one = replace(note, signatures=(signature,))
        assert not policy.judge(one).valid
        with pytest.raises(UntrustedCheckpoint):
            trusted(Told("one", str(one)), policy)
        assert alone.judge(one).valid is (signature == note.signatures[0])
    # Of a key that was changed the new one is enough.
    older = KnownLog.by(Sm2Signer.generate(ORIGIN).key)
    assert replace(policy, logs=(*policy.logs, older)).judge(note).valid
    bad = replace(note.signatures[1], value=bytes(64))
    with pytest.raises(InvalidSignature):
        policy.judge(replace(note, signatures=(note.signatures[0], bad)))


def test_a_signature_of_sm2_vouches_for_a_root_of_sm3(tmp_path: Path) -> None:
    with signer(tmp_path) as it:
        text = str(Tree(5).checkpoint())
        note = Note(text, tuple(each.sign(text) for each in (it._signer, it._second) if each))
    with pytest.raises(UntrustedCheckpoint, match="缺少 SM3 树根"):
        trusted(Told("it", str(note)), policy_for(None, tmp_path))


async def test_each_root_alone_finds_what_was_rewritten(database: Database, tmp_path: Path) -> None:
    """As if one of the hash functions were broken: the other one still gives it away."""
    events = [*TOWN, *(enrolled(f"member-{n}") for n in range(300))]
    async with (
        EventLog.open(database.app_url, MASTER_KEY.under(GUOMI)) as log,
        publishing(log, database, tmp_path),
    ):
        found = await published(log, await given(log, *events))
    genuine = trusted(Told("it", found.note), policy_for(None, tmp_path / "signer")).checkpoint
    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        assert (await audit_tables(owner, [genuine])).findings == ()
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            "UPDATE log.events SET data = convert_to(replace(convert_from(data, 'UTF8'),"
            " '\"role\":\"', '\"role\":\"x'), 'UTF8') WHERE position = 277"
        )
        rewritten = Finding(Fault.REWRITTEN, 277, 277)
        now = [
            data for (data,) in await owner.fetch("SELECT data FROM log.events ORDER BY position")
        ]
        forged = replace(genuine, root=root_of(now, SHA256))
        other = with_sm3_root(replace(genuine, extensions=()), root_of(now, SM3))
        for checkpoint, word in ((forged, "SM3："), (other, "内容"), (genuine, "内容")):
            [finding] = (await audit_tables(owner, [checkpoint])).findings
            assert finding == rewritten
            assert finding.detail.startswith(word)
        both_forged = with_sm3_root(replace(forged, extensions=()), root_of(now, SM3))
        assert (await audit_tables(owner, [both_forged])).findings == ()
    await owner.close()


def root_of(entries: list[bytes], digest: Digest) -> bytes:
    frontier = Frontier(digest)
    for entry in entries:
        frontier.append(digest.leaf(entry))
    return frontier.root()
