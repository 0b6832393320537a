"""Random histories in which everything happens that the statistics look at."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from service.domain.activity import ActivityKind
from service.domain.claim import ClaimDeclined, ClaimDeclineReason, PostClaimed
from service.domain.endorsement import EndorsementDeclined, EndorsementDeclineReason
from service.domain.event import SHANGHAI, Event
from service.domain.exemption import ExemptionEnded, ExemptionReason, MemberExempted
from service.domain.membership import BranchTransferAccepted, SubjectErased
from service.domain.participation import ParticipationCorrected, ParticipationRecorded
from service.domain.registration import (
    DeclineReason,
    DeregistrationReason,
    MemberDeregistered,
    RegistrationDeclined,
)
from service.domain.service_post import ServicePostOpened
from service.domain.working_schedule import (
    DutyShift,
    LeaveApproved,
    LeaveReason,
    ShiftsAssigned,
    TimetableAdopted,
    WorkingHours,
)
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    ORGANISATIONS,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    accepted,
    enrolled,
    person,
    registered,
)
from tests.projections.service_year import corrected, endorsed, recorded, revoked, voided

BRANCHES, COMMUNITIES = (BRANCH, OTHER_BRANCH), (COMMUNITY, OTHER_COMMUNITY)
BEGINS = datetime(2025, 12, 20, 8, tzinfo=SHANGHAI)

Happened = list[tuple[Event, datetime]]


class Story:
    """A history drawn by chance; every event could have been decided as it stands."""

    def __init__(self, seed: int, length: int) -> None:
        self._luck = Random(seed)
        self._now = BEGINS
        self._number = 0
        self.told: Happened = [(each, BEGINS) for each in ORGANISATIONS]
        self._branch: dict[str, str] = {}
        self._waiting: dict[str, str] = {}
        self._registered: dict[str, str] = {}
        self._standing: dict[str, ParticipationRecorded | ParticipationCorrected] = {}
        self._endorsed: dict[str, Any] = {}
        self._exemptions: dict[str, MemberExempted] = {}
        self._claims: dict[str, PostClaimed] = {}
        self._posts: list[ServicePostOpened] = []
        acts: dict[Callable[[], Event | None], int] = {
            self._enrol: 3,
            self._move: 1,
            self._register: 3,
            self._answer_registration: 3,
            self._deregister: 1,
            self._exempt: 1,
            self._end_exemption: 1,
            self._open_post: 1,
            self._claim: 2,
            self._decline_claim: 1,
            self._record: 12,
            self._correct: 4,
            self._void: 1,
            self._endorse: 10,
            self._decline: 2,
            self._revoke: 2,
            self._leave: 2,
            self._shifts: 2,
            self._timetable: 1,
            self._erase: 1,
        }
        while len(self.told) < length:
            # Now and then a day begins, also while nothing is done.
            self._now += timedelta(minutes=self._luck.choice((1, 7, 300, 2_000)))
            act = self._luck.choices(list(acts), list(acts.values()))[0]
            if event := act():
                self.told.append((event, self._now))

    def _next(self, what: str) -> str:
        self._number += 1
        return f"{what}-{self._number}"

    def _member(self) -> str | None:
        return self._luck.choice(list(self._branch)) if self._branch else None

    def _enrol(self) -> Event | None:
        if len(self._branch) > 8:
            return None
        member_id, branch_id = self._next("member"), self._luck.choice(BRANCHES)
        self._branch[member_id] = branch_id
        return enrolled(member_id, branch_id)

    def _move(self) -> Event | None:
        if (member_id := self._member()) is None:
            return None
        before = self._branch[member_id]
        self._branch[member_id] = self._luck.choice([each for each in BRANCHES if each != before])
        return BranchTransferAccepted(
            transfer_id=self._next("transfer"),
            member_id=member_id,
            branch_id=before,
            to_branch_id=self._branch[member_id],
        )

    def _register(self) -> Event | None:
        member_id = self._member()
        if member_id is None or member_id in self._waiting or member_id in self._registered:
            return None
        self._waiting[member_id] = self._luck.choice(COMMUNITIES)
        return registered(member_id, self._waiting[member_id], self._next("registration"))

    def _answer_registration(self) -> Event | None:
        if not self._waiting:
            return None
        member_id = self._luck.choice(list(self._waiting))
        community_id = self._waiting.pop(member_id)
        if self._luck.random() < 0.8:
            self._registered[member_id] = community_id
            return accepted(member_id, community_id)
        return RegistrationDeclined(
            registration_id="registration",
            member_id=member_id,
            branch_id=BRANCH,
            community_id=community_id,
            reason_code=DeclineReason.OTHER,
        )

    def _deregister(self) -> Event | None:
        if not self._registered:
            return None
        member_id = self._luck.choice(list(self._registered))
        return MemberDeregistered(
            registration_id="registration",
            member_id=member_id,
            branch_id=BRANCH,
            community_id=self._registered.pop(member_id),
            reason_code=DeregistrationReason.LEFT,
        )

    def _exempt(self) -> Event | None:
        if (member_id := self._member()) is None:
            return None
        starts_on = self._now.date() + timedelta(days=self._luck.randint(-20, 20))
        event = MemberExempted(
            exemption_id=self._next("exemption"),
            member_id=member_id,
            branch_id=self._branch[member_id],
            reason_code=ExemptionReason.ILLNESS,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=30),
        )
        self._exemptions[event.exemption_id] = event
        return event

    def _end_exemption(self) -> Event | None:
        if not self._exemptions:
            return None
        event = self._exemptions.pop(self._luck.choice(list(self._exemptions)))
        return ExemptionEnded(
            exemption_id=event.exemption_id,
            member_id=event.member_id,
            branch_id=event.branch_id,
            ended_on=event.starts_on + timedelta(days=self._luck.randint(-1, 25)),
            reason="痊愈",
        )

    def _open_post(self) -> Event:
        post = ServicePostOpened(
            service_post_id=self._next("post"),
            community_id=self._luck.choice(COMMUNITIES),
            title="岗位",
            category=self._luck.choice(("cleaning", "science")),
            slots=9,
        )
        self._posts.append(post)
        return post

    def _claim(self) -> Event | None:
        member_id = self._member()
        if member_id is None or not self._posts:
            return None
        post = self._luck.choice(self._posts)
        event = PostClaimed(
            claim_id=self._next("claim"),
            service_post_id=post.service_post_id,
            community_id=post.community_id,
            member_id=member_id,
            branch_id=self._branch[member_id],
        )
        self._claims[event.claim_id] = event
        return event

    def _decline_claim(self) -> Event | None:
        if not self._claims:
            return None
        event = self._claims.pop(self._luck.choice(list(self._claims)))
        kept = event.model_dump(exclude={"event_id"})
        return ClaimDeclined(**kept, reason_code=ClaimDeclineReason.OTHER)

    def _interval(self) -> dict[str, datetime]:
        # Few hours of few days, so that many overlap, also over midnight and New Year.
        day = datetime(2025, 12, 30, tzinfo=SHANGHAI) + timedelta(
            days=self._luck.choice((0, 1, 2, 2, 3, 4, 5, 60, 366))
        )
        starts_at = day + timedelta(
            hours=self._luck.randrange(24), minutes=self._luck.randrange(60)
        )
        return {
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=self._luck.randint(1, 24 * 60)),
        }

    def _facts(self) -> dict[str, Any]:
        interval = self._interval()
        facts: dict[str, Any] = {
            "category": self._luck.choice(("cleaning", "science")),
            "ledger": self._luck.choice(("duty", "voluntary")),
            **interval,
        }
        if self._luck.random() < 0.5:
            late = timedelta(minutes=self._luck.randint(-30, 90))
            facts["signed_in_at"] = interval["starts_at"] + late
            facts["signed_out_at"] = interval["ends_at"] - late
        if self._luck.random() < 0.3:
            facts["window_starts_at"] = interval["starts_at"] + timedelta(minutes=30)
            facts["window_ends_at"] = interval["ends_at"] + timedelta(minutes=30)
        return facts

    def _record(self) -> Event | None:
        if (member_id := self._member()) is None:
            return None
        facts = self._facts()
        event = recorded(
            self._next("participation"),
            "2026-01-01T09:00",
            "2026-01-01T10:00",
            member_id=member_id,
            branch_id=self._branch[member_id],
            community_id=self._luck.choice(COMMUNITIES),
            kind=self._luck.choice(list(ActivityKind)),
        ).model_copy(update=facts)
        self._standing[event.participation_id] = event
        return event

    def _one(self) -> ParticipationRecorded | ParticipationCorrected | None:
        return self._standing[self._luck.choice(list(self._standing))] if self._standing else None

    def _correct(self) -> Event | None:
        if (event := self._one()) is None:
            return None
        facts = {"signed_in_at": None, "signed_out_at": None} | self._facts()
        correction = corrected(event, **facts)
        self._standing[event.participation_id] = correction
        self._endorsed.pop(event.participation_id, None)
        return correction

    def _void(self) -> Event | None:
        if (event := self._one()) is None:
            return None
        del self._standing[event.participation_id]
        self._endorsed.pop(event.participation_id, None)
        return voided(event)

    def _open(self) -> ParticipationRecorded | ParticipationCorrected | None:
        event = self._one()
        return None if event is None or event.participation_id in self._endorsed else event

    def _endorse(self) -> Event | None:
        if (event := self._open()) is None:
            return None
        word = self._endorsed[event.participation_id] = endorsed(event)
        return word

    def _decline(self) -> Event | None:
        if (event := self._open()) is None:
            return None
        return EndorsementDeclined(
            participation_id=event.participation_id,
            member_id=event.member_id,
            branch_id=event.branch_id,
            community_id=event.community_id,
            endorses=event.event_id,
            reason_code=EndorsementDeclineReason.OTHER,
            declined_by="secretary",
            declined_by_person=person("secretary"),
        )

    def _revoke(self) -> Event | None:
        if not self._endorsed:
            return None
        return revoked(self._endorsed.pop(self._luck.choice(list(self._endorsed))))

    def _leave(self) -> Event | None:
        if (member_id := self._member()) is None:
            return None
        interval = self._interval()
        return LeaveApproved(
            leave_id=self._next("leave"),
            member_id=member_id,
            branch_id=self._branch[member_id],
            starts_at=interval["starts_at"],
            ends_at=interval["ends_at"] + timedelta(days=self._luck.choice((0, 2, 90))),
            reason_code=LeaveReason.ANNUAL,
        )

    def _shifts(self) -> Event | None:
        if (member_id := self._member()) is None:
            return None
        shifts = [DutyShift(**self._interval()) for _ in range(self._luck.randint(1, 3))]
        return ShiftsAssigned(
            member_id=member_id, branch_id=self._branch[member_id], shifts=tuple(shifts)
        )

    def _timetable(self) -> Event:
        begins = self._luck.choice(("08:00", "08:30", "10:00"))
        return TimetableAdopted(
            branch_id=self._luck.choice(BRANCHES),
            valid_from=date(2025, 12, 1) + timedelta(days=self._luck.choice((0, 30, 31, 32, 60))),
            hours=(
                WorkingHours(starts_at=begins, ends_at="12:00"),
                WorkingHours(starts_at="14:30", ends_at="18:00"),
            ),
        )

    def _erase(self) -> Event | None:
        if len(self._branch) < 6:
            return None
        member_id = self._luck.choice(list(self._branch))
        branch_id = self._branch.pop(member_id)
        self._waiting.pop(member_id, None)
        self._registered.pop(member_id, None)
        # What was under way about them is finished after it.
        return SubjectErased(
            erasure_id=self._next("erasure"),
            member_id=member_id,
            branch_id=branch_id,
            person=person(member_id),
            key_fingerprints=(),
        )
