"""The witness protocol: what is cosigned, and every way in which it is not."""

# ruff: noqa: ASYNC240 - the files of a temporary folder are at hand

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from service.trust.transparency.add_checkpoint import LONGEST_REQUEST, AddCheckpoint
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.cosignature import CosignatureVerifier, cosigned_at
from service.trust.transparency.merkle import consistency_ranges
from service.trust.transparency.signed_note import Ed25519Signer, Note, Signature
from service.trust.transparency.witness import UnusableWitness, Witness
from service.trust.transparency.witness_server import application
from tests.trust.transparency.witnessed_log import root_of

ORIGIN, NAME = "example.org/log", "witness.example/w"
LOG = Ed25519Signer.generate(ORIGIN)
STRANGER = Ed25519Signer.generate(ORIGIN)
ENTRIES = [bytes([n]) for n in range(40)]
FORK = [*ENTRIES[:5], b"another", *ENTRIES[6:]]
START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


class Asking:
    """A witness behind its addresses, and a clock that moves with each request."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        transport = httpx.ASGITransport(application(witness))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://witness")

    async def post(self, body: bytes) -> httpx.Response:
        return await self.http.post("/add-checkpoint", content=body)

    async def grow(self, old: int, size: int, entries: list[bytes] = ENTRIES) -> httpx.Response:
        return await self.post(request(old, size, entries).body())

    async def served(self) -> httpx.Response:
        return await self.http.get(f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint")


def signed(text: str, signer: Ed25519Signer = LOG) -> Note:
    return Note(text, (signer.sign(text),))


def checkpoint(size: int, entries: list[bytes] = ENTRIES, origin: str = ORIGIN) -> str:
    return str(Checkpoint(origin, size, root_of(entries[:size])))


def request(old: int, size: int, entries: list[bytes] = ENTRIES) -> AddCheckpoint:
    proof = consistency_ranges(old, size) if 0 < old <= size else []
    hashes = [root_of(entries[start:end]) for start, end in proof]
    return AddCheckpoint(old, hashes, signed(checkpoint(size, entries)))


@contextmanager
def opened(folder: Path) -> Iterator[Asking]:
    ticks = iter(range(1_000_000))
    with Witness.opened(
        folder, NAME, [LOG.key], lambda: START + timedelta(seconds=next(ticks))
    ) as witness:
        yield Asking(witness)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    with opened(tmp_path) as found:
        yield found


def cosignature(asking: Asking, size: int, answer: httpx.Response) -> Signature:
    assert answer.status_code == 200, answer.text
    assert answer.text.endswith("\n")
    note = Note(checkpoint(size), (Signature.parse(answer.text.removesuffix("\n")),))
    [found] = note.verified([CosignatureVerifier(asking.witness.key)])
    return found


async def test_the_first_checkpoint_and_growth(asking: Asking) -> None:
    assert (await asking.served()).status_code == 404
    first = cosignature(asking, 3, await asking.grow(0, 3))
    assert cosigned_at(first) == START.timestamp()
    for old, size in [(3, 4), (4, 8), (8, 31), (31, 40)]:
        cosignature(asking, size, await asking.grow(old, size))
    served = Note.parse((await asking.served()).text)
    assert served.text == checkpoint(40)
    assert [each.name for each in served.signatures] == [ORIGIN, NAME]


async def test_an_empty_log_first(asking: Asking) -> None:
    cosignature(asking, 0, await asking.grow(0, 0))
    cosignature(asking, 2, await asking.grow(0, 2))


async def test_no_growth_is_cosigned_anew(asking: Asking) -> None:
    """Its time says that the log still is as it was."""
    before = cosignature(asking, 3, await asking.grow(0, 3))
    again = cosignature(asking, 3, await asking.grow(3, 3))
    assert cosigned_at(again) > cosigned_at(before)


@pytest.mark.parametrize("old", [0, 2, 4, 5])
async def test_another_old_size_is_told_the_right_one(asking: Asking, old: int) -> None:
    await asking.grow(0, 3)
    answer = await asking.grow(old, 5)
    assert (answer.status_code, answer.text) == (409, "3\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


@pytest.mark.parametrize("signer", [STRANGER, None])
async def test_without_the_log_s_signature(asking: Asking, signer: Ed25519Signer | None) -> None:
    """Another key of the same name, or a signature that is broken."""
    text = checkpoint(3)
    note = signed(text, STRANGER)
    if signer is None:
        good = LOG.sign(text)
        note = Note(text, (Signature(good.name, good.key_id, bytes(64)),))
    answer = await asking.post(AddCheckpoint(0, [], note).body())
    assert answer.status_code == 403
    assert (await asking.served()).status_code == 404


async def test_an_unknown_log(asking: Asking) -> None:
    other = Ed25519Signer.generate("example.org/other")
    note = signed(checkpoint(3, origin="example.org/other"), other)
    assert (await asking.post(AddCheckpoint(0, [], note).body())).status_code == 404


async def test_proofs_that_do_not_hold(asking: Asking) -> None:
    first = request(0, 3)
    assert (await asking.post(first._replace(proof=[bytes(32)]).body())).status_code == 422
    assert (await asking.grow(0, 7)).status_code == 200
    good = request(7, 12)
    for proof in ([], [*good.proof, bytes(32)], good.proof[::-1], [bytes(32)] * len(good.proof)):
        assert (await asking.post(good._replace(proof=proof).body())).status_code == 422
    assert (await asking.post(good.body())).status_code == 200


async def test_an_empty_log_with_another_root(asking: Asking) -> None:
    note = signed(str(Checkpoint(ORIGIN, 0, bytes(32))))
    assert (await asking.post(AddCheckpoint(0, [], note).body())).status_code == 422


@pytest.mark.parametrize("size", [7, 12])
async def test_a_fork_is_refused(asking: Asking, size: int) -> None:
    """Signed by the log itself, with a proof that is right for its other history."""
    await asking.grow(0, 7)
    assert (await asking.grow(7, size, FORK)).status_code == 422
    assert Note.parse((await asking.served()).text).text == checkpoint(7)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 1\n\n" + str(signed(checkpoint(0))).encode(),
        b"old 00\n\n" + str(signed(checkpoint(1))).encode(),
        b"old -1\n\n" + str(signed(checkpoint(1))).encode(),
        b"new 0\n\n" + str(signed(checkpoint(1))).encode(),
        b"old 0\nAAAA\n\n" + str(signed(checkpoint(1))).encode(),
        b"old 0\nnonsense!\n\n" + str(signed(checkpoint(1))).encode(),
        b"old 0\n\n" + str(signed("example.org/log\n1\n")).encode(),
        b"old 0\n\n" + str(signed("example.org/log\n01\n" + "A" * 43 + "=\n")).encode(),
        b"old 0\n\n\xff",
        AddCheckpoint(1, [bytes(32)] * 64, signed(checkpoint(1))).body(),
        request(5, 4).body(),
    ],
)
async def test_what_is_no_request(asking: Asking, body: bytes) -> None:
    assert (await asking.post(body)).status_code == 400


async def test_a_request_without_end(asking: Asking) -> None:
    assert (await asking.post(bytes(LONGEST_REQUEST + 1))).status_code == 413


async def test_after_a_restart_it_knows_what_it_has_seen(tmp_path: Path) -> None:
    with opened(tmp_path) as before:
        await before.grow(0, 12)
        key = before.witness.key
    with opened(tmp_path) as again:
        assert again.witness.key == key
        rolled_back = await again.grow(0, 7)
        assert (rolled_back.status_code, rolled_back.text) == (409, "12\n")
        assert (await again.grow(12, 12, FORK)).status_code == 422
        cosignature(again, 20, await again.grow(12, 20))


async def test_it_is_on_disk_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file and the folder are flushed first; where that fails nothing is signed."""
    flushed: list[str] = []

    def flush(file: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{file}").readlink()))

    with opened(tmp_path) as asking:
        monkeypatch.setattr(os, "fsync", flush)
        await asking.grow(0, 3)
        [file, folder] = flushed
        assert file.endswith(".checkpoint.new")
        assert folder == str(tmp_path)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            await asking.grow(3, 9)
        monkeypatch.undo()
        assert (await asking.grow(0, 9)).text == "3\n"
        cosignature(asking, 5, await asking.grow(3, 5))


async def test_concurrent_requests_never_roll_back(asking: Asking) -> None:
    """Of rivals that start from the same size one wins; what is known only grows."""
    await asking.grow(0, 1)
    for size in range(1, 36, 5):
        answers = await asyncio.gather(*(asking.grow(size, size + n) for n in (5, 4, 3, 2, 1)))
        won = [each.status_code for each in answers].count(200)
        assert won == 1
        known = Checkpoint.parse(Note.parse((await asking.served()).text).text).size
        assert known > size
        if known < size + 5:
            cosignature(asking, size + 5, await asking.grow(known, size + 5))


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(UnusableWitness, match="另一个进程"), opened(tmp_path):
        pass


async def test_it_does_not_begin_anew_when_its_memory_is_gone(tmp_path: Path) -> None:
    with opened(tmp_path) as asking:
        await asking.grow(0, 3)
    [file] = tmp_path.glob("*.checkpoint")
    kept = file.read_text("utf-8")
    file.unlink()
    with (
        pytest.raises(UnusableWitness, match="已见证到哪里"),
        opened(tmp_path),
    ):
        pass
    file.write_text(kept.replace("\n3\n", "\n2\n"), "utf-8")
    with pytest.raises(UnusableWitness, match="签名不成立"), opened(tmp_path):
        pass
    file.write_text(str(signed(checkpoint(2))), "utf-8")
    with pytest.raises(UnusableWitness, match="不是用这一密钥签名的"), opened(tmp_path):
        pass
    file.write_text(kept, "utf-8")
    with opened(tmp_path) as again:
        assert (await again.grow(0, 9)).text == "3\n"


def test_its_key_is_for_nobody_else(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "witness.pub").read_text("utf-8").startswith(f"{NAME}+")
    other = Witness.opened(tmp_path, "other", [LOG.key], lambda: START)
    with pytest.raises(UnusableWitness, match="不属于 other"), other:
        pass
