"""异议提级: an objection nobody answered in time goes up on the day after, once (R39)."""

from contextlib import suppress
from datetime import datetime

from service.domain.event import SHANGHAI, Actor, Rejection
from service.domain.objecting import EscalateObjection
from service.eventstore import EventLog
from service.projections import objections
from service.projections.objections_answer import overdue
from service.supervision.reminders import WORKER, once

VIEWS = (objections.VIEW,)
"""The view that the work list comes from."""

_BY = Actor("eighthours", WORKER, "system")


async def escalate(log: EventLog, now: datetime) -> int:
    """Escalates what is overdue; how many they were."""
    made = 0
    for objection_id in await overdue(log.pool, now.astimezone(SHANGHAI).date()):
        command = EscalateObjection(by=_BY, at=now, objection_id=objection_id)
        # The list may be a moment behind the log, which has the last word.
        with suppress(Rejection):
            request = once(f"objection-escalation/{objection_id}")
            made += not (await log.decide(command, request)).replayed
    return made
