"""Amendments: where the record of a reported quarter has changed, the report says so (R23).

Whether anything is different is decided by the command, which records a difference once, whoever
asks for it and however often: no idempotency key is needed.
"""

from contextlib import suppress
from datetime import datetime

from service.domain.event import Actor
from service.domain.quarterly_report import AmendQuarterlyReport, NothingToAmend
from service.domain.working_time import Calendars
from service.eventstore import EventLog
from service.projections import organisation_statistics, reports
from service.projections.reports_amendable import amendable
from service.projections.statistics_years import period_figures
from service.supervision.reminders import WORKER

VIEWS = (organisation_statistics.VIEW, reports.VIEW)
"""The views that the work list comes from."""

_BY = Actor("eighthours", WORKER, "system")


async def amend(
    log: EventLog, now: datetime, calendars: Calendars, looked: dict[str, int] | None = None
) -> int:
    """Records the amendments that are due, each with its number; how many they were.

    ``looked`` remembers from one time to the next up to which position each report was looked at.
    A process begins without it and looks at every one: a calendar may have been published since
    the report was made, of which no event tells (R21).
    """
    looked = {} if looked is None else looked
    made = 0
    for report_id, branch_id, quarter in await amendable(log.pool, looked):
        _, service, position = await period_figures(
            log.pool, branch_id, quarter.months, quarter.last_day, calendars=calendars
        )
        calendar = calendars.of(quarter.year)
        command = AmendQuarterlyReport(
            by=_BY,
            at=now,
            report_id=report_id,
            service=service,
            as_of_position=position,
            calendar=None if calendar is None else calendar.citation,
        )
        with suppress(NothingToAmend):
            await log.decide(command)
            made += 1
        looked[report_id] = position
    return made
