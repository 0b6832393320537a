"""The year in the communities: activities, visits of units, what members do by themselves."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from random import Random

from service.demonstration.city import City
from service.demonstration.data import ActivityData
from service.demonstration.gathering import (
    Gathering,
    call_roll,
    endorse,
    plan,
    sign,
    sign_up,
    write_down,
)
from service.demonstration.residents import Resident
from service.demonstration.step import Script, chance, ident, next_weekday, officer, on, worked
from service.demonstration.trouble import FORGOTTEN_FOR, Trouble
from service.domain.activity import ActivityKind
from service.domain.activity_planning import CancelActivity, RescheduleActivity
from service.domain.endorsement import Performance
from service.domain.endorsing import EndorseParticipation
from service.domain.recording import RecordParticipation

_FORENOON, _AFTERNOON, _EVENING, _OFFICE = (9, 0, 120), (14, 30, 120), (19, 0, 90), (16, 0, 150)
_WAYS = ("qr", "qr", "roll", "roll", "code")
_SECOND = 0.55
"""How many communities hold a second activity in a month."""


class Seasons:
    """Tells what the communities do and who takes part."""

    def __init__(self, script: Script, city: City, people: list[Resident]) -> None:
        self.script = script
        self.city = city
        self.people = people
        self.trouble = Trouble(script, city.seed)
        self.near: dict[int, list[Resident]] = {}
        for resident in people:
            for place in dict.fromkeys(stay.community for stay in resident.stays):
                self.near.setdefault(place, []).append(resident)

    def tell(self) -> None:
        """Adds everything to the script."""
        for month in range(2, 13):
            days = _days(month)
            for place in range(len(self.city.communities)):
                luck = chance(self.city.seed, "activities", month, place)
                first = luck.randrange(len(days))
                self._gather(luck, place, days[first], f"{month}/{place}/1")
                if luck.random() < _SECOND:
                    other = (first + luck.randrange(1, len(days))) % len(days)
                    self._gather(luck, place, days[other], f"{month}/{place}/2")
        for number in range(len(self.city.branches)):
            for month in (3, 6, 9, 11):
                self._visit(number, month)
        for resident in self.people:
            self._alone(resident)

    def _gather(self, luck: Random, place: int, when: tuple[datetime, int], key: str) -> None:
        offered = [each for each in self.city.data.activities if when[0].month in each.months]
        # What belongs to the season comes more often than what is always possible.
        weights = [4 if len(each.months) < 12 else 1 for each in offered]
        kind = luck.choices(offered, weights)[0]
        activity = self._activity(place, when, key, kind)
        start, end = activity.starts_at - timedelta(days=4), activity.endorsing + timedelta(days=3)
        here = self.city.communities[place].organisation_id
        members = [
            each
            for each in self.near.get(place, [])
            if each.at(place, start, end) and luck.random() < each.activeness
        ]
        published_at = activity.starts_at.replace(hour=10, minute=0) - timedelta(days=9)
        plan(self.script, activity, published_at - timedelta(days=3), published_at)
        fate = luck.random()
        if fate < 0.03 or not members:
            self.script.add(
                f"cancel/{key}",
                CancelActivity(
                    by=officer(here),
                    at=published_at + timedelta(days=6),
                    activity_id=activity.activity_id,
                    reason="因天气原因取消。" if members else "报名人数不足。",
                ),
            )
            return
        if fate < 0.06:
            self._reschedule(activity, published_at + timedelta(days=2))
        self._hold(luck, activity, members)

    def _activity(
        self, place: int, when: tuple[datetime, int], key: str, kind: ActivityData
    ) -> Gathering:
        community = self.city.communities[place]
        starts_at, minutes = when
        return Gathering(
            key=key,
            community_id=community.organisation_id,
            title=kind.title,
            category=kind.category,
            content=kind.content,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            place=f"{community.place}党群服务中心",
            capacity=40,
            risky=kind.risky,
        )

    def _reschedule(self, activity: Gathering, at: datetime) -> None:
        """Another place: what the others planned for the day stays as it is."""
        self.script.add(
            f"reschedule/{activity.key}",
            RescheduleActivity(
                by=officer(activity.community_id),
                at=at,
                activity_id=activity.activity_id,
                starts_at=activity.starts_at,
                ends_at=activity.ends_at,
                place=f"{activity.place}多功能厅",
                reason="原场地维修，改在室内进行。",
            ),
        )

    def _hold(
        self,
        luck: Random,
        activity: Gathering,
        members: Sequence[Resident],
        ways: Sequence[str] = _WAYS,
    ) -> None:
        ids = [each.member_id for each in members]
        way = luck.choice(ways)
        if way != "code":
            evening = activity.starts_at.replace(hour=20, minute=0) - timedelta(days=2)
            sign_up(self.script, activity, ids[:40], evening)
        if way == "roll":
            absent = luck.sample(ids, min(len(ids) - 1, luck.randrange(3)))
            ids = [each for each in ids if each not in absent]
            attended = call_roll(self.script, activity, ids, absent)
        else:
            attended = sign(self.script, activity, ids, luck, "code" if way == "code" else "qr")
        missed = activity.ends_at + FORGOTTEN_FOR + timedelta(days=14)
        staying = {each.member_id for each in members if each.stays_until(missed)}
        late = self.trouble.late(activity, [each for each in ids if each in staying])
        write_down(
            self.script, activity, {each: attended[each] for each in ids if each not in late}
        )
        for member_id in late:
            self.trouble.tell_late(activity, member_id, attended[member_id])
        aside = late + self.trouble.tell(activity, [each for each in ids if each not in late])
        endorsed = [each for each in ids if each not in aside]
        if endorsed:
            performances = (Performance.EXCELLENT, Performance.GOOD, Performance.FAIR)
            endorse(self.script, activity, endorsed, luck.choices(performances, (3, 6, 1))[0])

    def _visit(self, number: int, month: int) -> None:
        """A branch comes as a group: those of its members who are registered there."""
        branch = self.city.branches[number]
        luck = chance(self.city.seed, "visit", number, month)
        place = branch.paired_with
        days = _days(month)
        offered = [each for each in self.city.data.activities if each.unit and month in each.months]
        day = days[(number + month) % len(days)][0]
        starts_at = day.replace(hour=14, minute=0) if luck.random() < 0.7 else _working(day)
        community = self.city.communities[place]
        kind = luck.choice(offered)
        activity = Gathering(
            key=f"unit/{month}/{number}",
            community_id=community.organisation_id,
            title=f"{branch.name}进社区：{kind.title}",
            category=kind.category,
            content=kind.content,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=150),
            place=f"{community.place}党群服务中心",
            kind=ActivityKind.UNIT,
            ledger="duty",
            branch_id=branch.organisation_id,
            risky=kind.risky,
        )
        start, end = activity.starts_at - timedelta(days=4), activity.endorsing + timedelta(days=3)
        members = [
            each
            for each in self.near.get(place, [])
            if each.branch is branch
            and not each.changes_branch
            and each.at(place, start, end)
            and luck.random() < 0.85
        ]
        if not members:
            return
        published_at = activity.starts_at.replace(hour=10, minute=0) - timedelta(days=9)
        plan(self.script, activity, published_at - timedelta(days=3), published_at)
        self._hold(luck, activity, members, ways=("roll",))

    def _alone(self, resident: Resident) -> None:
        luck = chance(self.city.seed, "own", resident.number)
        for turn in range(luck.choice((0, 0, 1, 1, 2, 3)) if resident.activeness else 0):
            day = on(2, 2) + timedelta(days=luck.randrange(320))
            starts_at = day.replace(hour=18 if worked(day.date()) else 10, minute=30)
            recorded_at = next_weekday(starts_at, 4, 18, 10)
            endorsed_at = next_weekday(recorded_at, 1, 10, 10)
            if endorsed_at > on(12, 28):
                continue
            place = next(
                (s.community for s in resident.stays if s.covers(starts_at, endorsed_at)), None
            )
            if place is None:
                continue
            own, key = luck.choice(self.city.data.own), f"own/{resident.number}/{turn}"
            community = self.city.communities[place].organisation_id
            self.script.add(
                key,
                RecordParticipation(
                    by=officer(community),
                    at=recorded_at + timedelta(seconds=10 * (resident.number % 60)),
                    participation_id=ident("participation", key),
                    community_id=community,
                    member_id=resident.member_id,
                    kind=ActivityKind.OWN,
                    category=own.category,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=luck.choice((40, 60, 60, 90))),
                    content=own.content,
                    ledger="voluntary",
                ),
            )
            if luck.random() < 0.97:
                self.script.add(
                    f"{key}/endorsed",
                    EndorseParticipation(
                        by=officer(community, 2),
                        at=endorsed_at + timedelta(seconds=10 * (resident.number % 60)),
                        endorsement_id=ident("endorsement", key),
                        participation_id=ident("participation", key),
                        performance=Performance.GOOD,
                    ),
                )


@cache
def _days(month: int) -> list[tuple[datetime, int]]:
    """When activities take place in a month: mostly on weekends, some after or in office hours."""
    return list(_times(month))


def _times(month: int) -> Iterator[tuple[datetime, int]]:
    luck = chance(0, "days", month)
    days = [on(month, day) for day in range(1, 29)]
    free = [day for day in days if not worked(day.date())]
    busy = [day for day in days if worked(day.date()) and day.weekday() == 3]
    for slot in (_FORENOON, _AFTERNOON, _FORENOON, _FORENOON):
        yield _slot(free.pop(luck.randrange(len(free))), slot)
    for slot in (_EVENING, _OFFICE):
        yield _slot(busy.pop(luck.randrange(len(busy))), slot)


def _slot(day: datetime, slot: tuple[int, int, int]) -> tuple[datetime, int]:
    hour, minute, minutes = slot
    return day.replace(hour=hour, minute=minute), minutes


def _working(day: datetime) -> datetime:
    """The afternoon of the next Thursday that is worked."""
    return next_weekday(day, 3, 15, 30)
