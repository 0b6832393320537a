"""The supervision of one committee: when its branches check, report, consolidate and sum up.

What they confirm and report is what the record shows on that day, so nearly all of it are scenes.
A few things are late or never done, which the data file names: the supervision board has something
to show.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from service.demonstration import checking, data, feedback, recognition, reporting
from service.demonstration.city import Branch, City
from service.demonstration.step import (
    YEAR,
    Script,
    Step,
    chance,
    ident,
    next_worked,
    officer,
    on,
)
from service.domain.community_visit import RecordVisit
from service.domain.consolidation import RecordSymposium
from service.domain.event import SHANGHAI
from service.domain.period import Half, Month, Period, Quarter, Task
from service.projections.view import View

COMMITTEE_NAME = "中共鹤亭区委机关委员会"
"""The committee whose supervision is told: one of `district.json`."""
COMMITTEE = ident("organisation", "committee", COMMITTEE_NAME)

_USUALLY = {
    Task.INSPECTION: (timedelta(days=8), 16),
    Task.REPORT: (timedelta(days=13), 10),
    Task.CONSOLIDATION: (timedelta(days=22), 10),
    Task.SYMPOSIUM: (timedelta(days=27), 15),
    Task.SUMMARY: (timedelta(days=24), 10),
}
"""How long after the period's last day, and at what time, each task is done."""

_FEEDBACK_LATE, _FEEDBACK_MISSING = 0.05, 0.03
"""How many communities give their feedback late, and not at all."""


class Supervision:
    """Tells the committee's year."""

    def __init__(self, script: Script, city: City) -> None:
        self.script = script
        self.city = city
        self.data = data.supervision()
        self.branches = [each for each in city.branches if each.committee_id == COMMITTEE]

    def tell(self) -> None:
        """Adds everything to the script."""
        recognition.tell(self.script, self.city.home_authority, COMMITTEE)
        for month in Month.of_year(YEAR):
            self._each_branch(
                Task.INSPECTION,
                month,
                partial(checking.inspect, month),
                *checking.INSPECTED_FROM,
            )
            settled_at = next_worked(_after(month.last_day, timedelta(days=24), 10))
            ids = [each.organisation_id for each in self.branches]
            self.script.scene(
                settled_at, partial(checking.settle, month, ids), *checking.SETTLED_FROM
            )
        for place, branch in enumerate(self.branches):
            for number in (2, 5, 8, 11):
                self._visit(place, branch, number)
        for quarter in Quarter.of_year(YEAR):
            self._give_feedback(quarter)
            self._each_branch(
                Task.REPORT, quarter, partial(reporting.report, quarter), *reporting.REPORTED_FROM
            )
            for at in self._of_committee(Task.CONSOLIDATION, quarter):
                self.script.scene(
                    at,
                    partial(reporting.consolidate, quarter, COMMITTEE),
                    *reporting.REPORTED_FROM,
                )
            for at in self._of_committee(Task.SYMPOSIUM, quarter):
                self._hold_symposium(quarter, at)
        for half in Half.of_year(YEAR):
            self._each_branch(
                Task.SUMMARY, half, partial(reporting.summarise, half), *reporting.REPORTED_FROM
            )

    def _each_branch(
        self, task: Task, period: Period, acting: Callable[..., Awaitable[list[Step]]], *views: View
    ) -> None:
        """One scene for all branches that do it on the same day."""
        days: dict[datetime, list[str]] = {}
        for number, branch in enumerate(self.branches, start=1):
            at = self._when(task, period, number)
            if at is not None:
                days.setdefault(at, []).append(branch.organisation_id)
        for at, branch_ids in days.items():
            self.script.scene(at, partial(acting, branch_ids), *views)

    def _of_committee(self, task: Task, period: Period) -> Iterator[datetime]:
        """When the committee itself does it, unless it never does."""
        at = self._when(task, period, None)
        if at is not None:
            yield at

    def _when(self, task: Task, period: Period, branch: int | None) -> datetime | None:
        after, hour = _USUALLY[task]
        for each in self.data.exceptions:
            if (each.branch, each.task, each.period) == (branch, task, str(period)):
                return None if each.done_on is None else _at(each.done_on, hour)
        return next_worked(_after(period.last_day, after, hour))

    def _visit(self, place: int, branch: Branch, month: int) -> None:
        at = next_worked(on(month, 18 + place % 8, 15, 20))
        luck = chance(self.city.seed, "community-visit", branch.organisation_id, month)
        self.script.add(
            f"community-visit/{branch.organisation_id}/{month}",
            RecordVisit(
                by=officer(branch.organisation_id),
                at=at,
                visit_id=ident("community-visit", branch.organisation_id, month),
                community_id=self.city.communities[branch.paired_with].organisation_id,
                visited_on=at.date(),
                note=luck.choice(self.data.visit_notes),
            ),
        )

    def _give_feedback(self, quarter: Quarter) -> None:
        """Of every community of the city: most in time, some late, a few not at all."""
        in_time, late = [], []
        for community in self.city.communities:
            draw = chance(self.city.seed, "feedback", quarter, community.organisation_id).random()
            if draw > _FEEDBACK_LATE + _FEEDBACK_MISSING:
                in_time.append(community.organisation_id)
            elif draw > _FEEDBACK_MISSING:
                late.append(community.organisation_id)
        for after, communities in ((8, in_time), (19, late)):
            at = next_worked(_after(quarter.last_day, timedelta(days=after), 9))
            self.script.scene(
                at, partial(feedback.give, quarter, communities), *feedback.GIVEN_FROM
            )

    def _hold_symposium(self, quarter: Quarter, at: datetime) -> None:
        communities = [self.city.communities[each.paired_with] for each in self.branches]
        present = [
            *(each.organisation_id for each in self.branches),
            *dict.fromkeys(each.organisation_id for each in communities),
        ]
        self.script.add(
            f"symposium/{quarter}",
            RecordSymposium(
                by=officer(COMMITTEE),
                at=at + timedelta(hours=2),
                symposium_id=ident("symposium", quarter),
                quarter=quarter,
                held_on=at.date(),
                attendees=self.data.symposium.attendees,
                present=present,
                conclusions=self.data.symposium.conclusions,
            ),
        )


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)


def _after(day: date, days: timedelta, hour: int) -> datetime:
    return _at(day + days, hour)
