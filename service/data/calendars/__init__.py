"""The State Council's notices on holidays and swap days, one file a year (R20, R21).

A file `<year>.json` here or in the operator's directory is one notice as it was issued: document
number, date, and for each festival the days off and the weekend days worked in exchange (调休).
A year without a file is not published: nothing is guessed for it.

When a notice gives days off in another year (as that for 2019 did for 30 December 2018), put an
amended file for that other year in the operator's directory; dates outside the year are refused.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.domain.working_time import Calendar, Calendars

FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""Every notice arranges these; a file without one of them is incomplete."""


class UnusableCalendar(ValueError):
    """A calendar file cannot be used; the message names the file and says why."""


class Festival(BaseModel):
    """One numbered paragraph of a notice: days off from first to last, and swap days worked."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    first_day_off: date
    last_day_off: date
    working_days: tuple[date, ...]

    def days_off(self) -> Iterator[date]:
        """Every day off, weekends among them included."""
        for days in range((self.last_day_off - self.first_day_off).days + 1):
            yield self.first_day_off + timedelta(days=days)


class Notice(BaseModel):
    """A notice on a year's holiday arrangements, checked for what can be checked."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    year: Annotated[int, Field(ge=1992, le=9998)]
    document_number: Annotated[str, Field(pattern=r"^国办\S*〔\d{4}〕\d+号$")]
    title: Annotated[str, Field(min_length=1)]
    issued_by: Annotated[str, Field(min_length=1)]
    issued_on: date
    festivals: tuple[Festival, ...]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for festival in self.festivals:
            if festival.last_day_off < festival.first_day_off:
                raise ValueError(f"{festival.name} ends before it begins")
        days_off = [day for festival in self.festivals for day in festival.days_off()]
        working = [day for festival in self.festivals for day in festival.working_days]
        days = days_off + working
        if outside := [day for day in days if day.year != self.year]:
            raise ValueError(f"{outside[0]} is not in {self.year}")
        if twice := [day for day in days if days.count(day) > 1]:
            raise ValueError(f"{twice[0]} is named twice")
        if weekdays := [day for day in working if day.weekday() < 5]:
            raise ValueError(f"{weekdays[0]}, worked in exchange, is no weekend day")
        names = "".join(festival.name for festival in self.festivals)
        if missing := [name for name in FESTIVALS if name not in names]:
            raise ValueError(f"{missing[0]} is missing")
        return self

    def calendar(self, version: str) -> Calendar:
        """The notice as the domain uses it."""
        return Calendar(
            year=self.year,
            source=self.document_number,
            version=version,
            days_off=frozenset(day for each in self.festivals for day in each.days_off()),
            working_swaps=frozenset(day for each in self.festivals for day in each.working_days),
        )


def read_calendar(name: str, content: bytes) -> Calendar:
    """The calendar in one file named `name`; raises UnusableCalendar.

    Its version is a fingerprint of what the file says, not of how it is indented.
    """
    try:
        notice = Notice.model_validate_json(content)
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(str(part) for part in each['loc']) or 'notice'}: {each['msg']}"
            for each in error.errors()
        )
        raise UnusableCalendar(f"{name}: {reasons}") from error
    if name != f"{notice.year}.json":
        raise UnusableCalendar(f"{name}: the calendar of {notice.year} is named {notice.year}.json")
    canonical = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"))
    return notice.calendar(sha256(canonical.encode()).hexdigest()[:12])


@lru_cache(maxsize=8)
def published_calendars(extra_dir: Path | None = None) -> Calendars:
    """All published calendars: those shipped and the operator's in `extra_dir` (R21).

    For a year in both the operator's counts, so that an amending notice needs no release. Read
    once per process: a new file takes effect at the next start. Raises UnusableCalendar for a
    file that cannot be used and for a directory that is not there, rather than leave a year out.
    """
    by_year = {calendar.year: calendar for calendar in _calendars_in(files(__name__))}
    if extra_dir is not None:
        if not extra_dir.is_dir():
            raise UnusableCalendar(f"{extra_dir} is not a directory")
        by_year |= {calendar.year: calendar for calendar in _calendars_in(extra_dir)}
    return Calendars(by_year.values())


def _calendars_in(folder: Traversable) -> Iterator[Calendar]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield read_calendar(entry.name, entry.read_bytes())
