"""The log asks its witnesses: good, slow, dead and lying ones, none of which holds it up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from service.eventstore import system_clock
from service.trust.transparency.cosignature import CosignatureVerifier, Cosigner
from service.trust.transparency.merkle import consistency_ranges
from service.trust.transparency.policy import Group, KnownWitness, Policy
from service.trust.transparency.signed_note import Note
from service.trust.transparency.witness import Witness
from service.trust.transparency.witness_server import application
from service.trust.transparency.witnesses import PolicyWitnesses
from tests.trust.transparency.test_witness import ENTRIES, LOG, checkpoint, signed
from tests.trust.transparency.witnessed_log import root_of

STRANGER = Cosigner.generate("witness.example/stranger")

Answer = Callable[[Note], httpx.Response]


class Hosts(httpx.AsyncBaseTransport):
    """Each witness at a host of its name; whoever is in ``wrong`` behaves in that way."""

    def __init__(self, witnesses: dict[str, Witness]) -> None:
        self._hosts = {
            name: httpx.ASGITransport(application(each)) for name, each in witnesses.items()
        }
        self.wrong: dict[str, Answer | None] = {}
        """None: it never answers."""
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.asked.append(host)
        if host not in self.wrong:
            return await self._hosts[host].handle_async_request(request)
        answer = self.wrong[host]
        if answer is None:
            await asyncio.sleep(60)
            raise httpx.ReadTimeout("never")
        note = (await request.aread()).decode().partition("\n\n")[2]
        return answer(Note.parse(note))


class Town:
    """Three witnesses of whom two are enough, and the log that asks them."""

    def __init__(self, witnesses: dict[str, Witness]) -> None:
        known = [
            KnownWitness(name, CosignatureVerifier(each.key), f"http://{name}/")
            for name, each in witnesses.items()
        ]
        group = {"three": Group(2, tuple(witnesses))}
        self.hosts = Hosts(witnesses)
        policy = Policy(witnesses=tuple(known), groups=group, quorum="three")
        self.log = PolicyWitnesses(policy, httpx.AsyncClient(transport=self.hosts))

    async def cosign(self, size: int) -> set[str]:
        """Who cosigned this size."""
        found = await self.log.cosign(signed(checkpoint(size)), self.proof)
        names = {each.name.rpartition("/")[2] for each in found}
        assert self.log.are_enough(found) is (len(names) >= 2)
        assert len(found) == len(names)
        return names

    async def proof(self, old: int, size: int) -> list[bytes]:
        return [root_of(ENTRIES[start:end]) for start, end in consistency_ranges(old, size)]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    with ExitStack() as stack:
        yield Town(
            {
                name: stack.enter_context(
                    Witness.opened(
                        tmp_path / name, f"witness.example/{name}", [LOG.key], system_clock
                    )
                )
                for name in ("x", "y", "z")
            }
        )


async def test_all_cosign_and_are_asked_once(town: Town) -> None:
    assert town.log.number == 3
    for size in (1, 5, 5, 17):
        assert await town.cosign(size) == {"x", "y", "z"}
    assert len(town.hosts.asked) == 12


async def test_after_a_restart_of_the_log_they_say_where_they_are(town: Town) -> None:
    await town.cosign(7)
    again = PolicyWitnesses(town.log._policy, town.log._http)
    assert len(await again.cosign(signed(checkpoint(9)), town.proof)) == 3


async def test_a_slow_one_holds_nobody_up_once_there_is_a_quorum(town: Town) -> None:
    town.hosts.wrong["z"] = None
    begun = asyncio.get_running_loop().time()
    assert await town.cosign(5) == {"x", "y"}
    assert asyncio.get_running_loop().time() - begun < 0.8


async def test_without_a_quorum_they_have_a_second(town: Town) -> None:
    town.hosts.wrong |= {"x": None, "y": None}
    async with asyncio.timeout(5):
        assert await town.cosign(5) == {"z"}
    town.hosts.wrong.clear()
    assert await town.cosign(6) == {"x", "y", "z"}


def answering(status: int, text: str = "") -> Answer:
    return lambda _: httpx.Response(status, text=text)


def signing(*cosigners: Cosigner) -> Answer:
    def answer(note: Note) -> httpx.Response:
        lines: Iterable[str] = (str(each.cosign(note.text, 1)) for each in cosigners)
        return httpx.Response(200, text="".join(lines))

    return answer


@pytest.mark.parametrize(
    "wrong",
    [
        answering(500, "sorry"),
        answering(409, "1000000\n"),
        answering(409, "3\n"),
        answering(409, "nonsense"),
        answering(200, ""),
        answering(200, "nonsense\n"),
        answering(200, "x" * 100_000),
        lambda _: httpx.Response(200, content=b"\xff"),
        signing(STRANGER),
    ],
)
async def test_whatever_one_answers_only_costs_its_cosignature(town: Town, wrong: Answer) -> None:
    town.hosts.wrong["y"] = wrong
    assert await town.cosign(5) == {"x", "z"}
    town.hosts.wrong.clear()
    assert await town.cosign(6) == {"x", "y", "z"}


async def test_what_the_log_itself_cannot_prove_comes_out(town: Town) -> None:
    """A log whose tiles are gone must not take that for a witness's failure."""
    await town.cosign(3)

    async def lost(_: int, __: int) -> list[bytes]:
        raise LookupError("tiles are gone")

    with pytest.raises(LookupError, match="tiles are gone"):
        await town.log.cosign(signed(checkpoint(5)), lost)


async def test_an_answer_without_end_is_not_read_to_its_end(town: Town) -> None:
    sent: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for n in range(1000):
            sent.append(n)
            yield bytes(10_000)

    town.hosts.wrong["y"] = lambda _: httpx.Response(200, content=endless())
    assert await town.cosign(5) == {"x", "z"}
    assert len(sent) < 10
