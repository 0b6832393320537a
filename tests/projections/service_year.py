"""What members did and what was said about it: events for the stories of views."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from service.domain.activity import ActivityKind
from service.domain.endorsement import EndorsementRevoked, ParticipationEndorsed, Performance
from service.domain.event import SHANGHAI, Event
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.eventstore import EventLog
from service.projections.catalogue import VIEWS
from service.projections.runner import Runner
from service.projections.view import View
from tests.domain.town import BRANCH, CERTIFICATE, COMMUNITY, LI, person


def at(text: str) -> datetime:
    """A moment of local time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def kept_up(log: EventLog, views: Sequence[View] = VIEWS) -> None:
    """Lets the views run until they have reached the head."""
    async with Runner.running(log, views) as runner, asyncio.timeout(20):
        assert await runner.caught_up(await log.head()), runner.states()


def recorded(
    participation_id: str, starts_at: str, ends_at: str, **differently: Any
) -> ParticipationRecorded:
    """A participation of the first member, without an activity."""
    facts: dict[str, Any] = {
        "member_id": LI,
        "branch_id": BRANCH,
        "community_id": COMMUNITY,
        "kind": ActivityKind.COMMUNITY,
        "category": "cleaning",
        "content": "清扫楼道",
        "ledger": "voluntary",
        "recorded_by": "recorder",
        "recorded_by_person": person("recorder"),
    }
    return ParticipationRecorded(
        participation_id=participation_id,
        starts_at=at(starts_at),
        ends_at=at(ends_at),
        **facts | differently,
    )


def _of(event: Event) -> dict[str, Any]:
    names = ("participation_id", "member_id", "branch_id", "community_id")
    return {name: getattr(event, name) for name in names}


def corrected(
    event: ParticipationRecorded | ParticipationCorrected, reason: str = "记错了", **facts: Any
) -> ParticipationCorrected:
    """What stands instead."""
    kept = event.model_dump(exclude={"event_id", "corrects", "reason"})
    return ParticipationCorrected(**kept | facts, corrects=event.event_id, reason=reason)


def voided(event: ParticipationRecorded | ParticipationCorrected) -> ParticipationVoided:
    """It counts no more."""
    return ParticipationVoided(
        **_of(event),
        corrects=event.event_id,
        reason="重复记录",
        voided_by_person=person("recorder"),
    )


def endorsed(event: ParticipationRecorded | ParticipationCorrected) -> ParticipationEndorsed:
    """The community's word that it counts."""
    return ParticipationEndorsed(
        **_of(event),
        endorsement_id=f"endorsement-of-{event.event_id}",
        certificate_no=CERTIFICATE,
        endorses=event.event_id,
        performance=Performance.GOOD,
        comment="认真负责",
        endorsed_by="secretary",
        endorsed_by_person=person("secretary"),
    )


def revoked(event: ParticipationEndorsed) -> EndorsementRevoked:
    """The word is taken back."""
    return EndorsementRevoked(
        **_of(event),
        endorsement_id=event.endorsement_id,
        corrects=event.event_id,
        reason="认定有误",
        revoked_by="secretary",
        revoked_by_person=person("secretary"),
    )


def a_year(members: Sequence[str], times: int) -> list[Event]:
    """Plausible participations of these members, most of them endorsed."""
    events: list[Event] = []
    for number, member_id in enumerate(members):
        for time in range(times):
            starts = at("2026-01-03T09:00") + timedelta(days=time * 5 + number % 5)
            event = recorded(
                f"participation-{member_id}-{time}",
                f"{starts:%Y-%m-%dT%H:%M}",
                f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}",
                member_id=member_id,
                ledger="duty" if time % 3 == 0 else "voluntary",
            )
            events.append(event)
            if time % 7 == 1:
                events.append(corrected(event, category="science"))
            elif time % 7 != 2:
                events.append(endorsed(event))
            if time % 11 == 5:
                events.append(voided(event))
    return events
