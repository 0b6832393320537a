"""Steps about activities, places at them and attendance: R13, R14."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.activity import ActivityKind
from service.domain.activity_planning import (
    CancelActivity,
    CompleteActivity,
    PlanActivity,
    PublishActivity,
    RescheduleActivity,
)
from service.domain.attendance import AbsenceReason, RollCallException, SignIn, SignOut
from service.domain.roll_call import CallRoll
from service.domain.sign_up import SignUp, WithdrawSignUp
from tests.domain.town import AT, acting
from tests.stateful import draws
from tests.stateful.draws import (
    AFTERWARDS,
    BEFOREHAND,
    NEAR_EDGE,
    NTH,
    WHO,
    Edge,
    Who,
    Window,
    moment,
    pick,
)
from tests.stateful.steps.step import Steps, given


class ActivitySteps(Steps):
    """Activities, places at them, and who was there."""

    def activity(self, nth: int, state: str = "published") -> str:
        """One of the activities, mostly in this state."""
        known = self.world.town.activities
        return pick(list(known), nth, [each for each in known if known[each].state == state])

    @rule(
        community=NTH,
        kind=st.sampled_from([*ActivityKind][:2] * 3 + [ActivityKind.OWN]),
        window=draws.WINDOW,
        capacity=st.sampled_from([None, 1, 2]),
        unit=st.sampled_from(["fits"] * 8 + ["missing", "unknown"]),
        branch=draws.FEW,
        post=st.sampled_from([None] * 6 + [0, 1, 9]),
        risk=draws.RISK,
    )
    def plan_activity(
        self,
        *,
        community: int,
        kind: ActivityKind,
        window: Window,
        capacity: int | None,
        unit: str,
        branch: int,
        post: int | None,
        risk: draws.Risk,
    ) -> None:
        community_id = self.organisation(["community"], community)
        branch_id: str | None = self.organisation(["branch"], branch)
        if (kind is ActivityKind.UNIT) == (unit == "missing"):
            branch_id = None
        elif unit == "unknown":
            branch_id = draws.NOBODY
        posts = list(self.world.town.posts)
        self.decide(
            PlanActivity(
                activity_id=self.world.new("activity"),
                community_id=community_id,
                title="活动",
                kind=kind,
                category="cleaning",
                starts_at=window[0],
                ends_at=window[1],
                place="广场",
                capacity=capacity,
                branch_id=branch_id,
                service_post_id=None if post is None else pick(posts, post),
                risky=risk.risky,
                risk_notes=risk.notes,
                insurance=risk.insurance,
                by=acting(community_id),
                at=AT,
            )
        )

    @given("activities")
    @rule(nth=NTH, risk=draws.RISK, who=WHO)
    def publish_activity(self, nth: int, risk: draws.Risk, who: Who) -> None:
        activity_id = self.activity(nth, "planned")
        self.decide(
            PublishActivity(
                activity_id=activity_id,
                risk_notes=risk.notes,
                insurance=risk.insurance,
                by=who.acting(self.host(activity_id)),
                at=AT,
            )
        )

    @given("activities")
    @rule(nth=NTH, window=draws.WINDOW, who=WHO)
    def reschedule_activity(self, nth: int, window: Window, who: Who) -> None:
        activity_id = self.activity(nth)
        self.decide(
            RescheduleActivity(
                activity_id=activity_id,
                starts_at=window[0],
                ends_at=window[1],
                place="活动室",
                reason="下雨",
                by=who.acting(self.host(activity_id)),
                at=AT,
            )
        )

    @given("activities")
    @rule(nth=NTH, who=WHO)
    def cancel_activity(self, nth: int, who: Who) -> None:
        activity_id = self.activity(nth)
        by = who.acting(self.host(activity_id))
        self.decide(CancelActivity(activity_id=activity_id, reason="下雨", by=by, at=AT))

    @given("activities")
    @rule(nth=NTH, edge=AFTERWARDS, who=WHO)
    def complete_activity(self, nth: int, edge: Edge, who: Who) -> None:
        activity_id = self.activity(nth)
        at = moment(self.window_of(activity_id), edge)
        by = who.acting(self.host(activity_id))
        self.decide(CompleteActivity(activity_id=activity_id, by=by, at=at))

    @given("activities")
    @rule(nth=NTH, member=NTH, edge=BEFOREHAND, who=WHO)
    def sign_up(self, nth: int, member: int, edge: Edge, who: Who) -> None:
        activity_id = self.activity(nth)
        member_id = self.neighbour(self.host(activity_id), member)
        at = moment(self.window_of(activity_id), edge)
        by = who.acting(self.host(activity_id), self.branch_of(member_id))
        self.decide(SignUp(activity_id=activity_id, member_id=member_id, by=by, at=at))

    @given("activities")
    @rule(nth=NTH, member=NTH, edge=BEFOREHAND, who=WHO)
    def withdraw_sign_up(self, nth: int, member: int, edge: Edge, who: Who) -> None:
        activity_id = self.activity(nth)
        member_id = self.neighbour(self.host(activity_id), member)
        activity = self.world.town.activities.get(activity_id)
        if activity is not None:
            member_id = pick(list(self.world.town.branches), member, sorted(activity.signed_up))
        at = moment(self.window_of(activity_id), edge)
        by = who.acting(self.host(activity_id), self.branch_of(member_id))
        self.decide(WithdrawSignUp(activity_id=activity_id, member_id=member_id, by=by, at=at))

    @given("activities")
    @rule(
        nth=NTH,
        member=NTH,
        out=st.booleans(),
        signed=NEAR_EDGE,
        told=AFTERWARDS,
        who=WHO,
    )
    def sign(self, *, nth: int, member: int, out: bool, signed: Edge, told: Edge, who: Who) -> None:
        activity_id = self.activity(nth)
        member_id = self.neighbour(self.host(activity_id), member)
        window, signed_in = self.window_of(activity_id), self.world.town.signed
        if out:
            came = [member for activity, member in signed_in if activity == activity_id]
            member_id = pick(list(self.world.town.branches), member, came)
        signs = SignOut if out else SignIn
        self.decide(
            signs(
                activity_id=activity_id,
                member_id=member_id,
                signed_at=moment(window, signed),
                method="qr",
                by=who.acting(self.host(activity_id)),
                at=moment(window, told),
            )
        )

    @given("activities")
    @rule(
        nth=NTH,
        present=st.lists(st.integers(0, 5), max_size=3),
        missing=st.sampled_from([(), (), (1,), (9,)]),
        strangers=draws.RARELY,
        edge=AFTERWARDS,
        who=WHO,
    )
    def call_roll(
        self,
        *,
        nth: int,
        present: list[int],
        missing: tuple[int, ...],
        strangers: bool,
        edge: Edge,
        who: Who,
    ) -> None:
        activity_id, town = self.activity(nth), self.world.town
        known = list(town.branches)
        if not strangers:
            here = self.host(activity_id)
            known = [each for each in known if town.community_of(each) == here]
        absent = self.some(known, missing)
        self.decide(
            CallRoll(
                activity_id=activity_id,
                present=self.some(known, present),
                exceptions=tuple(
                    RollCallException(member_id=each, reason_code=AbsenceReason.LEAVE)
                    for each in absent
                ),
                by=who.acting(self.host(activity_id)),
                at=moment(self.window_of(activity_id), edge),
            )
        )
