"""Quarterly reports, what committees make of them, half-years and reminders (R23, R24)."""

from datetime import timedelta

from service.domain.consolidation import ConsolidateQuarter, RecordSymposium
from service.domain.half_year_summary import SummariseHalf
from service.domain.quarterly_report import AmendQuarterlyReport, ReportQuarter
from service.domain.reminder import RemindOfSupervision
from tests.stateful.model.inspections import not_appointed, supervision_counted
from tests.stateful.model.organisations import UNITS
from tests.stateful.model.periods import is_over, last_day, months
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.supervised import Report
from tests.stateful.model.town import Town
from tests.stateful.papers import OPEN_TEXTS

OWES = {
    "inspection": ("branch", 10),
    "report": ("branch", 15),
    "summary": ("branch", 30),
    "consolidation": ("agency_committee", 25),
    "symposium": ("agency_committee", 30),
    "feedback": ("community", 10),
}
"""Which kind of organisation owes a thing, and how many days after the period it is still on time.
"""
A_WEEK = timedelta(days=7)


def reported(town: Town, organisation: str, quarter: str) -> dict[str, Report]:
    """The reports of a quarter by a branch, or to a committee."""
    return {
        name: each
        for name, each in town.reports.items()
        if organisation in {each.branch, each.committee} and each.quarter == quarter
    }


@predicts(ReportQuarter)
def report_quarter(town: Town, command: ReportQuarter) -> Prediction:
    """By the branch, once each of its months is inspected, with what came of it (R23)."""
    by, quarter = command.by, str(command.quarter)
    branch = by.organisation_id
    counted = supervision_counted(town, branch, quarter)
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(branch) != "branch",
        OfficerNotAppointed=not_appointed(town, by),
        PeriodNotOver=not is_over(quarter, command.at),
        QuarterAlreadyReported=bool(reported(town, branch, quarter)),
        InspectionMissing=any((branch, each) not in town.inspected for each in months(quarter)),
        FiguresOutrun=command.figures.supervision.model_dump() != counted,
        PersonalDataInOpenText=not OPEN_TEXTS[command.narrative],
    ):
        return wrong
    committee = town.lines[branch][1]
    town.reports[command.report_id] = Report(
        branch, committee, quarter, command.figures.service, command.as_of_position
    )
    return happens(
        "QuarterReported",
        branch_id=branch,
        committee_id=committee,
        quarter=quarter,
        figures=command.figures,
    )


@predicts(AmendQuarterlyReport)
def amend_quarterly_report(town: Town, command: AmendQuarterlyReport) -> Prediction:
    """By the service, when the record came to something else later on (R23)."""
    known = town.reports.get(command.report_id)
    if known is None:
        return refused("UnknownReport")
    if command.service == known.service or command.as_of_position <= known.position:
        return refused("NothingToAmend")
    known.service, known.position = command.service, command.as_of_position
    known.amendments += 1
    return happens(
        "QuarterlyReportAmended",
        branch_id=known.branch,
        committee_id=known.committee,
        number=known.amendments,
        service=command.service,
    )


@predicts(ConsolidateQuarter)
def consolidate_quarter(town: Town, command: ConsolidateQuarter) -> Prediction:
    """By the committee, once every branch has reported (R23)."""
    by, quarter = command.by, str(command.quarter)
    committee = by.organisation_id
    reports = reported(town, committee, quarter)
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(committee) != "agency_committee",
        OfficerNotAppointed=not_appointed(town, by),
        PeriodNotOver=not is_over(quarter, command.at),
        QuarterAlreadyConsolidated=(committee, quarter) in town.consolidated,
        BranchReportMissing=not reports
        or not set(command.branch_ids) <= {each.branch for each in reports.values()},
        PersonalDataInOpenText=not OPEN_TEXTS[command.narrative],
    ):
        return wrong
    town.consolidated.add((committee, quarter))
    return happens(
        "QuarterConsolidated",
        committee_id=committee,
        authority_id=[*town.lines[committee][1:], None][0],
        report_ids=tuple(sorted(reports)),
        amendments=tuple(reports[each].amendments for each in sorted(reports)),
    )


@predicts(RecordSymposium)
def record_symposium(town: Town, command: RecordSymposium) -> Prediction:
    """By the committee, once, after the quarter was consolidated (R23)."""
    by, quarter = command.by, str(command.quarter)
    this = by.organisation_id, quarter
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(by.organisation_id) != "agency_committee"
        or not set(command.present) <= town.kinds.keys(),
        OfficerNotAppointed=not_appointed(town, by),
        QuarterNotConsolidated=this not in town.consolidated,
        SymposiumAlreadyHeld=this in town.symposiums,
        PeriodNotOver=command.held_on <= last_day(quarter),
        SymposiumAhead=command.held_on > command.at.date(),
        PersonalDataInOpenText=not OPEN_TEXTS[command.conclusions],
    ):
        return wrong
    town.symposiums.add(this)
    return happens("SymposiumHeld", committee_id=by.organisation_id, present=tuple(command.present))


@predicts(SummariseHalf)
def summarise_half(town: Town, command: SummariseHalf) -> Prediction:
    """By a unit, once what it rests on is reported or consolidated (R24)."""
    by, half = command.by, str(command.half)
    unit = by.organisation_id
    missing = [
        each
        for each in command.owed
        if (each.organisation_id, str(each.quarter)) not in town.consolidated
        and not any(
            report.branch == each.organisation_id
            for report in reported(town, each.organisation_id, str(each.quarter)).values()
        )
    ]
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(unit) not in UNITS,
        OfficerNotAppointed=not_appointed(town, by),
        PeriodNotOver=not is_over(half, command.at),
        HalfAlreadySummarised=(unit, half) in town.summaries,
        ReportMissing=bool(missing) or not command.owed,
        PersonalDataInOpenText=not OPEN_TEXTS[command.narrative],
    ):
        return wrong
    town.summaries.add((unit, half))
    return happens(
        "HalfYearSummarised",
        organisation_id=unit,
        above_id=[*town.lines[unit][1:], None][0],
        half=half,
    )


def _is_done(town: Town, command: RemindOfSupervision) -> bool:
    """Whether the organisation did what it owes; of feedback about this member, if one is named."""
    organisation, period = command.organisation_id, str(command.period)
    this = organisation, period
    done = {
        "inspection": this in town.inspected,
        "report": bool(reported(town, organisation, period)),
        "consolidation": this in town.consolidated,
        "symposium": this in town.symposiums,
        "summary": this in town.summaries,
        "feedback": any(
            (community, quarter) == this and command.member_id in {None, member}
            for community, member, quarter in town.feedback
        ),
    }
    return done[command.task.value]


@predicts(RemindOfSupervision)
def remind_of_supervision(town: Town, command: RemindOfSupervision) -> Prediction:
    """By the service, after the day it was due on and again after a week (R24)."""
    organisation, task, period = command.organisation_id, command.task.value, str(command.period)
    kind, days = OWES[task]
    due_on, today = last_day(period) + timedelta(days=days), command.at.date()
    told, number = town.reminders.get((organisation, task, period), {}), command.number
    before = told.get(number - 1)
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(organisation) != kind,
        AlreadyReminded=number in told or number not in {1, 2},
        TaskDone=_is_done(town, command),
        NotOverdue=today <= due_on,
        RemindedTooSoon=number == 2 and (before is None or today < before + A_WEEK),
    ):
        return wrong
    town.reminders[organisation, task, period] = {**told, number: today}
    return happens(
        "SupervisionReminded",
        organisation_id=organisation,
        above_id=[*town.lines[organisation][1:], None][0],
        number=number,
        due_on=due_on,
        reminded_on=today,
    )
