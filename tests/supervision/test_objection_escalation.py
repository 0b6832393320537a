"""An objection nobody answered in time goes up by itself, once (R39)."""

import asyncio

from service.domain.objection import ObjectionEscalated
from service.eventstore import EventLog, decode
from service.projections.objections_answer import overdue
from service.supervision.objection_escalation import VIEWS, escalate
from tests.domain.duties import objected, objection_answered, objection_withdrawn
from tests.domain.town import AUTHORITY, COMMUNITY, SETTLED, SUBDISTRICT
from tests.eventstore.history import given
from tests.projections.service_year import at, kept_up

DUE, LATE = at("2026-04-03T23:59"), at("2026-04-04T00:00")
OBJECTION = objected("p")


async def gone_up(log: EventLog) -> list[ObjectionEscalated]:
    """What has gone up in the end."""
    await kept_up(log, VIEWS)
    await escalate(log, LATE)
    stored = await log.stored(after=0, limit=1000)
    events = [decode(position, data).event for position, data in stored]
    return [event for event in events if isinstance(event, ObjectionEscalated)]


async def test_on_the_day_after_and_once(log: EventLog) -> None:
    await given(log, *SETTLED, OBJECTION)
    await kept_up(log, VIEWS)
    assert await escalate(log, DUE) == 0
    assert await escalate(log, LATE) == 1
    assert await escalate(log, LATE) == 0, "the list may be behind"
    [event] = await gone_up(log)
    assert (event.organisation_id, event.above_id) == (COMMUNITY, SUBDISTRICT)
    assert await escalate(log, at("2027-04-04T00:00")) == 0


async def test_two_processes_make_one(log: EventLog, other_log: EventLog) -> None:
    await given(log, *SETTLED, OBJECTION)
    await kept_up(log, VIEWS)
    assert sorted(await asyncio.gather(*(escalate(each, LATE) for each in (log, other_log)))) == [
        0, 1,
    ]  # fmt: skip
    assert len(await gone_up(log)) == 1


async def test_what_is_settled_or_has_nobody_above_does_not_go_up(log: EventLog) -> None:
    withdrawn, above_all = objected("q"), objected("r", organisation_id=AUTHORITY)
    answered = objection_answered(OBJECTION)
    settled = (OBJECTION, answered, withdrawn, objection_withdrawn(withdrawn))
    await given(log, *SETTLED, *settled, above_all)
    await kept_up(log, VIEWS)
    assert await overdue(log.pool, LATE.date()) == []
    assert await gone_up(log) == []


async def test_the_log_has_the_last_word_where_the_list_is_behind(log: EventLog) -> None:
    await given(log, *SETTLED, OBJECTION)
    await kept_up(log, VIEWS)
    await given(log, objection_answered(OBJECTION))
    assert await escalate(log, LATE) == 0
