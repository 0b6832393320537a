"""Vetting: a team, evidence, five working days in public, the gate, then the conclusion (R29)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from service.data.calendars import published_calendars
from service.domain.concluding_vetting import ConcludeVetting
from service.domain.consultation import ConsultationAsked
from service.domain.deciding import OverrideGate
from service.domain.decision import (
    DecisionAlreadyConcluded,
    DecisionAlreadyOpened,
    DecisionByResponsiblePerson,
    DecisionConcluded,
    DecisionOpened,
    GateOverridden,
)
from service.domain.decision_purpose import (
    DecisionPurpose,
    DecisionResult,
    PeriodNotOfPurpose,
    ResultNotOfPurpose,
)
from service.domain.event import SHANGHAI, Command, Event
from service.domain.examining import (
    AddFieldInquiry,
    FreezeEvidence,
    OpenVetting,
    PostPublicNotice,
)
from service.domain.gate_condition import NoOpinion, OpinionDisputed
from service.domain.membership import UnknownMember
from service.domain.objection import ObjectionRaised, ObjectionSubject
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.opinion import Conduct, OpinionCountersigned, OpinionWithdrawn
from service.domain.organisation import OrganisationKind, UnknownOrganisation
from service.domain.period import PeriodNotOver
from service.domain.separation import ConcludedByOverrider, NotInOwnMatter
from service.domain.vetting import (
    EvidenceFrozen,
    EvidenceNotFrozen,
    FieldInquiryAdded,
    InquiryInTheFuture,
    MemberInTeam,
    NoticeInThePast,
    NoticeNotOver,
    NoticeNotPosted,
    NotOfTheTeam,
    OpinionNotInEvidence,
    PublicNoticePosted,
    TeamNotAppointed,
    TeamTooSmall,
    UnknownVetting,
    VettingOpened,
)
from service.domain.working_days import CalendarNotPublished
from tests.domain.story import given
from tests.domain.test_consequence import ERASED
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    PHONE,
    SETTLED,
    acting,
    appointed,
    organisation,
    person,
)

OTHER_AUTHORITY = "other-authority"
PERIOD = "2021-03-01/2026-09-30"
CHIEF, DEPUTY, CLERK = "chief", "deputy", "team-clerk"
STARTS, ENDS = date(2026, 9, 30), date(2026, 10, 13)
CALENDARS = published_calendars()
HERE = (
    *SETTLED,
    organisation(OTHER_AUTHORITY, OrganisationKind.PERSONNEL_AUTHORITY),
    *(appointed(each, AUTHORITY) for each in (CHIEF, DEPUTY, CLERK)),
    appointed("chief-again", AUTHORITY, of=CHIEF),
    appointed("li-as-officer", AUTHORITY, of=LI),
    appointed(CHIEF, COMMITTEE),
    appointed(CHIEF, OTHER_AUTHORITY),
)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def opening(by: str = AUTHORITY, who: str = CHIEF, **inputs: Any) -> OpenVetting:
    more = {"decision_id": "vetting", "member_id": LI, "period": PERIOD, "team": (CHIEF, DEPUTY)}
    return OpenVetting(by=acting(by, who), at=at(STARTS), **{**more, **inputs})


def inquiring(who: str = CHIEF, **inputs: Any) -> AddFieldInquiry:
    more = {
        "inquiry_id": "inquiry",
        "decision_id": "vetting",
        "held_on": STARTS,
        "inquirers": (CHIEF, DEPUTY),
        "interviewees": 6,
        "findings": "邻里反映良好",
    }
    return AddFieldInquiry(by=acting(AUTHORITY, who), at=at(STARTS), **{**more, **inputs})


def freezing(by: str = AUTHORITY, **inputs: Any) -> FreezeEvidence:
    more = {
        "evidence_id": "evidence",
        "decision_id": "vetting",
        "position": 99,
        "checkpoint": "note",
        "readings_up_to": 7,
        "evidence_digest": "digest",
        "calendars": (),
        "opinion_ids": ("opinion",),
    }
    return FreezeEvidence(by=acting(by, CHIEF), at=at(STARTS), **{**more, **inputs})


def posting(by: str = AUTHORITY, **inputs: Any) -> PostPublicNotice:
    more = {
        "decision_id": "vetting",
        "starts_on": STARTS,
        "place": "机关公示栏",
        "published": CALENDARS,
    }
    return PostPublicNotice(by=acting(by, CHIEF), at=at(STARTS), **{**more, **inputs})


def concluding(who: str = CHIEF, by: str = AUTHORITY, **inputs: Any) -> ConcludeVetting:
    more = {
        "decision_id": "vetting",
        "result": DecisionResult.SUITABLE,
        "document_no": "琼组〔2026〕9号",
        "reason": "符合任职条件",
    }
    return ConcludeVetting(
        by=acting(by, who), **{"at": at(ENDS + timedelta(days=1)), **more, **inputs}
    )


OPENED = VettingOpened(
    decision_id="vetting",
    member_id=LI,
    organisation_id=AUTHORITY,
    period=PERIOD,
    team=(CHIEF, DEPUTY),
    opened_by=CHIEF,
    opened_by_person=person(CHIEF),
)


def asked(by: str = AUTHORITY, consultation_id: str = "consultation") -> ConsultationAsked:
    return ConsultationAsked(
        consultation_id=consultation_id,
        member_id=LI,
        organisation_id=by,
        to_community_id=COMMUNITY,
        purpose=DecisionPurpose.VETTING,
        period=PERIOD,
        due_on=date(2026, 9, 18),
        document_no="文号",
        document_title="关于征求意见的通知",
        masked=True,
        asked_by=CHIEF,
        asked_by_person=person(CHIEF),
    )


def countersigned(
    opinion_id: str = "opinion", consultation_id: str = "consultation"
) -> OpinionCountersigned:
    return OpinionCountersigned(
        opinion_id=opinion_id,
        consultation_id=consultation_id,
        member_id=LI,
        community_id=COMMUNITY,
        replying_id=COMMUNITY,
        social_morality=Conduct.GOOD,
        community_pledge=Conduct.GOOD,
        bearing=Conduct.GOOD,
        overall=Conduct.GOOD,
        countersigned_on=date(2026, 9, 15),
        countersigned_by="secretary",
        countersigned_by_person=person("secretary"),
    )


def frozen(*opinion_ids: str) -> EvidenceFrozen:
    return EvidenceFrozen(
        evidence_id="evidence",
        decision_id="vetting",
        member_id=LI,
        organisation_id=AUTHORITY,
        position=99,
        checkpoint="note",
        readings_up_to=7,
        evidence_digest="digest",
        calendars=(),
        opinion_ids=opinion_ids,
        frozen_by=CHIEF,
        frozen_by_person=person(CHIEF),
    )


def posted(ends_on: date = ENDS) -> PublicNoticePosted:
    return PublicNoticePosted(
        decision_id="vetting",
        member_id=LI,
        organisation_id=AUTHORITY,
        starts_on=STARTS,
        ends_on=ends_on,
        calendars=(),
        place="机关公示栏",
        posted_by=CHIEF,
        posted_by_person=person(CHIEF),
    )


HEARD = (*HERE, asked(), countersigned(), OPENED)
READY = (*HEARD, frozen("opinion"), posted())


# Opening


def test_r29_the_authority_above_the_members_branch_opens_it_with_a_team() -> None:
    given(*HERE).when(opening(team=(CHIEF, DEPUTY, CHIEF))).then(
        VettingOpened,
        team=(CHIEF, DEPUTY),
        organisation_id=AUTHORITY,
        opened_by_person=person(CHIEF),
    )


@pytest.mark.parametrize(
    ("team", "refusal"),
    [
        ((CHIEF,), TeamTooSmall),
        ((CHIEF, CHIEF), TeamTooSmall),
        ((CHIEF, "chief-again"), TeamTooSmall),
        ((), TeamTooSmall),
        ((CHIEF, "nobody"), TeamNotAppointed),
        ((CHIEF, DEPUTY, "li-as-officer"), MemberInTeam),
    ],
)
def test_r29_the_team_is_of_two_persons_or_more_and_without_the_member(
    team: Sequence[str], refusal: type[Any]
) -> None:
    given(*HERE).when(opening(team=tuple(team))).refused(refusal)


def test_r29_the_member_does_not_open_their_own_vetting() -> None:
    given(*HERE).when(opening(who="li-as-officer")).refused(MemberInTeam)


def test_others_neither_open_it_nor_learn_that_there_is_such_a_member() -> None:
    given(*HERE).when(opening(by=OTHER_AUTHORITY)).refused(UnknownMember)
    given(*HERE).when(opening(member_id="nobody")).refused(UnknownMember)
    given(*HERE, ERASED).when(opening()).refused(UnknownMember)
    given(*HERE).when(opening(by=COMMITTEE)).refused(UnknownOrganisation)
    given(*HERE).when(opening(who="nobody")).refused(OfficerNotAppointed)


def test_r29_one_vetting_for_a_period_that_has_begun() -> None:
    story = given(*HERE).when(opening())
    story.when(opening(decision_id="again")).refused(DecisionAlreadyOpened)
    story.when(opening(decision_id="again", period="2021-03-01/2026-09-29")).then(VettingOpened)
    given(*HERE).when(opening(period="2026-10-01/2026-12-31")).refused(PeriodNotOver)
    given(*HERE).when(opening(period="2026")).refused(PeriodNotOfPurpose)


# Looking into it


def test_r29_members_of_the_team_add_what_they_learnt() -> None:
    given(*HERE, OPENED).when(inquiring()).then(
        FieldInquiryAdded, member_id=LI, inquirers=(CHIEF, DEPUTY), interviewees=6
    )


def test_r29_nobody_else_does() -> None:
    given(*HERE, OPENED).when(inquiring(inquirers=(CHIEF, CLERK))).refused(NotOfTheTeam)
    given(*HERE, OPENED).when(inquiring(who=CLERK)).refused(NotOfTheTeam)
    given(*HERE, OPENED).when(inquiring(held_on=STARTS + timedelta(days=1))).refused(
        InquiryInTheFuture
    )


def test_r29_evidence_is_frozen_again_whenever_there_is_more() -> None:
    story = given(*HERE, OPENED).when(freezing()).then(EvidenceFrozen, position=99, member_id=LI)
    story.when(freezing(evidence_id="again", position=120)).then(EvidenceFrozen, position=120)


@pytest.mark.parametrize("command", [freezing, posting])
def test_r29_a_vetting_is_known_to_its_authority_alone(command: Any) -> None:
    given(*HERE, OPENED).when(command(by=OTHER_AUTHORITY)).refused(UnknownVetting)
    given(*HERE).when(command()).refused(UnknownVetting)
    given(*HERE, OPENED).when(replace(command(), by=acting(AUTHORITY, "nobody"))).refused(
        OfficerNotAppointed
    )


# The public notice


def test_r29_five_working_days_over_the_national_holiday() -> None:
    given(*HERE, OPENED).when(posting()).then(
        PublicNoticePosted,
        starts_on=date(2026, 9, 30),
        ends_on=date(2026, 10, 13),
        calendars=CALENDARS.citations[-1:],
    )


def test_r21_a_notice_that_would_run_into_an_unpublished_year_says_so() -> None:
    story = given(*HERE, OPENED)
    story.when(replace(posting(starts_on=date(2026, 12, 28)), at=at(date(2026, 12, 28))))
    story.refused(CalendarNotPublished)
    assert story.rejection is not None
    assert "2027年" in story.rejection.detail


def test_r29_nobody_says_afterwards_that_there_had_been_a_notice() -> None:
    given(*HERE, OPENED).when(posting(starts_on=STARTS - timedelta(days=1))).refused(
        NoticeInThePast
    )
    given(*HERE, OPENED).when(posting(place=f"问{PHONE}")).refused(PersonalDataInOpenText)


# The conclusion


def test_r29_it_is_concluded_once_everything_is_there() -> None:
    given(*READY).when(concluding()).then(
        DecisionConcluded,
        organisation_id=AUTHORITY,
        branch_id=None,
        purpose=DecisionPurpose.VETTING,
        period=PERIOD,
        opinion_ids=("opinion",),
        overridden=(),
        concluded_by_person=person(CHIEF),
    )


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        ((*HEARD, posted()), EvidenceNotFrozen),
        ((*HEARD, frozen("opinion")), NoticeNotPosted),
        ((*HEARD, frozen(), posted()), OpinionNotInEvidence),
        ((*HEARD, frozen("opinion"), frozen(), posted()), OpinionNotInEvidence),
        ((*HERE, OPENED, frozen(), posted()), NoOpinion),
        # Another authority was told something; this one did not ask.
        (
            (*HERE, asked(OTHER_AUTHORITY), countersigned(), OPENED, frozen("opinion"), posted()),
            NoOpinion,
        ),
    ],
)
def test_r29_nothing_may_be_missing(history: Sequence[Event], refusal: type[Any]) -> None:
    given(*history).when(concluding()).refused(refusal)


def test_r29_the_notice_is_over_when_its_last_day_is() -> None:
    given(*READY).when(concluding(at=at(ENDS, 23))).refused(NoticeNotOver)
    given(*READY).when(concluding(at=at(ENDS + timedelta(days=1), 0))).then(DecisionConcluded)


def test_r29_of_several_notices_the_last_one_counts() -> None:
    later = posted(ENDS + timedelta(days=1))
    given(*READY, later).when(concluding()).refused(NoticeNotOver)


def test_r26_the_gate_is_the_one_of_every_decision() -> None:
    objection = ObjectionRaised(
        objection_id="objection",
        member_id=LI,
        organisation_id=COMMUNITY,
        against=ObjectionSubject.OPINION,
        subject_id="consultation",
        against_event_id="event",
        notified_on=STARTS,
        raised_on=STARTS,
        answer_due_on=STARTS + timedelta(days=30),
        text="与事实不符",
        on_paper=False,
        raised_by=LI,
    )
    given(*READY, objection).when(concluding()).refused(OpinionDisputed)


def test_an_override_of_another_decision_about_the_member_changes_nothing() -> None:
    other = DecisionOpened(
        decision_id="other",
        member_id=LI,
        branch_id=BRANCH,
        purpose=DecisionPurpose.SELECTION,
        period="2026",
        opened_by=CHIEF,
        opened_by_person="person",
    )
    overridden = GateOverridden(
        override_id="override",
        decision_id="other",
        member_id=LI,
        organisation_id=BRANCH,
        branch_id=BRANCH,
        conditions=("no_opinion",),
        reason="急需",
        overridden_by=DEPUTY,
        overridden_by_person="person",
    )
    story = given(*READY, other, overridden).when(concluding())
    story.then(DecisionConcluded, overridden=(), override_ids=())


def test_r26_an_override_is_shown_and_somebody_else_concludes() -> None:
    history = (*HERE, OPENED, frozen(), posted())
    override = OverrideGate(
        by=acting(AUTHORITY, DEPUTY),
        at=at(STARTS),
        override_id="override",
        decision_id="vetting",
        reason="急需任用",
    )
    story = given(*history).when(override).then(GateOverridden, conditions=("no_opinion",))
    story.when(concluding(DEPUTY)).refused(ConcludedByOverrider)
    story.when(concluding()).then(
        DecisionConcluded, overridden=("no_opinion",), override_ids=("override",), opinion_ids=()
    )


def test_r29_who_concludes_is_responsible_and_not_the_member() -> None:
    given(*READY).when(replace(concluding(), by=acting(AUTHORITY, CHIEF, "officer"))).refused(
        DecisionByResponsiblePerson
    )
    given(*READY).when(concluding("li-as-officer")).refused(NotInOwnMatter)
    given(*READY).when(concluding(by=OTHER_AUTHORITY)).refused(UnknownVetting)


def test_r29_a_vetting_has_results_of_its_own_and_one_conclusion() -> None:
    given(*READY).when(concluding(result=DecisionResult.SELECTED)).refused(ResultNotOfPurpose)
    given(*READY).when(concluding(document_no=PHONE)).refused(PersonalDataInOpenText)
    story = given(*READY).when(concluding())
    again: list[Command] = [concluding(), inquiring(), posting()]
    for command in again:
        story.when(command).refused(DecisionAlreadyConcluded)


def test_r40_of_an_erased_member_nothing_is_concluded() -> None:
    given(*READY, ERASED).when(concluding()).refused(UnknownVetting)


def test_r26_a_withdrawn_opinion_is_none() -> None:
    withdrawn = OpinionWithdrawn(
        opinion_id="opinion",
        consultation_id="consultation",
        member_id=LI,
        community_id=COMMUNITY,
        replying_id=COMMUNITY,
        corrects="event",
        reason="有误",
        withdrawn_by="secretary",
        withdrawn_by_person=person("secretary"),
    )
    story = given(*READY, withdrawn, countersigned("second"))
    story.when(concluding()).refused(OpinionNotInEvidence)
    story.history.append(frozen("second"))
    story.when(concluding()).then(DecisionConcluded, opinion_ids=("second",))
