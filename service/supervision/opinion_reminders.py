"""Opinions that are overdue: reminded of twice, then put to whoever is above as well (R26).

The commands have the last word on when each is due; here is only the list of what is. Nobody is
spared because it was long ago: somebody asked, and waits.
"""

from contextlib import suppress
from datetime import datetime

from service.domain.event import SHANGHAI, Actor, Rejection
from service.domain.reminder import AGAIN_AFTER, REMINDERS
from service.domain.reminding import EscalateConsultation, RemindOfOpinion
from service.eventstore import EventLog
from service.projections import consultations
from service.projections.consultations_answer import overdue
from service.supervision.reminders import WORKER, once

VIEWS = (consultations.VIEW,)
"""The view that the work list comes from."""

_BY = Actor("eighthours", WORKER, "system")


async def remind_of_opinions(log: EventLog, now: datetime) -> int:
    """Makes the reminders and escalations that are due; how many they were."""
    today = now.astimezone(SHANGHAI).date()
    made = 0
    for consultation_id, reminded_on in await overdue(log.pool, today):
        # Whoever asked may have ordered more; it is the last of the regular ones that counts.
        if any(today < each + AGAIN_AFTER for each in reminded_on[:REMINDERS]):
            continue
        number = len(reminded_on) + 1
        command: RemindOfOpinion | EscalateConsultation
        if number > REMINDERS:
            key = f"escalation/{consultation_id}"
            command = EscalateConsultation(by=_BY, at=now, consultation_id=consultation_id)
        else:
            key = f"opinion-reminder/{consultation_id}/{number}"
            command = RemindOfOpinion(
                by=_BY, at=now, consultation_id=consultation_id, number=number
            )
        # The list may be a moment behind the log.
        with suppress(Rejection):
            made += not (await log.decide(command, once(key))).replayed
    return made
