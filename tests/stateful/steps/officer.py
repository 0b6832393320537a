"""Steps about who may act for an organisation: appointed, dismissed, delegated to (R6, R17)."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.delegation import DelegateDuty, EndDelegation
from service.domain.officer import DelegatedDuty, OfficerRole
from service.domain.review import ConcludeReview, ReviewOutcome
from tests.domain.town import AT, COMMUNITY, person
from tests.stateful import draws
from tests.stateful.draws import FEW, NTH, WHO, Who, pick
from tests.stateful.papers import ID_NUMBERS
from tests.stateful.steps.step import Steps, given

OFFICER_IDS = st.sampled_from(
    ["officer", "secretary", "deputy", "clerk", *["former"] * 3, "newcomer", next(iter(ID_NUMBERS))]
)


class OfficerSteps(Steps):
    """Officers and what is delegated to them."""

    def above(self, organisation_id: str) -> str:
        """What stands right above an organisation; itself, where nothing does."""
        line = self.world.town.lines.get(organisation_id, (organisation_id,))
        return line[1] if len(line) > 1 else line[0]

    @rule(
        organisation=NTH,
        officer_id=OFFICER_IDS,
        of=st.sampled_from(["the id"] * 4 + ["newcomer", "secretary", "member-1"]),
        id_number=draws.ID_NUMBER,
        role=st.sampled_from(OfficerRole),
        who=WHO,
    )
    def appoint_officer(
        self,
        *,
        organisation: int,
        officer_id: str,
        of: str,
        id_number: str,
        role: OfficerRole,
        who: Who,
    ) -> None:
        organisation_id = self.organisation(["community", "branch", "subdistrict"], organisation)
        self.decide(
            AppointOfficer(
                organisation_id=organisation_id,
                officer_id=officer_id,
                person=person(officer_id if of == "the id" else of),
                id_number=id_number,
                role=role,
                by=who.acting(self.above(organisation_id)),
                at=AT,
            )
        )

    @rule(organisation=FEW, officer_id=OFFICER_IDS, who=WHO)
    def dismiss_officer(self, organisation: int, officer_id: str, who: Who) -> None:
        organisation_id = self.organisation(["community"], organisation)
        self.decide(
            DismissOfficer(
                organisation_id=organisation_id,
                officer_id=officer_id,
                by=who.acting(self.above(organisation_id)),
                at=AT,
            )
        )

    @rule(
        officer_id=st.sampled_from(["clerk"] * 5 + ["newcomer", "deputy", draws.NOBODY]),
        duty=st.sampled_from(DelegatedDuty),
        days=st.sampled_from([3, 3, 3, 10, 92, 93, 0, -1]),
        who=WHO,
    )
    def delegate_duty(self, officer_id: str, duty: DelegatedDuty, days: int, who: Who) -> None:
        self.decide(
            DelegateDuty(
                delegation_id=self.world.new("delegation"),
                officer_id=officer_id,
                duty=duty,
                ends_at=AT + timedelta(days=days),
                by=who.acting(COMMUNITY),
                at=AT,
            )
        )

    @given("delegations")
    @rule(nth=NTH, who=WHO)
    def end_delegation(self, nth: int, who: Who) -> None:
        known = self.world.town.delegations
        delegation_id = pick(list(known), nth)
        held = known.get(delegation_id)
        self.decide(
            EndDelegation(
                delegation_id=delegation_id,
                by=who.acting(held.organisation if held else None),
                at=AT,
            )
        )

    @rule(review=FEW, who=WHO)
    def conclude_review(self, review: int, who: Who) -> None:
        self.decide(
            ConcludeReview(
                review_id=f"review-{review}",
                community_id=COMMUNITY,
                outcome=ReviewOutcome.EXPLAINED,
                note="当场核实",
                by=who.acting(COMMUNITY),
                at=AT,
            )
        )
