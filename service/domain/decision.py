"""评议考核结论: selection, appraisal, assessment and vetting of a member, behind the gate (R26)."""

from datetime import date
from typing import Annotated

from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import (
    AssessmentText,
    BranchId,
    Event,
    MemberId,
    OrganisationId,
    Rejection,
    Tag,
)

DecisionId = Annotated[str, Tag("decision")]
"""Of a vetting as well: a vetting is a decision."""


class DecisionOpened(Event, type="DecisionOpened"):
    """启动评议考核: the member's branch begins a selection, appraisal or assessment (R26)."""

    decision_id: DecisionId
    member_id: MemberId
    branch_id: BranchId
    purpose: DecisionPurpose
    period: str
    opened_by: str
    opened_by_person: str


class AbsenceExplained(Event, type="AbsenceExplained"):
    """说明未报到: the unit's written explanation, and its view, of a member who never checked in.

    Both are sealed (R26).
    """

    explanation_id: Annotated[str, Tag("explanation")]
    member_id: MemberId
    branch_id: BranchId
    explanation: AssessmentText
    unit_view: AssessmentText
    explained_on: date
    explained_by: str
    explained_by_person: str


class GateOverridden(Event, type="GateOverridden"):
    """特批: a named officer lets a decision be concluded against named conditions (R26).

    ``conditions`` are those that kept the gate shut at that moment, by code: another one that
    comes later keeps it shut again.
    """

    override_id: Annotated[str, Tag("override")]
    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    branch_id: BranchId | None = None
    conditions: tuple[str, ...]
    reason: AssessmentText
    overridden_by: str
    overridden_by_person: str


class DecisionConcluded(Event, type="DecisionConcluded"):
    """作出评议考核结论: a named responsible person concludes, the gate being open (R26, R28).

    ``organisation_id`` concludes; ``branch_id`` stands beside the member except in a vetting, which
    is the personnel authority's own. ``opinion_ids`` are the opinions it rests on, ``notices`` what
    the gate says all the same (e.g. never checked in), ``overridden`` the conditions that were
    overridden, under ``override_ids``.
    """

    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    branch_id: BranchId | None = None
    purpose: DecisionPurpose
    period: str
    result: DecisionResult
    document_no: str
    reason: AssessmentText
    opinion_ids: tuple[str, ...]
    notices: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    override_ids: tuple[str, ...] = ()
    concluded_by: str
    concluded_by_person: str


class DecisionRevised(Event, type="DecisionRevised"):
    """复议结论: after an objection that was upheld; never to the member's disadvantage (R39).

    ``corrects`` is the conclusion it takes the place of.
    """

    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    branch_id: BranchId | None = None
    purpose: DecisionPurpose
    period: str
    result: DecisionResult
    corrects: str
    objection_id: Annotated[str, Tag("objection")]
    reason: AssessmentText
    revised_by: str
    revised_by_person: str


class UnknownDecision(Rejection):
    """没有这项评议考核，或者不由贵单位办理。"""

    status = 404


class DecisionAlreadyOpened(Rejection):
    """该党员这一事项、这一期间的评议考核已经启动。"""

    rule = "R26"


class VettingOpenedByAuthority(Rejection):
    """任前考察由组织部门启动，不在此办理。"""

    rule = "R29"


class DecisionAlreadyConcluded(Rejection):
    """这项评议考核已经作出结论。"""

    rule = "R26"


class DecisionNotConcluded(Rejection):
    """这项评议考核尚未作出结论。"""

    rule = "R39"


class DecisionByResponsiblePerson(Rejection):
    """评议考核的结论、特批和未报到的说明，须由党组织负责人作出。"""

    rule = "R26"


class NothingToOverride(Rejection):
    """没有需要特批的条件。"""

    rule = "R26"


class MemberHasCheckedIn(Rejection):
    """该党员到社区报到过，须征求社区党组织意见，不能以说明代替。"""

    rule = "R26"


class DecisionDisputed(Rejection):
    """党员对这项结论提出的异议尚未答复。"""

    rule = "R39"


class ObjectionNotUpheld(Rejection):
    """没有成立或者部分成立、尚待落实的异议，不能改变结论。"""

    rule = "R39"
