"""What steps are drawn from: mostly what makes sense, always also what does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from service.domain.event import SHANGHAI, Actor
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SUBDISTRICT,
)
from tests.stateful.papers import (
    AREA_CODES,
    CREDIT_CODES,
    HOURS,
    ID_NUMBERS,
    OPEN_TEXTS,
    PHONES,
)

NOBODY = "nobody"
ORGANISATIONS = (
    BRANCH,
    OTHER_BRANCH,
    COMMUNITY,
    OTHER_COMMUNITY,
    FOREIGN_BRANCH,
    SUBDISTRICT,
    COMMITTEE,
    AUTHORITY,
)
_RIGHT = 40
"""How many of the draws let somebody act who may."""

NTH = st.sampled_from([*range(9)] * 2 + [9])
"""Which one of those there are, the newest first; the last number means one there is not."""
FEW = st.integers(0, 3)
RARELY = st.sampled_from([False] * 5 + [True])
COUNT = st.integers(1, 3)


def pick(known: Sequence[str], nth: int, likely: Sequence[str] = ()) -> str:
    """The nth of these, the last one first; mostly one of the ``likely``."""
    if nth < 7 and likely:
        known = likely
    return NOBODY if nth == 9 or not known else known[-1 - nth % len(known)]


@dataclass(frozen=True)
class Who:
    """Somebody who acts: for an organisation that may, or for another one."""

    organisation: int
    person: str

    def acting(self, *may: str | None, member: str = "") -> Actor:
        """Somebody of one of the organisations that may, or of another one."""
        able = [each for each in may if each is not None] or [NOBODY]
        if self.organisation < _RIGHT:
            organisation = able[self.organisation % len(able)]
        else:
            organisation = ORGANISATIONS[self.organisation - _RIGHT]
        return self.within(organisation, member)

    def within(self, organisation: str, member: str = "") -> Actor:
        """Somebody of this organisation, where only its own may ask at all."""
        person = (member or NOBODY) if self.person == "the member" else self.person
        role = "clerk" if self.person == "clerk" else "responsible"
        return Actor(organisation_id=organisation, person=person, role=role)


WHO = st.builds(
    Who,
    organisation=st.integers(0, _RIGHT + len(ORGANISATIONS) - 1),
    person=st.sampled_from(
        ["officer"] * 4 + ["secretary"] * 4 + ["deputy"] * 2 + ["clerk", "the member"]
    ),
)


def _at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


Moment = datetime
Window = tuple[datetime, datetime]
WINDOWS: tuple[Window, ...] = (
    (_at(3, 7, 9), _at(3, 7, 11)),
    (_at(3, 4, 16), _at(3, 4, 18, 30)),
    (_at(2, 14, 9), _at(2, 14, 11)),
    (_at(2, 28, 22), _at(3, 1, 2)),
    (_at(5, 1, 9, year=2027), _at(5, 1, 11, year=2027)),
    (_at(3, 7, 10), _at(3, 7, 12)),
    (_at(3, 7, 9), _at(3, 7, 9)),
    (_at(3, 7, 9), _at(3, 7, 8)),
)
WINDOW = st.sampled_from([*WINDOWS[:6], *WINDOWS])

Edge = tuple[bool, timedelta]
"""Whether it is the window's end, and how long after it (or before)."""


def moment(window: Window, edge: Edge) -> datetime:
    """A moment near an edge of a window."""
    return window[edge[0]] + edge[1]


_SECOND, _HOUR, _DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
NEAR_EDGE: st.SearchStrategy[Edge] = st.sampled_from(
    [
        (False, timedelta(0)),
        (True, timedelta(0)),
        (False, _HOUR),
        *[(False, -_HOUR / 6)] * 3,
        (True, _HOUR / 6),
        (True, -_SECOND),
        (False, -2 * _HOUR),
        (True, 2 * _HOUR),
        (False, -2 * _HOUR - _SECOND),
        (True, 2 * _HOUR + _SECOND),
    ]
)
AFTERWARDS: st.SearchStrategy[Edge] = st.sampled_from(
    [
        (True, 2 * _HOUR),
        (True, _DAY),
        (False, _HOUR),
        (True, 20 * _DAY),
        (True, 60 * _DAY),
        (False, -_HOUR),
        (False, -3 * _HOUR),
    ]
)

BEFOREHAND: st.SearchStrategy[Edge] = st.sampled_from(
    [
        (False, -_DAY),
        (False, -_HOUR),
        (False, timedelta(0)),
        (True, -_SECOND),
        (True, timedelta(0)),
        (True, _HOUR),
    ]
)

Shift = tuple[timedelta, timedelta]
SERVED: st.SearchStrategy[Shift] = st.sampled_from(
    [
        (timedelta(0), 2 * _HOUR),
        (timedelta(0), 2 * _HOUR),
        (-_HOUR, 4 * _HOUR),
        (_HOUR / 2, _HOUR),
        (-_HOUR, _HOUR),
        (12 * _HOUR, 3 * _HOUR),
        (-4 * _HOUR, 24 * _HOUR),
        (timedelta(0), 24 * _HOUR + _SECOND),
        (timedelta(0), timedelta(0)),
        (timedelta(0), -_HOUR),
    ]
)
"""What somebody did: how long after the window began, and for how long."""


def served(window: Window, shift: Shift) -> Window:
    """The interval of something done."""
    return window[0] + shift[0], window[0] + shift[0] + shift[1]


DAYS = st.integers(0, 12).map(lambda days: date(2026, 3, 1) + timedelta(days=days))
DEADLINES = st.sampled_from([_at(6, 30, 23, 59), _at(3, 1, 12), _at(12, 31, 23, 59)])
INTERVALS: st.SearchStrategy[Window] = st.sampled_from(
    [
        (_at(3, 4, 14), _at(3, 4, 17)),
        (_at(3, 7, 8), _at(3, 7, 10)),
        (_at(3, 7, 10), _at(3, 7, 16)),
        (_at(2, 28, 20), _at(3, 1, 8)),
        (_at(3, 1, 0), _at(3, 8, 0)),
        (_at(3, 4, 14) + 10 * _SECOND, _at(3, 4, 14) + 50 * _SECOND),
        (_at(3, 4, 14), _at(3, 4, 14)),
        (_at(3, 4, 14), _at(3, 4, 13)),
    ]
)
HOURS_OF_WORK = st.sampled_from([*list(HOURS)[:3], *HOURS])

_MOSTLY_FIRST = 4
AREA_CODE = st.sampled_from(["469030"] * 2 + ["469030100001"] * 3 + list(AREA_CODES))
CREDIT_CODE = st.sampled_from([None, None, *CREDIT_CODES])
ID_NUMBER = st.sampled_from([*list(ID_NUMBERS)[:3] * _MOSTLY_FIRST, *ID_NUMBERS])
PHONE = st.sampled_from([*list(PHONES)[:2] * _MOSTLY_FIRST, *PHONES])
CATEGORY = st.sampled_from(["cleaning", "环境卫生保洁岗", "防汛岗", "防汛岗", "助老岗"])
SPECIALITIES = st.sampled_from([(), (), ("医疗",), ("医疗", "法律")])
TAKEN = st.sampled_from(["neither"] * 6 + ["number", "person", "erased"])
OPEN_TEXT = st.sampled_from([*list(OPEN_TEXTS)[:2] * _MOSTLY_FIRST, *OPEN_TEXTS])


LATER = st.sampled_from([timedelta(0)] * 6 + [_DAY, 3 * _DAY, 400 * _DAY])
"""How much time passes before something is done with a key."""
SIGNED = st.sampled_from(
    ["as asked"] * 10
    + ["another key"] * 5
    + ["not at all", "late", "long ago"] * 2
    + ["otherwise", "at another time", "by somebody else"]
)
"""How an organisation that may have a key of its own signs."""


@dataclass(frozen=True)
class Risk:
    """What is planned, or brought along, against the risks of an activity."""

    risky: bool = False
    notes: str | None = None
    insurance: str | None = None


RISK = st.sampled_from(
    [
        Risk(),
        Risk(),
        Risk(True),
        Risk(True, "戴安全帽"),
        Risk(True, None, "意外险"),
        Risk(True, "戴安全帽", "意外险"),
    ]
)
