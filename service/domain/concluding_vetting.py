"""作出考察结论: behind the same gate as every decision about a member (R26, R29).

The authority itself must have asked for the community's opinion, beforehand. An override is granted
as for other decisions (`deciding.OverrideGate`).
"""

from dataclasses import dataclass, field

from service.domain.decided import Decisions, require_decider
from service.domain.decision import DecisionConcluded
from service.domain.decision_purpose import DecisionPurpose, DecisionResult, require_result
from service.domain.event import SHANGHAI, Command, Selector
from service.domain.examining import of_vetting, require_undecided
from service.domain.gate import Gate, require_open
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.separation import Act
from service.domain.vetting import UnknownVetting, Vettings


@dataclass(kw_only=True)
class ConcludeVetting(Command):
    """作出考察结论: evidence frozen, public notice over, the gate open (R26, R29).

    ``at`` is the moment of the conclusion itself, as of every decision behind the gate.
    """

    decision_id: str
    result: DecisionResult
    document_no: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    decisions: Decisions = field(init=False, default_factory=Decisions)
    vettings: Vettings = field(init=False, default_factory=Vettings)
    gate: Gate = field(init=False, default_factory=Gate)

    def consistency_boundary(self) -> list[Selector]:
        boundary = of_vetting(self.decision_id, self.by, self.officers)
        for each in self.vettings.known.values():
            # The gate brings the overrides of the member's other decisions with it.
            of = each.member_id
            boundary += [Memberships.about(of), Decisions.of(of), Gate.about(of)]
        return boundary

    def execute(self) -> None:
        vetting = self.vettings.of_authority(self.decision_id, self.by.organisation_id)
        if vetting.member_id not in self.memberships.branches:
            raise UnknownVetting
        decision = self.decisions.known[self.decision_id]
        person = require_decider(Act.CONCLUDED, self.by, decision, self.officers, self.memberships)
        require_undecided(decision)
        require_result(DecisionPurpose.VETTING, self.result)
        require_open_text(self.document_no, "/document_no")
        today = self.at.astimezone(SHANGHAI).date()
        verdict = self.gate.verdict(
            vetting.member_id,
            DecisionPurpose.VETTING,
            decision.period,
            vetting.organisation_id,
            today,
        )
        passage = require_open(verdict, self.gate.overrides.get(self.decision_id, {}))
        vetting.require_ready(passage.opinion_ids, today)
        self.happened(
            DecisionConcluded(
                decision_id=self.decision_id,
                member_id=vetting.member_id,
                organisation_id=vetting.organisation_id,
                branch_id=None,
                purpose=DecisionPurpose.VETTING,
                period=decision.period,
                result=self.result,
                document_no=self.document_no,
                reason=self.reason,
                opinion_ids=passage.opinion_ids,
                notices=passage.notices,
                overridden=passage.overridden,
                override_ids=passage.override_ids,
                concluded_by=self.by.person,
                concluded_by_person=person,
            )
        )
