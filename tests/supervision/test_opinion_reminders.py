"""Overdue opinions are reminded of twice and then escalated, each once (R26)."""

import asyncio
from datetime import datetime

import pytest

from service.domain.consultation import ConsultationEscalated, OpinionReminded
from service.domain.event import Command, Event
from service.domain.organisation import OrganisationKind, OrganisationRegistered
from service.eventstore import EventLog, decode
from service.supervision.opinion_reminders import VIEWS, remind_of_opinions
from tests.domain.consultations import (
    DUE_ON,
    HERE,
    ask,
    countersign,
    give,
    order,
    take_back,
    withdraw,
)
from tests.domain.town import COMMUNITY, SUBDISTRICT, organisation
from tests.eventstore.history import given
from tests.projections.service_year import at, kept_up

MADE = (OpinionReminded, ConsultationEscalated)


async def made(log: EventLog) -> list[Event]:
    stored = await log.stored(after=0, limit=10_000)
    events = [decode(position, data).event for position, data in stored]
    return [event for event in events if isinstance(event, MADE)]


async def listed(log: EventLog, now: datetime) -> int:
    await kept_up(log, VIEWS)
    return await remind_of_opinions(log, now)


def morning(day: int) -> datetime:
    """Of a day in March 2026; the opinion is due on the 11th."""
    return at(f"2026-03-{day:02}T08:00")


async def test_r26_each_on_its_day_and_never_again(log: EventLog) -> None:
    await given(log, *HERE)
    await log.decide(ask())
    assert DUE_ON.day == 11
    days = {day: await listed(log, morning(day)) for day in range(10, 32)}
    assert {day: number for day, number in days.items() if number} == {12: 1, 19: 1, 26: 1}
    first, second, escalated = await made(log)
    assert isinstance(first, OpinionReminded)
    assert isinstance(second, OpinionReminded)
    assert [first.number, second.number] == [1, 2]
    assert isinstance(escalated, ConsultationEscalated)
    assert (escalated.community_id, escalated.subdistrict_id) == (COMMUNITY, SUBDISTRICT)


async def test_a_service_that_was_down_makes_up_for_it_a_week_apart(log: EventLog) -> None:
    await given(log, *HERE)
    await log.decide(ask())
    months = [at(f"2026-{month}-01T08:00") for month in ("07", "08", "09", "10")]
    assert [await listed(log, moment) for moment in months] == [1, 1, 1, 0]


@pytest.mark.parametrize("over", [(give(), countersign()), (take_back(),)])
async def test_nobody_is_reminded_of_what_is_over(log: EventLog, over: tuple[Command, ...]) -> None:
    await given(log, *HERE)
    for command in (ask(), *over):
        await log.decide(command)
    assert await listed(log, morning(31)) == 0


async def test_what_was_taken_back_is_owed_again(log: EventLog) -> None:
    await given(log, *HERE)
    commands: tuple[Command, ...] = (ask(), give(), countersign(), withdraw())
    for command in commands:
        await log.decide(command)
    assert await listed(log, morning(12)) == 1


async def test_one_that_was_ordered_counts(log: EventLog) -> None:
    await given(log, *HERE)
    await log.decide(ask())
    for day in ("2026-03-12", "2026-03-13", "2026-03-14"):
        await log.decide(order(day))
    # A week after the second, however often somebody ordered more.
    assert [await listed(log, morning(day)) for day in (19, 20, 21)] == [0, 1, 0]
    assert isinstance((await made(log))[-1], ConsultationEscalated)


async def test_the_log_has_the_last_word_where_the_list_is_behind(log: EventLog) -> None:
    await given(log, *HERE)
    await log.decide(ask())
    await kept_up(log, VIEWS)
    # The view does not follow: it does not know of these.
    await log.decide(give())
    await log.decide(countersign())
    assert await remind_of_opinions(log, morning(12)) == 0
    assert await made(log) == []


async def test_two_lists_at_once_remind_once(log: EventLog, other_log: EventLog) -> None:
    await given(log, *HERE)
    await log.decide(ask())
    await kept_up(log, VIEWS)
    for day, expected in ((12, 1), (19, 2), (26, 3)):
        both = await asyncio.gather(
            remind_of_opinions(log, morning(day)), remind_of_opinions(other_log, morning(day))
        )
        await kept_up(log, VIEWS)
        assert sum(both) == 1
        assert len(await made(log)) == expected


async def test_where_nobody_is_above_it_is_not_escalated(log: EventLog) -> None:
    alone = organisation(COMMUNITY, OrganisationKind.COMMUNITY)
    here = [
        alone
        if isinstance(each, OrganisationRegistered) and each.organisation_id == COMMUNITY
        else each
        for each in HERE
    ]
    await given(log, *here)
    await log.decide(ask())
    assert [await listed(log, morning(day)) for day in (12, 19, 26)] == [1, 1, 0]
    assert len(await made(log)) == 2
