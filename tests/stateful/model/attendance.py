"""Signing in and out, and roll-calls (R14)."""

from datetime import datetime

from service.domain.attendance import SignIn, SignOut
from service.domain.roll_call import CallRoll
from tests.stateful.model.activities import own
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Activity, Signed, Town
from tests.stateful.papers import SIGNING_TIME


def _signing(activity: Activity, signed_at: datetime, at: datetime) -> dict[str, bool]:
    return {
        "ActivityIsCancelled": activity.state == "cancelled",
        "ActivityNotPublished": activity.state == "planned",
        "OutsideSigningTime": signed_at < activity.starts - SIGNING_TIME
        or signed_at > activity.ends + SIGNING_TIME,
        "SignedInFuture": signed_at > at,
    }


@predicts(SignIn)
def sign_in(town: Town, command: SignIn) -> Prediction:
    """Beside earlier ones, which it never erases (R14)."""
    acting, member = command.by.organisation_id, command.member_id
    activity = own(town, command.activity_id, acting)
    if activity is None:
        return refused("UnknownActivity")
    stranger = town.stranger(acting, acting, member)
    if stranger == "UnknownMember":
        return refused(stranger)
    if wrong := broken(
        **_signing(activity, command.signed_at, command.at), NotRegisteredHere=stranger is not None
    ):
        return wrong
    signed = town.signed.setdefault((command.activity_id, member), Signed())
    signed.ins.append(command.signed_at)
    return happens("MemberSignedIn", community_id=acting, signed_at=command.signed_at)


@predicts(SignOut)
def sign_out(town: Town, command: SignOut) -> Prediction:
    """After the member's own sign-in (R14)."""
    acting = command.by.organisation_id
    activity = own(town, command.activity_id, acting)
    if activity is None:
        return refused("UnknownActivity")
    signed = town.signed.get((command.activity_id, command.member_id), Signed())
    if wrong := broken(
        **_signing(activity, command.signed_at, command.at),
        NotSignedIn=not signed.ins,
        SignedOutBeforeSignedIn=bool(signed.ins) and command.signed_at < min(signed.ins),
    ):
        return wrong
    signed.outs.append(command.signed_at)
    return happens("MemberSignedOut", community_id=acting, signed_at=command.signed_at)


@predicts(CallRoll)
def call_roll(town: Town, command: CallRoll) -> Prediction:
    """A whole list in one request; at the end it also says who stayed (R14)."""
    acting = command.by.organisation_id
    activity = own(town, command.activity_id, acting)
    if activity is None:
        return refused("UnknownActivity")
    called = [*command.present, *(each.member_id for each in command.exceptions)]
    if wrong := broken(
        ActivityIsCancelled=activity.state == "cancelled",
        ActivityNotPublished=activity.state == "planned",
        RollCallTooEarly=command.at < activity.starts - SIGNING_TIME,
        NobodyCalled=not called,
        CalledTwice=len(set(called)) < len(called),
        CalledButNotRegistered=any(town.community_of(each) != acting for each in called),
    ):
        return wrong
    is_over = activity.state == "completed" or command.at >= activity.ends
    came, left = min(command.at, activity.starts), min(command.at, activity.ends)
    for member in command.present:
        signed = town.signed.setdefault((command.activity_id, member), Signed())
        signed.ins.append(came)
        if is_over:
            signed.outs.append(left)
    return happens("RollCalled", signed_in_at=came, signed_out_at=left if is_over else None)
