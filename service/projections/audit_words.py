"""The audit trail in plain Chinese: one sentence for every type of event.

In a template ``{field}`` stands for a field of the event in words: an id becomes the name it is
known by, a code its Chinese word, a moment its local date and time, and a personal text 【已加密】.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from pydantic import BaseModel

from service.domain import (
    account,
    activity,
    area_code_reassignment,
    attendance,
    branch_transfer,
    certificate,
    claim,
    endorsement,
    erasure,
    exemption,
    membership,
    officer,
    organisation,
    pairing,
    participation,
    reading_seal,
    registration,
    registration_deadline,
    review,
    roster,
    service_post,
    sign_up,
    signing_key,
    working_schedule,
)
from service.domain.event import SHANGHAI, Event

SEALED = "【已加密】"

WORDS: dict[type[Event], str] = {
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
    endorsement.EndorsementRevoked: "撤销对{member_id}的参加记录的认定，原因{reason}",
}

_CODES = {
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
    return f"{_day(there)}{there:%H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


class _Fields(dict[str, str]):
    """The fields of an event in words, made when a template asks for them."""

    def __init__(self, event: Event, names: Mapping[str, str]) -> None:
        super().__init__()
        self._event = event
        self._names = names

    def __missing__(self, name: str) -> str:
        if name in self._event.personal:
            return SEALED
        value = getattr(self._event, name)
        if value is None:
            return "无"
        kinds = dict(self._event._tagged)  # noqa: SLF001 - an event's marks
        if name == "category":
            return service_post.post_category_word(value)
        if name in kinds:
            known = [
                self._names.get(subject_of(kinds[name], each), each)
                for each in (value if isinstance(value, tuple) else (value,))
            ]
            return _listed(known)
        return _in_words(value)


def _in_words(value: object) -> str:
    match value:
        case datetime():
            return local(value)
        case date():
            return _day(value)
        case BaseModel():
            return "至".join(_in_words(getattr(value, name)) for name in type(value).model_fields)
        case tuple():
            return _listed([_in_words(each) for each in value])
        case str():
            return str(getattr(value, "word", _CODES.get(value, value)))
        case _:
            return str(value)


def _listed(words: list[str]) -> str:
    shown = "、".join(words[:_LISTED])
    return f"{shown}等{len(words)}项" if len(words) > _LISTED else shown


def tags_of(event: Event) -> Iterator[tuple[str, str]]:
    """Kind and id of every subject of an event."""
    for tag in event.tags():
        kind, _, subject_id = tag.partition(":")
        yield kind, subject_id
