"""What the statistics must say, found by looking at every event anew: slow, plain, and not ours.

Nothing here is taken from the view but its answer: members, exemptions and claims are looked up in
the list of events, and minutes are those of `off_duty_minutes`, which a member's own record has.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.domain.activity import ActivityKind
from service.domain.claim import ClaimDeclined, ClaimReleased, PostClaimed
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementRevoked,
    ParticipationEndorsed,
)
from service.domain.event import SHANGHAI, Event
from service.domain.evidence import grade
from service.domain.exemption import ExemptionEnded, MemberExempted
from service.domain.membership import BranchTransferAccepted, MemberEnrolled, SubjectErased
from service.domain.organisation import OrganisationRegistered
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
)
from service.domain.service_post import ServicePostOpened
from service.domain.working_schedule import LeaveApproved, ShiftsAssigned, TimetableAdopted
from service.domain.working_time import Calendars, Leave, Shift, Split, Timetable
from service.projections.off_duty_minutes import WorkingTime, counts, verdicts

Told = Sequence[tuple[Event, datetime]]
"""Events with the moments they happened and were recorded at, from position 1 on."""


@dataclass
class Book:
    """A member's participations, and when they were at work."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    shifts: list[Shift] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)


class Oracle:
    """Everything that was said up to a position, and what it comes to."""

    def __init__(self, told: Told, calendars: Calendars) -> None:
        self.calendars = calendars
        self.lines: dict[str, list[str]] = {}
        self.receiving: set[str] = set()
        self.members: dict[str, dict[str, Any]] = {}
        self.exemptions: dict[str, tuple[str, date, date]] = {}
        self.posts: dict[str, tuple[str, str]] = {}
        self.claims: dict[str, tuple[str, str, str]] = {}
        self.books: dict[str, Book] = defaultdict(Book)
        self.timetables: dict[str, list[Timetable]] = defaultdict(list)
        self.closed: dict[str, tuple[Book, dict[str, list[Timetable]]]] = {}
        for event, at in told:
            self._hear(event, at)

    def _hear(self, event: Event, at: datetime) -> None:  # noqa: C901, PLR0912 - one case each
        match event:
            case OrganisationRegistered():
                self.lines[event.organisation_id] = [event.organisation_id, *event.ancestors]
                if event.kind in {"community", "subdistrict"}:
                    self.receiving.add(event.organisation_id)
            case MemberEnrolled():
                self.members[event.member_id] = {"branch": event.branch_id} | _NOWHERE
            case BranchTransferAccepted():
                self._member(event, branch=event.to_branch_id)
            case MemberRegistered():
                self._member(event, community=event.community_id, registered=False, at=at)
            case RegistrationAccepted():
                self._member(event, community=event.community_id, registered=True)
            case RegistrationDeclined() if event.transferred_from is None:
                self._member(event, **_NOWHERE)
            case MemberDeregistered():
                self._member(event, **_NOWHERE)
            case MemberExempted():
                term = event.starts_on, event.ends_on
                self.exemptions[event.exemption_id] = (event.member_id, *term)
            case ExemptionEnded():
                whose, starts_on, _ = self.exemptions[event.exemption_id]
                self.exemptions[event.exemption_id] = whose, starts_on, event.ended_on
            case ServicePostOpened():
                self.posts[event.service_post_id] = event.community_id, event.category
            case PostClaimed():
                self.claims[event.claim_id] = (
                    event.service_post_id,
                    event.member_id,
                    event.branch_id,
                )
            case ClaimDeclined() | ClaimReleased():
                self.claims.pop(event.claim_id)
            case TimetableAdopted():
                hours = [(each.starts_at, each.ends_at) for each in event.hours]
                timetable = Timetable.of_hours(event.valid_from, hours)
                self.timetables[event.branch_id].append(timetable)
            case SubjectErased():
                self.members.pop(event.member_id)
                timetables = {key: list(each) for key, each in self.timetables.items()}
                book = self.books[event.member_id]
                book.entries = {key: each for key, each in book.entries.items() if counts(each)}
                self.closed[event.member_id] = book, timetables
            case _ if getattr(event, "member_id", None) not in self.closed:
                self._hear_of_service(event, at)

    def _member(self, event: Any, **now: Any) -> None:
        if event.member_id in self.members:
            self.members[event.member_id] |= now

    def _hear_of_service(self, event: Event, at: datetime) -> None:
        match event:
            case ParticipationRecorded():
                document = event.model_dump(mode="json") | _UNANSWERED | {"recorded_at": at}
                self.books[event.member_id].entries[event.participation_id] = document
            case ParticipationCorrected():
                book = self.books[event.member_id].entries
                book[event.participation_id] |= event.model_dump(mode="json") | _UNANSWERED
            case ParticipationVoided():
                self._answer(event, voided=True)
            case ParticipationEndorsed():
                self._answer(event, endorsement=event.event_id, declined=None)
            case EndorsementDeclined():
                self._answer(event, declined=True)
            case EndorsementRevoked():
                self._answer(event, endorsement=None)
            case LeaveApproved():
                self.books[event.member_id].leaves.append(Leave(event.starts_at, event.ends_at))
            case ShiftsAssigned():
                self.books[event.member_id].shifts += [
                    Shift(each.starts_at, each.ends_at) for each in event.shifts
                ]
            case _:
                pass

    def _answer(self, event: Any, **answer: Any) -> None:
        self.books[event.member_id].entries[event.participation_id] |= answer

    # What it comes to.

    def under(self, organisation_id: str) -> set[str]:
        return {each for each, line in self.lines.items() if organisation_id in line}

    def members_of(self, organisation_id: str, on: date) -> dict[str, dict[str, Any]]:
        side = "community" if organisation_id in self.receiving else "branch"
        return {
            member_id: member | {"exempt": self._exempt(member_id, on)}
            for member_id, member in self.members.items()
            if member[side] in self.under(organisation_id)
        }

    def _exempt(self, member_id: str, on: date) -> bool:
        return any(
            whose == member_id and first <= on <= last
            for whose, first, last in self.exemptions.values()
        )

    def service(self, year: int) -> list[dict[str, Any]]:
        """Every participation that stands and concerns the year, with its minutes by month."""
        found = []
        for member_id, book in self.books.items():
            _, timetables = self.closed.get(member_id, (None, self.timetables))
            working_time = WorkingTime(self.calendars, timetables, book.shifts, book.leaves)
            judged = verdicts(year, list(book.entries.items()), working_time)
            for key, document in book.entries.items():
                starts_at = datetime.fromisoformat(document["starts_at"]).astimezone(SHANGHAI)
                minutes = judged[key].total.total_minutes
                if document["voided"] or not (minutes or starts_at.year == year):
                    continue
                found.append(
                    document
                    | {
                        "began": starts_at.date(),
                        "times": int(starts_at.year == year),
                        "months": judged[key].months,
                        "counts": counts(document),
                        "grade": grade(
                            kind=ActivityKind(document["kind"]),
                            ends_at=datetime.fromisoformat(document["ends_at"]),
                            recorded_at=document["recorded_at"],
                            signed_in_at=document["signed_in_at"],
                            signed_out_at=document["signed_out_at"],
                            endorsed=True,
                        ),
                    }
                )
        return found

    def service_of(self, organisation_id: str, year: int) -> list[dict[str, Any]]:
        side = "community_id" if organisation_id in self.receiving else "branch_id"
        under = self.under(organisation_id)
        return [each for each in self.service(year) if each[side] in under]


_NOWHERE: dict[str, Any] = {"community": None, "registered": False, "at": None}
_UNANSWERED: dict[str, Any] = {"endorsement": None, "declined": None, "voided": None}


def minutes(entries: Iterable[dict[str, Any]], months: Iterable[int] = range(1, 13)) -> Split:
    """What these come to within these months."""
    wanted = set(months)
    return sum(
        (split for each in entries for month, split in each["months"].items() if month in wanted),
        start=Split(),
    )


def sorts(
    entries: Iterable[dict[str, Any]], *names: str, year: int, months: Sequence[int] = range(1, 13)
) -> dict[tuple[str, ...], tuple[int, int, int, int, int]]:
    """Times, members, and outside, inside, pending minutes by what these fields say."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for each in entries:
        groups[tuple(each[name] for name in names)].append(each)
    found = {}
    for key, group in groups.items():
        begun = [
            each for each in group if each["began"].year == year and each["began"].month in months
        ]
        total = minutes(group, months)
        if begun or total.total_minutes:
            found[key] = (
                len(begun),
                len({each["member_id"] for each in begun}),
                total.outside_minutes,
                total.inside_minutes,
                total.pending_minutes,
            )
    return found
