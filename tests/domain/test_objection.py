"""Objections: in time, once, answered by somebody else, and never to the member's harm (R39)."""

import ast
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import service
from service.domain.decision import DecisionConcluded
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.disqualification import DisqualificationConcluded
from service.domain.event import SHANGHAI, Actor, Event
from service.domain.membership import SubjectErased, UnknownMember
from service.domain.objecting import (
    AnswerObjection,
    EscalateObjection,
    RaiseObjection,
    Said,
    WithdrawObjection,
)
from service.domain.objection import (
    AlreadyObjectedTo,
    AnsweredByResponsiblePerson,
    AnswerNotOverdue,
    EscalatedAlready,
    NothingAbove,
    NothingToObjectTo,
    ObjectionAnswered,
    ObjectionAnsweredBefore,
    ObjectionBeforeNotice,
    ObjectionEscalated,
    ObjectionNotOpen,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionTooLate,
    ObjectionWithdrawn,
    UnknownObjection,
)
from service.domain.objection_subject import SAYING, acting_on
from service.domain.officer import OfficerNotAppointed
from service.domain.separation import (
    DUTIES,
    MATRIX,
    Act,
    AnsweredByObjectedTo,
    NotInOwnMatter,
)
from tests.domain.clean_up import PARTICIPATION, endorsed, recorded
from tests.domain.duties import fed_back
from tests.domain.story import Story, given
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    SUBDISTRICT,
    WANG,
    acting,
    appointed,
    person,
)

TOLD = date(2026, 3, 9)
OBJECTION = "objection"
RECORDED = recorded()
ENDORSED = endorsed(RECORDED)
HERE = (
    *SETTLED,
    *(appointed("chief", unit) for unit in (AUTHORITY, COMMITTEE, BRANCH, SUBDISTRICT)),
    RECORDED,
    ENDORSED,
)
MEMBER = Actor(BRANCH, LI, "member")
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)


def on(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def told(**differently: Any) -> Said:
    about = {
        "event_id": ENDORSED.event_id, "organisation_id": COMMUNITY, "notified_on": TOLD,
    }  # fmt: skip
    return Said(**{**about, **differently})


def object_(day: date = TOLD, by: Actor = MEMBER, **inputs: Any) -> RaiseObjection:
    more = {
        "objection_id": OBJECTION,
        "member_id": LI,
        "against": ObjectionSubject.PARTICIPATION,
        "subject_id": PARTICIPATION,
        "said": told(),
        "text": "当天我到岗两小时",
        "at": on(day),
    }
    return RaiseObjection(by=by, **{**more, **inputs})


def answer(
    by: str = COMMUNITY, who: str = "somebody-else", role: str = "responsible", **inputs: Any
) -> AnswerObjection:
    more = {
        "objection_id": OBJECTION,
        "outcome": ObjectionOutcome.UPHELD,
        "text": "已核实",
        "at": on(TOLD),
    }
    return AnswerObjection(by=acting(by, who, role), **{**more, **inputs})


def withdraw(by: Actor = MEMBER, **inputs: Any) -> WithdrawObjection:
    return WithdrawObjection(by=by, at=on(TOLD), objection_id=OBJECTION, **inputs)


def escalate(day: date) -> EscalateObjection:
    return EscalateObjection(by=acting("eighthours"), at=on(day), objection_id=OBJECTION)


def objected(*more: Event, **inputs: Any) -> Story:
    story = given(*HERE, *more).when(object_(**inputs))
    assert story.rejection is None
    return story


def test_day_30_is_accepted_and_day_31_refused_with_the_reason() -> None:
    given(*HERE).when(object_(TOLD + timedelta(30), at=on(TOLD + timedelta(30), 23))).then(
        ObjectionRaised,
        notified_on=TOLD,
        raised_on=date(2026, 4, 8),
        answer_due_on=date(2026, 5, 8),
        organisation_id=COMMUNITY,
        against_event_id=ENDORSED.event_id,
        raised_by=LI,
        on_paper=False,
    )
    story = given(*HERE).when(object_(TOLD + timedelta(31), at=on(TOLD + timedelta(31), 0)))
    story.refused(ObjectionTooLate)
    assert story.rejection is not None
    assert "2026-03-09" in story.rejection.detail
    assert "2026-04-08" in story.rejection.detail
    given(*HERE).when(object_(TOLD - timedelta(1))).refused(ObjectionBeforeNotice)


def test_only_against_what_was_said_about_the_member() -> None:
    given(*HERE).when(object_(said=None)).refused(NothingToObjectTo, pointer="/subject_id")


def test_the_member_alone_objects_or_their_branch_on_paper() -> None:
    for by in (Actor(BRANCH, WANG, "member"), Actor(OTHER_BRANCH, LI, "member"), acting(COMMUNITY)):
        given(*HERE).when(object_(by=by)).refused(UnknownMember)
    # A member who is an officer as well does not object for others.
    given(*HERE).when(object_(by=acting(BRANCH, "chief"))).refused(UnknownMember)
    given(*HERE).when(object_(by=acting(BRANCH, "chief"), on_paper=True)).then(
        ObjectionRaised, on_paper=True, raised_by="chief"
    )
    given(*HERE).when(object_(by=acting(BRANCH, "nobody"), on_paper=True)).refused(
        OfficerNotAppointed
    )
    for other in (COMMITTEE, COMMUNITY):
        given(*HERE).when(object_(by=acting(other, "chief"), on_paper=True)).refused(UnknownMember)


def test_an_erased_member_begins_nothing_new() -> None:
    given(*HERE, ERASED).when(object_()).refused(UnknownMember)
    given(*HERE, ERASED).when(object_(by=acting(BRANCH, "chief"), on_paper=True)).refused(
        UnknownMember
    )


def test_one_open_objection_to_the_same() -> None:
    again = object_(objection_id="again")
    objected().when(again).refused(AlreadyObjectedTo, pointer="/subject_id")
    objected().when(withdraw()).when(again).then(ObjectionRaised)
    other = object_(objection_id="other", against=ObjectionSubject.FEEDBACK, subject_id="feedback")
    objected().when(other).then(ObjectionRaised)


def test_what_was_answered_is_not_objected_to_again_until_something_new_is_said() -> None:
    """Else the gate could be held for ever."""
    again = object_(objection_id="again")
    answered = objected().when(answer())
    answered.when(again).refused(ObjectionAnsweredBefore)
    said = told(event_id="corrected")
    answered.when(object_(objection_id="again", said=said)).then(ObjectionRaised)


def test_the_member_withdraws_and_nobody_else() -> None:
    objected().when(withdraw()).then(ObjectionWithdrawn, withdrawn_by=LI, on_paper=False)
    objected().when(withdraw(acting(BRANCH, "chief"), on_paper=True)).then(
        ObjectionWithdrawn, withdrawn_by="chief", on_paper=True
    )
    objected().when(withdraw(acting(BRANCH, "chief"))).refused(UnknownObjection)
    objected().when(withdraw(Actor(BRANCH, WANG, "member"))).refused(UnknownObjection)
    objected().when(withdraw(acting(COMMITTEE, "chief"), on_paper=True)).refused(UnknownObjection)
    given(*HERE).when(withdraw()).refused(UnknownObjection)
    objected().when(withdraw()).when(withdraw()).refused(ObjectionNotOpen)
    objected().when(answer()).when(withdraw()).refused(ObjectionNotOpen)


def test_the_organisation_answers_or_whoever_is_above_it() -> None:
    for by, who in ((COMMUNITY, "somebody-else"), (SUBDISTRICT, "chief")):
        objected().when(answer(by, who)).then(
            ObjectionAnswered,
            organisation_id=COMMUNITY,
            answering_id=by,
            outcome=ObjectionOutcome.UPHELD,
            answered_by_person=person(who),
        )
    for by in (OTHER_COMMUNITY, BRANCH, AUTHORITY):
        objected().when(answer(by, "chief")).refused(UnknownObjection)
    given(*HERE).when(answer()).refused(UnknownObjection)


def test_an_objection_is_answered_once() -> None:
    objected().when(answer()).when(answer()).refused(ObjectionNotOpen)
    objected().when(withdraw()).when(answer()).refused(ObjectionNotOpen)


def test_only_a_responsible_person_answers() -> None:
    objected().when(answer(who="clerk")).refused(AnsweredByResponsiblePerson)
    objected().when(answer(role="officer")).refused(AnsweredByResponsiblePerson)
    objected().when(answer(who="nobody")).refused(OfficerNotAppointed)


def test_nobody_answers_in_their_own_matter() -> None:
    objected().when(answer(who=LI)).refused(NotInOwnMatter)
    own = appointed("account-7", of=LI)
    objected(own).when(answer(who="account-7")).refused(NotInOwnMatter)


def test_the_endorser_does_not_answer_but_the_recorder_may() -> None:
    objected().when(answer(who="secretary")).refused(AnsweredByObjectedTo)
    objected().when(answer(who="officer")).then(ObjectionAnswered)
    # Whatever office they hold; and an id that two organisations gave out is two people.
    objected(appointed("x", SUBDISTRICT, of="secretary")).when(answer(SUBDISTRICT, "x")).refused(
        AnsweredByObjectedTo
    )
    namesake = appointed("secretary", SUBDISTRICT, of="namesake")
    objected(namesake).when(answer(SUBDISTRICT, "secretary")).then(ObjectionAnswered)


def test_who_let_somebody_endorse_does_not_answer_either() -> None:
    here = [each for each in HERE if each is not ENDORSED]
    delegated = endorsed(
        RECORDED, endorsed_by_person="p", delegated_by_person=person("somebody-else")
    )
    given(*here, delegated).when(object_()).when(answer()).refused(AnsweredByObjectedTo)
    given(*here, delegated).when(object_()).when(answer(who="secretary")).then(ObjectionAnswered)


FEEDBACK = fed_back("2026-Q1")
DISQUALIFIED = DisqualificationConcluded(
    disqualification_id="d",
    member_id=LI,
    branch_id=BRANCH,
    year=2026,
    document_no="琼组发〔2026〕1号",
    cause_event_ids=("c",),
    concluded_by="secretary",
    concluded_by_person=person("secretary"),
)
DECIDED = DecisionConcluded(
    decision_id="decision",
    member_id=LI,
    organisation_id=COMMUNITY,
    branch_id=BRANCH,
    purpose=DecisionPurpose.APPRAISAL,
    period="2026",
    result=DecisionResult.QUALIFIED,
    document_no="琼组发〔2026〕1号",
    reason="合格",
    opinion_ids=(),
    concluded_by="secretary",
    concluded_by_person=person("secretary"),
)


@pytest.mark.parametrize(
    ("against", "subject_id", "said"),
    [
        (ObjectionSubject.FEEDBACK, FEEDBACK.feedback_id, FEEDBACK),
        (ObjectionSubject.DISQUALIFICATION, "d", DISQUALIFIED),
        (ObjectionSubject.DECISION, "decision", DECIDED),
    ],
)
def test_whoever_said_it_does_not_answer(
    against: ObjectionSubject, subject_id: str, said: Event
) -> None:
    story = objected(said, against=against, subject_id=subject_id)
    story.when(answer(who="secretary")).refused(AnsweredByObjectedTo)
    story.when(answer()).then(ObjectionAnswered, against=against, subject_id=subject_id)


def test_every_act_that_bars_an_answer_is_learnt_from_its_events() -> None:
    """What the matrix bars, the command looks for: by the types of `DUTIES`."""
    barring = {row.earlier for row in MATRIX if row.act is Act.OBJECTION_ANSWERED}
    types = {
        each.event_type
        for against in ObjectionSubject
        for each in acting_on(against, "x").types
        if issubclass(each, Event)
    }
    elsewhere = {"CommendationConcluded", "CommendationRevoked", "ProposalDismissed"}
    assert {duty.type for duty in DUTIES if duty.act in barring} - elsewhere <= types
    assert set(SAYING) == set(ObjectionSubject)


def test_a_late_answer_goes_up_on_the_day_after_once() -> None:
    due = TOLD + timedelta(30)
    objected().when(escalate(due)).refused(AnswerNotOverdue)
    story = objected().when(escalate(due + timedelta(1)))
    story.then(
        ObjectionEscalated,
        above_id=SUBDISTRICT,
        organisation_id=COMMUNITY,
        escalated_on=due + timedelta(1),
        answer_due_on=due + timedelta(31),
    )
    assert story.happened[0].by_service
    story.when(escalate(due + timedelta(90))).refused(EscalatedAlready)
    # Both may still answer.
    story.when(answer(SUBDISTRICT, "chief")).then(ObjectionAnswered, answering_id=SUBDISTRICT)


def test_what_is_answered_or_has_nobody_above_does_not_go_up() -> None:
    late = TOLD + timedelta(60)
    objected().when(answer()).when(escalate(late)).refused(ObjectionNotOpen)
    objected().when(withdraw()).when(escalate(late)).refused(ObjectionNotOpen)
    given(*HERE).when(escalate(late)).refused(UnknownObjection)
    objected(said=told(organisation_id=AUTHORITY)).when(escalate(late)).refused(NothingAbove)


JUDGING = (
    "domain/judging", "domain/member_year", "domain/proposing", "domain/rule_pack",
    "domain/rule_pack_adoption", "domain/consequence", "domain/dismissing",
    "domain/quarterly_report", "domain/report_figures", "domain/consolidation",
    "domain/half_year_summary", "domain/evidence", "domain/working_time", "domain/endorsing",
    "projections/organisation_statistics", "projections/statistics_folds",
    "projections/statistics_entries", "projections/statistics_entry_folds",
    "projections/statistics_done", "projections/statistics_years",
    "projections/statistics_served", "projections/statistics_completion",
    "projections/off_duty_minutes", "projections/review_list",
)  # fmt: skip
"""What judges, counts, proposes or compares members."""


@pytest.mark.parametrize("name", JUDGING)
def test_objecting_never_worsens_because_whatever_judges_does_not_know_of_it(name: str) -> None:
    path = Path(service.__file__).parent / f"{name}.py"
    imported = {
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    assert not {each for each in imported if "objecti" in each}
    assert "disputed" not in path.read_text()


def test_words() -> None:
    assert all(each.word for each in (*ObjectionSubject, *ObjectionOutcome))
