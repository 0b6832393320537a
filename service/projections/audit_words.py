"""The audit trail in plain Chinese: one sentence for every type of event.

In a template ``{field}`` stands for a field of the event in words: an id becomes the name it is
known by, a code its Chinese word, a moment its local date and time, and a personal text 【已加密】.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from service.domain import (
    account,
    activity,
    area_code_reassignment,
    attendance,
    branch_transfer,
    certificate,
    claim,
    commendation,
    community_visit,
    consequence,
    consolidation,
    disqualification,
    endorsement,
    erasure,
    exemption,
    feedback,
    half_year_summary,
    inspection,
    membership,
    officer,
    organisation,
    pairing,
    participation,
    quarterly_report,
    reading_seal,
    registration,
    registration_deadline,
    reminder,
    review,
    role_model,
    roster,
    rule_pack_adoption,
    service_post,
    sign_up,
    signing_key,
    working_schedule,
)
from service.domain.decision_purpose import period_word
from service.domain.event import SHANGHAI, Event
from service.domain.gate_condition import Condition
from service.domain.period import Half, Month, Quarter
from service.projections import audit_words_of_decisions

SEALED = "【已加密】"

WORDS: dict[type[Event], str] = {
    **audit_words_of_decisions.WORDS,
    organisation.OrganisationRegistered: "登记{organisation_id}（{kind}），区划代码{area_code}",
    account.AccountOpened: "为{organisation_id}开设账号{account_id}，职责：{duty}",
    account.CredentialsGiven: "为{organisation_id}的账号{account_id}发放登录凭据",
    account.AccountActivated: "启用{organisation_id}的账号{account_id}，职责：{duty}",
    account.AccountClosed: "停用{organisation_id}的账号{account_id}，职责：{duty}",
    area_code_reassignment.AreaCodeReassigned: (
        "自{valid_from}起将{organisation_id}的区划代码改为{area_code}（{district}），原因：{reason}"
    ),
    officer.OfficerAppointed: "任命{officer_id}为{organisation_id}的{role}",
    officer.OfficerDismissed: "免去{officer_id}在{organisation_id}的职务",
    officer.DutyDelegated: (
        "{delegated_by}委托{officer_id}为{organisation_id}{duty}，{starts_at}至{ends_at}"
    ),
    officer.DelegationEnded: "终止委托{officer_id}为{organisation_id}办理",
    signing_key.SigningKeyProposed: "为{organisation_id}提出签名密钥，有效期至{valid_until}",
    signing_key.SigningKeyApproved: "核准{organisation_id}的签名密钥，有效期至{valid_until}",
    signing_key.SigningKeyRevoked: (
        "撤销{organisation_id}的签名密钥，自{distrusted_since}起不再可信，原因：{reason_code}"
    ),
    pairing.UnitPaired: "{organisation_id}与{community_id}结对，服务项目：{projects}",
    membership.MemberEnrolled: "将{member_id}列入{branch_id}名册，姓名{name}",
    membership.BranchTransferAccepted: ("{to_branch_id}接收{member_id}由{branch_id}转来的组织关系"),
    branch_transfer.BranchTransferRequested: (
        "申请将{member_id}的组织关系由{branch_id}转往{to_branch_id}"
    ),
    branch_transfer.BranchTransferRefused: (
        "{to_branch_id}退回{member_id}由{branch_id}转来的组织关系，原因：{reason_code}"
    ),
    erasure.ErasureRequested: (
        "申请删除{member_id}的个人信息，法定情形：{legal_basis}，文号：{document_no}"
    ),
    erasure.ErasureConfirmed: "确认删除{member_id}的个人信息，{due_at}之前可以撤销",
    erasure.ErasureCancelled: "撤销删除{member_id}个人信息的申请",
    reading_seal.ReadingsSealed: "封存第{first}至{last}号查阅记录，摘要：{readings_digest}",
    membership.SubjectErased: "删除{member_id}的个人信息，销毁密钥：{key_fingerprints}",
    roster.RosterPublished: (
        "公布{branch_id}名册，报告人数{stated_head_count}，在册人数{listed_head_count}"
    ),
    exemption.MemberExempted: ("{member_id}自{starts_on}至{ends_on}免予报到，原因：{reason_code}"),
    exemption.ExemptionEnded: "将{member_id}的免予报到提前至{ended_on}结束，原因：{reason}",
    working_schedule.TimetableAdopted: "公布{branch_id}自{valid_from}起的作息时间：{hours}",
    working_schedule.LeaveApproved: (
        "批准{member_id}自{starts_at}至{ends_at}请假（{reason_code}）"
    ),
    working_schedule.ShiftsAssigned: "为{member_id}排班：{shifts}",
    certificate.CertificateIssued: "向{member_id}发放活动证{certificate_no}",
    certificate.CertificateReportedLost: "{member_id}的活动证{certificate_no}挂失",
    certificate.CertificateReportedFull: "{member_id}的活动证{certificate_no}记满",
    certificate.CertificateWithdrawn: (
        "收回{member_id}的活动证{certificate_no}，原因：{reason_code}"
    ),
    registration_deadline.RegistrationDeadlineSet: (
        "设定{organisation_id}“{campaign}”的报到期限：{deadline}"
    ),
    registration.MemberRegistered: "{member_id}持活动证{certificate_no}向{community_id}报到",
    registration.RegistrationAccepted: ("{community_id}接收{member_id}报到，报到回执{receipt_no}"),
    registration.RegistrationDeclined: (
        "{community_id}不予接收{member_id}报到，原因：{reason_code}"
    ),
    registration.RegistrationTransferRequested: (
        "{member_id}申请由{from_community_id}转移报到至{community_id}"
    ),
    registration.MemberDeregistered: ("{community_id}注销{member_id}的报到，原因：{reason_code}"),
    service_post.PostCategoryAdded: "在{organisation_id}增设岗位类别“{category}”",
    service_post.ServicePostOpened: (
        "{community_id}设立服务岗“{title}”（{category}），名额{slots}个"
    ),
    service_post.ServicePostClosed: "撤销服务岗{service_post_id}，原因：{reason}",
    claim.PostClaimed: "{member_id}认领服务岗{service_post_id}",
    claim.ClaimConfirmed: "确认{member_id}认领服务岗{service_post_id}",
    claim.ClaimDeclined: ("不同意{member_id}认领服务岗{service_post_id}，原因：{reason_code}"),
    claim.ClaimReleased: "{member_id}退出服务岗{service_post_id}，原因：{reason_code}",
    activity.ActivityPlanned: (
        "{community_id}计划活动“{title}”（{kind}），{starts_at}至{ends_at}，地点：{place}"
    ),
    activity.ActivityPublished: "发布活动{activity_id}",
    activity.ActivityRescheduled: (
        "将活动{activity_id}改期至{starts_at}至{ends_at}，地点：{place}，原因：{reason}"
    ),
    activity.ActivityCancelled: "取消活动{activity_id}，原因：{reason}",
    activity.ActivityCompleted: "确认活动{activity_id}已经结束",
    sign_up.MemberSignedUp: "{member_id}报名参加活动{activity_id}",
    sign_up.SignUpWithdrawn: "{member_id}取消报名活动{activity_id}",
    attendance.MemberSignedIn: "{member_id}在活动{activity_id}签到（{method}），{signed_at}",
    attendance.MemberSignedOut: "{member_id}在活动{activity_id}签退（{method}），{signed_at}",
    attendance.RollCalled: (
        "活动{activity_id}点名，{signed_in_at}至{signed_out_at}到场：{present}"
    ),
    participation.ParticipationRecorded: (
        "记录{member_id}自{starts_at}至{ends_at}参加{category}（{ledger}），内容{content}"
    ),
    participation.ParticipationCorrected: (
        "更正{member_id}的参加记录：自{starts_at}至{ends_at}参加{category}（{ledger}），"
        "原因{reason}"
    ),
    participation.ParticipationVoided: "作废{member_id}的参加记录，原因{reason}",
    endorsement.ParticipationEndorsed: "认定{member_id}的参加记录，表现{performance}",
    endorsement.EndorsementDeclined: ("对{member_id}的参加记录不予认定，原因：{reason_code}"),
    review.ReviewConcluded: (
        "{organisation_id}复核{community_id}的关注事项完毕，结果：{outcome}，说明：{note}"
    ),
    inspection.InspectionConfirmed: (
        "{branch_id}完成{month}月查，查验活动证{certificates}本、参加记录{entries}条"
    ),
    inspection.DiscrepancyFound: "{branch_id}月查发现{member_id}的记录有差异：{kind}",
    inspection.DiscrepancyDismissed: (
        "{branch_id}月查对{member_id}的记录（{kind}）不作差异处理，原因：{reason_code}"
    ),
    inspection.DiscrepancyResolved: "{branch_id}处理{member_id}的记录差异，结果：{resolution}",
    community_visit.CommunityVisited: "{organisation_id}于{visited_on}走访{community_id}",
    feedback.QuarterlyFeedbackGiven: (
        "{community_id}反馈{member_id}在{quarter}的表现：{performance}"
    ),
    quarterly_report.QuarterReported: (
        "{branch_id}上报{quarter}季报，报{committee_id}，数字截至日志位置{as_of_position}"
    ),
    quarterly_report.QuarterlyReportAmended: (
        "{branch_id}的{quarter}季报第{number}次更正，数字截至日志位置{as_of_position}"
    ),
    consolidation.QuarterConsolidated: "{committee_id}汇总{quarter}的季报，报{authority_id}",
    consolidation.SymposiumHeld: "{committee_id}于{held_on}召开{quarter}座谈会，{attendees}人到会",
    half_year_summary.HalfYearSummarised: (
        "{organisation_id}总结{half}的工作，数字截至日志位置{as_of_position}"
    ),
    reminder.SupervisionReminded: (
        "督促{organisation_id}办理{period}{task}，期限为{due_on}，第{number}次督办"
    ),
    consequence.ConsequenceProposed: (
        "按考核规则（{document_no}）建议：{about}{year}年度{outcome}，依据截至日志位置{as_of_position}的数字"
    ),
    consequence.ProposalDismissed: "对{about}的考核建议不予采纳，原因：{reason_code}",
    commendation.CommendationConcluded: (
        "评定{about}为{year}年度{title}，依据{document_no}，结论由{concluded_by}作出"
    ),
    commendation.CommendationRevoked: "撤销对{about}的评优结论",
    disqualification.DisqualificationConcluded: (
        "取消{about}{year}年度评优评先资格，依据{document_no}，结论由{concluded_by}作出"
    ),
    disqualification.DisqualificationRevoked: "恢复{about}的评优评先资格",
    role_model.RoleModelNominated: "{community_id}推荐{member_id}为先进典型，事迹{deeds}",
    role_model.RoleModelAgreed: "同意{community_id}推荐的{member_id}作为先进典型",
    role_model.RoleModelRefused: "不同意{community_id}推荐的{member_id}作为先进典型，原因{reason}",
    role_model.RoleModelPublicised: "{community_id}宣传先进典型{member_id}：{channel}",
    rule_pack_adoption.RulePackAdopted: "{organisation_id}采用考核规则{titled}",
    rule_pack_adoption.RulePackRepealed: (
        "{organisation_id}自{valid_to}起废止考核规则（{document_no}），理由：{reason}"
    ),
    endorsement.EndorsementRevoked: "撤销对{member_id}的参加记录的认定，原因{reason}",
}

_CODES: dict[str | bool, str] = {
    True: "是",
    False: "否",
    "duty": "组织安排",
    "voluntary": "自愿",
    "qr": "扫码",
    "code": "签到码",
    "roll_call": "点名",
}
_ORGANISATIONS = {"branch", "community", "organisation"}
_LISTED = 3


def subject_of(kind: str, subject_id: str) -> str:
    """The subject that a tag names; branches and communities are organisations."""
    return f"{'organisation' if kind in _ORGANISATIONS else kind}:{subject_id}"


def sentence(event: Event, names: Mapping[str, str]) -> str:
    """What happened, in one sentence; ``names`` are what subjects are known by."""
    return WORDS[type(event)].format_map(_Fields(event, names))


def local(moment: datetime) -> str:
    """A moment as it is written in Chinese, Beijing time."""
    there = moment.astimezone(SHANGHAI)
    return f"{day(there)}{there:%H:%M}"


def day(on: date) -> str:
    """A day as it is written in Chinese."""
    return f"{on.year}年{on.month}月{on.day}日"


class _Fields(dict[str, str]):
    """The fields of an event in words, made when a template asks for them."""

    def __init__(self, event: Event, names: Mapping[str, str]) -> None:
        super().__init__()
        self._event = event
        self._names = names

    def __missing__(self, name: str) -> str:
        if name == "about":
            # Either a member or a unit: the one that is named.
            unit = getattr(self._event, "member_id", None) is None
            name = "organisation_id" if unit else "member_id"
        if name in self._event.personal:
            return SEALED
        value = getattr(self._event, name)
        if value is None:
            return "无"
        kinds = dict(self._event._tagged)  # noqa: SLF001 - an event's marks
        if name in _NAMED:
            return _NAMED[name](value)
        if name in kinds:
            known = [
                self._names.get(subject_of(kinds[name], each), str(each))
                for each in (value if isinstance(value, tuple) else (value,))
            ]
            return _listed(known)
        return _in_words(value)


def _period(text: str) -> str:
    for kind in (Month, Quarter, Half):
        with suppress(ValueError):
            return kind.parse(text).word
    return period_word(text)


def _conditions(codes: tuple[str, ...]) -> str:
    return _listed([Condition(each).word for each in codes])


_NAMED: dict[str, Callable[[Any], str]] = {
    "category": service_post.post_category_word,
    **dict.fromkeys(("month", "quarter", "half", "period"), _period),
    **dict.fromkeys(("conditions", "notices", "overridden"), _conditions),
}
"""What the values of these fields are in words."""


def _in_words(value: object) -> str:
    match value:
        case datetime():
            return local(value)
        case date():
            return day(value)
        case BaseModel():
            return "至".join(_in_words(getattr(value, name)) for name in type(value).model_fields)
        case tuple():
            return _listed([_in_words(each) for each in value])
        case str() | bool():
            return str(getattr(value, "word", _CODES.get(value, value)))
        case _:
            return str(value)


def _listed(words: list[str]) -> str:
    shown = "、".join(words[:_LISTED]) or "无"
    return f"{shown}等{len(words)}项" if len(words) > _LISTED else shown


def tags_of(event: Event) -> Iterator[tuple[str, str]]:
    """Kind and id of every subject of an event."""
    for tag in event.tags():
        kind, _, subject_id = tag.partition(":")
        yield kind, subject_id
