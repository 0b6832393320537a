"""Which commands conflict when they race, and which must not: a table, proved on the real log.

Both of a pair are decided on the same history. The first is recorded; whether the second may still
be is what its consistency boundary says. A ``clash`` that is missed records something wrong; a
clash too many makes people wait for each other who have nothing to do with each other.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery, DCBQueryItem

from service.domain.activity import ActivityKind
from service.domain.activity_planning import (
    CancelActivity,
    CompleteActivity,
    PublishActivity,
    RescheduleActivity,
)
from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.attendance import SignIn, SignOut
from service.domain.branch_transfer import RequestBranchTransfer
from service.domain.certificate import IssueCertificate, WithdrawalReason, WithdrawCertificate
from service.domain.certificate_number import certificate_number
from service.domain.certificate_report import ReportCertificateLost
from service.domain.claim import ClaimPost, ClaimReleaseReason, PostClaimed
from service.domain.claim_answer import ConfirmClaim, ReleaseClaim
from service.domain.commendation import CommendationConcluded
from service.domain.community_visit import RecordVisit
from service.domain.consequence import Subject
from service.domain.consolidation import ConsolidateQuarter, RecordSymposium
from service.domain.consulting import AskOpinion
from service.domain.credit_code import check_character
from service.domain.deciding import ConcludeDecision, ExplainAbsence, OpenDecision, OverrideGate
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.endorsement import Performance
from service.domain.endorsing import EndorseParticipation
from service.domain.event import Actor, Command, Event
from service.domain.exemption import ExemptionReason, ExemptMember
from service.domain.feedback import GiveFeedback, MemberFeedback
from service.domain.half_year_summary import Owed, SummariseHalf
from service.domain.inspecting import ConfirmInspection, PreparedList, ResolveDiscrepancy
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyFound,
    DiscrepancyKind,
    Resolution,
    TalkOutcome,
)
from service.domain.objecting import AnswerObjection, RaiseObjection, Said, WithdrawObjection
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.officer import OfficerRole
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.domain.participation import ParticipationRecorded
from service.domain.period import Half, Month, Quarter, Task
from service.domain.quarterly_report import AmendQuarterlyReport, ReportQuarter
from service.domain.reading_seal import SealReadings
from service.domain.recording import CorrectParticipation, RecordParticipation, VoidParticipation
from service.domain.registration import DeregistrationReason
from service.domain.registration_answer import AcceptRegistration
from service.domain.registration_transfer import DeregisterMember, RequestTransfer
from service.domain.reminder import RemindOfSupervision
from service.domain.replying import GiveOpinion
from service.domain.role_model import RoleModelAgreed, RoleModelNominated
from service.domain.roster import EnrolMember
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_adoption import AdoptRulePack, RepealRulePack, RulePackAdopted
from service.domain.service_post import CloseServicePost, ServicePostOpened
from service.domain.sign_up import SignUp
from service.eventstore import EventLog, IntegrityError
from service.eventstore.chain import Boundary
from service.eventstore.mapping import encode, personal_keys
from tests.database import MASTER_KEY, Database
from tests.domain.clean_up import ACTIVITY, AFTER, HOUR, PUBLISHED, STARTS, planned, signed_in
from tests.domain.consultations import (
    ask,
    countersign,
    give,
    recuse,
    take_back,
    withdraw,
)
from tests.domain.consultations import remind as remind_of_opinion
from tests.domain.duties import objected
from tests.domain.hearing import consulted, explained, opened, said, selected
from tests.domain.reporting import POSITION, consolidated, figures, inspected, reported, served
from tests.domain.rule_packs import HOURS, STARS
from tests.domain.story import Story
from tests.domain.test_consequence import (
    OPEN,
    STATED,
    STATED_OF_UNIT,
    commend,
    disqualify,
    finding,
    revoke_commendation,
)
from tests.domain.test_consequence import dismiss as dismiss_proposal
from tests.domain.test_consequence import propose as propose_consequence
from tests.domain.test_role_model import MODEL, agree, nominate, publicise, refuse
from tests.domain.test_signing_key import approve, propose, proposed, revoke
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    CERTIFICATE,
    COMMITTEE,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    PHONE,
    REGISTRATION,
    SUBDISTRICT,
    THIRD_CERTIFICATE,
    TOWN,
    WANG,
    accepted,
    acting,
    appointed,
    enrolled,
    id_number,
    issued,
    person,
    registered,
)
from tests.eventstore.history import given

ZHAO, QIAN, SUN = "member-zhao", "member-qian", "member-sun"
POST, CLAIM = "post", "claim"
RAISED = objected("feedback", ObjectionSubject.FEEDBACK)
ASKED, ASKED_OF_SUN, SAID = "asked-of-wang", "asked-of-sun", "said-of-wang"
SPRING, SUMMER, AUTUMN = (Quarter(2025, number) for number in (2, 3, 4))
CREDIT_CODE = "52469030MJY100001" + check_character("52469030MJY100001")
C = TypeVar("C", bound=Command)


def participation(participation_id: str, member_id: str) -> ParticipationRecorded:
    return ParticipationRecorded(
        participation_id=participation_id,
        member_id=member_id,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        kind=ActivityKind.OWN,
        category="visit",
        starts_at=STARTS,
        ends_at=STARTS + HOUR,
        content="走访",
        ledger="voluntary",
        recorded_by="recorder",
        recorded_by_person=person("recorder"),
    )


def commended() -> CommendationConcluded:
    """Wang was."""
    return CommendationConcluded(
        commendation_id="commendation",
        member_id=WANG,
        branch_id=BRANCH,
        title="优秀共产党员",
        year=2026,
        document_no=STATED.document_no,
        cause_event_ids=STATED.cause_event_ids,
        reason="服务突出",
        concluded_by="officer",
        concluded_by_person=person("officer"),
    )


def nominated(role_model_id: str = MODEL, member_id: str = LI) -> RoleModelNominated:
    return RoleModelNominated(
        role_model_id=role_model_id,
        member_id=member_id,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        deeds="照看邻居",
        nominated_by="secretary",
        nominated_by_person=person("secretary"),
    )


# Li, Wang and Sun are registered with the community, Zhao waits there, Qian is new. Li and Wang
# have certificates.
HISTORY: tuple[Event, ...] = (
    *TOWN,
    *(enrolled(member_id) for member_id in (LI, WANG, ZHAO, QIAN, SUN)),
    issued(LI, CERTIFICATE),
    issued(WANG, OTHER_CERTIFICATE),
    issued(ZHAO, THIRD_CERTIFICATE),
    registered(),
    accepted(),
    registered(WANG, registration_id="r-wang"),
    accepted(WANG, registration_id="r-wang"),
    registered(SUN, registration_id="r-sun"),
    accepted(SUN, registration_id="r-sun"),
    registered(ZHAO, registration_id="r-zhao"),
    ServicePostOpened(
        service_post_id=POST, community_id=COMMUNITY, title="保洁", category="cleaning", slots=3
    ),
    ServicePostOpened(
        service_post_id="other-post",
        community_id=COMMUNITY,
        title="宣传",
        category="cleaning",
        slots=3,
    ),
    PostClaimed(
        claim_id=CLAIM,
        service_post_id=POST,
        community_id=COMMUNITY,
        member_id=WANG,
        branch_id=BRANCH,
    ),
    planned(capacity=5),
    PUBLISHED,
    planned(activity_id="open-to-all"),
    PUBLISHED.model_copy(update={"activity_id": "open-to-all", "event_id": "open"}),
    planned(activity_id="draft"),
    signed_in(LI),
    signed_in(WANG),
    participation("p-li", LI),
    participation("p-wang", WANG),
    proposed("key"),
    proposed("next-key"),
    proposed("their-key", OTHER_COMMUNITY),
    appointed("officer", COMMITTEE),
    appointed("officer", AUTHORITY),
    appointed("officer", BRANCH),
    appointed("officer", OTHER_BRANCH),
    # Zhao and Qian never checked in, which is explained; nobody was asked about Sun.
    *(opened(f"appraisal-{each}", each, DecisionPurpose.APPRAISAL) for each in (ZHAO, QIAN, SUN)),
    *(explained(date(2026, 3, 1), each) for each in (ZHAO, QIAN)),
    # The community was asked about Wang and about Sun; of Wang's opinion one of two has signed.
    *(
        consulted(each, member_id=member_id, due_on=date(2026, 3, 4))
        for each, member_id in ((ASKED, WANG), (ASKED_OF_SUN, SUN))
    ),
    said(SAID, ASKED, member_id=WANG),
    # Li objects to feedback.
    RAISED,
    DiscrepancyFound(
        discrepancy_id="discrepancy",
        inspection_id="earlier",
        branch_id=BRANCH,
        member_id=LI,
        kind=DiscrepancyKind.OTHER,
    ),
    # Of the two branches the autumn is inspected, the summer reported and the spring consolidated.
    *(
        inspected(month, branch_id)
        for branch_id in (BRANCH, OTHER_BRANCH)
        for month in AUTUMN.months
    ),
    reported(BRANCH, SUMMER),
    reported(OTHER_BRANCH, SUMMER),
    consolidated(SPRING),
    OPEN,
    *selected(LI),
    *selected(SUN),
    commended(),
    nominated(),
    nominated("agreed", QIAN),
    RoleModelAgreed(
        role_model_id="agreed",
        member_id=QIAN,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        agreed_by="officer",
        agreed_by_person=person("officer"),
    ),
    RulePackAdopted(
        pack_id="stars",
        organisation_id=COMMITTEE,
        pack=STARS,
        adopted_by="officer",
        adopted_by_person=person("officer"),
    ),
)

OFFICER = acting(COMMUNITY, "secretary")
SYSTEM = acting(BRANCH)


def do(command: type[C], by: Actor = OFFICER, **inputs: Any) -> C:
    return command(by=by, at=AFTER, **inputs)


def enrol(member_id: str, member_no: str, person: str, branch_id: str = BRANCH) -> EnrolMember:
    return do(
        EnrolMember,
        acting(branch_id),
        member_id=member_id,
        branch_id=branch_id,
        member_no=member_no,
        person=person,
        name="某某",
        id_number=id_number(9),
        phone=PHONE,
    )


def claim(member_id: str, post: str = POST) -> ClaimPost:
    return do(ClaimPost, claim_id=f"{member_id}/{post}", service_post_id=post, member_id=member_id)


def sign_up(member_id: str, activity_id: str = ACTIVITY) -> SignUp:
    by = OFFICER
    return SignUp(by=by, at=AT, activity_id=activity_id, member_id=member_id)


def sign(kind: type[SignIn] | type[SignOut], member_id: str, minutes: int) -> SignIn | SignOut:
    at = STARTS + timedelta(minutes=minutes)
    return kind(
        by=OFFICER, at=at, activity_id=ACTIVITY, member_id=member_id, signed_at=at, method="code"
    )


def record(
    member_id: str, number: str, later: int = 0, activity_id: str | None = None
) -> RecordParticipation:
    # After the participations that are there already.
    starts_at = STARTS + timedelta(hours=3 + later)
    return do(
        RecordParticipation,
        participation_id=number,
        community_id=COMMUNITY,
        member_id=member_id,
        kind=ActivityKind.COMMUNITY if activity_id else ActivityKind.OWN,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        content="清扫",
        ledger="voluntary",
        activity_id=activity_id,
        category=None if activity_id else "visit",
    )


def attended(number: str) -> RecordParticipation:
    return replace(
        record(LI, number, activity_id=ACTIVITY), starts_at=STARTS, ends_at=STARTS + HOUR
    )


def endorse(participation_id: str, number: str) -> EndorseParticipation:
    return do(
        EndorseParticipation,
        endorsement_id=number,
        participation_id=participation_id,
        performance=Performance.GOOD,
    )


def correct(participation_id: str) -> CorrectParticipation:
    return do(
        CorrectParticipation,
        participation_id=participation_id,
        starts_at=STARTS,
        ends_at=STARTS + 2 * HOUR,
        content="清扫楼道",
        ledger="voluntary",
        reason="时间有误",
    )


def void(participation_id: str) -> VoidParticipation:
    return do(VoidParticipation, participation_id=participation_id, reason="重复记录")


def organisation(number: str, credit_code: str | None) -> RegisterOrganisation:
    return do(
        RegisterOrganisation,
        acting(AUTHORITY),
        organisation_id=number,
        name=number,
        kind=OrganisationKind.AGENCY_COMMITTEE,
        parent_id=AUTHORITY,
        district="某区",
        area_code="469030",
        credit_code=credit_code,
    )


def appoint(officer_id: str, of: str) -> AppointOfficer:
    return do(
        AppointOfficer,
        acting(SUBDISTRICT),
        organisation_id=COMMUNITY,
        officer_id=officer_id,
        person=person(of),
        id_number=id_number(),
        role=OfficerRole.RESPONSIBLE,
    )


def dismiss(officer_id: str) -> DismissOfficer:
    by = acting(SUBDISTRICT)
    return do(DismissOfficer, by, organisation_id=COMMUNITY, officer_id=officer_id)


def exempt(member_id: str, number: str) -> ExemptMember:
    return do(
        ExemptMember,
        SYSTEM,
        exemption_id=number,
        member_id=member_id,
        reason_code=ExemptionReason.ILLNESS,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 6, 30),
    )


def adopt(number: str, by: str = COMMITTEE, pack: RulePack = HOURS) -> AdoptRulePack:
    return do(AdoptRulePack, acting(by), pack_id=number, pack=pack)


def inspect(number: str, by: str = BRANCH) -> ConfirmInspection:
    talk = CommunityTalk(
        community_id=COMMUNITY, held_on=date(2026, 3, 2), outcome=TalkOutcome.CONSISTENT
    )
    return do(
        ConfirmInspection,
        acting(by),
        inspection_id=number,
        month=Month(2026, 2),
        talks=(talk,),
        prepared=PreparedList(
            certificates=2, entries=0, unendorsed=0, exempt=0, findings=(), as_of_position=1
        ),
    )


def visit(number: str, community_id: str = COMMUNITY) -> RecordVisit:
    return do(
        RecordVisit,
        SYSTEM,
        visit_id=number,
        community_id=community_id,
        visited_on=date(2026, 3, 2),
    )


def report(number: str, by: str = BRANCH) -> ReportQuarter:
    return do(
        ReportQuarter,
        acting(by),
        report_id=number,
        quarter=AUTUMN,
        figures=figures(),
        as_of_position=POSITION,
        calendar=None,
    )


def remind(branch_id: str = BRANCH) -> RemindOfSupervision:
    return do(
        RemindOfSupervision, organisation_id=branch_id, task=Task.REPORT, period=AUTUMN, number=1
    )


def amend(report_id: str) -> AmendQuarterlyReport:
    return do(
        AmendQuarterlyReport,
        report_id=report_id,
        service=served(60, 1),
        as_of_position=POSITION + 1,
        calendar=None,
    )


def summarise(number: str, by: str = BRANCH) -> SummariseHalf:
    return do(
        SummariseHalf,
        acting(by),
        summary_id=number,
        half=Half(2025, 2),
        owed=[Owed(by, SUMMER)],
        figures=figures(),
        as_of_position=POSITION,
        calendar=None,
    )


def feedback(member_id: str, number: str) -> GiveFeedback:
    return do(
        GiveFeedback,
        community_id=COMMUNITY,
        quarter=Quarter(2025, 4),
        feedback=(MemberFeedback(number, member_id, Performance.GOOD),),
    )


CONSOLIDATE = do(
    ConsolidateQuarter,
    acting(COMMITTEE),
    consolidation_id="consolidation",
    quarter=SUMMER,
    branch_ids=[BRANCH, OTHER_BRANCH],
    as_of_position=POSITION,
)
SYMPOSIUM = do(
    RecordSymposium,
    acting(COMMITTEE),
    symposium_id="symposium",
    quarter=SPRING,
    held_on=date(2025, 7, 20),
    attendees=9,
    present=[BRANCH],
    conclusions="继续走访",
)
RESOLVE = do(
    ResolveDiscrepancy, SYSTEM, discrepancy_id="discrepancy", resolution=Resolution.EXPLAINED
)
REPEAL = do(
    RepealRulePack,
    acting(COMMITTEE),
    pack_id="stars",
    valid_to=date(2026, 7, 1),
    reason="另有规定",
)
UNMADE = finding(pack_id="another-pack")
ABOUT_SUN = finding(subject=Subject(member_id=SUN))
STATED_OF_SUN = replace(STATED, subject=Subject(member_id=SUN))
ON_PROPOSAL = disqualify(proposal_id=OPEN.proposal_id)
PUBLICISE = publicise(role_model_id="agreed")
ACCEPT_ZHAO = do(AcceptRegistration, registration_id="r-zhao", receipt_no="1")
DEREGISTER_LI = do(
    DeregisterMember,
    registration_id=REGISTRATION,
    reason_code=DeregistrationReason.LEFT,
)
MOVE_LI = do(
    RequestTransfer,
    SYSTEM,
    registration_id="r-move",
    transferred_from=REGISTRATION,
    community_id=OTHER_COMMUNITY,
    residence="某小区",
    phone=PHONE,
)
LOSE_LI = do(ReportCertificateLost, SYSTEM, certificate_no=CERTIFICATE)
WITHDRAW_LI = do(
    WithdrawCertificate,
    SYSTEM,
    certificate_no=CERTIFICATE,
    reason_code=WithdrawalReason.OTHER,
)
RESCHEDULE = RescheduleActivity(
    by=OFFICER,
    at=AT,
    activity_id="open-to-all",
    starts_at=STARTS + HOUR,
    ends_at=STARTS + 2 * HOUR,
    place="小区广场",
    reason="下雨",
)
CANCEL = CancelActivity(by=OFFICER, at=AT, activity_id="open-to-all", reason="下雨")


def ask_of(member_id: str, consultation_id: str) -> AskOpinion:
    return ask(
        who="officer",
        member_id=member_id,
        consultation_id=consultation_id,
        purpose=DecisionPurpose.ASSESSMENT,
    )


def give_of_sun(opinion_id: str, who: str = "officer") -> GiveOpinion:
    return give(who=who, opinion_id=opinion_id, consultation_id=ASKED_OF_SUN)


COUNTERSIGN = countersign(opinion_id=SAID)
WITHDRAW_OPINION = withdraw(opinion_id=SAID)
REMIND_OF_WANG = remind_of_opinion("2026-03-05", consultation_id=ASKED)
OBJECT_TO_OPINION = do(
    RaiseObjection,
    SYSTEM,
    objection_id="objection",
    member_id=WANG,
    against=ObjectionSubject.OPINION,
    subject_id=ASKED,
    said=Said("event", COMMUNITY, AFTER.date()),
    text="与事实不符",
    on_paper=True,
)
ENTRY_OF_LI: dict[str, Any] = {
    "member_id": LI,
    "against": ObjectionSubject.PARTICIPATION,
    "subject_id": "p-li",
    "said": Said("event", COMMUNITY, AFTER.date()),
    "text": "时间有误",
    "on_paper": True,
}
OBJECT_TO_ENTRY = do(RaiseObjection, SYSTEM, objection_id="o-1", **ENTRY_OF_LI)
OBJECT_TO_ENTRY_AGAIN = do(RaiseObjection, SYSTEM, objection_id="o-2", **ENTRY_OF_LI)
ANSWER_OBJECTION = do(
    AnswerObjection,
    acting(COMMUNITY, "secretary"),
    objection_id=RAISED.objection_id,
    outcome=ObjectionOutcome.UPHELD,
    text="情况属实",
)
WITHDRAW_OBJECTION = do(WithdrawObjection, SYSTEM, objection_id=RAISED.objection_id, on_paper=True)
EXPLAIN_ZHAO = do(
    ExplainAbsence,
    SYSTEM,
    explanation_id="again",
    member_id=ZHAO,
    explanation="长期驻外",
    unit_view="表现良好",
)


def open_appraisal(decision_id: str, member_id: str = LI) -> OpenDecision:
    return do(
        OpenDecision,
        SYSTEM,
        decision_id=decision_id,
        member_id=member_id,
        purpose=DecisionPurpose.APPRAISAL,
        period="2026",
    )


def conclude(member_id: str) -> ConcludeDecision:
    return do(
        ConcludeDecision,
        SYSTEM,
        decision_id=f"appraisal-{member_id}",
        result=DecisionResult.QUALIFIED,
        document_no=STATED.document_no,
        reason="经支部大会评议",
    )


def override(override_id: str) -> OverrideGate:
    return do(
        OverrideGate,
        acting(COMMITTEE),
        override_id=override_id,
        decision_id=f"appraisal-{SUN}",
        reason="救灾期间",
    )


def issue(member_id: str, serial: int) -> IssueCertificate:
    return do(
        IssueCertificate,
        SYSTEM,
        certificate_no=certificate_number("469030", 2026, serial),
        member_id=member_id,
    )


CLASH: dict[str, tuple[Command, Command]] = {
    "R1 one credit code, two organisations": (
        organisation("o-1", CREDIT_CODE),
        organisation("o-2", CREDIT_CODE),
    ),
    "R2 one member number, two members": (enrol("m-1", "7", "p-1"), enrol("m-2", "7", "p-2")),
    "R2 one person, two branches": (
        enrol("m-1", "7", "p-1"),
        enrol("m-2", "8", "p-1", OTHER_BRANCH),
    ),
    "R3 two exemptions at one time": (exempt(LI, "e-1"), exempt(LI, "e-2")),
    "R4 two transfers of one member": (
        do(RequestBranchTransfer, SYSTEM, transfer_id="1", member_id=LI, to_branch_id=OTHER_BRANCH),
        do(RequestBranchTransfer, SYSTEM, transfer_id="2", member_id=LI, to_branch_id=OTHER_BRANCH),
    ),
    "R5 two certificates for one member": (issue(QIAN, 8), issue(QIAN, 9)),
    "R5 one number for two members": (issue(QIAN, 8), issue(SUN, 8)),
    "R6 loss against endorsement": (LOSE_LI, endorse("p-li", "e")),
    "R6 withdrawal against recording": (WITHDRAW_LI, record(LI, "p-9")),
    "R9 two acceptances": (ACCEPT_ZHAO, ACCEPT_ZHAO),
    "R10 moving against leaving": (MOVE_LI, DEREGISTER_LI),
    "R10 leaving against signing up": (DEREGISTER_LI, sign_up(LI)),
    "R12 two for one slot": (claim(LI), claim(SUN)),
    "R12 one member twice": (claim(LI), claim(LI)),
    "R12 closing against claiming": (
        do(CloseServicePost, service_post_id=POST, reason="已满足"),
        claim(LI),
    ),
    "R12 confirming against releasing": (
        do(ReleaseClaim, claim_id=CLAIM, reason_code=ClaimReleaseReason.MOVED),
        do(ConfirmClaim, claim_id=CLAIM),
    ),
    "R13 two for one place": (sign_up(LI), sign_up(WANG)),
    "R13 cancelling against signing up": (CANCEL, sign_up(LI, "open-to-all")),
    "R13 rescheduling against cancelling": (RESCHEDULE, CANCEL),
    "R15 one activity recorded twice": (attended("p-8"), attended("p-9")),
    # They could be the same one: whoever comes second looks again.
    "R15 two records of one member without an activity": (record(LI, "p-8"), record(LI, "p-9", 2)),
    "R6 dismissing against endorsing": (dismiss("secretary"), endorse("p-li", "e-1")),
    "R17 one person under two ids": (appoint("one", "newcomer"), appoint("two", "newcomer")),
    "R17 two endorsements of one record": (endorse("p-li", "e-1"), endorse("p-li", "e-2")),
    "R17 correcting against endorsing": (correct("p-li"), endorse("p-li", "e-1")),
    "R17 one key for two organisations": (propose("k"), propose("k", OTHER_COMMUNITY)),
    "R17 two keys approved at once": (approve("key"), approve("next-key")),
    "R17 revoking a key against approving it": (revoke("key"), approve("key")),
    "R17 approving a key against endorsing without it": (approve("key"), endorse("p-li", "e")),
    "R18 voiding against correcting": (void("p-li"), correct("p-li")),
    "R18 two voidings": (void("p-li"), void("p-li")),
    "R22 one month inspected twice": (inspect("i-1"), inspect("i-2")),
    "R22 registering against inspecting": (ACCEPT_ZHAO, inspect("i-1")),
    "R22 one discrepancy resolved twice": (RESOLVE, RESOLVE),
    "R23 one quarter reported twice": (report("r-1"), report("r-2")),
    "R23 inspecting against reporting": (inspect("i-1"), report("r-1")),
    "R23 visiting against reporting": (visit("v-1"), report("r-1")),
    "R23 one difference amended twice": (
        amend(f"{BRANCH}/{SUMMER}"),
        amend(f"{BRANCH}/{SUMMER}"),
    ),
    "R23 reporting against consolidating": (report("r-1"), CONSOLIDATE),
    "R23 amending against consolidating": (amend(f"{OTHER_BRANCH}/{SUMMER}"), CONSOLIDATE),
    "R23 one quarter consolidated twice": (CONSOLIDATE, CONSOLIDATE),
    "R23 one quarter talked over twice": (SYMPOSIUM, SYMPOSIUM),
    "R24 one reminder made twice": (remind(), remind()),
    "R24 reporting against reminding of it": (report("r-1"), remind()),
    "R24 one half-year summed up twice": (summarise("s-1"), summarise("s-2")),
    "R25 one visit recorded twice": (visit("v-1"), visit("v-2")),
    "R25 feedback given twice": (feedback(LI, "f-1"), feedback(LI, "f-2")),
    "R25 leaving against feedback": (DEREGISTER_LI, feedback(LI, "f-1")),
    "R26 one question asked twice": (ask_of(LI, "c-1"), ask_of(LI, "c-2")),
    "R26 one reminder of an opinion twice": (REMIND_OF_WANG, REMIND_OF_WANG),
    "R26 answering against reminding": (COUNTERSIGN, REMIND_OF_WANG),
    "R26 answering against asking no more": (
        COUNTERSIGN,
        take_back(who="officer", consultation_id=ASKED),
    ),
    "R26 asking no more against answering": (
        take_back(who="officer", consultation_id=ASKED),
        COUNTERSIGN,
    ),
    "R27 two opinions at once": (give_of_sun("o-1"), give_of_sun("o-2", "somebody-else")),
    "R27 one opinion countersigned twice": (
        COUNTERSIGN,
        countersign(who="somebody-else", opinion_id=SAID),
    ),
    "R27 taking back against countersigning": (WITHDRAW_OPINION, COUNTERSIGN),
    "R27 recusal against countersigning": (
        recuse("secretary", consultation_id=ASKED),
        COUNTERSIGN,
    ),
    "R27 countersigning against recusal": (
        COUNTERSIGN,
        recuse("secretary", consultation_id=ASKED),
    ),
    "R39 objecting against a second signature": (OBJECT_TO_OPINION, COUNTERSIGN),
    "R39 one thing objected to twice": (OBJECT_TO_ENTRY, OBJECT_TO_ENTRY_AGAIN),
    "R39 answering against withdrawing": (ANSWER_OBJECTION, WITHDRAW_OBJECTION),
    "R39 withdrawing against answering": (WITHDRAW_OBJECTION, ANSWER_OBJECTION),
    "R26 one decision opened twice": (open_appraisal("d-1"), open_appraisal("d-2")),
    "R26 one decision concluded twice": (conclude(QIAN), conclude(QIAN)),
    "R26 checking in against concluding unheard": (ACCEPT_ZHAO, conclude(ZHAO)),
    "R26 checking in against explaining": (ACCEPT_ZHAO, EXPLAIN_ZHAO),
    "R26 one gate overridden twice": (override("o-1"), override("o-2")),
    "R31 one proposal made twice": (
        propose_consequence(UNMADE),
        propose_consequence(UNMADE, by=AUTHORITY),
    ),
    "R31 two conclusions of one proposal": (ON_PROPOSAL, ON_PROPOSAL),
    "R31 dismissing against concluding": (dismiss_proposal(), ON_PROPOSAL),
    "R31 concluding against dismissing": (ON_PROPOSAL, dismiss_proposal()),
    "R31 commending against disqualifying": (commend(stated=STATED), disqualify(stated=STATED)),
    "R31 disqualifying against commending": (disqualify(stated=STATED), commend(stated=STATED)),
    "R31 one title given twice": (commend(stated=STATED), commend(BRANCH, stated=STATED)),
    "R31 exempting against disqualifying": (exempt(LI, "e-1"), disqualify(stated=STATED)),
    "R31 two revocations of one conclusion": (revoke_commendation(), revoke_commendation()),
    "R33 two nominations of one member": (
        nominate(member_id=WANG, role_model_id="m-1"),
        nominate(member_id=WANG, role_model_id="m-2"),
    ),
    "R33 agreeing against refusing": (agree(who="officer"), refuse(who="officer")),
    "R33 one role model publicised twice": (PUBLICISE, PUBLICISE),
    "R34 two packs of one code that overlap": (adopt("p-1"), adopt("p-2")),
    "R34 two repeals of one pack": (REPEAL, REPEAL),
    "R40 the same readings sealed twice": (
        SealReadings(by=OFFICER, at=AT, first=1, last=5, readings_digest="a"),
        SealReadings(by=OFFICER, at=AT, first=1, last=6, readings_digest="b"),
    ),
}

FREE: dict[str, tuple[Command, Command]] = {
    "two organisations": (organisation("o-1", None), organisation("o-2", None)),
    "two members of one branch enrolled": (enrol("m-1", "7", "p-1"), enrol("m-2", "8", "p-2")),
    "two exemptions of two members": (exempt(LI, "e-1"), exempt(WANG, "e-2")),
    "two certificates of one branch": (issue(QIAN, 8), issue(SUN, 9)),
    "two claims of two posts": (claim(LI), claim(WANG, "other-post")),
    "two members sign up where there is room for all": (
        sign_up(LI, "open-to-all"),
        sign_up(WANG, "open-to-all"),
    ),
    "one member signs up for two activities": (sign_up(LI), sign_up(LI, "open-to-all")),
    "two members sign in": (sign(SignIn, LI, 1), sign(SignIn, WANG, 1)),
    "two members sign out": (sign(SignOut, LI, 60), sign(SignOut, WANG, 60)),
    "dismissing one officer while another endorses": (dismiss("officer"), endorse("p-li", "e")),
    "two members' participations": (record(LI, "p-8"), record(WANG, "p-9")),
    "endorsing two records": (endorse("p-li", "e-1"), endorse("p-wang", "e-2")),
    "endorsing one while correcting the other": (endorse("p-li", "e-1"), correct("p-wang")),
    "two keys proposed": (propose("k-1"), propose("k-2")),
    "another organisation's key against an endorsement": (
        approve("their-key", OTHER_COMMUNITY),
        endorse("p-li", "e"),
    ),
    "a claim of somebody else against an endorsement": (
        claim(WANG, "other-post"),
        endorse("p-li", "e"),
    ),
    "publishing one activity, cancelling another": (
        PublishActivity(by=OFFICER, at=AT, activity_id="draft"),
        CANCEL,
    ),
    "completing one activity, signing in at another": (
        do(CompleteActivity, activity_id="open-to-all"),
        sign(SignIn, LI, 1),
    ),
    "two branches inspect": (inspect("i-1"), inspect("i-2", OTHER_BRANCH)),
    "inspecting while an entry is endorsed": (endorse("p-li", "e"), inspect("i-1")),
    "visiting two communities": (visit("v-1"), visit("v-2", OTHER_COMMUNITY)),
    "reporting one quarter, inspecting a later month": (report("r-1"), inspect("i-1")),
    "two branches report": (report("r-1"), report("r-2", OTHER_BRANCH)),
    "reporting while an entry is endorsed": (endorse("p-li", "e"), report("r-1")),
    "reporting while the quarter before is amended": (amend(f"{BRANCH}/{SUMMER}"), report("r-1")),
    "two reports amended": (amend(f"{BRANCH}/{SUMMER}"), amend(f"{OTHER_BRANCH}/{SUMMER}")),
    "two branches reminded": (remind(), remind(OTHER_BRANCH)),
    "inspecting while reminded of a report": (inspect("i-1"), remind()),
    "two branches sum up": (summarise("s-1"), summarise("s-2", OTHER_BRANCH)),
    "feedback about two members": (feedback(LI, "f-1"), feedback(WANG, "f-2")),
    "proposals about two members": (propose_consequence(UNMADE), propose_consequence(ABOUT_SUN)),
    "dismissing one proposal, proposing about another member": (
        dismiss_proposal(),
        propose_consequence(ABOUT_SUN),
    ),
    "two members asked about": (ask_of(LI, "c-1"), ask_of(SUN, "c-2")),
    "asking about one, answering about another": (COUNTERSIGN, ask_of(LI, "c-1")),
    "opinions on two members": (COUNTERSIGN, give_of_sun("o-1")),
    "recusal about one, signing about another": (
        recuse("secretary", consultation_id=ASKED_OF_SUN),
        COUNTERSIGN,
    ),
    "reminding of one opinion, giving another": (REMIND_OF_WANG, give_of_sun("o-1")),
    "checking in of one member, asking about another": (ACCEPT_ZHAO, ask_of(LI, "c-1")),
    "decisions opened about two members": (
        open_appraisal("d-1"),
        open_appraisal("d-2", WANG),
    ),
    "objections of two members": (OBJECT_TO_ENTRY, OBJECT_TO_OPINION),
    "answering the objection of one, concluding on another": (ANSWER_OBJECTION, conclude(QIAN)),
    "concluding on one member, overriding for another": (conclude(QIAN), override("o-1")),
    "checking in of one member, concluding on another": (ACCEPT_ZHAO, conclude(QIAN)),
    "conclusions on two members": (commend(stated=STATED), commend(stated=STATED_OF_SUN)),
    "conclusions on a member and on their unit": (
        disqualify(stated=STATED),
        disqualify(stated=STATED_OF_UNIT),
    ),
    "concluding while an entry is endorsed": (endorse("p-li", "e"), commend(stated=STATED)),
    "two members nominated": (
        nominate(member_id=WANG, role_model_id="m-1"),
        nominate(member_id=SUN, role_model_id="m-2"),
    ),
    "agreeing on one role model, publicising another": (agree(who="officer"), PUBLICISE),
    "two organisations adopt a pack each": (adopt("p-1"), adopt("p-2", AUTHORITY)),
    "accepting one member, deregistering another": (ACCEPT_ZHAO, DEREGISTER_LI),
}


@pytest.fixture
async def log(database: Database) -> AsyncIterator[EventLog]:
    async with EventLog.open(database.app_url, MASTER_KEY) as opened:
        await given(opened, *HISTORY)
        yield opened


def decided(command: Command) -> tuple[list[Event], Boundary]:
    """What the command makes happen on the history, and the boundary it rests on."""
    story = Story(*HISTORY).when(command)
    assert story.rejection is None, (type(command).__name__, story.rejection)
    return story.happened, Boundary(story.boundary)


async def clashes(log: EventLog, first: Command, second: Command) -> bool:
    """Whether the second, decided before the first was recorded, is refused after it."""
    happened, boundary = decided(second)
    after = await log.head()
    await log.decide(first)
    await log.keyring.ensure(personal_keys(happened))
    stored = [encode(e, second.by, second.at, AFTER, log.keyring) for e in happened]
    query = DCBQuery([DCBQueryItem(list(types), list(tags)) for types, tags in boundary.items])
    try:
        await log.append(stored, DCBAppendCondition(query, after))
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("pair", CLASH.values(), ids=CLASH)
async def test_these_clash(log: EventLog, pair: tuple[Command, Command]) -> None:
    assert await clashes(log, *pair)


@pytest.mark.parametrize("pair", FREE.values(), ids=FREE)
async def test_these_do_not_wait_for_each_other(
    log: EventLog, pair: tuple[Command, Command]
) -> None:
    first, second = pair
    assert not await clashes(log, first, second)
