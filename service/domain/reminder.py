"""督办: whoever owes a check, a report or feedback is reminded of it, once and once more (R24).

Who owes what stands here, so that the board that shows it and the worker that reminds of it cannot
differ.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from service.domain.consolidation import QuarterConsolidated, SymposiumHeld
from service.domain.event import (
    SHANGHAI,
    Command,
    Event,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.half_year_summary import HalfYearSummarised
from service.domain.inspection import InspectionConfirmed
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.period import Period, Task
from service.domain.quarterly_report import QuarterReported

OWED_BY = {
    Task.INSPECTION: OrganisationKind.BRANCH,
    Task.REPORT: OrganisationKind.BRANCH,
    Task.CONSOLIDATION: OrganisationKind.AGENCY_COMMITTEE,
    Task.SYMPOSIUM: OrganisationKind.AGENCY_COMMITTEE,
    Task.SUMMARY: OrganisationKind.BRANCH,
    Task.FEEDBACK: OrganisationKind.COMMUNITY,
}
"""Which kind of organisation owes a task. A committee or an authority may summarise a half-year as
well; nobody waits for it."""

REMINDERS = 2
"""How often an organisation is reminded of one thing; then it is for whoever is over it (ours)."""
AGAIN_AFTER = timedelta(days=7)
"""From one reminder to the next (ours)."""

_DONE_BY: dict[Task, tuple[type[Event], str]] = {
    Task.INSPECTION: (InspectionConfirmed, "branch"),
    Task.REPORT: (QuarterReported, "branch"),
    Task.CONSOLIDATION: (QuarterConsolidated, "organisation"),
    Task.SYMPOSIUM: (SymposiumHeld, "organisation"),
    Task.SUMMARY: (HalfYearSummarised, "organisation"),
    Task.FEEDBACK: (QuarterlyFeedbackGiven, "community"),
}
"""The event that a task is done with, and as what it names whoever owes it."""


class SupervisionReminded(Event, type="SupervisionReminded"):
    """督办: an organisation is reminded of what it owes for a period and has not done (R24).

    ``above_id`` is the next organisation above it, which hears of the last reminder; None where
    there is none. ``number`` counts the reminders of the same thing from 1, ``due_on`` was the
    last day on which it was on time.
    """

    reminder_id: Annotated[str, Tag("reminder")]
    organisation_id: OrganisationId
    above_id: str | None
    task: Task
    period: str
    number: int
    due_on: date
    reminded_on: date


class AlreadyReminded(Rejection):
    """这一事项已经督办，不再重复。"""

    rule = "R24"


class TaskDone(Rejection):
    """这一事项已经办理，无须督办。"""

    rule = "R24"


class NotOverdue(Rejection):
    """这一事项尚未逾期。"""

    rule = "R24"


class RemindedTooSoon(Rejection):
    """距上一次督办不满7天。"""

    rule = "R24"


def title_of(task: Task, period: Period) -> str:
    """What is owed, as a person reads it: 2026年3月月查, 2026年第一季度汇总, 2026年上半年总结."""
    return period.word + task.word.removeprefix("季度").removeprefix("半年")


def reminder_id_of(organisation_id: str, task: Task, period: Period, number: int) -> str:
    """The id of a reminder: the same whoever makes it, so that two of them meet."""
    name = f"urn:eighthours:reminder:{organisation_id}/{task}/{period}/{number}"
    return str(uuid5(NAMESPACE_URL, name))


@dataclass(kw_only=True)
class RemindOfSupervision(Command):
    """督办: what the service does by itself, from its list of what is overdue.

    ``number`` is the reminder's, from 1. Since when an organisation owes anything, and about whom a
    community owes feedback, the list knows; of feedback it names one member, ``member_id``, about
    whom it is missing.
    """

    organisation_id: str
    task: Task
    period: Period
    number: int
    member_id: str | None = None
    organisations: Organisations = field(init=False, default_factory=Organisations)
    reminded: dict[int, date] = field(init=False, default_factory=dict)
    done: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        reminders = [self._reminder_id(number) for number in range(1, self.number + 1)]
        done_by, kind = _DONE_BY[self.task]
        tags = [f"{kind}:{self.organisation_id}"]
        if self.member_id is not None:
            tags.insert(0, f"member:{self.member_id}")
        return [
            *(Selector([SupervisionReminded], [f"reminder:{each}"]) for each in reminders),
            Selector([done_by], tags),
            Organisations.about(self.organisation_id),
        ]

    @on(SupervisionReminded)
    def _(self, number: int, reminded_on: date) -> None:
        self.reminded[number] = reminded_on

    @on(InspectionConfirmed)
    def _(self, month: str) -> None:
        self.done.add(month)

    @on(QuarterReported)
    def _(self, quarter: str) -> None:
        self.done.add(quarter)

    @on(QuarterConsolidated)
    def _(self, quarter: str) -> None:
        self.done.add(quarter)

    @on(SymposiumHeld)
    def _(self, quarter: str) -> None:
        self.done.add(quarter)

    @on(HalfYearSummarised)
    def _(self, half: str) -> None:
        self.done.add(half)

    @on(QuarterlyFeedbackGiven)
    def _(self, quarter: str) -> None:
        self.done.add(quarter)

    def execute(self) -> None:
        self.organisations.require(self.organisation_id, OWED_BY[self.task])
        due_on, today = self.task.due_on(self.period), self.at.astimezone(SHANGHAI).date()
        if self.number in self.reminded or not 1 <= self.number <= REMINDERS:
            raise AlreadyReminded
        if str(self.period) in self.done:
            raise TaskDone
        if today <= due_on:
            raise NotOverdue
        before = self.reminded.get(self.number - 1)
        if self.number > 1 and (before is None or today < before + AGAIN_AFTER):
            raise RemindedTooSoon
        _, *above = self.organisations.line_of(self.organisation_id)
        self.happened(
            SupervisionReminded(
                reminder_id=self._reminder_id(self.number),
                organisation_id=self.organisation_id,
                above_id=next(iter(above), None),
                task=self.task,
                period=str(self.period),
                number=self.number,
                due_on=due_on,
                reminded_on=today,
            )
        )

    def _reminder_id(self, number: int) -> str:
        return reminder_id_of(self.organisation_id, self.task, self.period, number)
