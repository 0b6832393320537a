"""Activities and places at them (R13)."""

from datetime import timedelta

from service.domain.activity_planning import (
    CancelActivity,
    CompleteActivity,
    PlanActivity,
    PublishActivity,
    RescheduleActivity,
)
from service.domain.sign_up import SignUp, WithdrawSignUp
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Activity, Town

NOTHING = timedelta(0)


@predicts(PlanActivity)
def plan_activity(town: Town, command: PlanActivity) -> Prediction:
    """The community's own, or with a unit that comes as a group (R13)."""
    post = town.posts.get(command.service_post_id or "")
    with_post, unit = command.service_post_id is not None, command.branch_id
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(command.community_id) != "community"
        or (unit is not None and town.kinds.get(unit) != "branch"),
        OwnActivityNotPlanned=command.kind == "own",
        UnitOfActivityUnclear=(unit is None) == (command.kind == "unit"),
        UnknownServicePost=with_post and (post is None or post.community != command.community_id),
        ServicePostIsClosed=post is not None and post.closed,
        ActivityEndsBeforeStart=command.ends_at - command.starts_at <= NOTHING,
    ):
        return wrong
    needed = {"risk_notes": command.risk_notes, "insurance": command.insurance}
    town.activities[command.activity_id] = Activity(
        community=command.community_id,
        kind=command.kind.value,
        category=command.category,
        starts=command.starts_at,
        ends=command.ends_at,
        capacity=command.capacity,
        unit=unit,
        uncovered={name for name, given in needed.items() if command.risky and not given},
    )
    return happens("ActivityPlanned", community_id=command.community_id)


def own(town: Town, activity_id: str, acting: str) -> Activity | None:
    """The activity, if it is one of the acting community."""
    activity = town.activities.get(activity_id)
    return activity if activity is not None and activity.community == acting else None


@predicts(PublishActivity)
def publish_activity(town: Town, command: PublishActivity) -> Prediction:
    """A risky one with its notes and insurance (R13)."""
    activity = own(town, command.activity_id, command.by.organisation_id)
    if activity is None:
        return refused("UnknownActivity")
    brought = {"risk_notes": command.risk_notes, "insurance": command.insurance}
    if wrong := broken(
        ActivityIsCancelled=activity.state == "cancelled",
        ActivityIsCompleted=activity.state == "completed",
        ActivityAlreadyPublished=activity.state == "published",
        RiskNotCovered=any(not brought[each] for each in activity.uncovered),
    ):
        return wrong
    activity.state = "published"
    return happens("ActivityPublished", community_id=activity.community)


def _attended(town: Town, activity_id: str) -> bool:
    return any(
        activity == activity_id and signed.ins for (activity, _), signed in town.signed.items()
    )


@predicts(RescheduleActivity)
def reschedule_activity(town: Town, command: RescheduleActivity) -> Prediction:
    """To another window, while it is still to come and nobody has signed in (R13, R15)."""
    activity = own(town, command.activity_id, command.by.organisation_id)
    if activity is None:
        return refused("UnknownActivity")
    if wrong := broken(
        ActivityIsCancelled=activity.state == "cancelled",
        ActivityIsCompleted=activity.state == "completed",
        AttendanceTaken=_attended(town, command.activity_id),
        ActivityEndsBeforeStart=command.ends_at - command.starts_at <= NOTHING,
    ):
        return wrong
    activity.starts, activity.ends = command.starts_at, command.ends_at
    return happens("ActivityRescheduled", community_id=activity.community)


@predicts(CancelActivity)
def cancel_activity(town: Town, command: CancelActivity) -> Prediction:
    """While it is still to come and nobody has signed in (R13)."""
    activity = own(town, command.activity_id, command.by.organisation_id)
    if activity is None:
        return refused("UnknownActivity")
    if wrong := broken(
        ActivityIsCancelled=activity.state == "cancelled",
        ActivityIsCompleted=activity.state == "completed",
        AttendanceTaken=_attended(town, command.activity_id),
    ):
        return wrong
    activity.state = "cancelled"
    return happens("ActivityCancelled", community_id=activity.community)


@predicts(CompleteActivity)
def complete_activity(town: Town, command: CompleteActivity) -> Prediction:
    """A published one that has started (R13)."""
    activity = own(town, command.activity_id, command.by.organisation_id)
    if activity is None:
        return refused("UnknownActivity")
    if wrong := broken(
        ActivityIsCancelled=activity.state == "cancelled",
        ActivityIsCompleted=activity.state == "completed",
        ActivityNotPublished=activity.state == "planned",
        ActivityNotStarted=command.at < activity.starts,
    ):
        return wrong
    activity.state = "completed"
    return happens("ActivityCompleted", community_id=activity.community)


def _closed(activity: Activity, command: SignUp | WithdrawSignUp) -> dict[str, bool]:
    return {
        "ActivityIsCancelled": activity.state == "cancelled",
        "ActivityIsCompleted": activity.state == "completed",
        "ActivityNotPublished": activity.state == "planned",
        "ActivityOver": command.at >= activity.ends,
    }


@predicts(SignUp)
def sign_up(town: Town, command: SignUp) -> Prediction:
    """Within the capacity, of members registered here, of the unit if it is one's (R13)."""
    member, acting = command.member_id, command.by.organisation_id
    activity, branch = town.activities.get(command.activity_id), town.branches.get(member)
    if activity is None or acting not in {activity.community, branch}:
        return refused("UnknownActivity")
    stranger = town.stranger(acting, activity.community, member)
    if stranger == "UnknownMember":
        # Not even whether this member has signed up.
        return refused(
            *[rule for rule, it_is in _closed(activity, command).items() if it_is], stranger
        )
    if wrong := broken(
        **_closed(activity, command),
        NotRegisteredHere=stranger is not None,
        NotOfTheUnit=activity.unit not in {None, branch},
        AlreadySignedUp=member in activity.signed_up,
        ActivityFull=activity.capacity is not None and len(activity.signed_up) >= activity.capacity,
    ):
        return wrong
    activity.signed_up.add(member)
    return happens("MemberSignedUp", community_id=activity.community, branch_id=branch)


@predicts(WithdrawSignUp)
def withdraw_sign_up(town: Town, command: WithdrawSignUp) -> Prediction:
    """Before the activity ends; the place is free again (R13)."""
    member, acting = command.member_id, command.by.organisation_id
    activity, branch = town.activities.get(command.activity_id), town.branches.get(member)
    if activity is None or acting not in {activity.community, branch}:
        return refused("UnknownActivity")
    if wrong := broken(**_closed(activity, command), NotSignedUp=member not in activity.signed_up):
        return wrong
    activity.signed_up.remove(member)
    return happens("SignUpWithdrawn", community_id=activity.community, branch_id=branch)
