"""Steps about what is decided on members, what lets it be decided, and revisions: R26, R39."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.deciding import ConcludeDecision, ExplainAbsence, OpenDecision, OverrideGate
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.reconsidering import ReviseDecision
from tests.domain.town import BRANCH
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.decision_periods import RESULTS
from tests.stateful.model.gate import gate
from tests.stateful.steps.deliberation import (
    PASSES,
    PERIODS,
    PURPOSES,
    DeliberationSteps,
    period_of,
)
from tests.stateful.steps.step import given

RESULT = st.integers(0, 3)


class DecisionSteps(DeliberationSteps):
    """What is decided about members, and what lets it be decided."""

    @rule(member=NTH, purpose=PURPOSES, period=PERIODS, passes=PASSES, who=WHO)
    def open_decision(
        self, *, member: int, purpose: DecisionPurpose, period: str, passes: int, who: Who
    ) -> None:
        member_id = self.member(member)
        self.decide(
            OpenDecision(
                decision_id=self.world.new("decision"),
                member_id=member_id,
                purpose=purpose,
                period=period_of(purpose, period),
                by=who.acting(self.branch_of(member_id) or BRANCH, member=member_id),
                at=self.now(passes),
            )
        )

    @rule(member=NTH, passes=PASSES, who=WHO)
    def explain_absence(self, *, member: int, passes: int, who: Who) -> None:
        town = self.world.town
        unheard = [each for each in town.branches if each not in town.checked_in]
        member_id = pick(list(town.branches), member, unheard)
        self.decide(
            ExplainAbsence(
                explanation_id=self.world.new("explanation"),
                member_id=member_id,
                explanation="长期驻外",
                unit_view="表现良好",
                by=who.acting(self.branch_of(member_id) or BRANCH, member=member_id),
                at=self.now(passes),
            )
        )

    def decision(self, nth: int, state: str) -> str:
        """One of the decisions, mostly one that stands like this."""
        town, today = self.world.town, self.now().date()
        upheld = {
            each.subject for each in town.objections.values() if each.state in {"upheld", "partly"}
        }
        likely = [
            each
            for each, it in town.decisions.items()
            if {
                "concluded": it.result is not None,
                "undecided": it.result is None,
                "shut": it.result is None and bool(gate(town, it, today).shut),
                "through": it.result is None
                and set(gate(town, it, today).shut) <= it.overridden.keys(),
                "upheld": each in upheld,
            }[state]
        ]
        return pick(list(town.decisions), nth, likely)

    def result(self, decision_id: str, nth: int, *, of_any: bool) -> DecisionResult:
        """What it comes to: mostly something that a decision of its purpose may come to."""
        known = self.world.town.decisions.get(decision_id)
        if known is None or of_any:
            return list(DecisionResult)[nth]
        results = RESULTS[known.purpose]
        return DecisionResult(results[nth % len(results)])

    @given("decisions")
    @rule(
        nth=NTH,
        state=st.sampled_from(["shut"] * 5 + ["undecided", "through", "concluded"]),
        passes=PASSES,
        who=WHO,
    )
    def override_gate(self, *, nth: int, state: str, passes: int, who: Who) -> None:
        at, decision_id = self.now(passes), self.decision(nth, state)
        self.decide(
            OverrideGate(
                override_id=self.world.new("override"),
                decision_id=decision_id,
                reason="救灾期间",
                by=self.deciding(decision_id, who),
                at=at,
            )
        )

    @given("decisions")
    @rule(
        nth=NTH,
        state=st.sampled_from(["undecided"] * 3 + ["shut"] * 5 + ["through"] * 3 + ["concluded"]),
        result=RESULT,
        of_any=draws.RARELY,
        document_no=draws.OPEN_TEXT.filter(bool),
        passes=PASSES,
        who=WHO,
    )
    def conclude_decision(
        self,
        *,
        nth: int,
        state: str,
        result: int,
        of_any: bool,
        document_no: str,
        passes: int,
        who: Who,
    ) -> None:
        at, decision_id = self.now(passes), self.decision(nth, state)
        self.decide(
            ConcludeDecision(
                decision_id=decision_id,
                result=self.result(decision_id, result, of_any=of_any),
                document_no=document_no,
                reason="经大会表决",
                by=self.deciding(decision_id, who),
                at=at,
            )
        )

    @given("decisions")
    @rule(
        nth=NTH,
        state=st.sampled_from(["upheld"] * 6 + ["concluded", "undecided"]),
        result=RESULT,
        of_any=draws.RARELY,
        passes=PASSES,
        who=WHO,
    )
    def revise_decision(
        self, *, nth: int, state: str, result: int, of_any: bool, passes: int, who: Who
    ) -> None:
        at, decision_id = self.now(passes), self.decision(nth, state)
        self.decide(
            ReviseDecision(
                decision_id=decision_id,
                result=self.result(decision_id, result, of_any=of_any),
                reason="异议成立",
                by=self.deciding(decision_id, who),
                at=at,
            )
        )
