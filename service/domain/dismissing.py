"""答复建议: a proposal is answered once, by a conclusion or by being dismissed (R28, R31)."""

from dataclasses import dataclass, field
from typing import ClassVar

from service.domain.commendation import CommendationConcluded
from service.domain.concluder import of_those_concerned, require_concluder
from service.domain.consequence import (
    ConsequenceProposed,
    DismissalReason,
    Grounds,
    Outcome,
    ProposalAnswered,
    ProposalDismissed,
    ProposalDoesNotFit,
    Subject,
    UnknownProposal,
)
from service.domain.disqualification import DisqualificationConcluded
from service.domain.event import Command, Fact, Selector, on
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.organisation import Organisations


@dataclass
class Proposals(Fact):
    """What was proposed, and which of it was answered."""

    subject: ClassVar[str] = "proposal"
    open: dict[str, tuple[Outcome, Grounds]] = field(default_factory=dict)
    answered: dict[str, Grounds] = field(default_factory=dict)

    @on(ConsequenceProposed)
    def _(  # noqa: PLR0913, PLR0917 - the fields of the event
        self,
        proposal_id: str,
        member_id: str | None,
        organisation_id: str | None,
        outcome: Outcome,
        year: int,
        document_no: str,
        cause_event_ids: tuple[str, ...],
        event_id: str,
    ) -> None:
        subject = Subject(member_id, organisation_id)
        causes = (event_id, *cause_event_ids)
        self.open[proposal_id] = outcome, Grounds(subject, year, document_no, causes)

    @on(ProposalDismissed)
    def _(self, proposal_id: str) -> None:
        self._answer(proposal_id)

    @on(CommendationConcluded)
    def _(self, proposal_id: str | None) -> None:
        self._answer(proposal_id)

    @on(DisqualificationConcluded)
    def _(self, proposal_id: str | None) -> None:
        self._answer(proposal_id)

    def _answer(self, proposal_id: str | None) -> None:
        # A conclusion without a proposal, or about one that was not asked for, answers none here.
        if proposal_id in self.open:
            _, self.answered[proposal_id] = self.open.pop(proposal_id)

    def grounds(self, proposal_id: str) -> Grounds | None:
        """What it rests on; None if there is no such proposal."""
        if proposal_id in self.open:
            return self.open[proposal_id][1]
        return self.answered.get(proposal_id)

    def require_open(self, proposal_id: str, outcome: Outcome | None = None) -> None:
        """Refused once it was answered, and where another outcome was proposed."""
        if proposal_id in self.answered:
            raise ProposalAnswered
        if outcome is not None and self.open[proposal_id][0] is not outcome:
            raise ProposalDoesNotFit(pointer="/proposal_id")


@dataclass(kw_only=True)
class DismissProposal(Command):
    """不予采纳: by whoever might have concluded on it, with a reason; nothing follows (R28)."""

    proposal_id: str
    reason_code: DismissalReason
    reason: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    proposals: Proposals = field(init=False, default_factory=Proposals)

    def consistency_boundary(self) -> list[Selector]:
        grounds = self.proposals.grounds(self.proposal_id)
        subject = None if grounds is None else grounds.subject
        return [
            Proposals.about(self.proposal_id),
            *of_those_concerned(self.by, subject, self.officers, self.memberships),
        ]

    def execute(self) -> None:
        grounds = self.proposals.grounds(self.proposal_id)
        if grounds is None:
            raise UnknownProposal
        subject = grounds.subject
        concluder = require_concluder(
            self.by,
            subject,
            self.officers,
            self.memberships,
            self.organisations,
            UnknownProposal(),
        )
        self.proposals.require_open(self.proposal_id)
        reason, open_reason = subject.worded(self.reason)
        self.happened(
            ProposalDismissed(
                proposal_id=self.proposal_id,
                member_id=subject.member_id,
                branch_id=concluder.branch_id,
                organisation_id=subject.organisation_id,
                reason_code=self.reason_code,
                reason=reason,
                open_reason=open_reason,
                dismissed_by=self.by.person,
                dismissed_by_person=concluder.person,
            )
        )
