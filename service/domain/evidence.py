"""凭据: what a participation is worth as evidence, derived and never typed in (R15, R16)."""

from datetime import datetime, time, timedelta
from typing import Literal

from service.domain.activity import ActivityKind
from service.domain.event import SHANGHAI
from service.domain.interval import Interval

Grade = Literal["A", "B", "C", "D"]
"""凭据等级: A 签到签退并经认定; B 经认定; C 本人陈述、社区确认; D 逾期补录."""

GRADE_WORDS: dict[Grade, str] = {
    "A": "签到签退并经认定",
    "B": "经社区认定",
    "C": "本人陈述、社区确认",
    "D": "逾期补录",
}

MONTH_CLOSES_AFTER_DAYS = 10
"""How many days after its last one a month closes for entries (ours).

The branch inspects every month once it is over (月查), so the entries of a month must be in soon
after it. The longest festival the State Council has arranged so far is nine days off, so ten days
always leave a community a working day, also after a month that ends on the eve of a festival.
"""


def month_closes_at(served_until: datetime) -> datetime:
    """The first moment at which an entry about service that ended then is late: a midnight."""
    day = served_until.astimezone(SHANGHAI).date()
    next_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return datetime.combine(next_month, time(), SHANGHAI) + timedelta(days=MONTH_CLOSES_AFTER_DAYS)


def grade(
    *,
    kind: ActivityKind,
    ends_at: datetime,
    recorded_at: datetime,
    signed_in_at: datetime | None,
    signed_out_at: datetime | None,
    endorsed: bool,
) -> Grade | None:
    """The evidence grade of a participation as it stands; None while it is not endorsed (R16).

    ``recorded_at`` is when it was first recorded: a later correction, which may follow from the
    member's objection, never worsens the grade (R39).
    """
    if not endorsed:
        return None
    if recorded_at >= month_closes_at(ends_at):
        return "D"
    if kind is ActivityKind.OWN:
        return "C"
    if signed_in_at is not None and signed_out_at is not None:
        return "A"
    return "B"


def credited_interval(
    recorded: Interval,
    *,
    window_starts_at: datetime | None = None,
    window_ends_at: datetime | None = None,
    signed_in_at: datetime | None = None,
    signed_out_at: datetime | None = None,
) -> Interval | None:
    """What of the recorded interval counts; None if nothing does (R15).

    It lies within the planned window and between the signed times, as far as these are known.
    """
    starts = [each for each in (window_starts_at, signed_in_at) if each is not None]
    ends = [each for each in (window_ends_at, signed_out_at) if each is not None]
    start, end = max([recorded.start, *starts]), min([recorded.end, *ends])
    return Interval(start, end) if start < end else None
