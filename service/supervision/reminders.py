"""Reminders: from the list of what is overdue, each one once (R24).

The first is made on the day after the last day on time, the second seven days after the first;
then it is listed for whoever is above. A service that was down makes up for it, but what was due
long ago is listed only: nobody is to get a flood of reminders on the day a service starts.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from service.domain.event import SHANGHAI, Actor, Rejection
from service.domain.reminder import RemindOfSupervision, reminder_id_of
from service.eventstore import EventLog, Idempotency
from service.projections import supervision_board
from service.projections.supervision_board_owed import to_be_reminded

WORKER = "supervision-worker"
"""Who acts, and whose idempotency keys they are, when the service supervises by itself."""

VIEWS = (supervision_board.VIEW,)
"""The view that the work list comes from."""

_BY = Actor("eighthours", WORKER, "system")
_LOOK_BACK = timedelta(days=92)
"""Nobody is reminded of what was due longer ago (ours)."""


async def remind(log: EventLog, now: datetime) -> int:
    """Makes the reminders that are due; how many they were."""
    today = now.astimezone(SHANGHAI).date()
    made = 0
    for duty in await to_be_reminded(log.pool, today - _LOOK_BACK, today):
        owner, task, period, number, _ = duty
        command = RemindOfSupervision(by=_BY, at=now, **duty._asdict())
        request = once(reminder_id_of(owner, task, period, number))
        # The list may be a moment behind the log, which has the last word.
        with suppress(Rejection):
            made += not (await log.decide(command, request)).replayed
    return made


def once(key: str) -> Idempotency:
    """The same work of the worker, whichever process does it: under one key it is done once."""
    return Idempotency(WORKER, key, sha256(key.encode()).digest(), lambda _: {})
