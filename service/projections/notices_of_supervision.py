"""Notices of what is owed, found and said: reminders, amendments, discrepancies and feedback."""

from collections.abc import Iterator

from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.inspection import DiscrepancyFound, DiscrepancyResolved
from service.domain.organisation import OrganisationKind
from service.domain.period import Quarter
from service.domain.quarterly_report import QuarterlyReportAmended
from service.domain.reminder import OWED_BY, REMINDERS, SupervisionReminded, title_of
from service.eventstore.mapping import Recorded
from service.projections.audit_words import day
from service.projections.notices_telling import Names, NoticeKind, Tellings, Told

TELLINGS = Tellings()

_YOU = {
    OrganisationKind.BRANCH: "你支部",
    OrganisationKind.AGENCY_COMMITTEE: "你委",
    OrganisationKind.COMMUNITY: "你社区",
}
"""How each that owes something is addressed."""


@TELLINGS.on(SupervisionReminded)
def _(event: SupervisionReminded, names: Names, _at: Recorded) -> Iterator[Told]:
    what = title_of(event.task, event.task.period.parse(event.period))
    until = f"{what}最迟应于{day(event.due_on)}办理完毕"
    last = event.number == REMINDERS
    ending = (
        "经督办仍未办理，请立即办理；仍不办理的，由上级党组织过问。"
        if last
        else "现已逾期，请抓紧办理。"
    )
    yield Told(
        kind=NoticeKind.REMINDER,
        organisation_id=event.organisation_id,
        text=f"{_YOU[OWED_BY[event.task]]}{until}，{ending}",
        rule="R24",
    )
    if last and event.above_id is not None:
        yield Told(
            kind=NoticeKind.REMINDER,
            organisation_id=event.above_id,
            text=f"{names[event.organisation_id]}{until}，经{REMINDERS}次督办仍未办理，请予督促。",
            rule="R24",
        )


@TELLINGS.on(QuarterlyReportAmended)
def _(event: QuarterlyReportAmended, names: Names, _at: Recorded) -> Iterator[Told]:
    quarter = Quarter.parse(event.quarter).word
    told = (
        f"{quarter}季报上报后，参加记录有变动，已形成第{event.number}号更正，"
        f"涉及{len(event.differences)}项数字；原报告保持不变。"
    )
    for organisation_id, whose in (
        (event.branch_id, "你支部"),
        (event.committee_id, names[event.branch_id]),
    ):
        yield Told(
            kind=NoticeKind.AMENDMENT,
            organisation_id=organisation_id,
            text=f"{whose}{told}",
            rule="R23",
        )


@TELLINGS.on(DiscrepancyFound)
def _(event: DiscrepancyFound, _names: Names, _at: Recorded) -> Iterator[Told]:
    yield Told(
        kind=NoticeKind.DISCREPANCY,
        member_id=event.member_id,
        text=f"你所在支部月查发现你的参加记录存在差异（{event.kind.word}），请配合核实。",
        rule="R22",
    )


@TELLINGS.on(DiscrepancyResolved)
def _(event: DiscrepancyResolved, _names: Names, _at: Recorded) -> Iterator[Told]:
    yield Told(
        kind=NoticeKind.DISCREPANCY,
        member_id=event.member_id,
        text=f"月查发现的你的参加记录的差异已处理，结果：{event.resolution.word}。",
        rule="R22",
    )


@TELLINGS.on(QuarterlyFeedbackGiven)
def _(event: QuarterlyFeedbackGiven, names: Names, _at: Recorded) -> Iterator[Told]:
    quarter = Quarter.parse(event.quarter).word
    said = f"{quarter}的表现，评价为{event.performance.word}。"
    community = names[event.community_id]
    kind, about, rule = NoticeKind.FEEDBACK, event.member_id, "R25"
    yield Told(kind=kind, member_id=about, text=f"{community}向你所在支部反馈了你{said}", rule=rule)
    yield Told(
        kind=kind,
        organisation_id=event.branch_id,
        member_id=about,
        text=f"{community}反馈了你支部一名党员{said}",
        rule=rule,
    )
