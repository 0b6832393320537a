"""The whole story: a bureau of 19 and a district of 1,300, told until a moment of 2026."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.demonstration import bureau
from service.demonstration.arrivals import Arrivals
from service.demonstration.bureau import Bureau
from service.demonstration.bureau_year import BureauYear
from service.demonstration.city import MEMBERS, City
from service.demonstration.people import Hash
from service.demonstration.residents import residents
from service.demonstration.seasons import Seasons
from service.demonstration.serving import Serving, tell_working_time
from service.demonstration.step import (
    YEAR_END,
    Scene,
    Script,
    Step,
    ident,
    next_weekday,
    officer,
    on,
)
from service.demonstration.supervision import Supervision
from service.domain.activity import ActivityKind
from service.domain.activity_planning import PlanActivity, PublishActivity

SEED = 8

LAST = "last"
"""Key of the last step: once it is in the log, everything is."""
_EARLIEST = on(3, 1)


@dataclass(frozen=True)
class Story:
    """What there is to load."""

    steps: Sequence[Step | Scene]
    members: list[str]
    """Ids of everybody in it."""
    told_ahead: bool
    """Whether it goes beyond the clock, because that stands before anything has happened."""


def tell(now: datetime, hashed: Hash, members: int = MEMBERS, seed: int = SEED) -> Story:
    """The story until ``now``, the same for the same seed whenever it is told.

    ``members`` makes the district smaller. Where the clock stands before March 2026 the whole year
    is told, since until then hardly anything has happened.
    """
    script = Script()
    county = Bureau(script, seed)
    county.tell(hashed)
    BureauYear(script, county, seed).tell()
    city = City(members, seed)
    city.tell(script, hashed)
    people = residents(city)
    Arrivals(script, city, people).tell(hashed)
    Serving(script, city, people).tell()
    tell_working_time(script, city, people)
    Seasons(script, city, people).tell()
    Supervision(script, city).tell()
    ahead = now < _EARLIEST
    steps = script.until(YEAR_END if ahead else min(now, YEAR_END))
    steps += _what_comes_next(YEAR_END if ahead else now)
    return Story(steps, county.members + [each.member_id for each in people], ahead)


def _what_comes_next(now: datetime) -> Iterator[Step]:
    """An activity that is still to come: what a newcomer may sign somebody up for."""
    by, activity_id = officer(bureau.COMMUNITY), ident("activity", LAST)
    starts_at = next_weekday(now + timedelta(days=7), 5, 9)
    yield Step(
        "coming",
        PlanActivity(
            by=by,
            at=now,
            activity_id=activity_id,
            community_id=bureau.COMMUNITY,
            title="社区志愿服务日",
            kind=ActivityKind.COMMUNITY,
            category="便民服务",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            place="百花社区党群服务中心",
            capacity=30,
        ),
    )
    yield Step(LAST, PublishActivity(by=by, at=now, activity_id=activity_id))
