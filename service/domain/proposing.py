"""提出建议: what rule packs came to becomes proposals, each once (R28, R31, R32).

Who passed and who failed is found out by whoever asks, as of a position of the log; the event keeps
the figures and the position, so that anybody can find out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from service.domain.consequence import (
    ConsequenceProposed,
    Measured,
    NothingToPropose,
    Outcome,
    Subject,
)
from service.domain.event import SHANGHAI, Command, Selector, on
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.organisation import UNITS, Organisations
from service.domain.period import PeriodNotOver


@dataclass(frozen=True)
class Finding:
    """What a rule pack came to for one member of a branch, or for one unit."""

    subject: Subject
    branch_id: str | None
    """The member's branch; None for a unit."""
    outcome: Outcome
    pack_id: str
    document_no: str
    measured: tuple[Measured, ...]
    cause_event_ids: tuple[str, ...]

    def proposal_id(self, year: int) -> str:
        """The same for the same subject, pack and year: it is proposed once."""
        name = f"urn:eighthours:proposal/{self.pack_id}/{year}/{self.subject.tag}"
        return str(uuid5(NAMESPACE_URL, name))


@dataclass(kw_only=True)
class ProposeConsequences(Command):
    """提出建议: by an officer, about members and units of the organisation and below it.

    What was proposed before is passed over, and so are members who left in the meantime; refused
    when nothing is left. Nothing else follows from a proposal (R28).
    """

    year: int
    findings: Sequence[Finding]
    as_of_position: int
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    proposed: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        boundary = self.officers.acting(self.by)
        units = dict[str | None, None]()
        for each in self.findings:
            proposal = f"proposal:{each.proposal_id(self.year)}"
            boundary.append(Selector([ConsequenceProposed], [proposal]))
            if each.subject.member_id is not None:
                boundary.append(Memberships.about(each.subject.member_id))
            units[each.branch_id or each.subject.organisation_id] = None
        return [*boundary, *(Organisations.about(unit) for unit in units if unit)]

    @on(ConsequenceProposed)
    def _(self, proposal_id: str) -> None:
        self.proposed.add(proposal_id)

    def execute(self) -> None:
        if self.year > self.at.astimezone(SHANGHAI).year:
            raise PeriodNotOver(f"{self.year}年尚未开始。", "/year")
        self.officers.appointment(self.by)
        new = [each for each in self.findings if self._is_new(each)]
        if not new:
            raise NothingToPropose
        for each in new:
            self.happened(
                ConsequenceProposed(
                    proposal_id=each.proposal_id(self.year),
                    member_id=each.subject.member_id,
                    branch_id=each.branch_id,
                    organisation_id=each.subject.organisation_id,
                    outcome=each.outcome,
                    year=self.year,
                    pack_id=each.pack_id,
                    document_no=each.document_no,
                    measured=each.measured,
                    cause_event_ids=each.cause_event_ids,
                    as_of_position=self.as_of_position,
                    proposed_by=self.by.person,
                )
            )

    def _is_new(self, finding: Finding) -> bool:
        """Whether it was not proposed yet, and its subject still stands below whoever proposes."""
        member_id, unit = finding.subject.member_id, finding.subject.organisation_id
        if member_id is not None:
            unit = self.memberships.branches.get(member_id)
        return (
            finding.proposal_id(self.year) not in self.proposed
            and unit is not None
            and unit == (finding.branch_id or unit)
            and self.organisations.kinds.get(unit) in UNITS
            and self.by.organisation_id in self.organisations.line_of(unit)
        )
