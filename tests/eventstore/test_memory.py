"""What a process remembers of the log: nothing new is missed, nothing that did not happen stays."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from service.domain.event import Command, Rejection, Selector
from service.domain.sign_up import (
    ActivityFull,
    MemberSignedUp,
    NotSignedUp,
    Places,
    SignUp,
    SignUpWithdrawn,
    WithdrawSignUp,
)
from service.eventstore import EventLog, decode
from service.eventstore.chain import Boundary
from service.eventstore.memory import Memory
from tests.database import MASTER_KEY, Database
from tests.domain.town import AT, BRANCH, COMMUNITY, acting
from tests.eventstore.history import given
from tests.eventstore.test_deciding import activity, sign_up
from tests.eventstore.test_unavailable import cut_writer, owner_of


@pytest.fixture
async def logs(database: Database) -> AsyncIterator[list[EventLog]]:
    """Two processes' logs, each with a memory of its own."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(EventLog.open(database.app_url, MASTER_KEY))
            for _ in range(2)
        ]


def withdraw(member: int) -> WithdrawSignUp:
    return WithdrawSignUp(by=acting(COMMUNITY), at=AT, activity_id="a-1", member_id=f"m-{member}")


async def test_what_another_process_wrote_is_seen(logs: list[EventLog]) -> None:
    await given(logs[0], *activity(capacity=2, members=4))
    await logs[0].decide(sign_up(0))
    await logs[1].decide(sign_up(1))
    with pytest.raises(ActivityFull):
        await logs[0].decide(sign_up(2))
    await logs[1].decide(withdraw(0))
    await logs[0].decide(sign_up(2))
    with pytest.raises(ActivityFull):
        await logs[1].decide(sign_up(3))


@dataclass(kw_only=True)
class SignUpInVain(Command):
    """Makes a sign-up happen, and is refused afterwards."""

    member_id: str
    places: Places = field(init=False, default_factory=Places)

    def consistency_boundary(self) -> list[Selector]:
        return [Places.about("a-1")]

    def execute(self) -> None:
        self.happened(
            MemberSignedUp(
                activity_id="a-1",
                community_id=COMMUNITY,
                member_id=self.member_id,
                branch_id=BRANCH,
            )
        )
        assert self.places.is_held("a-1", self.member_id)
        raise Rejection


async def test_a_refused_command_leaves_nothing_in_a_standing_fact(logs: list[EventLog]) -> None:
    await given(logs[0], *activity(capacity=1, members=1))
    for _ in range(2):
        refused, decided = await asyncio.gather(
            logs[0].decide(SignUpInVain(by=acting(COMMUNITY), at=AT, member_id="m-0")),
            logs[0].decide(sign_up(0)),
            return_exceptions=True,
        )
        assert isinstance(refused, Rejection)
        assert not isinstance(decided, Exception)
        await logs[0].decide(withdraw(0))


async def test_a_command_of_the_same_batch_is_seen_once(logs: list[EventLog]) -> None:
    """Also after it was stored and is read again."""
    await given(logs[0], *activity(capacity=3, members=5))
    await asyncio.gather(logs[0].decide(sign_up(0)), logs[0].decide(sign_up(1)))
    await logs[0].decide(sign_up(2))
    with pytest.raises(ActivityFull):
        await logs[0].decide(sign_up(3))
    await asyncio.gather(logs[0].decide(withdraw(0)), logs[0].decide(sign_up(4)))


async def test_nothing_is_remembered_of_a_database_that_was_restored(
    logs: list[EventLog], database: Database
) -> None:
    """Its last events are gone, and other ones come to stand where they stood."""
    await given(logs[0], *activity(capacity=1, members=2))
    await logs[0].decide(sign_up(0))
    with pytest.raises(ActivityFull):
        await logs[0].decide(sign_up(1))
    async with owner_of(database) as owner:
        for table in ("events", "tags"):
            await owner.execute(f"ALTER TABLE log.{table} DISABLE TRIGGER USER")
        lost = await owner.fetchval(
            "DELETE FROM log.events WHERE position = log.head(1::smallint) RETURNING position"
        )
        await owner.execute("DELETE FROM log.tags WHERE position = $1", lost)
        await cut_writer(owner)
    assert (await logs[0].decide(sign_up(1))).position == lost


async def test_r13_holds_at_every_moment_of_a_contended_log(
    logs: list[EventLog], database: Database
) -> None:
    """Signing up and withdrawing at random in two processes that lose their connections."""
    capacity, members = 5, 12
    await given(logs[0], *activity(capacity=capacity, members=members))

    async def one(number: int) -> None:
        chance = random.Random(number)
        for _ in range(40):
            kind = sign_up if chance.random() < 0.6 else withdraw
            try:
                await chance.choice(logs).decide(kind(chance.randrange(members)))
            except Rejection:
                continue

    async def cut() -> None:
        async with owner_of(database) as owner:
            for _ in range(5):
                await asyncio.sleep(0.15)
                await cut_writer(owner)

    await asyncio.gather(cut(), *(one(number) for number in range(16)))
    inside: set[str] = set()
    signed_up = 0
    for each in await logs[0].read():
        event = decode(each.position, each.event.data).event
        if isinstance(event, MemberSignedUp):
            assert event.member_id not in inside
            inside.add(event.member_id)
            signed_up += 1
            assert len(inside) <= capacity
        elif isinstance(event, SignUpWithdrawn):
            inside.remove(event.member_id)
    assert signed_up > capacity


async def test_more_than_it_may_remember_is_forgotten_and_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Memory.__init__, "__defaults__", (0,))
    async with EventLog.open(database.app_url, MASTER_KEY) as forgetful:
        await given(forgetful, *activity(capacity=2, members=3))
        await forgetful.decide(sign_up(0))
        await forgetful.decide(sign_up(1))
        with pytest.raises(ActivityFull):
            await forgetful.decide(sign_up(2))
        with pytest.raises(NotSignedUp):
            await forgetful.decide(withdraw(2))
        await forgetful.decide(withdraw(1))
        await forgetful.decide(sign_up(2))


async def test_what_could_not_be_stored_is_not_remembered(logs: list[EventLog]) -> None:
    """Two processes write into each other's boundary: what is decided again starts afresh."""
    members = 60
    await given(logs[0], *activity(capacity=members, members=members))
    decided = await asyncio.gather(*(logs[n % 2].decide(sign_up(n)) for n in range(members)))
    assert len({each.position for each in decided}) == members


def test_an_event_is_remembered_once_for_each_pair() -> None:
    """Also when it is read again for the sake of another pair, or of one that was forgotten."""
    memory = Memory(largest=3)
    event = SignUpWithdrawn(activity_id="a", community_id="c", member_id="m", branch_id="b")
    memory._decoder._events[1] = event
    row = (1, "SignUpWithdrawn", ["x:1", "x:2"], b"")
    one, other = ("x:1", "SignUpWithdrawn"), ("x:2", "SignUpWithdrawn")
    memory.learn({one}, 1, [row])
    memory.learn({one, other}, 1, [row])
    assert len(memory.events(one)) == len(memory.events(other)) == 1
    memory.trim()
    assert (memory.complete(one) == 0) != (memory.complete(other) == 0)
    memory.learn({one, other}, 1, [row])
    assert len(memory.events(one)) == len(memory.events(other)) == 1


def test_a_standing_fact_goes_when_its_events_go() -> None:
    memory = Memory(largest=0)
    memory.learn({("activity:a", name) for name in Places.learns()}, 1, [])
    memory.standing(Places, "activity:a")
    assert memory._standing
    memory.trim()
    assert not memory._standing


def test_only_a_whole_fact_about_one_subject_is_borrowed() -> None:
    whole = Places.about("a")
    assert Boundary([whole]).standing(Places) == "activity:a"
    for differently in (
        [],
        [whole, Places.about("b")],
        [Selector([MemberSignedUp, SignUpWithdrawn], ["activity:a", "member:m"])],
        [Selector([MemberSignedUp], ["activity:a"])],
        [Selector([MemberSignedUp, SignUpWithdrawn], ["member:m"])],
    ):
        assert Boundary(differently).standing(Places) is None


def test_a_sign_up_borrows_everybodys_places() -> None:
    """Or each decision would learn all of them anew."""
    kept = Places()
    event = MemberSignedUp(activity_id="a", community_id="c", member_id="m", branch_id="b")
    event.mutate(kept)
    lent = kept.lent()
    assert (lent.is_held("a", "m"), lent.number_taken("a")) == (True, 1)
    SignUpWithdrawn(**event.model_dump(exclude={"event_id"})).mutate(lent)
    event.model_copy(update={"member_id": "n"}).mutate(lent)
    event.model_copy(update={"member_id": "n"}).mutate(lent)
    assert (lent.is_held("a", "m"), lent.is_held("a", "n"), lent.number_taken("a")) == (
        False,
        True,
        1,
    )
    assert (kept.is_held("a", "m"), kept.is_held("a", "n"), kept.number_taken("a")) == (
        True,
        False,
        1,
    )
    assert SignUp.__dataclass_fields__["places"].default_factory is Places
