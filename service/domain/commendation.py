"""评优: a member or a unit is commended for a year, with what caused it (R31)."""

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

CommendationId = Annotated[str, Tag("commendation")]


class CommendationConcluded(Event, type="CommendationConcluded"):
    """评优结论: a named responsible person concluded it, on this rule and these events (R31).

    It is about a member, whose branch stands beside them, or about the unit ``organisation_id``.
    ``title`` is what they are commended as. ``document_no`` is that of the rule. The reason is
    sealed where it speaks of a member, and open (``open_reason``) where it speaks of a unit.
    """

    commendation_id: CommendationId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    title: str
    year: int
    proposal_id: ProposalId | None = None
    document_no: str
    cause_event_ids: tuple[str, ...]
    reason: AssessmentText | None = None
    open_reason: str | None = None
    concluded_by: str
    concluded_by_person: str


class CommendationRevoked(Event, type="CommendationRevoked"):
    """撤销评优: with a reason; ``corrects`` is the conclusion it takes back (R18, R31)."""

    commendation_id: CommendationId
    member_id: MemberId | None = None
    branch_id: BranchId | None = None
    organisation_id: OrganisationId | None = None
    corrects: str
    reason: AssessmentText | None = None
    open_reason: str | None = None
    revoked_by: str
    revoked_by_person: str


class UnknownCommendation(Rejection):
    """没有这项评优结论，或者不由贵单位办理。"""

    status = 404


class AlreadyCommended(Rejection):
    """该年度已作出同一称号的评优结论。"""

    rule = "R31"


class CommendationInForce(Rejection):
    """该年度已作出评优结论，须先撤销评优，才能取消资格。"""

    rule = "R31"


class NotSelected(Rejection):
    """该党员当年未经评先评优评为先进，不能作出评优结论。"""

    rule = "R26"


class SelectionDisputed(Rejection):
    """对该党员当年评先评优结论的异议尚未答复，暂不能作出评优结论。"""

    rule = "R39"


class CommendationNotInForce(Rejection):
    """这项评优结论已经撤销。"""

    rule = "R18"


@dataclass(frozen=True)
class Commendation:
    """A commendation as it was concluded."""

    subject: Subject
    title: str
    year: int
    event_id: str


@dataclass
class Commendations(Fact):
    """The commendations of members and units."""

    subject: ClassVar[str] = "commendation"
    concluded: dict[str, Commendation] = field(default_factory=dict)
    """All that there ever were, by id."""
    revoked: set[str] = field(default_factory=set)

    @on(CommendationConcluded)
    def _(
        self,
        commendation_id: str,
        member_id: str | None,
        organisation_id: str | None,
        title: str,
        year: int,
        event_id: str,
    ) -> None:
        subject = Subject(member_id, organisation_id)
        self.concluded[commendation_id] = Commendation(subject, title, year, event_id)

    @on(CommendationRevoked)
    def _(self, commendation_id: str) -> None:
        self.revoked.add(commendation_id)

    @classmethod
    def of(cls, subject: Subject) -> Selector:
        """Selects every commendation of a member or unit."""
        return Selector(cls.projected_types, [subject.tag])

    def titles(self, subject: Subject, year: int) -> set[str]:
        """As what it is commended for a year."""
        return {
            each.title
            for commendation_id, each in self.concluded.items()
            if commendation_id not in self.revoked and (each.subject, each.year) == (subject, year)
        }
