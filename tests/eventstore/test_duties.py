"""The database keeps duties apart by itself: the same matrix, against whoever appends past it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from eventsourcing.dcb.api import DCBEvent

from service.domain.endorsement import ParticipationEndorsed
from service.domain.event import EVENTS, Command, Rejection, Selector
from service.domain.organisation import OrganisationKind
from service.domain.participation import ParticipationRecorded
from service.domain.separation import (
    DUTIES,
    MATRIX,
    Act,
    EndorsedByRecorder,
    EndorsedWithinOwnLine,
    Exclusion,
)
from service.eventstore import EventLog
from tests.database import MASTER_KEY, Database
from tests.domain.clean_up import AFTER, endorsed, recorded
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    acting,
    enrolled,
    organisation,
    person,
)
from tests.eventstore.history import given

X, Y = person("x"), person("y")


@asynccontextmanager
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url, MASTER_KEY) as opened:
        yield opened


def bare(type_: str, *tags: str, **fields: str | None) -> DCBEvent:
    """An event of which only what the guard looks at is there."""
    return DCBEvent(type=type_, tags=list(tags), data=json.dumps({"data": fields}).encode())


def done(act: Act, by: str, on_behalf_of: str | None = None, matter: str = "matter") -> DCBEvent:
    """An act of this person, perhaps on somebody's delegation, on the matter."""
    if act is Act.SERVED:
        return bare("MemberEnrolled", "member:li", f"person:{by}", "branch:b", member_id="li")
    duty = next(each for each in DUTIES if each.act is act)
    persons = dict(zip(duty.persons, (by, on_behalf_of), strict=False))
    return bare(duty.type, **{duty.matter: matter}, **persons, member_id="li")


async def refusal(log: EventLog, *events: DCBEvent) -> str | None:
    """Under which code the last of these is refused; None when it is not."""
    for event in events[:-1]:
        await log.append([event])
    try:
        await log.append(events[-1:])
    except Exception as refused:  # noqa: BLE001 - which one it is, is what is compared
        return type(refused).__name__
    return None


async def test_the_guards_tables_say_what_the_code_says(database: Database) -> None:
    async with owner(database) as connection:
        duties = await connection.fetch(
            "SELECT type, act, matter, person, optional FROM log.duties"
        )
        exclusions = await connection.fetch("SELECT act, earlier, refusal FROM log.exclusions")
    assert {tuple(row) for row in duties} == {
        (duty.type, duty.act, duty.matter, name, name == "delegated_by_person")
        for duty in DUTIES
        for name in duty.persons
    }
    assert {tuple(row) for row in exclusions} == {
        (row.act, row.earlier, row.refusal.code()) for row in MATRIX
    }


async def test_the_trigger_asks_for_every_type_there_is_a_duty_for(database: Database) -> None:
    async with owner(database) as connection:
        told = await connection.fetchval(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'duties_begin'"
        )
    assert set(re.findall(r"'([A-Za-z]+)'", told)) == {duty.type for duty in DUTIES}


def test_every_duty_is_told_by_fields_of_its_event() -> None:
    for duty in DUTIES:
        assert {duty.matter, *duty.persons} <= set(EVENTS[duty.type].model_fields), duty


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row.earlier} then {row.act}")
async def test_each_row_is_refused_to_whoever_appends_past_the_rules(
    log: EventLog, row: Exclusion
) -> None:
    assert await refusal(log, done(row.earlier, X), done(row.act, X)) == row.refusal.__name__
    assert await refusal(log, done(row.act, Y)) is None
    if row.earlier is not Act.SERVED:
        assert await refusal(log, done(row.act, X, matter="another")) is None


@pytest.mark.parametrize(
    "row", [each for each in MATRIX if each.earlier is not Act.SERVED],
    ids=lambda row: f"{row.act} then {row.earlier}",
)  # fmt: skip
async def test_the_order_of_two_acts_frees_nobody(log: EventLog, row: Exclusion) -> None:
    assert await refusal(log, done(row.act, X), done(row.earlier, X)) is not None
    with pytest.raises(Rejection):
        await log.append([done(row.earlier, Y), done(row.act, Y)])


@pytest.mark.parametrize("row", MATRIX[:12], ids=lambda row: f"{row.earlier} then {row.act}")
async def test_an_act_on_a_delegation_counts_for_both(log: EventLog, row: Exclusion) -> None:
    name = row.refusal.__name__
    assert await refusal(log, done(row.earlier, X), done(row.act, Y, on_behalf_of=X)) == name
    if row.earlier is not Act.SERVED:
        earlier = done(row.earlier, Y, on_behalf_of=X, matter="other")
        assert await refusal(log, earlier, done(row.act, X, matter="other")) == name


async def test_an_act_without_a_person_is_refused(log: EventLog) -> None:
    nobody = bare("ParticipationEndorsed", participation_id="p", member_id="li", endorsed_by="x")
    assert await refusal(log, nobody) == "NotNullViolationError"


@pytest.mark.parametrize(
    ("community", "refused"),
    [(BRANCH, True), ("above", True), ("below", True), ("former", True), (COMMUNITY, False)],
)
async def test_no_organisation_of_the_members_line_endorses(
    log: EventLog, community: str, *, refused: bool
) -> None:
    kind = OrganisationKind.COMMUNITY
    moved = bare(
        "BranchTransferAccepted", f"member:{LI}", f"branch:{OTHER_BRANCH}", f"branch:{BRANCH}"
    )
    await given(
        log,
        organisation(BRANCH, OrganisationKind.BRANCH, "above"),
        organisation(OTHER_BRANCH, OrganisationKind.BRANCH, "former"),
        organisation("below", kind, BRANCH, "above"),
        organisation(COMMUNITY, kind, "subdistrict"),
        enrolled(LI, OTHER_BRANCH),
    )
    await log.append([moved])
    entry = recorded(community_id=community)
    try:
        await given(log, entry, endorsed(entry))
    except EndorsedWithinOwnLine:
        assert refused
    else:
        assert not refused


async def test_a_direct_insert_is_refused_as_well(log: EventLog, database: Database) -> None:
    await log.append([done(Act.RECORDED, X)])
    forged = done(Act.ENDORSED, X)
    async with owner(database) as connection:
        with pytest.raises(asyncpg.PostgresError, match="endorsed-by-recorder"):
            await connection.execute(
                "INSERT INTO log.events VALUES (1, 2, $1, $2, $3)",
                forged.type,
                forged.tags,
                forged.data,
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="immutable"):
            await connection.execute("DELETE FROM log.signatories")


async def test_a_poisoned_event_fails_alone(log: EventLog) -> None:
    await log.append([done(Act.RECORDED, X, matter=f"p{number}") for number in range(9)])
    answers = await asyncio.gather(
        *(
            log.append([done(Act.ENDORSED, X if number == 4 else Y, matter=f"p{number}")])
            for number in range(9)
        ),
        return_exceptions=True,
    )
    refused = [number for number, each in enumerate(answers) if isinstance(each, Exception)]
    assert refused == [4]
    assert isinstance(answers[4], EndorsedByRecorder)


@dataclass(kw_only=True)
class DoAFavour(Command):
    """What the endorsing command would be if its rule were forgotten."""

    entry: ParticipationRecorded

    def consistency_boundary(self) -> list[Selector]:
        return [Selector([ParticipationEndorsed], [f"participation:{self.entry.participation_id}"])]

    def execute(self) -> None:
        fields: dict[str, Any] = {"endorsed_by_person": self.entry.recorded_by_person}
        self.happened(endorsed(self.entry, **fields))


async def test_a_command_that_forgets_the_rule_is_refused_by_it(log: EventLog) -> None:
    entries = [recorded(participation_id=f"p{number}") for number in range(3)]
    await given(log, *entries)
    favours = [DoAFavour(by=acting(COMMUNITY), at=AFTER, entry=entry) for entry in entries]
    answers = await asyncio.gather(*map(log.decide, favours), return_exceptions=True)
    assert [type(each) for each in answers] == [EndorsedByRecorder] * 3
