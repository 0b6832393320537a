"""Figures as of a position of the log: frozen once, and computed again for whoever doubts them.

Both are done by the same function from the same position and by the same calendar of the year, so
that they cannot differ unless somebody changed the record (R21, R23).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from service.api.history import history
from service.api.reads import reached
from service.api.serving import Serving
from service.domain.branch_supervision import BranchSupervision
from service.domain.period import Month, Period
from service.domain.report_figures import (
    Difference,
    ReportFigures,
    SupervisionFigures,
    differences,
)
from service.domain.working_time import Calendars
from service.eventstore import EventLog
from service.projections import organisation_statistics, reports
from service.projections.reports_owed import branches, tree_of
from service.projections.statistics_years import period_figures
from service.projections.view import Sight


async def settled(serving: Serving) -> int:
    """The head of the log, once the views that figures come from have reached it; ViewBehind."""
    head = await serving.log.head()
    await available(serving, head)
    return head


async def available(serving: Serving, position: int) -> None:
    """Waits until figures as of a position can be computed; ViewBehind."""
    for view in (organisation_statistics.VIEW, reports.VIEW):
        await reached(serving, view, position)


def citation(calendars: Calendars, period: Period) -> str | None:
    """The calendar of the period's year, as it is cited; None while it is not published."""
    calendar = calendars.of(period.year)
    return None if calendar is None else calendar.citation


def as_cited(calendars: Calendars, period: Period, cited: str | None) -> Calendars:
    """The calendar of the period's year if it was cited, in just that version; else none."""
    calendar = calendars.of(period.year)
    return Calendars(each for each in [calendar] if each is not None and each.citation == cited)


async def figures_at(
    serving: Serving,
    organisation_id: str,
    period: Period,
    position: int,
    calendars: Calendars | None = None,
) -> ReportFigures:
    """What a unit and everything under it came to in a period, as the log had it up to a position.

    The views must have reached it (`settled`, `available`). ``calendars`` are today's unless others
    are given.
    """
    # As the organisation itself sees it: the figures do not depend on who asks.
    sight = Sight(serving.log.fenced, organisation_id)
    tree = await tree_of(sight, organisation_id, position)
    standing, service, _ = await period_figures(
        sight,
        organisation_id,
        period.months,
        period.last_day,
        position,
        calendars or serving.calendars,
    )
    supervision = await _supervision(serving.log, branches(tree), period.months, position)
    return ReportFigures(standing=standing, service=service, supervision=supervision)


async def _supervision(
    log: EventLog, branch_ids: Iterable[str], months: Collection[Month], position: int
) -> SupervisionFigures:
    """What these branches' supervision came to in these months, up to a position."""
    facts: defaultdict[str, BranchSupervision] = defaultdict(BranchSupervision)
    selectors = [BranchSupervision.about(each) for each in branch_ids]
    for recorded in await history(log, *selectors) if selectors else ():
        if recorded.position <= position:
            recorded.event.mutate(facts[vars(recorded.event)["branch_id"]])
    found = [fact.figures(months) for fact in facts.values()]
    return SupervisionFigures(
        **{
            name: sum(getattr(each, name) for each in found)
            for name in SupervisionFigures.model_fields
        }
    )


def all_differences(before: ReportFigures, after: ReportFigures) -> Iterator[Difference]:
    """Every figure in which the two differ."""
    for each in differences(before.service, after.service):
        yield each.model_copy(update={"figure": f"/service{each.figure}"})
    for part in ("standing", "supervision"):
        later = getattr(after, part)
        for name, value in getattr(before, part):
            if value != getattr(later, name):
                yield Difference(figure=f"/{part}/{name}", before=value, after=getattr(later, name))
