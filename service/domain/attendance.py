"""签到签退: who was there, from when to when (R14)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from service.domain.event import ActivityId, CommunityId, Event, Instant, MemberId

Method = Literal["qr", "code", "roll_call"]
"""签到方式: 扫码, 六位码, 点名."""


class MemberSignedIn(Event, type="MemberSignedIn"):
    """签到: a second one never erases the first (R14)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    signed_at: Instant
    method: Method


class MemberSignedOut(Event, type="MemberSignedOut"):
    """签退: the last one counts (R14)."""

    activity_id: ActivityId
    community_id: CommunityId
    member_id: MemberId
    signed_at: Instant
    method: Method


class RollCallException(BaseModel):
    """点名例外: somebody expected who was not there, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    member_id: str
    reason_code: str


class RollCalled(Event, type="RollCalled"):
    """点名: everybody present in one list; they count as signed in and out for the window (R14)."""

    activity_id: ActivityId
    community_id: CommunityId
    present: tuple[MemberId, ...]
    exceptions: tuple[RollCallException, ...] = ()
    signed_in_at: Instant
    signed_out_at: Instant
