"""The steps of the story: commands in the order of time, each with a key that never changes."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.event import SHANGHAI, Actor, Command
from service.projections.view import View

CLIENT = "demo"
"""The client that all demonstration data comes from, in the log and in its idempotency keys."""

_NAMESPACE = uuid5(NAMESPACE_URL, "https://eighthours.example/demonstration")


def ident(*parts: object) -> str:
    """The id of something in the story: the same in every run."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, parts))))


def chance(seed: int, *parts: object) -> Random:
    """Chance for one part of the story, so that a change elsewhere does not shuffle it."""
    return Random("/".join(map(str, (seed, *parts))))  # noqa: S311 - made up, not secret


def officer(organisation_id: str, number: int = 1) -> Actor:
    """A responsible person of an organisation: an opaque id, like every officer's."""
    person = ident("officer", organisation_id, number)
    return Actor(organisation_id=organisation_id, person=person, client=CLIENT)


def local(text: str) -> datetime:
    """A local time of the data files."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


YEAR = 2026
"""The year of the story."""


def on(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of the story's year."""
    return datetime(YEAR, month, day, hour, minute, tzinfo=SHANGHAI)


YEAR_END = on(12, 31, 23, 59)
"""The last moment of the story, if the clock lets it come that far."""


def worked(day: date) -> bool:
    """Whether people work on a day; of a year that is not arranged yet, on every day."""
    calendar = published_calendars().of(day.year)
    return calendar is None or calendar.is_working_day(day)


def next_worked(moment: datetime) -> datetime:
    """The moment, or the same time of the next day on which people work."""
    while not worked(moment.date()):
        moment += timedelta(days=1)
    return moment


def next_weekday(after: datetime, weekday: int, hour: int, minute: int = 0) -> datetime:
    """The first such weekday (Monday is 0) after the day of ``after``, or, where nobody works on
    it, the next day that somebody does."""
    days = (weekday - after.weekday() - 1) % 7 + 1
    moment = (after + timedelta(days=days)).replace(hour=hour, minute=minute, second=0)
    return next_worked(moment)


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the idempotency key it is sent with."""

    key: str
    command: Command

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.command.at


Acting = Callable[[Serving, datetime], Awaitable[Sequence[Step]]]
"""Finds out, from the views at that moment, what is done then."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Steps that follow from what the record shows at a moment: only then are they found out."""

    at: datetime
    acting: Acting
    views: tuple[View, ...]
    """What it is found out from; they are brought up to the moment."""


@dataclass
class Script:
    """Collects the steps in whatever order they come to mind."""

    steps: list[Step | Scene] = field(default_factory=list)

    def add(self, key: str, command: Command) -> None:
        """A step; of two at the same moment the one added first comes first."""
        self.steps.append(Step(key, command))

    def scene(self, at: datetime, acting: Acting, *views: View) -> None:
        """A scene, in the same order."""
        self.steps.append(Scene(at, acting, views))

    def until(self, end: datetime) -> list[Step | Scene]:
        """What has happened by ``end``, in the order of time."""
        return sorted((step for step in self.steps if step.at <= end), key=lambda step: step.at)


def waves(steps: Iterable[Step | Scene], span: timedelta) -> Iterator[Scene | list[Step]]:
    """Steps that may be sent together because they happened within ``span``; scenes alone."""
    wave: list[Step] = []
    for step in steps:
        if wave and (isinstance(step, Scene) or step.at - wave[0].at > span):
            yield wave
            wave = []
        if isinstance(step, Scene):
            yield step
        else:
            wave.append(step)
    if wave:
        yield wave
