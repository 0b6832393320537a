"""Selection, appraisal and assessment: opened, overridden, concluded, revised (R26, R28, R39)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from service.domain.commendation import CommendationConcluded, NotSelected, SelectionDisputed
from service.domain.concluding import ConcludeCommendation
from service.domain.consequence import Grounds, Subject
from service.domain.deciding import ConcludeDecision, ExplainAbsence, OpenDecision, OverrideGate
from service.domain.decision import (
    AbsenceExplained,
    DecisionAlreadyConcluded,
    DecisionAlreadyOpened,
    DecisionByResponsiblePerson,
    DecisionConcluded,
    DecisionDisputed,
    DecisionNotConcluded,
    DecisionOpened,
    DecisionRevised,
    GateOverridden,
    MemberHasCheckedIn,
    NothingToOverride,
    ObjectionNotUpheld,
    UnknownDecision,
    VettingOpenedByAuthority,
)
from service.domain.decision_purpose import (
    DecisionPurpose,
    DecisionResult,
    PeriodNotOfPurpose,
    ResultNotOfPurpose,
    results_of,
)
from service.domain.event import SHANGHAI, Actor, Command
from service.domain.gate_condition import (
    NeverCheckedInUnexplained,
    NoOpinion,
    OpinionDisputed,
    OpinionExpired,
    OpinionOverdue,
)
from service.domain.membership import BranchTransferAccepted, SubjectErased, UnknownMember
from service.domain.objection import ObjectionOutcome, ObjectionSubject, WorseAfterObjection
from service.domain.officer import OfficerNotAppointed, OfficerRole
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import OrganisationKind
from service.domain.period import PeriodNotOver
from service.domain.reconsidering import ReviseDecision
from service.domain.separation import ConcludedByOverrider, NotInOwnMatter
from service.domain.vetting import VettingOpened
from tests.domain.hearing import (
    DECISION,
    OBJECTION,
    OPINION,
    answered,
    consulted,
    decided,
    given_up,
    objected,
    opened,
    selected,
    settled,
)
from tests.domain.story import Story, given
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    MEMBER,
    OTHER_BRANCH,
    SETTLED,
    WANG,
    acting,
    appointed,
    id_number,
    organisation,
    person,
)

AT = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
SELECTION, APPRAISAL, ASSESSMENT, VETTING = DecisionPurpose
TERM = "2021-03-01/2026-09-30"
OFFICERS = tuple(
    appointed(officer_id, organisation_id, role)
    for organisation_id in (AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, FOREIGN_BRANCH)
    for officer_id, role in (
        ("officer", OfficerRole.RESPONSIBLE),
        ("other", OfficerRole.RESPONSIBLE),
        ("clerk", OfficerRole.OFFICER),
    )
)
HERE = (*SETTLED, *OFFICERS)
UNHEARD = (*HERE, opened())
HEARD = (*UNHEARD, consulted(), answered())
CONCLUDED = (*HEARD, decided())
MOVED = BranchTransferAccepted(
    transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
)
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)
OUTSIDE = (OTHER_BRANCH, FOREIGN_BRANCH, COMMUNITY)


def by(where: str | Actor) -> Actor:
    return acting(where) if isinstance(where, str) else where


def open_(where: str | Actor = BRANCH, **differently: Any) -> OpenDecision:
    inputs: dict[str, Any] = {"decision_id": DECISION, "member_id": LI, "purpose": SELECTION}
    return OpenDecision(**{"by": by(where), "at": AT, "period": "2026", **inputs, **differently})


def explain(where: str | Actor = BRANCH, member_id: str = LI) -> ExplainAbsence:
    return ExplainAbsence(
        by=by(where),
        at=AT,
        explanation_id="explanation",
        member_id=member_id,
        explanation="长期驻外",
        unit_view="表现良好",
    )


def override(where: str | Actor = COMMITTEE, **differently: Any) -> OverrideGate:
    inputs: dict[str, Any] = {"decision_id": DECISION, "override_id": "override", "at": AT}
    return OverrideGate(**{"by": by(where), "reason": "救灾期间", **inputs, **differently})


def conclude(where: str | Actor = BRANCH, **differently: Any) -> ConcludeDecision:
    inputs: dict[str, Any] = {"decision_id": DECISION, "result": DecisionResult.SELECTED}
    inputs |= {"document_no": "琼组发〔2026〕12号", "reason": "经支部大会表决"}
    return ConcludeDecision(**{"by": by(where), "at": AT, **inputs, **differently})


def revise(where: str | Actor = BRANCH, **differently: Any) -> ReviseDecision:
    inputs: dict[str, Any] = {"decision_id": DECISION, "result": DecisionResult.SELECTED}
    return ReviseDecision(**{"by": by(where), "at": AT, "reason": "复议", **inputs, **differently})


def at(day: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, 10, tzinfo=SHANGHAI)


# Opening.


def test_the_branch_opens_a_decision_once_for_each_purpose_and_period() -> None:
    story = given(*HERE).when(open_())
    story.then(DecisionOpened, branch_id=BRANCH, period="2026", opened_by_person=person("officer"))
    story.when(open_(decision_id="again")).refused(DecisionAlreadyOpened)
    story.when(open_(decision_id="2025", period="2025")).then(DecisionOpened)
    story.when(open_(decision_id="a", purpose=APPRAISAL)).then(DecisionOpened)
    story.when(open_(decision_id="b", purpose=ASSESSMENT)).then(DecisionOpened)
    story.when(open_(OTHER_BRANCH, member_id=WANG, decision_id="w")).then(DecisionOpened)


def test_a_decision_that_was_concluded_is_not_opened_again() -> None:
    given(*CONCLUDED).when(open_(decision_id="again")).refused(DecisionAlreadyOpened)


@pytest.mark.parametrize("where", [COMMITTEE, *OUTSIDE])
def test_nobody_but_the_members_branch_opens(where: str) -> None:
    given(*HERE).when(open_(where)).refused(UnknownMember, pointer="/member_id")
    given(*HERE).when(explain(where)).refused(UnknownMember)


def test_any_appointed_officer_opens() -> None:
    given(*HERE).when(open_(acting(BRANCH, "clerk", "officer"))).then(DecisionOpened)
    given(*HERE).when(open_(acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)


def test_a_vetting_is_not_opened_here_and_a_period_is_a_year_that_began() -> None:
    story = given(*HERE)
    story.when(open_(purpose=VETTING, period=TERM)).refused(
        VettingOpenedByAuthority, pointer="/purpose"
    )
    for period in (TERM, "26", "二〇二六"):
        story.when(open_(period=period)).refused(PeriodNotOfPurpose, pointer="/period")
    story.when(open_(period="2027")).refused(PeriodNotOver, pointer="/period")
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    story.when(open_(period="2027", at=new_year)).then(DecisionOpened)


def test_nothing_is_begun_or_concluded_about_an_erased_member() -> None:
    given(*HERE, ERASED).when(open_()).refused(UnknownMember)
    given(*MEMBER, *OFFICERS, ERASED).when(explain()).refused(UnknownMember)
    for command in (conclude(), override()):
        given(*HEARD, ERASED).when(command).refused(UnknownDecision)
    given(*CONCLUDED, ERASED).when(revise()).refused(UnknownDecision)


# Explaining.


def test_the_unit_explains_a_member_who_never_checked_in() -> None:
    story = given(*MEMBER, *OFFICERS, opened())
    story.when(conclude()).refused(NeverCheckedInUnexplained)
    story.when(explain()).then(
        AbsenceExplained,
        explanation="长期驻外",
        unit_view="表现良好",
        explained_on=AT.date(),
        explained_by_person=person("officer"),
    )
    story.when(conclude()).then(
        DecisionConcluded, notices=("never_checked_in",), opinion_ids=(), overridden=()
    )
    given(*HERE).when(explain()).refused(MemberHasCheckedIn)


def test_an_explanation_is_a_responsible_persons_and_not_in_their_own_matter() -> None:
    story = given(*MEMBER, *OFFICERS, appointed(LI, BRANCH), appointed("seven", BRANCH, of=LI))
    for who in (acting(BRANCH, "clerk"), acting(BRANCH, role="officer")):
        story.when(explain(who)).refused(DecisionByResponsiblePerson)
    story.when(explain(acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)
    for same in (LI, "seven"):
        story.when(explain(acting(BRANCH, same))).refused(NotInOwnMatter)


# Concluding.


@pytest.mark.parametrize("where", [BRANCH, COMMITTEE, AUTHORITY])
def test_the_members_line_concludes_what_the_gate_lets_through(where: str) -> None:
    given(*HEARD).when(conclude(where)).then(
        DecisionConcluded,
        member_id=LI,
        organisation_id=where,
        branch_id=BRANCH,
        purpose=SELECTION,
        period="2026",
        result=DecisionResult.SELECTED,
        opinion_ids=(OPINION,),
        notices=(),
        overridden=(),
        override_ids=(),
        concluded_by="officer",
        concluded_by_person=person("officer"),
    )
    given(*UNHEARD).when(conclude(where)).refused(NoOpinion)


@pytest.mark.parametrize("purpose", [SELECTION, APPRAISAL, ASSESSMENT])
def test_one_gate_for_all_and_only_their_own_results(purpose: DecisionPurpose) -> None:
    history = (*HERE, opened(purpose=purpose))
    for result in DecisionResult:
        story = given(*history, consulted(purpose=purpose), answered()).when(
            conclude(result=result)
        )
        if result in results_of(purpose):
            story.then(DecisionConcluded, result=result)
        else:
            story.refused(ResultNotOfPurpose, pointer="/result")
    given(*history).when(conclude(result=results_of(purpose)[0])).refused(NoOpinion)


def test_it_is_concluded_once() -> None:
    given(*HEARD).when(conclude()).when(conclude(COMMITTEE)).refused(DecisionAlreadyConcluded)


def test_the_gate_is_judged_on_the_day() -> None:
    story = given(*HEARD)
    story.when(conclude(at=at(20, 5, 2027))).refused(OpinionExpired)
    story.when(conclude(at=at(19, 5, 2027))).then(DecisionConcluded)
    asked = given(*UNHEARD, consulted())
    asked.when(conclude(at=at(1, 12))).refused(NoOpinion)
    asked.when(conclude(at=at(2, 12))).refused(OpinionOverdue)
    given(*HEARD, objected()).when(conclude()).refused(OpinionDisputed)


@pytest.mark.parametrize("where", OUTSIDE)
def test_a_decision_of_others_is_unknown(where: str) -> None:
    for command in (conclude(where), override(where)):
        given(*UNHEARD).when(command).refused(UnknownDecision)
    given(*CONCLUDED).when(revise(where)).refused(UnknownDecision)


def test_whoever_took_the_member_over_concludes() -> None:
    story = given(*HEARD, MOVED)
    story.when(conclude(BRANCH)).refused(UnknownDecision)
    story.when(conclude(OTHER_BRANCH)).then(DecisionConcluded, branch_id=OTHER_BRANCH)


COMMANDS = pytest.mark.parametrize("command", [conclude, override, revise])


@COMMANDS
def test_what_nobody_opened_is_unknown(command: Any) -> None:
    given(*HERE).when(command()).refused(UnknownDecision)
    given(*HEARD).when(command(decision_id="another")).refused(UnknownDecision)


@COMMANDS
def test_only_a_responsible_person_acts(command: Any) -> None:
    for who in (acting(BRANCH, "clerk"), acting(BRANCH, role="officer")):
        given(*HEARD).when(command(who)).refused(DecisionByResponsiblePerson)
    given(*HEARD).when(command(acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)


@COMMANDS
def test_nobody_acts_in_their_own_matter(command: Any) -> None:
    """Neither under the member's own id nor under another one of the same person."""
    same = (appointed(LI, BRANCH), appointed("seven", BRANCH, of=LI))
    for who in (LI, "seven"):
        given(*HEARD, *same).when(command(acting(BRANCH, who))).refused(NotInOwnMatter)


def test_the_document_number_names_nobody() -> None:
    given(*HEARD).when(conclude(document_no=id_number())).refused(
        PersonalDataInOpenText, pointer="/document_no"
    )


# Overriding.


def test_an_override_names_what_failed_and_another_person_concludes() -> None:
    story = given(*UNHEARD).when(override())
    story.then(
        GateOverridden,
        organisation_id=COMMITTEE,
        branch_id=BRANCH,
        conditions=("no_opinion",),
        reason="救灾期间",
        overridden_by_person=person("officer"),
    )
    for where in (COMMITTEE, BRANCH):
        # The same natural person, whichever office they hold.
        story.when(conclude(where)).refused(ConcludedByOverrider)
    story.when(conclude(acting(BRANCH, "other"))).then(
        DecisionConcluded, overridden=("no_opinion",), override_ids=("override",), opinion_ids=()
    )


def test_an_override_does_not_cover_what_comes_later() -> None:
    other = acting(BRANCH, "other")
    story = given(*UNHEARD, consulted()).when(override())
    story.when(conclude(other, at=at(2, 12))).refused(OpinionOverdue)
    story.when(override(override_id="second", at=at(2, 12))).then(
        GateOverridden, conditions=("silent_past_due",)
    )
    story.when(conclude(other, at=at(2, 12))).then(
        DecisionConcluded, overridden=("silent_past_due",), override_ids=("second",)
    )


def test_nothing_is_overridden_where_nothing_failed_or_all_is_over() -> None:
    given(*HEARD).when(override()).refused(NothingToOverride)
    story = given(*UNHEARD).when(override())
    story.when(override(override_id="again")).refused(NothingToOverride)
    given(*CONCLUDED).when(override()).refused(DecisionAlreadyConcluded)


def test_an_override_is_of_one_decision_only() -> None:
    story = given(*UNHEARD, opened("appraisal", purpose=APPRAISAL)).when(override())
    appraised = conclude(
        acting(BRANCH, "other"), decision_id="appraisal", result=DecisionResult.QUALIFIED
    )
    story.when(appraised).refused(NoOpinion)


# Vettings, which are opened and concluded elsewhere.

OF_AUTHORITY = VettingOpened(
    decision_id=DECISION,
    member_id=LI,
    organisation_id=AUTHORITY,
    period=TERM,
    team=("officer", "other"),
    opened_by="officer",
    opened_by_person=person("officer"),
)
OVER_AUTHORITY = (
    organisation("authority-above", OrganisationKind.PERSONNEL_AUTHORITY),
    organisation(AUTHORITY, OrganisationKind.PERSONNEL_AUTHORITY, "authority-above"),
    appointed("officer", "authority-above"),
)


def test_a_vetting_is_overridden_by_its_authority_or_above_and_not_concluded_here() -> None:
    story = given(*HERE, *OVER_AUTHORITY, OF_AUTHORITY)
    for where in (BRANCH, COMMITTEE, *OUTSIDE):
        story.when(override(where)).refused(UnknownDecision)
    story.when(conclude(AUTHORITY, result=DecisionResult.SUITABLE)).refused(UnknownDecision)
    for where in (AUTHORITY, "authority-above"):
        overridden = Story(*story.history).when(override(where))
        overridden.then(GateOverridden, branch_id=None, organisation_id=where)


def test_a_vetting_is_revised_by_its_authority() -> None:
    unsuitable = decided(result=DecisionResult.UNSUITABLE, purpose=VETTING, period=TERM).model_copy(
        update={"branch_id": None, "organisation_id": AUTHORITY}
    )
    objection = objected(ObjectionSubject.DECISION, DECISION)
    history = (
        *HERE,
        OF_AUTHORITY,
        unsuitable,
        objection,
        settled(objection, ObjectionOutcome.UPHELD),
    )
    better = {"result": DecisionResult.DEFERRED}
    given(*history).when(revise(COMMITTEE, **better)).refused(UnknownDecision)
    given(*history).when(revise(AUTHORITY, **better)).then(
        DecisionRevised, branch_id=None, purpose=VETTING, period=TERM
    )


# Revising.


OBJECTED = objected(ObjectionSubject.DECISION, DECISION)
POORLY_APPRAISED = (
    *HERE,
    opened(purpose=APPRAISAL),
    decided(result=DecisionResult.BASICALLY_QUALIFIED, purpose=APPRAISAL),
)


@pytest.mark.parametrize("outcome", [ObjectionOutcome.UPHELD, ObjectionOutcome.PARTLY])
@pytest.mark.parametrize("result", results_of(APPRAISAL))
def test_a_revision_follows_an_upheld_objection_and_is_never_worse(
    result: DecisionResult, outcome: ObjectionOutcome
) -> None:
    story = given(*POORLY_APPRAISED, OBJECTED, settled(OBJECTED, outcome))
    story.when(revise(result=result))
    if result is DecisionResult.UNQUALIFIED:
        story.refused(WorseAfterObjection, pointer="/result")
    else:
        story.then(
            DecisionRevised,
            result=result,
            corrects=POORLY_APPRAISED[-1].event_id,
            objection_id=OBJECTION,
            branch_id=BRANCH,
            revised_by_person=person("officer"),
        )


def test_a_revision_needs_an_objection_that_was_upheld_and_not_yet_followed() -> None:
    good: dict[str, Any] = {"result": DecisionResult.QUALIFIED}
    story = given(*POORLY_APPRAISED)
    story.when(revise(**good)).refused(ObjectionNotUpheld)
    given(*story.history, OBJECTED).when(revise(**good)).refused(DecisionDisputed)
    for over in (settled(OBJECTED), given_up(OBJECTED)):
        given(*story.history, OBJECTED, over).when(revise(**good)).refused(ObjectionNotUpheld)
    for other in (objected(ObjectionSubject.DECISION, "other"), objected(subject_id=DECISION)):
        elsewhere = given(*story.history, other, settled(other, ObjectionOutcome.UPHELD))
        elsewhere.when(revise(**good)).refused(ObjectionNotUpheld)
    upheld = given(*story.history, OBJECTED, settled(OBJECTED, ObjectionOutcome.UPHELD))
    upheld.when(revise(**good)).then(DecisionRevised)
    upheld.when(revise(result=DecisionResult.OUTSTANDING)).refused(ObjectionNotUpheld)
    again = objected(ObjectionSubject.DECISION, DECISION, "second")
    second = given(*upheld.history, again)
    second.when(revise(**good)).refused(DecisionDisputed)
    second = given(*upheld.history, again, settled(again, ObjectionOutcome.PARTLY))
    # What is in force now is what must not be worsened.
    second.when(revise(result=DecisionResult.BASICALLY_QUALIFIED)).refused(WorseAfterObjection)
    second.when(revise(**good)).then(
        DecisionRevised, objection_id="second", corrects=upheld.history[-1].event_id
    )


def test_a_revision_comes_to_a_result_there_is() -> None:
    upheld = given(*POORLY_APPRAISED, OBJECTED, settled(OBJECTED, ObjectionOutcome.UPHELD))
    upheld.when(revise(result=DecisionResult.EXCELLENT)).refused(
        ResultNotOfPurpose, pointer="/result"
    )


def test_what_was_not_concluded_is_not_revised() -> None:
    given(*HEARD).when(revise()).refused(DecisionNotConcluded)


def test_whoever_overrode_does_not_revise() -> None:
    story = given(*UNHEARD).when(override()).when(conclude(acting(BRANCH, "other")))
    upheld = given(*story.history, OBJECTED, settled(OBJECTED, ObjectionOutcome.UPHELD))
    upheld.when(revise()).refused(ConcludedByOverrider)
    upheld.when(revise(acting(BRANCH, "other"))).then(DecisionRevised)


# What rests on a selection.


def commend(year: int = 2026, subject: Subject = Subject(member_id=LI)) -> Command:  # noqa: B008 - frozen
    return ConcludeCommendation(
        by=acting(COMMITTEE),
        at=AT,
        commendation_id="commendation",
        title="优秀共产党员",
        reason="服务突出",
        stated=Grounds(subject, year, "琼组发〔2026〕12号", ("event-1",)),
    )


def test_a_member_is_commended_once_the_selection_came_to_it() -> None:
    given(*HERE, *selected()).when(commend()).then(CommendationConcluded)
    for history in (
        (),
        (opened(),),
        (opened(), decided(result=DecisionResult.NOT_SELECTED)),
        selected(year=2025),
        selected(WANG),
        (opened(purpose=APPRAISAL), decided(result=DecisionResult.OUTSTANDING, purpose=APPRAISAL)),
    ):
        given(*HERE, *history).when(commend()).refused(NotSelected)
    given(*HERE).when(commend(subject=Subject(organisation_id=BRANCH))).then(CommendationConcluded)


def test_nobody_is_commended_on_a_disputed_selection() -> None:
    history = (*HERE, opened(), decided())
    disputed = objected(ObjectionSubject.DECISION, DECISION)
    given(*history, disputed).when(commend()).refused(SelectionDisputed)
    for over in (settled(disputed), given_up(disputed)):
        given(*history, disputed, over).when(commend()).then(CommendationConcluded)
    elsewhere = objected(ObjectionSubject.DECISION, "another")
    given(*history, elsewhere, objected()).when(commend()).then(CommendationConcluded)


def test_whoever_is_selected_after_an_objection_is_commended() -> None:
    refused = (*HERE, opened(), decided(result=DecisionResult.NOT_SELECTED))
    upheld = given(*refused, OBJECTED, settled(OBJECTED, ObjectionOutcome.UPHELD))
    upheld.when(commend()).refused(NotSelected)
    upheld.when(revise()).then(DecisionRevised)
    upheld.when(commend()).then(CommendationConcluded)
