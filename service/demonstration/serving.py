"""The communities' service posts and who claims them; the branches' leaves and shifts."""

from collections import Counter
from datetime import datetime, timedelta

from service.demonstration.city import City
from service.demonstration.data import PostData
from service.demonstration.residents import Resident
from service.demonstration.step import YEAR_END, Script, chance, ident, officer, on, worked
from service.domain.claim import ClaimDeclineReason, ClaimPost, ClaimReleaseReason
from service.domain.claim_answer import ConfirmClaim, DeclineClaim, ReleaseClaim
from service.domain.service_post import CloseServicePost, OpenServicePost
from service.domain.working_schedule import ApproveLeave, AssignShifts, DutyShift, LeaveReason

_ROUNDS = (on(3, 26, 12, 10), on(7, 8, 12, 10))
"""When members claim: those registered before spring, and those who came later."""


class Serving:
    """Tells who takes on which post."""

    def __init__(self, script: Script, city: City, people: list[Resident]) -> None:
        self.script = script
        self.city = city
        self.people = people
        self.taken: Counter[tuple[int, int]] = Counter()

    def tell(self) -> None:
        """Adds everything to the script."""
        posts = {place: self._open(place) for place in range(len(self.city.communities))}
        for resident in self.people:
            luck = chance(self.city.seed, "claims", resident.number)
            if not resident.stays or luck.random() > 0.7:
                continue
            stay = resident.stays[0]
            at = next((each for each in _ROUNDS if stay.covers(each, each + timedelta(3))), None)
            if at is None:
                continue
            fitting = [
                number
                for number in posts[stay.community]
                if self._fits(resident, stay.community, number)
            ]
            for number in luck.sample(fitting, min(len(fitting), luck.choice((1, 1, 1, 2)))):
                self.taken[stay.community, number] += 1
                self._claim(resident, number, at)

    def _post(self, number: int) -> PostData:
        return self.city.data.posts[number]

    def _fits(self, resident: Resident, place: int, number: int) -> bool:
        post = self._post(number)
        free = self.taken[place, number] < post.slots
        return free and set(post.specialities) <= set(resident.person.specialities)

    def _open(self, place: int) -> list[int]:
        """The community opens some of the posts, and may close one at the end of the summer."""
        luck = chance(self.city.seed, "posts", place)
        community = self.city.communities[place].organisation_id
        others = range(2, len(self.city.data.posts))
        chosen = [0, 1, *sorted(luck.sample(others, luck.randrange(2, 6)))]
        for number in chosen:
            post = self._post(number)
            self.script.add(
                f"post/{place}/{number}",
                OpenServicePost(
                    by=officer(community),
                    at=on(2, 26, 9, 30) + timedelta(seconds=30 * place),
                    service_post_id=ident("post", place, number),
                    community_id=community,
                    title=post.title,
                    category=post.category,
                    slots=post.slots,
                    specialities=post.specialities,
                ),
            )
        if luck.random() < 0.15:
            self.script.add(
                f"post-closing/{place}",
                CloseServicePost(
                    by=officer(community),
                    at=on(9, 9, 15, 0) + timedelta(seconds=30 * place),
                    service_post_id=ident("post", place, chosen[-1]),
                    reason="该项工作已转由专职人员承担。",
                ),
            )
        return chosen

    def _claim(self, resident: Resident, number: int, at: datetime) -> None:
        stay = resident.stays[0]
        key = f"claim/{resident.number}/{number}"
        luck = chance(self.city.seed, key)
        community = officer(self.city.communities[stay.community].organisation_id)
        at += timedelta(seconds=5 * (resident.number % 120))
        self.script.add(
            key,
            ClaimPost(
                by=community,
                at=at,
                claim_id=ident(key),
                service_post_id=ident("post", stay.community, number),
                member_id=resident.member_id,
            ),
        )
        answered, draw = at + timedelta(days=1), luck.random()
        if draw < 0.03:
            return  # not answered yet
        if draw < 0.06:
            reason = ClaimDeclineReason.UNSUITED
            self.script.add(
                f"{key}/declined",
                DeclineClaim(by=community, at=answered, claim_id=ident(key), reason_code=reason),
            )
            return
        self.script.add(
            f"{key}/confirmed", ConfirmClaim(by=community, at=answered, claim_id=ident(key))
        )
        moved = stay.until < YEAR_END
        if moved or draw > 0.95:
            self.script.add(
                f"{key}/released",
                ReleaseClaim(
                    by=community,
                    at=max(stay.until, answered + timedelta(1)) if moved else on(10, 14, 15, 20),
                    claim_id=ident(key),
                    reason_code=ClaimReleaseReason.MOVED if moved else ClaimReleaseReason.WORK,
                ),
            )


def tell_working_time(script: Script, city: City, people: list[Resident]) -> None:
    """Leaves of a few members, and the monthly shift rosters of those whose unit is on duty."""
    for resident in people:
        luck = chance(city.seed, "working-time", resident.number)
        if resident.changes_branch:
            continue
        by = officer(resident.branch.organisation_id)
        if luck.random() < 0.15:
            starts = on(3, 2) + timedelta(days=7 * luck.randrange(36))
            script.add(
                f"leave/{resident.number}",
                ApproveLeave(
                    by=by,
                    at=starts.replace(hour=15) - timedelta(days=5, seconds=resident.number % 600),
                    leave_id=ident("leave", resident.number),
                    member_id=resident.member_id,
                    starts_at=starts,
                    ends_at=starts + timedelta(days=luck.choice((2, 5, 5, 7))),
                    reason_code=luck.choice((LeaveReason.ANNUAL, LeaveReason.PERSONAL)),
                ),
            )
        if resident.branch.on_duty and luck.random() < 0.15:
            for month in range(2, 13):
                script.add(
                    f"shifts/{resident.number}/{month}",
                    AssignShifts(
                        by=by,
                        at=on(month - 1, 25, 16, 0) + timedelta(seconds=resident.number % 600),
                        member_id=resident.member_id,
                        shifts=_shifts(month, luck.randrange(4)),
                    ),
                )


def _shifts(month: int, turn: int) -> tuple[DutyShift, ...]:
    """Every fourth of the month's days off, and one night."""
    days = [on(month, day) for day in range(1, 29)]
    free = [day for day in days if not worked(day.date())]
    turns = [
        DutyShift(starts_at=day.replace(hour=8), ends_at=day.replace(hour=16))
        for day in free[turn::4]
    ]
    night = next(day for day in days[turn:] if worked(day.date()) and day.weekday() == 2)
    turns.append(
        DutyShift(
            starts_at=night.replace(hour=20),
            ends_at=night.replace(hour=8) + timedelta(days=1),
        )
    )
    return tuple(sorted(turns, key=lambda shift: shift.starts_at))
