"""Two acts that exclude each other, at the same moment through two processes' writers: never both.

Each pair runs five hundred times on the real log. What came of it is read from the log itself,
and judged without the commands.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.delegation import DelegateDuty, EndDelegation
from service.domain.endorsement import EndorsementDeclineReason, Performance
from service.domain.endorsing import DeclineEndorsement, EndorseParticipation
from service.domain.event import Actor, Command, Event, Rejection
from service.domain.officer import DelegatedDuty, DutyDelegated, OfficerRole
from service.domain.organisation import OrganisationKind
from service.domain.recording import CorrectParticipation
from service.domain.separation import DUTIES, MATRIX
from service.eventstore import EventLog
from tests.database import MASTER_KEY, Database
from tests.domain.clean_up import AFTER, HOUR, STARTS, recorded
from tests.domain.town import (
    SUBDISTRICT,
    appointed,
    enrolled,
    id_number,
    issued,
    organisation,
    person,
)
from tests.eventstore.racing import RACES, TOGETHER, Pair, race
from tests.eventstore.test_duties import done


def place(number: int) -> str:
    """Each race has a community, a member, an entry and officers of its own."""
    return f"community-{number}"


def history(number: int) -> list[Event]:
    here, member = place(number), f"member-{number}"
    return [
        organisation(here, OrganisationKind.COMMUNITY, SUBDISTRICT),
        enrolled(member),
        issued(member, f"certificate-{number}"),
        appointed("x", here),
        # The same natural person under another id: not to be had today, but perhaps in an old log.
        appointed("x-again", here, of="x"),
        appointed("clerk", here, OfficerRole.OFFICER),
        DutyDelegated(
            delegation_id=f"delegation-{number}",
            organisation_id=here,
            officer_id="clerk",
            duty=DelegatedDuty.ENDORSING,
            starts_at=AFTER,
            ends_at=AFTER + timedelta(days=30),
            delegated_by="x",
        ),
        recorded(
            participation_id=f"entry-{number}",
            member_id=member,
            community_id=here,
            activity_id=None,
            recorded_by="recorder",
            recorded_by_person=person("recorder"),
        ),
    ]


def acting(number: int, who: str) -> dict[str, Any]:
    return {"by": Actor(place(number), who), "at": AFTER}


def correct(number: int, who: str = "x") -> Command:
    return CorrectParticipation(
        participation_id=f"entry-{number}",
        starts_at=STARTS,
        ends_at=STARTS + HOUR,
        content="清扫",
        ledger="voluntary",
        reason="有误",
        **acting(number, who),
    )


def endorse(number: int, who: str = "x") -> Command:
    return EndorseParticipation(
        endorsement_id=f"endorsement-{number}",
        participation_id=f"entry-{number}",
        performance=Performance.GOOD,
        **acting(number, who),
    )


def decline(number: int, who: str = "x") -> Command:
    return DeclineEndorsement(
        participation_id=f"entry-{number}",
        reason_code=EndorsementDeclineReason.OTHER,
        **acting(number, who),
    )


def dismiss(number: int, who: str = "x") -> Command:
    by = Actor(SUBDISTRICT, "officer")
    return DismissOfficer(by=by, at=AFTER, organisation_id=place(number), officer_id=who)


def appoint(number: int, officer_id: str) -> Command:
    return AppointOfficer(
        by=Actor(SUBDISTRICT, "officer"),
        at=AFTER,
        organisation_id=place(number),
        officer_id=officer_id,
        person=person("newcomer"),
        id_number=id_number(),
        role=OfficerRole.RESPONSIBLE,
    )


def delegate(number: int, turn: str) -> Command:
    return DelegateDuty(
        delegation_id=f"another-{number}-{turn}",
        officer_id="clerk",
        duty=DelegatedDuty.RECORDING,
        ends_at=AFTER + timedelta(days=9),
        **acting(number, "x"),
    )


def end(number: int) -> Command:
    return EndDelegation(delegation_id=f"delegation-{number}", **acting(number, "x"))


ONE_AT_MOST: dict[str, Pair] = {
    "one corrects and endorses": lambda n: (correct(n), endorse(n)),
    "one corrects and declines": lambda n: (correct(n), decline(n)),
    "one corrects and endorses under another id": lambda n: (correct(n), endorse(n, "x-again")),
    "one corrects, a clerk endorses for them": lambda n: (correct(n), endorse(n, "clerk")),
    "one person gets two ids": lambda n: (appoint(n, "one"), appoint(n, "two")),
    "one duty is delegated twice": lambda n: (delegate(n, "1"), delegate(n, "2")),
}
NOT_AFTER: dict[str, Pair] = {
    "dismissed and endorsing": lambda n: (dismiss(n), endorse(n)),
    "a clerk is dismissed and endorses": lambda n: (dismiss(n, "clerk"), endorse(n, "clerk")),
    "whoever delegated is dismissed, the clerk endorses": lambda n: (
        dismiss(n),
        endorse(n, "clerk"),
    ),
    "a delegation ends, the clerk endorses": lambda n: (end(n), endorse(n, "clerk")),
}
"""The second may be done before the first, but not after it."""
HAPPENING = {each.act for each in DUTIES}
"""Acts of which there are events; whose own matter it is, is none."""


@pytest.fixture
async def logs(database: Database) -> AsyncIterator[tuple[EventLog, EventLog]]:
    async with (
        EventLog.open(database.app_url, MASTER_KEY) as one,
        EventLog.open(database.app_url, MASTER_KEY) as other,
    ):
        yield one, other


@pytest.mark.parametrize("pair", ONE_AT_MOST.values(), ids=ONE_AT_MOST)
async def test_of_two_that_exclude_each_other_one_happens(
    logs: tuple[EventLog, EventLog], pair: Pair
) -> None:
    results = await race(logs, pair, history)
    assert all(sum(isinstance(each, int) for each in result) == 1 for result in results)
    # Both won sometimes, or nothing raced.
    assert {isinstance(first, int) for first, _ in results} == {True, False}


@pytest.mark.parametrize("pair", NOT_AFTER.values(), ids=NOT_AFTER)
async def test_what_ended_is_not_acted_on_afterwards(
    logs: tuple[EventLog, EventLog], pair: Pair
) -> None:
    results = await race(logs, pair, history)
    for ended, acted in results:
        assert isinstance(ended, int)
        assert not isinstance(acted, int) or acted < ended, (ended, acted)
    assert {isinstance(acted, int) for _, acted in results} == {True, False}


@pytest.mark.parametrize(
    "row", [each for each in MATRIX if each.earlier in HAPPENING and each.act in HAPPENING],
    ids=lambda row: f"{row.earlier} and {row.act}",
)  # fmt: skip
async def test_the_guard_lets_one_of_two_through_without_any_condition(
    logs: tuple[EventLog, EventLog], row: Any
) -> None:
    async def run(number: int) -> list[int | BaseException]:
        both = [done(act, person("x"), matter=f"m{number}") for act in (row.act, row.earlier)]
        if number % 2:
            both.reverse()
        appends = (log.append([event]) for log, event in zip(logs, both, strict=True))
        return await asyncio.gather(*appends, return_exceptions=True)

    for begin in range(0, RACES, TOGETHER):
        for answers in await asyncio.gather(*map(run, range(begin, begin + TOGETHER))):
            assert sorted(isinstance(each, int) for each in answers) == [False, True]
            assert sum(isinstance(each, Rejection) for each in answers) == 1
