"""A Saturday's clean-up in the town's community, to tell stories about activities with."""

from datetime import datetime, timedelta
from typing import Any

from service.domain.activity import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityKind,
    ActivityPlanned,
    ActivityPublished,
)
from service.domain.attendance import MemberSignedIn, MemberSignedOut
from service.domain.certificate import CertificateReportedLost
from service.domain.endorsement import ParticipationEndorsed, Performance
from service.domain.event import SHANGHAI
from service.domain.participation import ParticipationRecorded
from service.domain.registration import DeregistrationReason, MemberDeregistered
from tests.domain.town import BRANCH, CERTIFICATE, COMMUNITY, LI, REGISTRATION, person

ACTIVITY, PARTICIPATION, ENDORSEMENT = "activity", "participation", "endorsement"
STARTS = datetime(2026, 3, 7, 9, tzinfo=SHANGHAI)
ENDS = STARTS + timedelta(hours=2)
AFTER = STARTS + timedelta(days=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def planned(**differently: Any) -> ActivityPlanned:
    """The plan: Saturday morning, two hours, open to everybody registered."""
    plan: dict[str, Any] = {
        "activity_id": ACTIVITY,
        "community_id": COMMUNITY,
        "title": "清扫小区",
        "kind": ActivityKind.COMMUNITY,
        "category": "cleaning",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "place": "小区广场",
    }
    return ActivityPlanned(**plan | differently)


PUBLISHED = ActivityPublished(activity_id=ACTIVITY, community_id=COMMUNITY)
CANCELLED = ActivityCancelled(activity_id=ACTIVITY, community_id=COMMUNITY, reason="下雨")
COMPLETED = ActivityCompleted(activity_id=ACTIVITY, community_id=COMMUNITY)
LOST = CertificateReportedLost(certificate_no=CERTIFICATE, member_id=LI, branch_id=BRANCH)
GONE = MemberDeregistered(
    registration_id=REGISTRATION,
    member_id=LI,
    branch_id=BRANCH,
    community_id=COMMUNITY,
    reason_code=DeregistrationReason.LEFT,
)


def signed_in(member_id: str = LI, signed_at: datetime = STARTS) -> MemberSignedIn:
    """Signed in by scanning."""
    return MemberSignedIn(
        activity_id=ACTIVITY,
        community_id=COMMUNITY,
        member_id=member_id,
        signed_at=signed_at,
        method="qr",
    )


def signed_out(member_id: str = LI, signed_at: datetime = ENDS) -> MemberSignedOut:
    """Signed out by scanning."""
    return MemberSignedOut(
        activity_id=ACTIVITY,
        community_id=COMMUNITY,
        member_id=member_id,
        signed_at=signed_at,
        method="qr",
    )


def recorded(**differently: Any) -> ParticipationRecorded:
    """The member's participation in the clean-up, as the officer recorded it."""
    record: dict[str, Any] = {
        "participation_id": PARTICIPATION,
        "member_id": LI,
        "branch_id": BRANCH,
        "community_id": COMMUNITY,
        "activity_id": ACTIVITY,
        "kind": ActivityKind.COMMUNITY,
        "category": "cleaning",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "content": "清扫楼道",
        "ledger": "voluntary",
        "recorded_by": "officer",
        "recorded_by_person": person("officer"),
    }
    return ParticipationRecorded(**record | differently)


def endorsed(record: ParticipationRecorded, **differently: Any) -> ParticipationEndorsed:
    """The endorsement of a recording by another officer."""
    endorsement: dict[str, Any] = {
        "endorsement_id": ENDORSEMENT,
        "participation_id": record.participation_id,
        "member_id": record.member_id,
        "branch_id": record.branch_id,
        "community_id": record.community_id,
        "activity_id": record.activity_id,
        "certificate_no": CERTIFICATE,
        "endorses": record.event_id,
        "performance": Performance.GOOD,
        "endorsed_by": "secretary",
        "endorsed_by_person": person("secretary"),
    }
    return ParticipationEndorsed(**endorsement | differently)
