"""Steps about the community's word: given, countersigned, taken back: R17, R27, R39."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.opinion import Conduct, OpinionFigures
from service.domain.replying import CountersignOpinion, GiveOpinion, WithdrawOpinion
from tests.domain.town import COMMUNITY
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.opinions import countersignature_stated, opinion_stated
from tests.stateful.steps.consultation import ConsultationSteps
from tests.stateful.steps.deliberation import PASSES
from tests.stateful.steps.signing import SigningSteps
from tests.stateful.steps.step import given

CONDUCT = [Conduct.GOOD] * 3 + [Conduct.FAIR] * 2 + [Conduct.POOR, Conduct.NO_BASIS]
VIEWS = st.one_of(
    st.sampled_from(CONDUCT).map(lambda each: (each, each, each, each)),
    st.tuples(*[st.sampled_from(CONDUCT)] * 4),
)
FIGURES = OpinionFigures(
    registered_since="2026-03-04",
    grade_a=1,
    grade_b=0,
    grade_c=2,
    grade_d=0,
    voluntary_minutes=120,
    duty_minutes=0,
    as_of_position=7,
)


class OpinionSteps(ConsultationSteps, SigningSteps):
    """Whoever answers."""

    @given("consultations")
    @rule(
        nth=NTH,
        state=st.sampled_from(["open"] * 8 + ["escalated"] * 2 + ["answered", "withdrawn"]),
        views=VIEWS,
        comment=st.sampled_from([None, "认真负责"]),
        signed=draws.SIGNED,
        again=draws.RARELY,
        passes=PASSES,
        who=WHO,
    )
    def give_opinion(
        self,
        *,
        nth: int,
        state: str,
        views: tuple[Conduct, Conduct, Conduct, Conduct],
        comment: str | None,
        signed: str,
        again: bool,
        passes: int,
        who: Who,
    ) -> None:
        consultation_id, known = self.consultation(nth, state)
        may = (known.community, known.escalated_to) if known else (COMMUNITY,)
        by, at = who.acting(*may, member=known.member if known else ""), self.now(passes)
        opinion_id, salt = self.world.new("opinion"), None if comment is None else "salt"
        if again:
            # Only who signs says under which id; the service would give a new one.
            opinion_id = pick([*self.world.town.opinions, opinion_id], 1)
        said = opinion_stated(
            self.world.town,
            by,
            at,
            opinion=opinion_id,
            consultation=consultation_id,
            figures=FIGURES,
            views=(views[0].value, views[1].value, views[2].value, views[3].value),
            comment=comment,
            salt=salt,
        )
        own = self.own(signed, by, said, salt, at)
        if own is None and again:
            opinion_id = self.world.new("opinion")
        self.decide(
            GiveOpinion(
                opinion_id=opinion_id,
                consultation_id=consultation_id,
                figures=FIGURES,
                social_morality=views[0],
                community_pledge=views[1],
                bearing=views[2],
                overall=views[3],
                # The salt of one that the service signs is drawn by lot.
                comment=comment if own else None,
                own=own,
                by=by,
                at=at,
            )
        )

    @given("opinions")
    @rule(
        nth=NTH,
        countersigns=st.booleans(),
        state=st.sampled_from(["fitting"] * 6 + ["waiting", "counts", "withdrawn"]),
        signed=draws.SIGNED,
        passes=PASSES,
        who=WHO,
    )
    def go_on_with_opinion(
        self, *, nth: int, countersigns: bool, state: str, signed: str, passes: int, who: Who
    ) -> None:
        town = self.world.town
        known = town.opinions
        if state == "fitting":
            state = "waiting" if countersigns else "counts"
        opinion_id = pick(list(known), nth, [each for each in known if known[each].state == state])
        found = known.get(opinion_id)
        member = town.consultations[found.consultation].member if found else ""
        by = who.acting(found.replying if found else COMMUNITY, member=member)
        at = self.now(passes)
        if not countersigns:
            reason = "情况有变"
            self.decide(WithdrawOpinion(opinion_id=opinion_id, reason=reason, by=by, at=at))
            return
        said = countersignature_stated(town, by, at, opinion=opinion_id)
        own = self.own(signed, by, said, at=at)
        self.decide(CountersignOpinion(opinion_id=opinion_id, own=own, by=by, at=at))
