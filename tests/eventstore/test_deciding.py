"""Commands decided on the real log: alone, together, from two processes, and asked twice."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from service.domain.activity import ActivityKind, ActivityPlanned, ActivityPublished
from service.domain.event import Command, Event, Rejection, Selector, on
from service.domain.organisation import (
    OrganisationAlreadyRegistered,
    OrganisationKind,
    OrganisationRegistered,
    RegisterOrganisation,
    UnknownOrganisation,
)
from service.domain.sign_up import ActivityFull, MemberSignedUp, SignUp
from service.eventstore import (
    Decided,
    EventLog,
    Idempotency,
    IdempotencyKeyReused,
    UnstorableEvent,
    decode,
)
from service.eventstore.chain import Chain
from service.eventstore.decisions import DecisionBatch
from tests.database import MASTER_KEY, Database
from tests.domain.town import (
    AT,
    COMMUNITY,
    TOWN,
    accepted,
    acting,
    enrolled,
    registered,
)
from tests.eventstore.history import given


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url, MASTER_KEY) as opened:
        yield opened


@pytest.fixture
async def logs(database: Database) -> AsyncIterator[list[EventLog]]:
    """Two logs with writers and connections of their own, as two processes have."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(EventLog.open(database.app_url, MASTER_KEY))
            for _ in range(2)
        ]


def authority(organisation_id: str = "city", **differently: Any) -> RegisterOrganisation:
    command = RegisterOrganisation(
        by=acting("city"),
        at=AT,
        organisation_id=organisation_id,
        name="市委组织部",
        kind=OrganisationKind.PERSONNEL_AUTHORITY,
        parent_id=None,
        district="市辖区",
        area_code="320300",
    )
    return replace(command, **differently)


def request(key: str, content: bytes = b"a") -> Idempotency:
    return Idempotency("client", key, content.ljust(32), lambda events: {"ids": len(events)})


async def settled(tasks: Sequence[Awaitable[Decided]]) -> Counter[str]:
    """What came of commands that were sent together, by name."""
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return Counter(type(each).__name__ for each in results)


def activity(capacity: int | None, members: int) -> list[Event]:
    """A published activity, and members of its community who may sign up."""
    people = [f"m-{number}" for number in range(members)]
    return [
        *TOWN,
        *(enrolled(member_id) for member_id in people),
        *(registered(m, registration_id=f"r-{m}") for m in people),
        *(accepted(m, registration_id=f"r-{m}") for m in people),
        ActivityPlanned(
            activity_id="a-1",
            community_id=COMMUNITY,
            title="环境整治",
            kind=ActivityKind.COMMUNITY,
            category="环境卫生保洁岗",
            starts_at=AT + timedelta(days=3),
            ends_at=AT + timedelta(days=3, hours=2),
            place="社区广场",
            capacity=capacity,
        ),
        ActivityPublished(activity_id="a-1", community_id=COMMUNITY),
    ]


def sign_up(member: int) -> SignUp:
    return SignUp(by=acting(COMMUNITY), at=AT, activity_id="a-1", member_id=f"m-{member}")


async def test_a_decision_is_stored_with_its_circumstances(log: EventLog) -> None:
    decided = await log.decide(authority(), caused_by="letter-1")
    assert (decided.position, decided.replayed) == (1, False)
    stored = (await log.read()).events[0]
    recorded = decode(stored.position, stored.event.data)
    assert recorded.event == decided.events[0]
    assert (recorded.actor, recorded.occurred_at) == (acting("city"), AT)
    assert recorded.caused_by == "letter-1"


async def test_what_a_batch_held_does_not_wait_for_the_collector(log: EventLog) -> None:
    gc.collect()
    gc.disable()
    try:
        await log.decide(authority())
        left = [each for each in gc.get_objects() if type(each) in (Chain, DecisionBatch)]
    finally:
        gc.enable()
    assert left == []


async def test_a_refusal_records_nothing(log: EventLog) -> None:
    await log.decide(authority())
    with pytest.raises(OrganisationAlreadyRegistered):
        await log.decide(authority())
    assert await log.head() == 1


async def test_twenty_identical_commands_at_once_one_accepted(log: EventLog) -> None:
    outcome = await settled([log.decide(authority()) for _ in range(20)])
    assert outcome == {"Decided": 1, "OrganisationAlreadyRegistered": 19}
    assert await log.head() == 1


async def test_twenty_identical_commands_from_two_processes_one_accepted(
    logs: list[EventLog],
) -> None:
    outcome = await settled([logs[n % 2].decide(authority()) for n in range(20)])
    assert outcome == {"Decided": 1, "OrganisationAlreadyRegistered": 19}
    assert await logs[0].head() == 1


async def test_r13_nothing_is_oversold_by_two_processes_on_one_hot_tag(
    logs: list[EventLog],
) -> None:
    await given(logs[0], *activity(capacity=30, members=100))
    outcome = await settled([logs[n % 2].decide(sign_up(n)) for n in range(100)])
    assert outcome == {"Decided": 30, ActivityFull.__name__: 70}
    places = await logs[0].read(DCBQuery([DCBQueryItem(["MemberSignedUp"], ["activity:a-1"])]))
    assert len(places) == 30


async def test_who_waits_first_is_served_first(log: EventLog) -> None:
    await given(log, *activity(capacity=30, members=100))
    results = await asyncio.gather(
        *(log.decide(sign_up(n)) for n in range(100)), return_exceptions=True
    )
    assert [isinstance(each, Decided) for each in results] == [True] * 30 + [False] * 70
    positions = [each.position for each in results if isinstance(each, Decided)]
    assert positions == sorted(positions)


async def test_a_later_command_of_a_batch_builds_on_an_earlier_one(log: EventLog) -> None:
    """Three levels of the tree sent at once: each finds the parent that was decided before it."""
    levels = [
        authority(),
        authority("agency", kind=OrganisationKind.AGENCY_COMMITTEE, parent_id="city"),
        authority("branch", kind=OrganisationKind.BRANCH, parent_id="agency"),
    ]
    decided = await asyncio.gather(*(log.decide(each) for each in levels))
    assert [each.position for each in decided] == [1, 2, 3]
    branch = decided[2].events[0]
    assert isinstance(branch, OrganisationRegistered)
    assert branch.ancestors == ("agency", "city")


async def test_a_refused_command_takes_nothing_down_with_it(log: EventLog) -> None:
    commands = [authority("a"), authority("a"), authority("b", parent_id="nobody"), authority("c")]
    assert await settled([log.decide(each) for each in commands]) == {
        "Decided": 2,
        "OrganisationAlreadyRegistered": 1,
        "UnknownOrganisation": 1,
    }


@dataclass(kw_only=True)
class Fault(Command):
    """A command with a mistake of its own."""

    known: int = field(init=False, default=0)

    def consistency_boundary(self) -> list[Selector]:
        return [Selector([OrganisationRegistered], ["organisation:fault"])]

    @on(OrganisationRegistered)
    def _(self) -> None:
        self.known += 1

    def execute(self) -> None:
        raise ZeroDivisionError


async def test_a_faulty_command_fails_alone(log: EventLog) -> None:
    too_long = authority("x", name="部" * 64 * 1024)
    unencodable = authority("y", district="\ud800")
    commands = [
        authority("a"),
        Fault(by=acting("city"), at=AT),
        too_long,
        unencodable,
        authority("b"),
    ]
    results = await asyncio.gather(*(log.decide(each) for each in commands), return_exceptions=True)
    assert [type(each) for each in results] == [
        Decided,
        ZeroDivisionError,
        UnstorableEvent,
        UnstorableEvent,
        Decided,
    ]
    assert await log.head() == 2


async def test_what_rests_on_a_decision_that_cannot_be_stored_falls_with_it(log: EventLog) -> None:
    """Its child is decided once more, and then there is no such parent."""
    child = authority("child", kind=OrganisationKind.AGENCY_COMMITTEE, parent_id="x")
    results = await asyncio.gather(
        log.decide(authority("x", name="部" * 64 * 1024)), log.decide(child), return_exceptions=True
    )
    assert [type(each) for each in results] == [UnstorableEvent, UnknownOrganisation]
    assert await log.head() == 0


async def test_the_same_request_again_gets_the_first_answer(logs: list[EventLog]) -> None:
    first = await logs[0].decide(authority(), request("k"))
    for log in logs:
        again = await log.decide(authority(), request("k"))
        assert (again.replayed, again.position) == (True, first.position)
        assert again.answer == first.answer == {"ids": 1}
    assert await logs[0].head() == 1


async def test_the_same_request_sent_at_once_from_two_processes_acts_once(
    logs: list[EventLog],
) -> None:
    results = await asyncio.gather(
        *(logs[n % 2].decide(authority(), request("k")) for n in range(20))
    )
    assert Counter(each.replayed for each in results) == {False: 1, True: 19}
    assert {each.position for each in results} == {1}
    assert await logs[0].head() == 1


async def test_the_same_key_for_another_request_is_refused(log: EventLog) -> None:
    await log.decide(authority(), request("k"))
    with pytest.raises(IdempotencyKeyReused):
        await log.decide(authority("other"), request("k", b"b"))
    assert await log.head() == 1


async def test_a_refusal_uses_up_no_key(log: EventLog) -> None:
    child = authority("agency", kind=OrganisationKind.AGENCY_COMMITTEE, parent_id="city")
    with pytest.raises(Rejection):
        await log.decide(child, request("k"))
    await log.decide(authority())
    assert not (await log.decide(child, request("k"))).replayed


async def test_r40_the_idempotency_rows_hold_no_personal_data(
    log: EventLog, database: Database
) -> None:
    await log.decide(authority(), request("k"))
    owner = await asyncpg.connect(database.owner_url)
    rows = await owner.fetch("SELECT client, key, answer FROM log.idempotency")
    await owner.close()
    assert [tuple(row) for row in rows] == [("client", "k", b'{"ids":1}')]


async def test_a_commit_whose_answer_was_lost_is_found_out(
    log: EventLog, database: Database
) -> None:
    """The writer's connection is killed again and again; every caller is told the truth."""
    owner = await asyncpg.connect(database.owner_url)
    names = [f"o-{number}" for number in range(200)]
    killed = 0

    async def kill() -> None:
        nonlocal killed
        while True:
            killed += await owner.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'eighthours-writer'"
            )
            # Longer than it takes to connect, or nothing would ever be written.
            await asyncio.sleep(0.1)

    killer = asyncio.create_task(kill())
    try:
        for start in range(0, len(names), 20):
            results = await asyncio.gather(
                *(log.decide(authority(name), request(name)) for name in names[start : start + 20])
            )
            assert all(isinstance(each, Decided) for each in results)
        assert killed
    finally:
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        await owner.close()
    stored = [decode(each.position, each.event.data).event for each in await log.read()]
    registered_ids = [e.organisation_id for e in stored if isinstance(e, OrganisationRegistered)]
    assert sorted(registered_ids) == sorted(names)


async def test_members_signing_up_elsewhere_do_not_wait_for_each_other(log: EventLog) -> None:
    """Without a capacity nobody depends on the others: 100 commands, 100 events, one batch."""
    await given(log, *activity(capacity=None, members=100))
    before = await log.head()
    outcome = await settled([log.decide(sign_up(n)) for n in range(100)])
    assert outcome == {"Decided": 100}
    events = [decode(each.position, each.event.data).event for each in await log.read(after=before)]
    assert {type(each) for each in events} == {MemberSignedUp}
    assert len({uuid4(), *[each.event_id for each in events]}) == 101
