"""The committee that is supervised: its board, and figures that can be computed again."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import pytest

from service.api.freezing import all_differences, figures_at
from service.api.history import history
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.demonstration.city import City
from service.demonstration.story import SEED
from service.demonstration.supervision import COMMITTEE
from service.domain.commendation import CommendationConcluded
from service.domain.consequence import ConsequenceProposed
from service.domain.disqualification import DisqualificationConcluded
from service.domain.event import Event, Selector
from service.domain.half_year_summary import HalfYearSummarised
from service.domain.inspection import DiscrepancyFound, DiscrepancyResolved
from service.domain.period import Half, Period, Quarter, Task
from service.domain.quarterly_report import QuarterReported
from service.domain.role_model import RoleModelPublicised
from service.eventstore import EventLog
from service.projections import organisation_statistics, reports, supervision_board
from service.projections import supervision_board_answer as board
from service.projections.runner import Runner
from tests.database import MASTER_KEY, Database
from tests.demonstration.conftest import MEMBERS, now

VIEWS = (supervision_board.VIEW, organisation_statistics.VIEW, reports.VIEW)
BRANCHES = [b.organisation_id for b in City(MEMBERS, SEED).branches if b.committee_id == COMMITTEE]


@pytest.fixture
async def serving(loaded: Database) -> AsyncIterator[Serving]:
    async with (
        EventLog.open(loaded.app_url, MASTER_KEY) as log,
        Runner.running(log, VIEWS) as runner,
    ):
        assert await runner.caught_up(await log.head())
        yield Serving.of(log, runner, MASTER_KEY, published_calendars(), now)


async def happened(serving: Serving, *types: type[Event], tags: list[str]) -> list[Event]:
    return [each.event for each in await history(serving.log, Selector(list(types), tags))]


async def test_the_board_has_something_due_done_late_and_overdue(serving: Serving) -> None:
    page = await board.fetch(serving.log.pool, COMMITTEE, 2026, date(2026, 11, 24))
    totals = {each.task: each for each in page.totals}
    inspections = totals[Task.INSPECTION]
    assert (inspections.done, inspections.due, inspections.overdue) == (10, 2, 0)
    assert totals[Task.CONSOLIDATION].late == 1
    overdue = {each.title for each in page.items if each.state == "overdue"}
    assert overdue == {"2026年第三季度座谈会"}


async def test_every_frozen_figure_equals_recomputation(serving: Serving) -> None:
    recomputed = Counter[str]()
    for branch_id in BRANCHES:
        for tag in (f"branch:{branch_id}", f"organisation:{branch_id}"):
            for event in await happened(serving, QuarterReported, HalfYearSummarised, tags=[tag]):
                assert isinstance(event, QuarterReported | HalfYearSummarised)
                period: Period = (
                    Quarter.parse(event.quarter)
                    if isinstance(event, QuarterReported)
                    else Half.parse(event.half)
                )
                again = await figures_at(
                    serving, branch_id, period, event.as_of_position, serving.calendars
                )
                assert list(all_differences(event.figures, again)) == []
                recomputed[type(event).__name__] += 1
    assert recomputed == {
        "QuarterReported": 3 * len(BRANCHES),
        "HalfYearSummarised": len(BRANCHES),
    }


async def test_what_was_found_is_followed_up_and_what_was_proposed_concluded(
    serving: Serving,
) -> None:
    [branch_id] = BRANCHES
    found = await happened(serving, DiscrepancyFound, tags=[f"branch:{branch_id}"])
    resolved = await happened(serving, DiscrepancyResolved, tags=[f"branch:{branch_id}"])
    assert found
    assert 0 < len(resolved) <= len(found)
    about = [f"branch:{branch_id}"]
    assert await happened(serving, ConsequenceProposed, tags=about)
    assert await happened(serving, DisqualificationConcluded, CommendationConcluded, tags=about)
    assert len(await happened(serving, RoleModelPublicised, tags=about)) == 1
