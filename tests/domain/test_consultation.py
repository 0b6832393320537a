"""Consultation: who asks whom until when, reminders, escalation and the masked side (R26, R27)."""

from datetime import date, datetime
from typing import Any

import pytest

from service.domain.consultation import (
    AlreadyAsked,
    AlreadyEscalated,
    AskedByOther,
    ConsultationAnswered,
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationIsWithdrawn,
    ConsultationWithdrawn,
    DueNotOnWorkingDay,
    DueTooLate,
    DueTooSoon,
    NeverCheckedIn,
    OpinionAlreadyReminded,
    OpinionNotOverdue,
    OpinionReminded,
    OpinionRemindedTooSoon,
    OpinionRequestCancelled,
    OpinionRequested,
    PeriodNotBegun,
    ReminderOrdered,
    RemindersNotExhausted,
    UnknownConsultation,
)
from service.domain.consulting import AskOpinion
from service.domain.decision_purpose import DecisionPurpose, PeriodNotOfPurpose
from service.domain.event import Command, Event
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.opinion import OpinionCountersigned, OpinionGiven, OpinionWithdrawn
from service.domain.organisation import UnknownOrganisation
from service.domain.registration import RegistrationAccepted
from service.domain.working_days import CalendarNotPublished
from tests.domain.clean_up import GONE
from tests.domain.consultations import (
    DUE_ON,
    ESCALATED,
    FOREIGN_AUTHORITY,
    HERE,
    after,
    ask,
    countersign,
    escalate,
    give,
    on,
    order,
    remind,
    take_back,
    withdraw,
)
from tests.domain.story import given
from tests.domain.test_consequence import ERASED
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    PHONE,
    REGISTRATION,
    SUBDISTRICT,
    WANG,
    accepted,
    appointed,
    moving,
    person,
)

VETTING: dict[str, Any] = {
    "purpose": DecisionPurpose.VETTING,
    "period": "2021-03-01/2026-09-30",
}
NEVER_REGISTERED = tuple(each for each in HERE if not isinstance(each, RegistrationAccepted))


def test_asking_has_two_sides() -> None:
    story = given(*HERE).when(ask()).then(ConsultationAsked, OpinionRequested)
    asked, requested = story.happened
    assert isinstance(asked, ConsultationAsked)
    assert (asked.organisation_id, asked.to_community_id) == (BRANCH, COMMUNITY)
    assert asked.asked_by_person == person("chief")
    assert isinstance(requested, OpinionRequested)
    assert (requested.community_id, requested.asking_id) == (COMMUNITY, BRANCH)
    assert (requested.purpose, requested.period) == (DecisionPurpose.SELECTION, "2026")
    assert (requested.document_no, requested.due_on) == (asked.document_no, DUE_ON)
    assert requested.document_title == asked.document_title


def test_r27_what_is_masked_never_reaches_the_community() -> None:
    """Whatever happens to a masked consultation: no event that the community's tag or the
    subdistrict's finds says who asks, for what and on what basis."""
    asker = appointed("inspector", AUTHORITY)
    basis: dict[str, Any] = {
        "document_no": "组通字〔2026〕9号",
        "document_title": "干部选拔任用工作实施细则",
    }
    by: dict[str, Any] = {"by": AUTHORITY, "who": "inspector"}
    story = given(*HERE, asker)
    after(ask(**by, masked=True, **basis, **VETTING), story=story)
    after(order("2026-03-12", **by), remind("2026-03-19", 2), escalate("2026-03-26"), story=story)
    after(give(SUBDISTRICT, "chief"), countersign(SUBDISTRICT), story=story)
    after(withdraw(SUBDISTRICT, "chief"), take_back(**by), story=story)
    sides = {f"community:{COMMUNITY}", f"organisation:{SUBDISTRICT}"}
    told = [each for each in story.history[len(HERE) + 1 :] if sides & set(each.tags())]
    assert [type(each) for each in told] == [
        OpinionRequested,
        OpinionReminded,
        OpinionReminded,
        ConsultationEscalated,
        OpinionGiven,
        OpinionCountersigned,
        OpinionWithdrawn,
        OpinionRequestCancelled,
    ]
    secrets = (AUTHORITY, "inspector", "vetting", VETTING["period"], *basis.values())
    for event in told:
        said = str(event.model_dump(mode="json")) + str(event.tags())
        assert not [each for each in secrets if each in said], event


def test_r27_of_two_sides_each_is_said_by_whom_it_belongs_to() -> None:
    """The envelope of what the community is told names the service and nobody who asked."""
    told: list[type[Event]] = [
        OpinionRequested,
        OpinionReminded,
        ConsultationEscalated,
        OpinionRequestCancelled,
    ]
    assert all(each.by_service for each in told)
    own: list[type[Event]] = [ConsultationAsked, ReminderOrdered, ConsultationWithdrawn]
    assert not any(each.by_service for each in own)


@pytest.mark.parametrize(
    "purpose",
    [DecisionPurpose.SELECTION, DecisionPurpose.APPRAISAL, DecisionPurpose.ASSESSMENT],
)
def test_r26_the_branch_asks_before_the_first_three(purpose: DecisionPurpose) -> None:
    given(*HERE).when(ask(purpose=purpose)).then(ConsultationAsked, OpinionRequested)
    given(*HERE).when(ask(AUTHORITY, purpose=purpose)).refused(AskedByOther, pointer="/purpose")


def test_r26_a_personnel_authority_over_the_branch_asks_before_a_vetting() -> None:
    given(*HERE).when(ask(AUTHORITY, **VETTING)).then(ConsultationAsked, OpinionRequested)
    given(*HERE).when(ask(**VETTING)).refused(AskedByOther, pointer="/purpose")


@pytest.mark.parametrize(
    "by", [COMMITTEE, OTHER_BRANCH, FOREIGN_BRANCH, FOREIGN_AUTHORITY, SUBDISTRICT, COMMUNITY]
)
def test_r26_nobody_else_may_ask_or_learn_of_the_member(by: str) -> None:
    given(*HERE).when(ask(by)).refused(UnknownMember, pointer="/member_id")
    given(*HERE).when(ask(by, **VETTING)).refused(UnknownMember, pointer="/member_id")


def test_only_an_appointed_officer_asks() -> None:
    given(*HERE).when(ask(who="stranger")).refused(OfficerNotAppointed)


def test_the_branch_the_member_moved_to_asks() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    given(*HERE, moved).when(ask(OTHER_BRANCH)).then(ConsultationAsked, OpinionRequested)
    given(*HERE, moved).when(ask()).refused(UnknownMember)


def test_nothing_new_is_begun_about_an_erased_member() -> None:
    given(*HERE, ERASED).when(ask()).refused(UnknownMember)
    given(*HERE, ERASED).when(ask(AUTHORITY, **VETTING)).refused(UnknownMember)


def test_asked_is_the_community_where_the_member_checked_in_last() -> None:
    given(*HERE, GONE).when(ask()).then(ConsultationAsked, OpinionRequested, community_id=COMMUNITY)
    moved = accepted(LI, OTHER_COMMUNITY, OTHER_REGISTRATION, REGISTRATION)
    given(*HERE, moving()).when(ask()).then(
        ConsultationAsked, OpinionRequested, community_id=COMMUNITY
    )
    given(*HERE, moving(), moved).when(ask()).then(
        ConsultationAsked, OpinionRequested, community_id=OTHER_COMMUNITY
    )


def test_r26_of_who_never_checked_in_no_community_is_asked() -> None:
    given(*NEVER_REGISTERED).when(ask()).refused(NeverCheckedIn, pointer="/member_id")
    given(*HERE).when(ask(OTHER_BRANCH, member_id=WANG)).refused(NeverCheckedIn)


@pytest.mark.parametrize(
    ("purpose", "period"),
    [
        (DecisionPurpose.SELECTION, "2021-03-01/2026-02-28"),
        (DecisionPurpose.APPRAISAL, "二〇二六"),
        (DecisionPurpose.ASSESSMENT, "2026-Q1"),
    ],
)
def test_the_period_is_one_of_the_purpose(purpose: DecisionPurpose, period: str) -> None:
    given(*HERE).when(ask(purpose=purpose, period=period)).refused(PeriodNotOfPurpose)
    vetting = ask(AUTHORITY, purpose=DecisionPurpose.VETTING, period="2026")
    given(*HERE).when(vetting).refused(PeriodNotOfPurpose, pointer="/period")


def test_nobody_is_asked_about_a_time_that_has_not_begun() -> None:
    given(*HERE).when(ask(period="2027")).refused(PeriodNotBegun, pointer="/period")
    tomorrow = {**VETTING, "period": "2026-03-05/2026-03-06"}
    given(*HERE).when(ask(AUTHORITY, **tomorrow)).refused(PeriodNotBegun)
    today = {**VETTING, "period": "2026-03-04/2026-03-06"}
    given(*HERE).when(ask(AUTHORITY, **today)).then(ConsultationAsked, OpinionRequested)


@pytest.mark.parametrize(
    ("asked_on", "due_on", "refusal"),
    [
        # Wednesday, and the three working days after it.
        ("2026-03-04", "2026-03-04", DueTooSoon),
        ("2026-03-04", "2026-03-06", DueTooSoon),
        ("2026-03-04", "2026-03-08", DueTooSoon),
        ("2026-03-04", "2026-03-09", None),
        ("2026-03-04", "2026-03-14", DueNotOnWorkingDay),
        # Over the National Day holiday, with a Saturday worked in exchange.
        ("2026-09-30", "2026-10-09", DueTooSoon),
        ("2026-09-30", "2026-10-10", None),
        ("2026-09-30", "2026-10-11", DueNotOnWorkingDay),
        # Sixty days, and the sixty-first.
        ("2026-03-05", "2026-05-04", DueNotOnWorkingDay),
        ("2026-03-09", "2026-05-08", None),
        ("2026-03-09", "2026-05-09", DueTooLate),
        # A year whose calendar is not published is not guessed at (R21).
        ("2026-12-29", "2027-01-05", CalendarNotPublished),
        ("2026-12-28", "2026-12-31", None),
        ("2026-11-20", "2027-11-22", DueTooLate),
    ],
)
def test_r26_an_answer_is_due_on_a_working_day_in_good_time(
    asked_on: str, due_on: str, refusal: Any
) -> None:
    story = given(*HERE).when(ask(at=on(asked_on), due_on=date.fromisoformat(due_on)))
    if refusal is None:
        story.then(ConsultationAsked, OpinionRequested, due_on=date.fromisoformat(due_on))
    else:
        story.refused(refusal)


def test_the_day_of_asking_is_that_of_beijing() -> None:
    # In Greenwich it is still Tuesday, in Beijing Wednesday: one working day less is left.
    at = datetime.fromisoformat("2026-03-03T16:30:00+00:00")
    given(*HERE).when(ask(at=at, due_on=date(2026, 3, 6))).refused(DueTooSoon, pointer="/due_on")
    given(*HERE).when(ask(at=at, due_on=date(2026, 3, 9))).then(ConsultationAsked, OpinionRequested)


def again(by: str = BRANCH, **inputs: Any) -> AskOpinion:
    return ask(by, consultation_id="another", **inputs)


def test_r26_one_open_consultation_for_a_question() -> None:
    story = after(ask())
    story.when(again()).refused(AlreadyAsked)
    # Nor does it help that one of them is masked, or that the member has moved since.
    story.when(again(masked=True)).refused(AlreadyAsked)
    moved = accepted(LI, OTHER_COMMUNITY, OTHER_REGISTRATION, REGISTRATION)
    given(*story.history, moving(), moved).when(again()).refused(AlreadyAsked)


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": DecisionPurpose.APPRAISAL},
        {"period": "2025"},
        {"by": AUTHORITY, **VETTING},
    ],
)
def test_other_questions_are_asked_beside_it(other: dict[str, Any]) -> None:
    after(ask()).when(again(**other)).then(ConsultationAsked, OpinionRequested)


def test_it_may_be_asked_again_once_it_is_answered_or_withdrawn() -> None:
    after(ask(), take_back()).when(again()).then(ConsultationAsked, OpinionRequested)
    after(ask(), give()).when(again()).refused(AlreadyAsked)
    answered = after(ask(), give(), countersign())
    answered.when(again()).then(ConsultationAsked, OpinionRequested)
    after(ask(), give(), countersign(), withdraw()).when(again()).refused(AlreadyAsked)


# Reminders.


def test_r26_reminded_on_the_day_after_it_was_due_and_a_week_later() -> None:
    story = after(ask())
    story.when(remind("2026-03-11")).refused(OpinionNotOverdue)
    story.when(remind("2026-03-12", 2)).refused(OpinionRemindedTooSoon)
    story.when(remind("2026-03-12")).then(
        OpinionReminded,
        number=1,
        community_id=COMMUNITY,
        due_on=DUE_ON,
        reminded_on=date(2026, 3, 12),
    )
    story.when(remind("2026-03-12")).refused(OpinionAlreadyReminded)
    story.when(remind("2026-03-18", 2)).refused(OpinionRemindedTooSoon)
    story.when(remind("2026-03-19", 2)).then(OpinionReminded, number=2)
    story.when(remind("2026-03-26", 2)).refused(OpinionAlreadyReminded)
    story.when(remind("2026-03-26", 3)).refused(OpinionAlreadyReminded)


def test_r26_whoever_asked_may_order_a_reminder_and_it_counts() -> None:
    story = after(ask())
    story.when(order("2026-03-11")).refused(OpinionNotOverdue)
    story.when(order("2026-03-12")).then(ReminderOrdered, OpinionReminded, number=1)
    story.when(order("2026-03-12")).refused(OpinionAlreadyReminded)
    story.when(remind("2026-03-12")).refused(OpinionAlreadyReminded)
    story.when(order("2026-03-13")).then(ReminderOrdered, OpinionReminded, number=2)
    # Nor is one put before another that was made.
    story.when(order("2026-03-12")).refused(OpinionAlreadyReminded)
    # From the second one on a week passes before it goes up; a third one puts nothing off.
    story.when(escalate("2026-03-19")).refused(RemindersNotExhausted)
    story.when(order("2026-03-19")).then(ReminderOrdered, OpinionReminded, number=3)
    story.when(escalate("2026-03-20")).then(ConsultationEscalated)


def test_only_whoever_asked_orders_reminders_and_takes_it_back() -> None:
    story = after(ask())
    for by in (OTHER_BRANCH, AUTHORITY, COMMUNITY, SUBDISTRICT):
        story.when(order("2026-03-12", by)).refused(UnknownConsultation)
        story.when(take_back(by)).refused(UnknownConsultation)
    story.when(order("2026-03-12", who="stranger")).refused(OfficerNotAppointed)
    story.when(take_back(who="stranger")).refused(OfficerNotAppointed)


def test_r26_after_two_reminders_it_escalates_to_the_subdistrict_once() -> None:
    story = after(ask(), remind("2026-03-12"))
    story.when(escalate("2026-05-01")).refused(RemindersNotExhausted)
    after(remind("2026-03-19", 2), story=story)
    story.when(escalate("2026-03-25")).refused(RemindersNotExhausted)
    story.when(escalate("2026-03-26")).then(
        ConsultationEscalated,
        community_id=COMMUNITY,
        subdistrict_id=SUBDISTRICT,
        escalated_on=date(2026, 3, 26),
    )
    story.when(escalate("2026-04-26")).refused(AlreadyEscalated)


def test_a_community_under_nobody_cannot_be_escalated() -> None:
    history = [each for each in HERE if getattr(each, "organisation_id", "") != COMMUNITY]
    story = after(ask(), *ESCALATED[:2], story=given(*history))
    story.when(escalate("2026-03-26")).refused(UnknownOrganisation)


UNDER_WAY: tuple[Command, ...] = (
    remind("2026-04-01"),
    order("2026-04-01"),
    escalate("2026-04-01"),
    take_back(),
)


@pytest.mark.parametrize("command", UNDER_WAY, ids=lambda each: type(each).__name__)
def test_nothing_more_is_asked_of_a_consultation_that_is_answered(command: Command) -> None:
    answered = after(ask(), give(), countersign())
    answered.when(command).refused(ConsultationAnswered)
    withdrawn = after(withdraw(), story=answered)
    # A word that was taken back is no answer.
    withdrawn.when(command)
    assert not isinstance(withdrawn.rejection, ConsultationAnswered)


@pytest.mark.parametrize("command", UNDER_WAY, ids=lambda each: type(each).__name__)
def test_nothing_more_is_asked_of_a_consultation_that_is_withdrawn(command: Command) -> None:
    after(ask(), take_back()).when(command).refused(ConsultationIsWithdrawn)


def test_one_signature_is_no_answer() -> None:
    story = after(ask(), give(), *ESCALATED)
    story.when(order("2026-04-01")).then(ReminderOrdered, OpinionReminded)
    story.when(take_back()).then(ConsultationWithdrawn, OpinionRequestCancelled)


@pytest.mark.parametrize("command", UNDER_WAY, ids=lambda each: type(each).__name__)
def test_of_a_consultation_that_there_is_not(command: Command) -> None:
    given(*HERE).when(command).refused(UnknownConsultation)


def test_taking_it_back_has_two_sides_and_an_open_reason() -> None:
    story = after(ask())
    asked = story.history[len(HERE)]
    story.when(take_back(reason=f"请联系{PHONE}")).refused(
        PersonalDataInOpenText, pointer="/reason"
    )
    story.when(take_back()).then(ConsultationWithdrawn, OpinionRequestCancelled)
    withdrawn, cancelled = story.happened
    assert isinstance(withdrawn, ConsultationWithdrawn)
    assert (withdrawn.corrects, withdrawn.organisation_id) == (asked.event_id, BRANCH)
    assert isinstance(cancelled, OpinionRequestCancelled)
    assert cancelled.community_id == COMMUNITY


def test_what_is_under_way_about_an_erased_member_is_finished() -> None:
    story = after(ask(), story=given(*HERE))
    story.history.append(ERASED)
    story.when(order("2026-03-12")).then(ReminderOrdered, OpinionReminded)
    story.when(give()).then(OpinionGiven)
    story.when(take_back()).then(ConsultationWithdrawn, OpinionRequestCancelled)
