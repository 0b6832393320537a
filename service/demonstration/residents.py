"""The 1,300 in-service members: who they are, where they live and what becomes of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from random import Random

from service.demonstration.city import Branch, City
from service.demonstration.people import Person, invent
from service.demonstration.step import chance, ident
from service.domain.certificate_number import certificate_number

_LIVES_NEAR_WORK = 0.35
_AT_HOME_WEIGHT = 3


@dataclass(frozen=True)
class Stay:
    """From when to when a community can count on a member."""

    community: int
    since: datetime
    until: datetime

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the member is registered there all that time."""
        return self.since <= start and end <= self.until


@dataclass(eq=False)
class Resident:
    """A member of the district's agencies."""

    number: int
    person: Person
    branch: Branch
    community: int
    """Index of the community they live in."""
    area_code: str
    activeness: float
    """How likely they come to an activity."""
    stays: list[Stay] = field(default_factory=list)
    changes_branch: bool = False
    """Whether a transfer to another branch comes up, so that this one arranges nothing for them."""

    @property
    def member_id(self) -> str:
        return ident("member", "district", self.number)

    @property
    def member_no(self) -> str:
        """The member number the branch gave out."""
        return f"3801{self.number:05}"

    @property
    def certificate_no(self) -> str:
        """The number of the first certificate."""
        return certificate_number(self.area_code, 2026, self.number)

    @property
    def second_certificate_no(self) -> str:
        """The number of the one after a lost or full one."""
        return certificate_number(self.area_code, 2026, 500_000 + self.number)

    @property
    def residence(self) -> str:
        """What the intake form says, without the community."""
        return f"{self.number % 23 + 1}栋{self.number % 4 + 1}单元{self.number % 17 + 101}室"

    def at(self, community: int, start: datetime, end: datetime) -> bool:
        """Whether they are registered with the community all that time."""
        return any(stay.community == community and stay.covers(start, end) for stay in self.stays)

    def stays_until(self, moment: datetime) -> bool:
        """Whether the community they are with now can count on them until then."""
        return any(stay.until >= moment for stay in self.stays[:1])


def residents(city: City) -> list[Resident]:
    """Everybody, branch by branch."""
    home = next(each for each in city.data.districts if each.name == city.data.home)
    born_in = [each.area_code for each in city.data.districts]
    weights = list(accumulate(_AT_HOME_WEIGHT if each.at_home else 1 for each in city.communities))
    places = range(len(city.communities))
    found = []
    for number, branch in enumerate(_placed(city), start=1):
        luck = chance(city.seed, "member", number)
        community = luck.choices(places, cum_weights=weights)[0]
        if luck.random() < _LIVES_NEAR_WORK:
            community = branch.paired_with
        found.append(
            Resident(
                number=number,
                person=invent(luck, luck.choice(born_in), number),
                branch=branch,
                community=community,
                area_code=home.area_code,
                activeness=_activeness(luck),
            )
        )
    return found


def _activeness(luck: Random) -> float:
    if luck.random() < 0.04:
        return 0.0
    return min(0.95, max(0.08, luck.gauss(0.45, 0.2)))


def _placed(city: City) -> Iterator[Branch]:
    """Each member's branch: of different sizes that add up."""
    luck = chance(city.seed, "sizes")
    weights = [luck.uniform(0.6, 1.4) for _ in city.branches]
    bounds = [0, *accumulate(weights)]
    for place, branch in enumerate(city.branches):
        first = round(bounds[place] / bounds[-1] * city.members)
        last = round(bounds[place + 1] / bounds[-1] * city.members)
        for _ in range(last - first):
            yield branch
