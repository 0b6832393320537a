"""A member's life in the record, with something in every section of the evidence."""

from datetime import date
from typing import Any

from service.domain.certificate import (
    CertificateReportedFull,
    CertificateReportedLost,
    CertificateWithdrawn,
    WithdrawalReason,
)
from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationWithdrawn,
    OpinionReminded,
    RecusalDeclared,
    RecusalGround,
)
from service.domain.decision import (
    AbsenceExplained,
    DecisionConcluded,
    DecisionOpened,
    DecisionRevised,
    GateOverridden,
)
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementDeclineReason,
    Performance,
)
from service.domain.event import Event
from service.domain.exemption import ExemptionEnded, ExemptionReason, MemberExempted
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.inspection import (
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    DismissalReason,
    InspectionConfirmed,
    Resolution,
)
from service.domain.membership import BranchTransferAccepted
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionEscalated,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import (
    Conduct,
    OpinionCountersigned,
    OpinionFigures,
    OpinionGiven,
    OpinionWithdrawn,
)
from service.domain.registration import (
    DeclineReason,
    DeregistrationReason,
    MemberDeregistered,
    RegistrationDeclined,
)
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
)
from service.domain.vetting import FieldInquiryAdded, PublicNoticePosted, VettingOpened
from service.domain.working_schedule import (
    DutyShift,
    LeaveApproved,
    LeaveReason,
    ShiftsAssigned,
    TimetableAdopted,
    WorkingHours,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    CERTIFICATE,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    REGISTRATION,
    SETTLED,
    SUBDISTRICT,
    THIRD_CERTIFICATE,
    accepted,
    issued,
    moving,
    person,
    registered,
)
from tests.projections.service_year import at, corrected, endorsed, recorded, revoked, voided

VETTING, PERIOD = "vetting", "2021-03-01/2026-09-30"
DAY = date(2026, 3, 4)


def _of_member(**more: Any) -> dict[str, Any]:
    return {"member_id": LI, **more}


def _in_branch(**more: Any) -> dict[str, Any]:
    return {"member_id": LI, "branch_id": BRANCH, **more}


def inspected(branch_id: str, month: str) -> InspectionConfirmed:
    return InspectionConfirmed(
        inspection_id=f"inspection-{branch_id}-{month}",
        branch_id=branch_id,
        month=month,
        certificates=3,
        entries=5,
        unendorsed=1,
        exempt=0,
        talks=(),
        as_of_position=1,
        confirmed_by="clerk",
        confirmed_by_person=person("clerk"),
    )


def _standing() -> list[Event]:
    exemption = {"exemption_id": "exemption"}
    return [
        TimetableAdopted(
            branch_id=BRANCH,
            valid_from=date(2026, 1, 1),
            hours=(WorkingHours(starts_at="08:00", ends_at="12:00"),),
        ),
        inspected(BRANCH, "2026-01"),
        inspected(OTHER_BRANCH, "2026-01"),
        LeaveApproved(
            **_in_branch(leave_id="leave"),
            starts_at=at("2026-03-05T00:00"),
            ends_at=at("2026-03-06T00:00"),
            reason_code=LeaveReason.ANNUAL,
        ),
        ShiftsAssigned(
            **_in_branch(),
            shifts=(DutyShift(starts_at=at("2026-03-07T08:00"), ends_at=at("2026-03-07T10:00")),),
        ),
        MemberExempted(
            **_in_branch(**exemption),
            reason_code=ExemptionReason.ILLNESS,
            starts_on=DAY,
            ends_on=date(2026, 12, 31),
        ),
        ExemptionEnded(**_in_branch(**exemption), ended_on=date(2026, 4, 1), reason="已经痊愈"),
        CertificateReportedFull(**_in_branch(certificate_no=CERTIFICATE)),
        issued(certificate_no=OTHER_CERTIFICATE),
        CertificateWithdrawn(
            **_in_branch(certificate_no=OTHER_CERTIFICATE), reason_code=WithdrawalReason.OTHER
        ),
        issued(certificate_no=THIRD_CERTIFICATE),
        CertificateReportedLost(**_in_branch(certificate_no=THIRD_CERTIFICATE)),
        moving("registration-declined"),
        RegistrationDeclined(
            **_in_branch(registration_id="registration-declined", community_id=OTHER_COMMUNITY),
            reason_code=DeclineReason.OTHER,
            note="地址不符",
            transferred_from=REGISTRATION,
        ),
        moving(),
        accepted(
            community_id=OTHER_COMMUNITY,
            registration_id=OTHER_REGISTRATION,
            transferred_from=REGISTRATION,
        ),
        MemberDeregistered(
            **_in_branch(registration_id=OTHER_REGISTRATION, community_id=OTHER_COMMUNITY),
            reason_code=DeregistrationReason.LEFT,
            note="外派",
        ),
        registered(registration_id="registration-3"),
        accepted(registration_id="registration-3"),
        BranchTransferAccepted(**_in_branch(transfer_id="transfer", to_branch_id=OTHER_BRANCH)),
        inspected(BRANCH, "2026-02"),
        inspected(OTHER_BRANCH, "2026-02"),
    ]


def _served() -> list[Event]:
    counts = recorded("counts", "2026-03-04T10:00", "2026-03-04T14:00", kind="community")
    over_new_year = recorded("new-year", "2025-12-31T23:00", "2026-01-01T02:00", ledger="duty")
    pending = recorded("pending", "2027-05-01T09:00", "2027-05-01T11:00")
    wrong = recorded("wrong", "2026-03-07T09:00", "2026-03-07T11:00")
    right = corrected(wrong, category="science")
    void = recorded("void", "2026-03-08T09:00", "2026-03-08T11:00")
    taken_back = recorded("taken-back", "2026-03-14T09:00", "2026-03-14T11:00")
    word = endorsed(taken_back)
    not_ours = recorded("declined", "2026-03-15T09:00", "2026-03-15T11:00")
    return [
        counts,
        endorsed(counts),
        over_new_year,
        endorsed(over_new_year),
        pending,
        endorsed(pending),
        wrong,
        right,
        endorsed(right),
        void,
        voided(void),
        taken_back,
        word,
        revoked(word),
        not_ours,
        EndorsementDeclined(
            **_in_branch(participation_id="declined", community_id=COMMUNITY),
            endorses=not_ours.event_id,
            reason_code=EndorsementDeclineReason.OTHER,
            note="未见到本人",
            declined_by="secretary",
            declined_by_person=person("secretary"),
        ),
    ]


def _supervised() -> list[Event]:
    found = _in_branch(inspection_id=f"inspection-{BRANCH}-2026-01", participation_id="counts")
    return [
        DiscrepancyFound(
            **found, discrepancy_id="found", kind=DiscrepancyKind.OTHER, note="时间可疑"
        ),
        DiscrepancyDismissed(
            **found,
            discrepancy_id="dismissed",
            kind=DiscrepancyKind.OVERLAP,
            reason_code=DismissalReason.OTHER,
        ),
        DiscrepancyResolved(
            **_in_branch(discrepancy_id="found", participation_id="counts"),
            resolution=Resolution.EXPLAINED,
            note="已核实",
            resolved_by="clerk",
            resolved_by_person=person("clerk"),
        ),
        QuarterlyFeedbackGiven(
            **_in_branch(feedback_id="feedback", community_id=COMMUNITY),
            quarter="2026-Q1",
            performance=Performance.GOOD,
            text="热心邻里",
            given_by="secretary",
            given_by_person=person("secretary"),
        ),
    ]


def asked(consultation_id: str = "consultation") -> ConsultationAsked:
    return ConsultationAsked(
        **_of_member(consultation_id=consultation_id, organisation_id=AUTHORITY),
        to_community_id=COMMUNITY,
        purpose=DecisionPurpose.VETTING,
        period=PERIOD,
        due_on=DAY,
        document_no="琼组〔2026〕1号",
        document_title="关于征求意见的通知",
        masked=True,
        asked_by="chief",
        asked_by_person=person("chief"),
    )


_VIEW = {
    "social_morality": Conduct.GOOD,
    "community_pledge": Conduct.FAIR,
    "bearing": Conduct.NO_BASIS,
    "overall": Conduct.GOOD,
}


def opinion(opinion_id: str, replaces: str | None = None) -> OpinionGiven:
    return OpinionGiven(
        **_of_member(opinion_id=opinion_id, consultation_id="consultation"),
        community_id=COMMUNITY,
        replying_id=SUBDISTRICT,
        figures=OpinionFigures(
            registered_since="2026-03-04",
            grade_a=1,
            grade_b=2,
            grade_c=0,
            grade_d=0,
            voluntary_minutes=120,
            duty_minutes=60,
            as_of_position=12,
        ),
        **_VIEW,
        comment="为人正派",
        comment_salt="5a" * 16,
        comment_digest="d1" * 32,
        replaces=replaces,
        given_by="secretary",
        given_by_person=person("secretary"),
    )


def countersigned(opinion_id: str) -> OpinionCountersigned:
    return OpinionCountersigned(
        **_of_member(opinion_id=opinion_id, consultation_id="consultation"),
        community_id=COMMUNITY,
        replying_id=SUBDISTRICT,
        **_VIEW,
        comment_digest="d1" * 32,
        countersigned_on=DAY,
        countersigned_by="officer",
        countersigned_by_person=person("officer"),
    )


def _consulted() -> list[Event]:
    of = _of_member(consultation_id="consultation", community_id=COMMUNITY)
    return [
        AbsenceExplained(
            **_in_branch(explanation_id="explanation"),
            explanation="住在单位宿舍",
            unit_view="表现良好",
            explained_on=DAY,
            explained_by="chief",
            explained_by_person=person("chief"),
        ),
        asked(),
        OpinionReminded(**of, number=1, due_on=DAY, reminded_on=DAY),
        ConsultationEscalated(**of, subdistrict_id=SUBDISTRICT, escalated_on=DAY),
        RecusalDeclared(
            **of,
            officer_id="somebody-else",
            ground=RecusalGround.RELATED,
            officer_person=person("somebody-else"),
            declared_by="secretary",
            declared_by_person=person("secretary"),
        ),
        opinion("opinion"),
        countersigned("opinion"),
        OpinionWithdrawn(
            **of,
            opinion_id="opinion",
            replying_id=SUBDISTRICT,
            corrects="opinion",
            reason="填写有误",
            withdrawn_by="secretary",
            withdrawn_by_person=person("secretary"),
        ),
        opinion("second-opinion", replaces="opinion"),
        countersigned("second-opinion"),
        asked("given-up"),
        ConsultationWithdrawn(
            **_of_member(consultation_id="given-up", organisation_id=AUTHORITY),
            corrects="asked",
            reason="重复征求",
            withdrawn_by="chief",
            withdrawn_by_person=person("chief"),
        ),
    ]


def _decided() -> list[Event]:
    of = _in_branch(decision_id="selection", purpose=DecisionPurpose.SELECTION, period="2026")
    return [
        DecisionOpened(**of, opened_by="chief", opened_by_person=person("chief")),
        GateOverridden(
            **_in_branch(override_id="override", decision_id="selection"),
            organisation_id=BRANCH,
            conditions=("no_opinion",),
            reason="时限紧迫",
            overridden_by="chief",
            overridden_by_person=person("chief"),
        ),
        DecisionConcluded(
            **of,
            organisation_id=BRANCH,
            result=DecisionResult.NOT_SELECTED,
            document_no="琼直〔2026〕2号",
            reason="尚有差距",
            opinion_ids=(),
            overridden=("no_opinion",),
            override_ids=("override",),
            concluded_by="deputy",
            concluded_by_person=person("deputy"),
        ),
        DecisionRevised(
            **of,
            organisation_id=BRANCH,
            result=DecisionResult.SELECTED,
            corrects="concluded",
            objection_id="objection-upheld",
            reason="复议属实",
            revised_by="deputy",
            revised_by_person=person("deputy"),
        ),
    ]


def _consequences() -> list[Event]:
    concluded: dict[str, Any] = {
        "document_no": "琼直〔2026〕3号",
        "cause_event_ids": ("cause",),
        "reason": "事迹突出",
        "open_reason": None,
        "concluded_by": "chief",
        "concluded_by_person": person("chief"),
        "organisation_id": None,
        "proposal_id": None,
    }
    revocation: dict[str, Any] = {
        "corrects": "concluded",
        "reason": "材料不实",
        "open_reason": None,
        "organisation_id": None,
        "revoked_by": "chief",
        "revoked_by_person": person("chief"),
    }
    model = _in_branch(role_model_id="model", community_id=COMMUNITY)
    refused = _in_branch(role_model_id="refused-model", community_id=COMMUNITY)
    nominated = {"nominated_by": "secretary", "nominated_by_person": person("secretary")}
    return [
        CommendationConcluded(
            **_in_branch(commendation_id="commendation", title="优秀党员", year=2025), **concluded
        ),
        CommendationRevoked(**_in_branch(commendation_id="commendation"), **revocation),
        DisqualificationConcluded(
            **_in_branch(disqualification_id="disqualification", year=2026), **concluded
        ),
        DisqualificationRevoked(**_in_branch(disqualification_id="disqualification"), **revocation),
        RoleModelNominated(**model, deeds="三年如一日", **nominated),
        RoleModelAgreed(**model, agreed_by="chief", agreed_by_person=person("chief")),
        RoleModelPublicised(
            **model,
            channel="县融媒体中心",
            publicised_by="secretary",
            publicised_by_person=person("secretary"),
        ),
        RoleModelNominated(**refused, deeds="助人为乐", **nominated),
        RoleModelRefused(
            **refused, reason="另行考虑", refused_by="chief", refused_by_person=person("chief")
        ),
    ]


def objected(objection_id: str, against: ObjectionSubject, subject_id: str) -> ObjectionRaised:
    return ObjectionRaised(
        **_of_member(objection_id=objection_id, organisation_id=COMMUNITY),
        against=against,
        subject_id=subject_id,
        against_event_id="said",
        notified_on=DAY,
        raised_on=DAY,
        answer_due_on=date(2026, 4, 3),
        text="与事实不符",
        on_paper=False,
        raised_by=LI,
    )


def _objections() -> list[Event]:
    def of(raised: ObjectionRaised) -> dict[str, Any]:
        names = ("objection_id", "member_id", "organisation_id", "against", "subject_id")
        return {name: getattr(raised, name) for name in names}

    subject = ObjectionSubject
    upheld = objected("objection-upheld", subject.DECISION, "selection")
    withdrawn = objected("objection-withdrawn", subject.PARTICIPATION, "void")
    escalated = objected("objection-escalated", subject.OPINION, "consultation")
    return [
        upheld,
        ObjectionAnswered(
            **of(upheld),
            answering_id=SUBDISTRICT,
            outcome=ObjectionOutcome.UPHELD,
            text="经查属实",
            answered_by="officer",
            answered_by_person=person("officer"),
        ),
        withdrawn,
        ObjectionWithdrawn(**of(withdrawn), on_paper=False, withdrawn_by=LI),
        escalated,
        ObjectionEscalated(
            **of(escalated),
            above_id=SUBDISTRICT,
            escalated_on=DAY,
            answer_due_on=date(2026, 5, 3),
        ),
        objected("objection-open", subject.PARTICIPATION, "counts"),
        objected("objection-feedback", subject.FEEDBACK, "feedback"),
        objected("objection-discrepancy", subject.DISCREPANCY, "found"),
        objected("objection-disqualification", subject.DISQUALIFICATION, "disqualification"),
    ]


def opened() -> VettingOpened:
    return VettingOpened(
        **_of_member(decision_id=VETTING, organisation_id=AUTHORITY),
        period=PERIOD,
        team=("chief", "deputy"),
        opened_by="chief",
        opened_by_person=person("chief"),
    )


def vetted() -> list[Event]:
    """A vetting from its opening to the public notice."""
    return [
        opened(),
        FieldInquiryAdded(
            **_of_member(inquiry_id="inquiry", decision_id=VETTING, organisation_id=AUTHORITY),
            held_on=DAY,
            inquirers=("chief", "deputy"),
            interviewees=6,
            findings="邻里反映良好",
            added_by="chief",
            added_by_person=person("chief"),
        ),
        PublicNoticePosted(
            **_of_member(decision_id=VETTING, organisation_id=AUTHORITY),
            starts_on=date(2026, 9, 30),
            ends_on=date(2026, 10, 13),
            calendars=("国办发明电〔2025〕7号",),
            place="机关公示栏",
            posted_by="chief",
            posted_by_person=person("chief"),
        ),
    ]


def a_life() -> list[Event]:
    """From the town's foundation to a vetting under way."""
    return [
        *SETTLED,
        *_standing(),
        *_served(),
        *_supervised(),
        *_consulted(),
        *_decided(),
        *_consequences(),
        *_objections(),
        *vetted(),
    ]
