"""作出结论: a named responsible person decides what follows, from a proposal or without one (R31).

A proposal alone never changes anything (R28): an open one keeps nobody from being commended. What
does is a disqualification that somebody concluded.
"""

from dataclasses import dataclass, field
from datetime import date

from service.domain.commendation import (
    AlreadyCommended,
    CommendationConcluded,
    CommendationInForce,
    Commendations,
    NotSelected,
    SelectionDisputed,
)
from service.domain.concluder import Concluder, of_those_concerned, require_concluder
from service.domain.consequence import Grounds, Outcome, UnknownProposal
from service.domain.decided import Decisions
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.dismissing import Proposals
from service.domain.disqualification import (
    AlreadyDisqualified,
    DisqualificationConcluded,
    Disqualifications,
    EligibilityLost,
    NothingDemandedOfExempt,
)
from service.domain.event import SHANGHAI, Command, Selector, on
from service.domain.exemption import ExemptionEnded, MemberExempted, Term
from service.domain.membership import Memberships, UnknownMember
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import Organisations, UnknownOrganisation
from service.domain.period import PeriodNotOver


@dataclass(kw_only=True)
class ConcludeCommendation(Command):
    """作出评优结论: on a proposal, or on grounds that are stated (R31).

    Exactly one of ``proposal_id`` and ``stated`` is given. A member is commended only once the
    selection of that year came to it, which passed the gate (R26).
    """

    commendation_id: str
    title: str
    reason: str
    proposal_id: str | None = None
    stated: Grounds | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    proposals: Proposals = field(init=False, default_factory=Proposals)
    commendations: Commendations = field(init=False, default_factory=Commendations)
    disqualifications: Disqualifications = field(init=False, default_factory=Disqualifications)
    decisions: Decisions = field(init=False, default_factory=Decisions)

    def consistency_boundary(self) -> list[Selector]:
        boundary = _resting_on(self)
        grounds = _grounds(self)
        if grounds is not None and grounds.subject.member_id is not None:
            boundary.append(Decisions.of(grounds.subject.member_id))
        return boundary

    def execute(self) -> None:
        grounds, concluder = _grounds_and_concluder(self, Outcome.RECOMMENDED)
        subject, year = grounds.subject, grounds.year
        require_open_text(self.title, "/title")
        if self.disqualifications.stands(subject, year):
            raise EligibilityLost
        if self.title in self.commendations.titles(subject, year):
            raise AlreadyCommended(pointer="/title")
        if subject.member_id is not None:
            self._require_selected(subject.member_id, year)
        reason, open_reason = subject.worded(self.reason)
        self.happened(
            CommendationConcluded(
                commendation_id=self.commendation_id,
                member_id=subject.member_id,
                branch_id=concluder.branch_id,
                organisation_id=subject.organisation_id,
                title=self.title,
                year=year,
                proposal_id=self.proposal_id,
                document_no=grounds.document_no,
                cause_event_ids=grounds.cause_event_ids,
                reason=reason,
                open_reason=open_reason,
                concluded_by=self.by.person,
                concluded_by_person=concluder.person,
            )
        )

    def _require_selected(self, member_id: str, year: int) -> None:
        decision_id = self.decisions.opened(member_id, DecisionPurpose.SELECTION, str(year))
        if (
            decision_id is None
            or self.decisions.known[decision_id].result is not DecisionResult.SELECTED
        ):
            raise NotSelected
        if decision_id in self.decisions.disputes.values():
            raise SelectionDisputed


@dataclass(kw_only=True)
class ConcludeDisqualification(Command):
    """取消评优评先资格: on a proposal, or on grounds that are stated (R31, R32).

    Exactly one of ``proposal_id`` and ``stated`` is given. Of an exempt member nothing is demanded
    (R3): what counts is the last day of the year, or the day of the conclusion where it is earlier.
    """

    disqualification_id: str
    reason: str
    proposal_id: str | None = None
    stated: Grounds | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    proposals: Proposals = field(init=False, default_factory=Proposals)
    commendations: Commendations = field(init=False, default_factory=Commendations)
    disqualifications: Disqualifications = field(init=False, default_factory=Disqualifications)
    exempt: dict[str, Term] = field(init=False, default_factory=dict)

    def consistency_boundary(self) -> list[Selector]:
        boundary = _resting_on(self)
        grounds = _grounds(self)
        if grounds is not None and grounds.subject.member_id is not None:
            exempting = Selector([MemberExempted, ExemptionEnded], [grounds.subject.tag])
            boundary.append(exempting)
        return boundary

    @on(MemberExempted)
    def _(self, exemption_id: str, starts_on: date, ends_on: date) -> None:
        self.exempt[exemption_id] = starts_on, ends_on

    @on(ExemptionEnded)
    def _(self, exemption_id: str, ended_on: date) -> None:
        self.exempt[exemption_id] = self.exempt[exemption_id][0], ended_on

    def execute(self) -> None:
        grounds, concluder = _grounds_and_concluder(self, Outcome.INELIGIBLE)
        subject, year = grounds.subject, grounds.year
        judged_on = min(date(year, 12, 31), self.at.astimezone(SHANGHAI).date())
        if any(first <= judged_on <= last for first, last in self.exempt.values()):
            raise NothingDemandedOfExempt
        if self.disqualifications.stands(subject, year):
            raise AlreadyDisqualified
        if self.commendations.titles(subject, year):
            raise CommendationInForce
        reason, open_reason = subject.worded(self.reason)
        self.happened(
            DisqualificationConcluded(
                disqualification_id=self.disqualification_id,
                member_id=subject.member_id,
                branch_id=concluder.branch_id,
                organisation_id=subject.organisation_id,
                year=year,
                proposal_id=self.proposal_id,
                document_no=grounds.document_no,
                cause_event_ids=grounds.cause_event_ids,
                reason=reason,
                open_reason=open_reason,
                concluded_by=self.by.person,
                concluded_by_person=concluder.person,
            )
        )


_Conclusion = ConcludeCommendation | ConcludeDisqualification


def _grounds(command: _Conclusion) -> Grounds | None:
    """What is stated, or what the proposal rests on once that is learnt."""
    if command.proposal_id is not None:
        return command.proposals.grounds(command.proposal_id)
    return command.stated


def _resting_on(command: _Conclusion) -> list[Selector]:
    """Selects the proposal, who acts, whom it is about and what was concluded about them."""
    grounds = _grounds(command)
    boundary = [] if command.proposal_id is None else [Proposals.about(command.proposal_id)]
    subject = None if grounds is None else grounds.subject
    boundary += of_those_concerned(command.by, subject, command.officers, command.memberships)
    if subject is not None:
        boundary += [Commendations.of(subject), Disqualifications.of(subject)]
    return boundary


def _grounds_and_concluder(command: _Conclusion, outcome: Outcome) -> tuple[Grounds, Concluder]:
    """What it rests on and who concludes; refused by the first rule that speaks against it."""
    grounds = _grounds(command)
    unknown: UnknownProposal | UnknownMember | UnknownOrganisation
    if command.proposal_id is not None:
        unknown = UnknownProposal(pointer="/proposal_id")
    elif grounds is not None and grounds.subject.member_id is not None:
        unknown = UnknownMember(pointer="/member_id")
    else:
        unknown = UnknownOrganisation(pointer="/organisation_id")
    if grounds is None:
        raise unknown
    concluder = require_concluder(
        command.by,
        grounds.subject,
        command.officers,
        command.memberships,
        command.organisations,
        unknown,
    )
    if grounds.year > command.at.astimezone(SHANGHAI).year:
        raise PeriodNotOver(f"{grounds.year}年尚未开始。", "/year")
    grounds.require_complete()
    if command.proposal_id is not None:
        command.proposals.require_open(command.proposal_id, outcome)
    return grounds, concluder
