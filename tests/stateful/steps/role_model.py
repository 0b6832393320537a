"""Steps about role models: nominated, agreed or not, publicised (R33)."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.publicising import (
    AgreeToRoleModel,
    NominateRoleModel,
    PubliciseRoleModel,
    RefuseRoleModel,
)
from tests.domain.town import AT, COMMUNITY, OTHER_COMMUNITY
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.steps.step import Steps, given


class RoleModelSteps(Steps):
    """Whom communities find worth telling of."""

    @rule(community_id=st.sampled_from([COMMUNITY, COMMUNITY, OTHER_COMMUNITY]), nth=NTH, who=WHO)
    def nominate_role_model(self, community_id: str, nth: int, who: Who) -> None:
        member_id = self.neighbour(community_id, nth)
        self.decide(
            NominateRoleModel(
                role_model_id=self.world.new("role-model"),
                member_id=member_id,
                deeds="照看邻居",
                by=who.acting(community_id, member=member_id),
                at=AT,
            )
        )

    @given("role_models")
    @rule(
        nth=NTH,
        step=st.sampled_from(["agree"] * 2 + ["refuse"] + ["publicise"] * 2 + ["publicise again"]),
        channel=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def go_on_with_role_model(self, *, nth: int, step: str, channel: str, who: Who) -> None:
        known = self.world.town.role_models
        state = {"publicise": "agreed", "publicise again": "publicised"}.get(step, "nominated")
        likely = [each for each in known if known[each].state == state]
        role_model_id = pick(list(known), nth, likely)
        found = known.get(role_model_id)
        member_id = found.member if found else ""
        may: tuple[str, ...] = (found.community,) if found else ()
        if found and step in {"agree", "refuse"}:
            may = self.world.town.lines.get(self.branch_of(member_id) or "", ())
        by = who.acting(*may, member=member_id)
        if step == "agree":
            self.decide(AgreeToRoleModel(role_model_id=role_model_id, by=by, at=AT))
        elif step == "refuse":
            self.decide(
                RefuseRoleModel(role_model_id=role_model_id, reason="情况不符", by=by, at=AT)
            )
        else:
            self.decide(
                PubliciseRoleModel(role_model_id=role_model_id, channel=channel, by=by, at=AT)
            )
