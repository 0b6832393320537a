"""季度汇总与座谈会: the agency committee puts its branches' reports together and talks them over.

What it consolidates goes to the organisation department (R23).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

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
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import (
    OrganisationKind,
    OrganisationRegistered,
    Organisations,
    UnknownOrganisation,
)
from service.domain.period import PeriodNotOver, Quarter
from service.domain.quarterly_report import QuarterlyReports, QuarterReported, ReportId
from service.domain.report_figures import ReportFigures, added_up


class QuarterConsolidated(Event, type="QuarterConsolidated"):
    """季度汇总: the reports of a committee's branches put together (R23).

    The figures are those of ``report_ids`` added up, each with as many of its amendments as
    ``amendments`` says in the same order. ``as_of_position`` is up to where the committee's
    branches were looked for. ``authority_id`` is the organisation department it goes to; None
    where there is none. The narrative names nobody: it is not sealed.
    """

    consolidation_id: Annotated[str, Tag("consolidation")]
    committee_id: OrganisationId
    authority_id: OrganisationId | None
    quarter: str
    report_ids: tuple[ReportId, ...]
    amendments: tuple[int, ...]
    as_of_position: int
    figures: ReportFigures
    narrative: str | None = None
    consolidated_by: str
    consolidated_by_person: str


class SymposiumHeld(Event, type="SymposiumHeld"):
    """季度座谈会: the committee talked the quarter over with those concerned (R23).

    ``present`` are the organisations that took part, ``attendees`` says how many people did. The
    conclusions name nobody: they are not sealed.
    """

    symposium_id: Annotated[str, Tag("symposium")]
    committee_id: OrganisationId
    quarter: str
    held_on: date
    attendees: int
    # No subjects: whoever looks for a committee's own symposiums must not find those it attended.
    present: tuple[str, ...]
    conclusions: str
    held_by: str
    held_by_person: str


class BranchReportMissing(Rejection):
    """尚有党支部没有上报这一季度的季报，不能汇总。"""

    rule = "R23"


class QuarterAlreadyConsolidated(Rejection):
    """这一季度已经汇总。"""

    rule = "R23"


class QuarterNotConsolidated(Rejection):
    """这一季度尚未汇总，不能召开座谈会。"""

    rule = "R23"


class SymposiumAlreadyHeld(Rejection):
    """这一季度的座谈会已经登记。"""

    rule = "R23"


class SymposiumAhead(Rejection):
    """座谈会的日期不得晚于办理之日。"""

    rule = "R23"


@dataclass(kw_only=True)
class ConsolidateQuarter(Command):
    """季度汇总: by an officer of the committee, once all its branches have reported (R23).

    ``branch_ids`` are the branches right under it that were there by the end of the quarter, as the
    log had them up to ``as_of_position``. No other can be among them later: what stands above an
    organisation never changes, and one that is registered afterwards owes nothing for the quarter.
    """

    consolidation_id: str
    quarter: Quarter
    branch_ids: Sequence[str]
    as_of_position: int
    narrative: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    reports: QuarterlyReports = field(init=False, default_factory=QuarterlyReports)
    names: dict[str, str] = field(init=False, default_factory=dict)
    consolidated: set[str] = field(init=False, default_factory=set)
    """Quarters."""

    def consistency_boundary(self) -> list[Selector]:
        committee_id = self.by.organisation_id
        of_committee = [f"organisation:{committee_id}"]
        return [
            *self.officers.acting(self.by),
            *map(Organisations.about, (committee_id, *self.branch_ids)),
            Selector([QuarterReported, QuarterConsolidated], of_committee),
            *map(QuarterlyReports.about, self._of_quarter()),
        ]

    @on(OrganisationRegistered)
    def _(self, organisation_id: str, name: str) -> None:
        self.names[organisation_id] = name

    @on(QuarterConsolidated)
    def _(self, quarter: str) -> None:
        self.consolidated.add(quarter)

    def _of_quarter(self) -> list[str]:
        """The reports of the quarter, in an order that does not depend on when they came in."""
        found = self.reports.reports
        return sorted(each for each, report in found.items() if report.quarter == self.quarter)

    def execute(self) -> None:
        committee_id = self.by.organisation_id
        self.organisations.require(committee_id, OrganisationKind.AGENCY_COMMITTEE)
        appointment = self.officers.appointment(self.by)
        self.quarter.require_over(self.at, "/quarter")
        if str(self.quarter) in self.consolidated:
            raise QuarterAlreadyConsolidated(f"{self.quarter.word}已经汇总。", "/quarter")
        reports = {each: self.reports.reports[each] for each in self._of_quarter()}
        self._require_all({report.branch_id for report in reports.values()})
        require_open_text(self.narrative, "/narrative")
        self.happened(
            QuarterConsolidated(
                consolidation_id=self.consolidation_id,
                committee_id=committee_id,
                authority_id=next(iter(self.organisations.ancestors[committee_id]), None),
                quarter=str(self.quarter),
                report_ids=tuple(reports),
                amendments=tuple(report.amendments for report in reports.values()),
                as_of_position=self.as_of_position,
                figures=added_up(report.figures for report in reports.values()),
                narrative=self.narrative,
                consolidated_by=self.by.person,
                consolidated_by_person=appointment.person,
            )
        )

    def _require_all(self, reported: set[str]) -> None:
        missing = [each for each in self.branch_ids if each not in reported]
        if missing or not reported:
            words = "、".join(self.names.get(each, each) for each in missing)
            found = f"{words}尚未上报{self.quarter.word}的季报。"
            raise BranchReportMissing(
                found if missing else f"没有{self.quarter.word}的季报。", "/quarter"
            )


@dataclass(kw_only=True)
class RecordSymposium(Command):
    """登记座谈会: by an officer of the committee, once the quarter is consolidated (R23)."""

    symposium_id: str
    quarter: Quarter
    held_on: date
    attendees: int
    present: Sequence[str]
    conclusions: str
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    consolidated: set[str] = field(init=False, default_factory=set)
    held: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        committee_id = self.by.organisation_id
        return [
            *self.officers.acting(self.by),
            *map(Organisations.about, dict.fromkeys((committee_id, *self.present))),
            Selector([QuarterConsolidated, SymposiumHeld], [f"organisation:{committee_id}"]),
        ]

    @on(QuarterConsolidated)
    def _(self, quarter: str) -> None:
        self.consolidated.add(quarter)

    @on(SymposiumHeld)
    def _(self, quarter: str) -> None:
        self.held.add(quarter)

    def execute(self) -> None:
        committee_id, quarter = self.by.organisation_id, self.quarter
        self.organisations.require(committee_id, OrganisationKind.AGENCY_COMMITTEE)
        appointment = self.officers.appointment(self.by)
        if str(quarter) not in self.consolidated:
            raise QuarterNotConsolidated(f"{quarter.word}尚未汇总。", "/quarter")
        if str(quarter) in self.held:
            raise SymposiumAlreadyHeld(f"{quarter.word}的座谈会已经登记。", "/quarter")
        if self.held_on <= quarter.last_day:
            raise PeriodNotOver(f"{quarter.word}在这一天尚未结束。", "/held_on")
        if self.held_on > self.at.astimezone(SHANGHAI).date():
            raise SymposiumAhead(pointer="/held_on")
        for row, each in enumerate(self.present):
            if each not in self.organisations.kinds:
                raise UnknownOrganisation(pointer=f"/present/{row}")
        require_open_text(self.conclusions, "/conclusions")
        self.happened(
            SymposiumHeld(
                symposium_id=self.symposium_id,
                committee_id=committee_id,
                quarter=str(quarter),
                held_on=self.held_on,
                attendees=self.attendees,
                present=tuple(dict.fromkeys(self.present)),
                conclusions=self.conclusions,
                held_by=self.by.person,
                held_by_person=appointment.person,
            )
        )
