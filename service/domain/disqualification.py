"""取消资格: a member or a unit may not be commended for a year, with what caused it (R31, R32)."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from service.domain.consequence import ProposalId, Subject
from service.domain.event import (
    AssessmentText,
    BranchId,
    Event,
    Fact,
    MemberId,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)

DisqualificationId = Annotated[str, Tag("disqualification")]


class DisqualificationConcluded(Event, type="DisqualificationConcluded"):
    """取消资格结论: a named responsible person concluded it, on this rule and these events (R31).

    It is about a member, whose branch stands beside them, or about the unit ``organisation_id``.
    ``document_no`` is that of the rule. The reason is sealed where it speaks of a member, and open
    (``open_reason``) where it speaks of a unit.
    """

    disqualification_id: DisqualificationId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    year: int
    proposal_id: ProposalId | None = None
    document_no: str
    cause_event_ids: tuple[str, ...]
    reason: AssessmentText | None = None
    open_reason: str | None = None
    concluded_by: str
    concluded_by_person: str


class DisqualificationRevoked(Event, type="DisqualificationRevoked"):
    """恢复资格: with a reason; ``corrects`` is the conclusion it takes back (R18, R31)."""

    disqualification_id: DisqualificationId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    corrects: str
    reason: AssessmentText | None = None
    open_reason: str | None = None
    revoked_by: str
    revoked_by_person: str


class UnknownDisqualification(Rejection):
    """没有这项取消资格的结论，或者不由贵单位办理。"""

    status = 404


class AlreadyDisqualified(Rejection):
    """该年度的评优评先资格已经取消。"""

    rule = "R31"


class EligibilityLost(Rejection):
    """该年度的评优评先资格已被取消，不能作出评优结论。"""

    rule = "R31"


class NothingDemandedOfExempt(Rejection):
    """该党员免予报到，不得取消其评优评先资格。"""

    rule = "R3"


class DisqualificationNotInForce(Rejection):
    """该项资格已经恢复。"""

    rule = "R18"


@dataclass(frozen=True)
class Disqualification:
    """A disqualification as it was concluded."""

    subject: Subject
    year: int
    event_id: str


@dataclass
class Disqualifications(Fact):
    """The disqualifications of members and units."""

    subject: ClassVar[str] = "disqualification"
    concluded: dict[str, Disqualification] = field(default_factory=dict)
    """All that there ever were, by id."""
    revoked: set[str] = field(default_factory=set)

    @on(DisqualificationConcluded)
    def _(
        self,
        disqualification_id: str,
        member_id: str | None,
        organisation_id: str | None,
        year: int,
        event_id: str,
    ) -> None:
        subject = Subject(member_id, organisation_id)
        self.concluded[disqualification_id] = Disqualification(subject, year, event_id)

    @on(DisqualificationRevoked)
    def _(self, disqualification_id: str) -> None:
        self.revoked.add(disqualification_id)

    @classmethod
    def of(cls, subject: Subject) -> Selector:
        """Selects every disqualification of a member or unit."""
        return Selector(cls.projected_types, [subject.tag])

    def stands(self, subject: Subject, year: int) -> bool:
        """Whether it lost its eligibility for a year."""
        return any(
            (each.subject, each.year) == (subject, year)
            for disqualification_id, each in self.concluded.items()
            if disqualification_id not in self.revoked
        )
