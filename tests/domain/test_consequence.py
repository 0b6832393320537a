"""Consequences: proposed by rules, concluded by people, with what caused them (R28, R31, R32)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from service.domain.commendation import (
    AlreadyCommended,
    CommendationConcluded,
    CommendationInForce,
    CommendationNotInForce,
    CommendationRevoked,
    UnknownCommendation,
)
from service.domain.concluding import ConcludeCommendation, ConcludeDisqualification
from service.domain.consequence import (
    CauseMissing,
    ConcludedByResponsiblePerson,
    ConsequenceProposed,
    DismissalReason,
    DocumentMissing,
    Grounds,
    Measured,
    NothingToPropose,
    Outcome,
    ProposalAnswered,
    ProposalDismissed,
    ProposalDoesNotFit,
    Subject,
    UnitConcludesOnItself,
    UnknownProposal,
)
from service.domain.dismissing import DismissProposal
from service.domain.disqualification import (
    AlreadyDisqualified,
    DisqualificationConcluded,
    DisqualificationNotInForce,
    DisqualificationRevoked,
    EligibilityLost,
    NothingDemandedOfExempt,
    UnknownDisqualification,
)
from service.domain.event import SHANGHAI, Actor, Command
from service.domain.exemption import ExemptionEnded, ExemptionReason, MemberExempted
from service.domain.membership import BranchTransferAccepted, SubjectErased, UnknownMember
from service.domain.officer import OfficerNotAppointed, OfficerRole
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import UnknownOrganisation
from service.domain.period import PeriodNotOver
from service.domain.proposing import Finding, ProposeConsequences
from service.domain.revoking import RevokeCommendation, RevokeDisqualification
from service.domain.separation import NotInOwnMatter
from tests.domain.hearing import selected
from tests.domain.story import Story, given
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    SETTLED,
    WANG,
    acting,
    appointed,
    id_number,
    person,
)

AT = datetime(2026, 12, 20, 10, tzinfo=SHANGHAI)
YEAR = 2026
MEMBER, UNIT = Subject(member_id=LI), Subject(organisation_id=BRANCH)
OFFICERS = tuple(
    appointed(officer_id, organisation_id, role)
    for organisation_id in (AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, FOREIGN_BRANCH)
    for officer_id, role in (
        ("officer", OfficerRole.RESPONSIBLE),
        ("clerk", OfficerRole.OFFICER),
    )
)
SELECTED = tuple(
    event
    for member_id in (LI, WANG)
    for year in (2025, 2026)
    for event in selected(member_id, year)
)
"""Only who was selected is commended."""
HERE = (*SETTLED, *OFFICERS, *SELECTED)
GRADED = Measured(rule_id="hours", measured="49小时59分", required="不少于50小时", passed=False)


def finding(**differently: Any) -> Finding:
    """The member stayed a minute below the hours that a pack demands."""
    found: dict[str, Any] = {
        "subject": MEMBER,
        "branch_id": BRANCH,
        "outcome": Outcome.INELIGIBLE,
        "pack_id": "pack",
        "document_no": "琼组发〔2026〕12号",
        "measured": (GRADED,),
        "cause_event_ids": ("adopted", "endorsed"),
    }
    return Finding(**found | differently)


OF_UNIT = finding(
    subject=UNIT,
    branch_id=None,
    measured=(
        Measured(
            rule_id="rate", measured="完成率18/19", required="完成率不低于19/20", passed=False
        ),
    ),
)
RECOMMENDED = finding(outcome=Outcome.RECOMMENDED, pack_id="recognition")


def propose(*findings: Finding, by: str = COMMITTEE, year: int = YEAR) -> ProposeConsequences:
    return ProposeConsequences(
        by=acting(by), at=AT, year=year, findings=findings or (finding(),), as_of_position=7
    )


def proposed(found: Finding = finding()) -> ConsequenceProposed:  # noqa: B008 - frozen
    event = given(*HERE).when(propose(found)).happened[0]
    assert isinstance(event, ConsequenceProposed)
    return event


OPEN, OPEN_ABOUT_UNIT, OPEN_RECOMMENDED = proposed(), proposed(OF_UNIT), proposed(RECOMMENDED)
STATED = Grounds(MEMBER, YEAR, "琼组发〔2026〕12号", ("event-1",))
STATED_OF_UNIT = replace(STATED, subject=UNIT)


def commend(by: str | Actor = COMMITTEE, **inputs: Any) -> ConcludeCommendation:
    more: dict[str, Any] = {"commendation_id": "commendation", "title": "优秀共产党员"}
    more |= {"reason": "服务突出", "by": somebody(by), "at": AT}
    return ConcludeCommendation(**more | inputs)


def disqualify(by: str | Actor = COMMITTEE, **inputs: Any) -> ConcludeDisqualification:
    more: dict[str, Any] = {"disqualification_id": "disqualification", "reason": "未落实"}
    return ConcludeDisqualification(**{"by": somebody(by), "at": AT, **more, **inputs})


def somebody(by: str | Actor) -> Actor:
    return acting(by) if isinstance(by, str) else by


def dismiss(proposal: ConsequenceProposed = OPEN, by: str = BRANCH) -> DismissProposal:
    return DismissProposal(
        by=acting(by),
        at=AT,
        proposal_id=proposal.proposal_id,
        reason_code=DismissalReason.GOOD_CAUSE,
        reason="长期驻村",
    )


CONCLUSIONS = pytest.mark.parametrize("conclude", [commend, disqualify])


# Proposals.


def test_a_proposal_names_the_rule_the_figures_and_the_events() -> None:
    given(*HERE).when(propose()).then(
        ConsequenceProposed,
        member_id=LI,
        branch_id=BRANCH,
        organisation_id=None,
        document_no="琼组发〔2026〕12号",
        measured=(GRADED,),
        cause_event_ids=("adopted", "endorsed"),
        as_of_position=7,
    )


def test_a_unit_is_proposed_as_well() -> None:
    given(*HERE).when(propose(OF_UNIT)).then(
        ConsequenceProposed, member_id=None, branch_id=None, organisation_id=BRANCH
    )


def test_each_is_proposed_once_for_a_pack_and_a_year() -> None:
    story = given(*HERE).when(propose())
    story.when(propose()).refused(NothingToPropose)
    story.when(propose(by=AUTHORITY)).refused(NothingToPropose)
    story.when(propose(finding(), OF_UNIT)).then(ConsequenceProposed, organisation_id=BRANCH)
    story.when(propose(year=YEAR - 1)).then(ConsequenceProposed)
    story.when(propose(finding(pack_id="other"))).then(ConsequenceProposed)


def test_a_dismissed_proposal_is_not_made_again() -> None:
    given(*HERE, OPEN).when(dismiss()).then(ProposalDismissed)
    given(*HERE, OPEN).when(dismiss()).when(propose()).refused(NothingToPropose)


def test_nothing_is_proposed_about_whoever_left_in_the_meantime() -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    given(*HERE, moved).when(propose()).refused(NothingToPropose)
    # Nor where the branch that took them over is asked about as well.
    of_wang = finding(subject=Subject(member_id=WANG), branch_id=OTHER_BRANCH)
    given(*HERE, moved).when(propose(finding(), of_wang)).then(ConsequenceProposed, member_id=WANG)
    given(*HERE, ERASED).when(propose()).refused(NothingToPropose)


ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)


@pytest.mark.parametrize("by", [OTHER_BRANCH, FOREIGN_BRANCH])
def test_nothing_is_proposed_about_others_members_and_units(by: str) -> None:
    given(*HERE).when(propose(finding(), OF_UNIT, by=by)).refused(NothingToPropose)


def test_a_community_is_no_unit() -> None:
    subject = Subject(organisation_id=COMMUNITY)
    given(*HERE, appointed("officer", COMMUNITY)).when(
        propose(finding(subject=subject, branch_id=None), by=COMMUNITY)
    ).refused(NothingToPropose)


def test_no_year_ahead_is_judged() -> None:
    given(*HERE).when(propose(year=2027)).refused(PeriodNotOver, pointer="/year")
    stated = replace(STATED, year=2027)
    given(*HERE).when(commend(stated=stated)).refused(PeriodNotOver, pointer="/year")


def test_whoever_proposes_is_appointed() -> None:
    given(*SETTLED).when(propose()).refused(OfficerNotAppointed)


def test_a_proposal_alone_changes_nothing() -> None:
    """A person may conclude the opposite of what was proposed; by itself nothing is concluded."""
    for proposal, subject in ((OPEN, STATED), (OPEN_ABOUT_UNIT, STATED_OF_UNIT)):
        story = given(*HERE, proposal)
        story.when(commend(stated=subject)).then(CommendationConcluded, proposal_id=None)
        assert [type(each) for each in story.history[-2:]] == [
            ConsequenceProposed,
            CommendationConcluded,
        ]
    given(*HERE, OPEN_RECOMMENDED).when(disqualify(stated=STATED)).then(DisqualificationConcluded)


# Conclusions.


def test_a_conclusion_on_a_proposal_takes_rule_and_events_from_it() -> None:
    causes = (OPEN.event_id, "adopted", "endorsed")
    given(*HERE, OPEN).when(disqualify(proposal_id=OPEN.proposal_id)).then(
        DisqualificationConcluded,
        member_id=LI,
        branch_id=BRANCH,
        year=YEAR,
        proposal_id=OPEN.proposal_id,
        document_no="琼组发〔2026〕12号",
        cause_event_ids=causes,
        reason="未落实",
        open_reason=None,
        concluded_by="officer",
        concluded_by_person=person("officer"),
    )
    proposal_id = OPEN_RECOMMENDED.proposal_id
    given(*HERE, OPEN_RECOMMENDED).when(commend(proposal_id=proposal_id)).then(
        CommendationConcluded, title="优秀共产党员", proposal_id=proposal_id
    )


def test_a_conclusion_without_a_proposal_states_rule_and_events() -> None:
    given(*HERE).when(commend(stated=STATED)).then(
        CommendationConcluded, document_no=STATED.document_no, cause_event_ids=("event-1",)
    )
    given(*HERE).when(disqualify(stated=STATED_OF_UNIT)).then(
        DisqualificationConcluded, organisation_id=BRANCH, reason=None, open_reason="未落实"
    )


@CONCLUSIONS
def test_neither_rule_nor_events_may_be_missing(conclude: Any) -> None:
    no_document, no_cause = replace(STATED, document_no=" "), replace(STATED, cause_event_ids=())
    given(*HERE).when(conclude(stated=no_document)).refused(DocumentMissing, pointer="/document_no")
    given(*HERE).when(conclude(stated=no_cause)).refused(CauseMissing, pointer="/cause_event_ids")


@CONCLUSIONS
def test_it_is_concluded_by_a_responsible_person(conclude: Any) -> None:
    story = given(*HERE)
    for by in (acting(COMMITTEE, "clerk"), acting(COMMITTEE, role="officer")):
        story.when(conclude(stated=STATED, by=by)).refused(ConcludedByResponsiblePerson)
    story.when(conclude(stated=STATED, by=acting(COMMITTEE, "nobody"))).refused(OfficerNotAppointed)


@CONCLUSIONS
def test_it_is_concluded_in_the_members_line(conclude: Any) -> None:
    for by in (BRANCH, COMMITTEE, AUTHORITY):
        assert given(*HERE).when(conclude(by, stated=STATED)).happened
    for by in (OTHER_BRANCH, FOREIGN_BRANCH, COMMUNITY):
        story = given(*HERE).when(conclude(by, stated=STATED))
        story.refused(UnknownMember, pointer="/member_id")
        story.when(conclude(by, stated=STATED_OF_UNIT))
        story.refused(UnknownOrganisation, pointer="/organisation_id")


@CONCLUSIONS
def test_a_unit_does_not_conclude_on_itself(conclude: Any) -> None:
    given(*HERE).when(conclude(BRANCH, stated=STATED_OF_UNIT)).refused(UnitConcludesOnItself)
    assert given(*HERE).when(conclude(COMMITTEE, stated=STATED_OF_UNIT)).happened


def test_nobody_decides_in_their_own_matter() -> None:
    """Neither under the member's own id nor under another one of the same person."""
    same = (appointed(LI, BRANCH), appointed("account-7", BRANCH, of=LI))
    commended = given(*HERE).when(commend(stated=STATED)).history
    disqualified = given(*HERE).when(disqualify(stated=STATED)).history
    for by in (acting(BRANCH, LI), acting(BRANCH, "account-7")):
        story = Story(*HERE, *same, OPEN)
        story.when(commend(stated=STATED, by=by)).refused(NotInOwnMatter)
        story.when(disqualify(stated=STATED, by=by)).refused(NotInOwnMatter)
        story.when(replace(dismiss(), by=by)).refused(NotInOwnMatter)
        revoke = RevokeCommendation(by=by, at=AT, commendation_id="commendation", reason="有误")
        Story(*commended, *same).when(revoke).refused(NotInOwnMatter)
        Story(*disqualified, *same).when(restore(by=by)).refused(NotInOwnMatter)


def test_a_proposal_is_answered_once() -> None:
    by_proposal = disqualify(proposal_id=OPEN.proposal_id)
    for first in (by_proposal, dismiss()):
        for second in (by_proposal, dismiss()):
            given(*HERE, OPEN).when(first).when(second).refused(ProposalAnswered)


def test_a_proposal_is_not_turned_into_its_opposite() -> None:
    commended = commend(proposal_id=OPEN.proposal_id)
    given(*HERE, OPEN).when(commended).refused(ProposalDoesNotFit, pointer="/proposal_id")
    disqualified = disqualify(proposal_id=OPEN_RECOMMENDED.proposal_id)
    given(*HERE, OPEN_RECOMMENDED).when(disqualified).refused(ProposalDoesNotFit)


def test_a_proposal_of_others_is_unknown() -> None:
    proposal_id = OPEN.proposal_id
    for by in (OTHER_BRANCH, FOREIGN_BRANCH, COMMUNITY):
        story = given(*HERE, OPEN)
        story.when(disqualify(by, proposal_id=proposal_id)).refused(UnknownProposal)
        story.when(dismiss(by=by)).refused(UnknownProposal)
    given(*HERE).when(disqualify(proposal_id=proposal_id)).refused(UnknownProposal)
    given(*HERE).when(dismiss()).refused(UnknownProposal)


def test_a_dismissal_says_why() -> None:
    given(*HERE, OPEN).when(dismiss()).then(
        ProposalDismissed,
        reason_code=DismissalReason.GOOD_CAUSE,
        reason="长期驻村",
        open_reason=None,
    )
    given(*HERE, OPEN_ABOUT_UNIT).when(dismiss(OPEN_ABOUT_UNIT, COMMITTEE)).then(
        ProposalDismissed, organisation_id=BRANCH, reason=None, open_reason="长期驻村"
    )
    given(*HERE, OPEN_ABOUT_UNIT).when(dismiss(OPEN_ABOUT_UNIT, BRANCH)).refused(
        UnitConcludesOnItself
    )
    clerk = replace(dismiss(), by=acting(BRANCH, "clerk"))
    given(*HERE, OPEN).when(clerk).refused(ConcludedByResponsiblePerson)


def test_who_lost_eligibility_is_not_commended_that_year() -> None:
    story = given(*HERE).when(disqualify(stated=STATED))
    story.when(commend(stated=STATED)).refused(EligibilityLost)
    story.when(commend(stated=replace(STATED, year=2025))).then(CommendationConcluded)
    story.when(disqualify(stated=STATED)).refused(AlreadyDisqualified)
    story.when(restore()).then(DisqualificationRevoked)
    story.when(commend(stated=STATED)).then(CommendationConcluded)


def test_a_commendation_is_not_contradicted() -> None:
    story = given(*HERE).when(commend(stated=STATED))
    story.when(disqualify(stated=STATED)).refused(CommendationInForce)
    story.when(commend(stated=STATED)).refused(AlreadyCommended, pointer="/title")
    other = {"title": "优秀党务工作者", "commendation_id": "other"}
    story.when(commend(stated=STATED, **other)).then(CommendationConcluded)
    for commendation_id in ("commendation", "other"):
        story.when(revoke_commendation(commendation_id)).then(CommendationRevoked, member_id=LI)
    story.when(disqualify(stated=STATED)).then(DisqualificationConcluded)


def test_units_and_members_are_kept_apart() -> None:
    story = given(*HERE).when(disqualify(stated=STATED_OF_UNIT))
    story.when(commend(stated=STATED)).then(CommendationConcluded)
    story.when(commend(stated=replace(STATED, subject=Subject(member_id=WANG)))).then(
        CommendationConcluded, branch_id=OTHER_BRANCH
    )


def exempted(starts_on: date, ends_on: date) -> MemberExempted:
    return MemberExempted(
        exemption_id="exemption",
        member_id=LI,
        branch_id=BRANCH,
        reason_code=ExemptionReason.ILLNESS,
        starts_on=starts_on,
        ends_on=ends_on,
    )


@pytest.mark.parametrize(
    ("ends_on", "refused"), [(date(2026, 12, 20), True), (date(2026, 12, 19), False)]
)
def test_nothing_is_demanded_of_the_exempt(ends_on: date, *, refused: bool) -> None:
    story = given(*HERE, exempted(date(2026, 1, 1), ends_on)).when(disqualify(stated=STATED))
    assert refused == isinstance(story.rejection, NothingDemandedOfExempt)
    assert refused != bool(story.happened)
    story.when(commend(stated=replace(STATED, year=2025))).then(CommendationConcluded)


def test_a_year_that_is_over_is_judged_on_its_last_day() -> None:
    after = datetime(2027, 1, 10, 9, tzinfo=SHANGHAI)
    story = given(*HERE, exempted(date(2026, 12, 31), date(2026, 12, 31)))
    story.when(replace(disqualify(stated=STATED), at=after)).refused(NothingDemandedOfExempt)
    ended = ExemptionEnded(
        exemption_id="exemption",
        member_id=LI,
        branch_id=BRANCH,
        ended_on=date(2026, 12, 30),
        reason="痊愈",
    )
    story = given(*HERE, exempted(date(2026, 12, 1), date(2026, 12, 31)), ended)
    story.when(replace(disqualify(stated=STATED), at=after)).then(DisqualificationConcluded)


@CONCLUSIONS
def test_what_is_said_about_a_unit_names_nobody(conclude: Any) -> None:
    story = given(*HERE).when(conclude(stated=STATED_OF_UNIT, reason=f"见{id_number()}"))
    story.refused(PersonalDataInOpenText, pointer="/reason")
    assert given(*HERE).when(conclude(stated=STATED, reason=f"见{id_number()}")).happened
    title = given(*HERE).when(commend(stated=STATED, title="13800000000"))
    title.refused(PersonalDataInOpenText, pointer="/title")


@CONCLUSIONS
def test_nothing_is_concluded_about_an_erased_member(conclude: Any) -> None:
    given(*HERE, ERASED).when(conclude(stated=STATED)).refused(UnknownMember)
    given(*HERE, OPEN, ERASED).when(dismiss()).refused(UnknownProposal)


# Taking back.


def revoke_commendation(commendation_id: str = "commendation", by: str = COMMITTEE) -> Command:
    return RevokeCommendation(
        by=acting(by), at=AT, commendation_id=commendation_id, reason="材料不实"
    )


def restore(**differently: Any) -> Command:
    inputs: dict[str, Any] = {"by": acting(COMMITTEE), "at": AT, "reason": "记录已更正"}
    inputs["disqualification_id"] = "disqualification"
    return RevokeDisqualification(**inputs | differently)


def test_a_conclusion_is_taken_back_once_and_says_which() -> None:
    story = given(*HERE).when(commend(stated=STATED))
    concluded = story.happened[0].event_id
    story.when(revoke_commendation()).then(
        CommendationRevoked, corrects=concluded, reason="材料不实"
    )
    story.when(revoke_commendation()).refused(CommendationNotInForce)
    story = given(*HERE).when(disqualify(stated=STATED_OF_UNIT))
    concluded = story.happened[0].event_id
    story.when(restore()).then(
        DisqualificationRevoked,
        corrects=concluded,
        organisation_id=BRANCH,
        open_reason="记录已更正",
    )
    story.when(restore()).refused(DisqualificationNotInForce)


def test_it_is_taken_back_by_whoever_might_have_concluded_it() -> None:
    story = given(*HERE).when(commend(stated=STATED)).when(disqualify(stated=STATED_OF_UNIT))
    for by in (OTHER_BRANCH, FOREIGN_BRANCH, COMMUNITY):
        story.when(revoke_commendation(by=by)).refused(UnknownCommendation)
        story.when(restore(by=acting(by))).refused(UnknownDisqualification)
    story.when(restore(by=acting(BRANCH))).refused(UnitConcludesOnItself)
    story.when(restore(by=acting(COMMITTEE, "clerk"))).refused(ConcludedByResponsiblePerson)
    story.when(revoke_commendation("another")).refused(UnknownCommendation)
    story.when(restore(disqualification_id="another")).refused(UnknownDisqualification)
