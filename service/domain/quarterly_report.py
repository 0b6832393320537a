"""季报: each quarter a branch reports to the organisation above it; what is corrected later shows.

What a report said stays. Where the record of its quarter changes afterwards, a numbered amendment
says what is different (R23).
"""

from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

from service.domain.branch_supervision import BranchSupervision
from service.domain.event import (
    BranchId,
    Command,
    Event,
    Fact,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.period import Quarter
from service.domain.report_figures import (
    Difference,
    ReportFigures,
    ServiceFigures,
    differences,
)

ReportId = Annotated[str, Tag("report")]


class QuarterReported(Event, type="QuarterReported"):
    """季报: what a branch's quarter came to, as the log had it up to a position (R23).

    ``quarter`` is written as 2026-Q1. Whoever computes the figures again as of ``as_of_position``,
    with the same ``calendar`` of the year or without one, gets the same. ``committee_id`` is the
    organisation right above the branch. The narrative names nobody: it is not sealed.
    """

    report_id: ReportId
    branch_id: BranchId
    committee_id: OrganisationId
    quarter: str
    as_of_position: int
    calendar: str | None = None
    figures: ReportFigures
    narrative: str | None = None
    reported_by: str
    reported_by_person: str


class QuarterlyReportAmended(Event, type="QuarterlyReportAmended"):
    """季报更正: the record of a reported quarter has changed, and this is what is different (R23).

    ``service`` is the whole as of ``as_of_position``, by the ``calendar`` of the year that is
    published by now; the differences are from the amendment before, those of ``number`` 1 from the
    report itself. The report stays as it was.
    """

    report_id: ReportId
    branch_id: BranchId
    committee_id: OrganisationId
    quarter: str
    number: int
    as_of_position: int
    calendar: str | None = None
    service: ServiceFigures
    differences: tuple[Difference, ...]


class InspectionMissing(Rejection):
    """这一季度有月份尚未完成月查，不能上报季报。"""

    rule = "R23"


class QuarterAlreadyReported(Rejection):
    """本支部这一季度的季报已经上报；此后的更正由系统逐次列明。"""

    rule = "R23"


class FiguresOutrun(Rejection):
    """上报期间本支部的月查或者走访又有新的记录，请重新上报。"""

    rule = "R23"


class UnknownReport(Rejection):
    """没有这份季报。"""

    status = 404


class NothingToAmend(Rejection):
    """所报数字与记录一致，无须更正。"""

    rule = "R23"


@dataclass(frozen=True)
class Report:
    """A report with its latest amendment, if it has one."""

    branch_id: str
    committee_id: str
    quarter: Quarter
    figures: ReportFigures
    as_of_position: int
    amendments: int = 0


@dataclass
class QuarterlyReports(Fact):
    """Which quarters were reported, and what the figures are by now."""

    subject: ClassVar[str] = "report"
    reports: dict[str, Report] = field(default_factory=dict)

    @on(QuarterReported)
    def _(
        self,
        report_id: str,
        branch_id: str,
        committee_id: str,
        quarter: str,
        figures: ReportFigures,
        as_of_position: int,
    ) -> None:
        self.reports[report_id] = Report(
            branch_id, committee_id, Quarter.parse(quarter), figures, as_of_position
        )

    @on(QuarterlyReportAmended)
    def _(self, report_id: str, number: int, service: ServiceFigures, as_of_position: int) -> None:
        known = self.reports[report_id]
        self.reports[report_id] = replace(
            known,
            figures=known.figures.model_copy(update={"service": service}),
            as_of_position=as_of_position,
            amendments=number,
        )


@dataclass(kw_only=True)
class ReportQuarter(Command):
    """上报季报: by an officer of the branch, once every month of the quarter was inspected (R23).

    ``figures`` are what the log had up to ``as_of_position``. Of what the branch's supervision came
    to the decision makes sure itself: nothing of it may have been recorded since.
    """

    report_id: str
    quarter: Quarter
    figures: ReportFigures
    as_of_position: int
    calendar: str | None
    """Of the year, as it is cited; None while it is not published."""
    narrative: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    supervision: BranchSupervision = field(init=False, default_factory=BranchSupervision)
    reports: QuarterlyReports = field(init=False, default_factory=QuarterlyReports)

    def consistency_boundary(self) -> list[Selector]:
        branch_id = self.by.organisation_id
        return [
            *self.officers.acting(self.by),
            Organisations.about(branch_id),
            BranchSupervision.about(branch_id),
            Selector([QuarterReported], [f"branch:{branch_id}"]),
        ]

    def execute(self) -> None:
        branch_id, quarter = self.by.organisation_id, self.quarter
        self.organisations.require(branch_id, OrganisationKind.BRANCH)
        appointment = self.officers.appointment(self.by)
        quarter.require_over(self.at, "/quarter")
        if any(each.quarter == quarter for each in self.reports.reports.values()):
            raise QuarterAlreadyReported(f"{quarter.word}的季报已经上报。", "/quarter")
        if missing := self.supervision.missing(quarter.months):
            words = "、".join(month.word for month in missing)
            raise InspectionMissing(f"{words}的月查尚未完成。", "/quarter")
        if self.figures.supervision != self.supervision.figures(quarter.months):
            raise FiguresOutrun
        require_open_text(self.narrative, "/narrative")
        self.happened(
            QuarterReported(
                report_id=self.report_id,
                branch_id=branch_id,
                committee_id=self.organisations.ancestors[branch_id][0],
                quarter=str(quarter),
                as_of_position=self.as_of_position,
                calendar=self.calendar,
                figures=self.figures,
                narrative=self.narrative,
                reported_by=self.by.person,
                reported_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class AmendQuarterlyReport(Command):
    """更正季报: what the service does by itself when the record of a reported quarter changed.

    ``service`` is what the log had up to ``as_of_position``.
    """

    report_id: str
    service: ServiceFigures
    as_of_position: int
    calendar: str | None
    reports: QuarterlyReports = field(init=False, default_factory=QuarterlyReports)

    def consistency_boundary(self) -> list[Selector]:
        return [QuarterlyReports.about(self.report_id)]

    def execute(self) -> None:
        known = self.reports.reports.get(self.report_id)
        if known is None:
            raise UnknownReport
        found = differences(known.figures.service, self.service)
        # Figures of an earlier position are not what is different now.
        if not found or self.as_of_position <= known.as_of_position:
            raise NothingToAmend
        self.happened(
            QuarterlyReportAmended(
                report_id=self.report_id,
                branch_id=known.branch_id,
                committee_id=known.committee_id,
                quarter=str(known.quarter),
                number=known.amendments + 1,
                as_of_position=self.as_of_position,
                calendar=self.calendar,
                service=self.service,
                differences=found,
            )
        )
