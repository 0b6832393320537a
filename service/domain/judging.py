"""按规则考核: what a rule pack says of a member's or a unit's year (R3, R32, R34).

Pure and exact: whole numbers and fractions are compared as they stand, nothing is rounded. A
judgement is a finding on which somebody may propose something; by itself nothing follows (R28).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import assert_never

from service.domain.event import SHANGHAI
from service.domain.member_year import MemberYear, Served
from service.domain.registration_deadline import is_late
from service.domain.rule_pack import (
    MINUTES_OF_AN_HOUR,
    Award,
    Bands,
    Counted,
    Deadline,
    Measure,
    Minimum,
    Points,
    RateAtLeast,
    RulePack,
    UnitRate,
)


@dataclass(frozen=True, slots=True)
class UnitYear:
    """A unit's year: its members and what those of whom something is demanded have done."""

    organisation_id: str
    year: int
    members: int
    exempt: int
    registered: int
    """Of those who are not exempt."""
    completed: int
    """Of those who are not exempt."""

    @property
    def demanded(self) -> int:
        """The denominator of its rates: members who are not exempt (R3)."""
        return self.members - self.exempt


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found."""

    rule_id: str
    text: str
    """The rule in its own words."""
    holds: bool
    measured: int | None
    """Minutes, times, stars, points or members; None where a rule looks at a moment."""
    measured_of: int | None
    """The denominator of a rate."""
    found: str
    """What was measured, in Chinese."""
    required: str
    """What is demanded, in Chinese."""
    stars: int | None = None
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pack says of a year."""

    passes: bool | None
    """None: not judged, because nothing is demanded of whom it is about (R3)."""
    findings: tuple[Finding, ...]


_NOT_JUDGED = Judgement(None, ())


def judge(pack: RulePack, member: MemberYear) -> Judgement:
    """What a pack about members says of one; who is exempt is not judged (R3)."""
    if member.exempt:
        return _NOT_JUDGED
    return _judgement(pack, [_of_member(rule, member) for rule in pack.rules])


def judge_unit(pack: RulePack, unit: UnitYear) -> Judgement:
    """What a pack about units says of one; without a member to count it is not judged."""
    if unit.demanded == 0:
        return _NOT_JUDGED
    return _judgement(pack, [_of_unit(rule, unit) for rule in pack.rules])


def completes(packs: Collection[RulePack], member: MemberYear) -> bool:
    """Whether a member has done what the packs of completion demand, all of them.

    Without a pack: at least one endorsed participation in the year.
    """
    if not packs:
        # What began the year before is not this year's, though some of its minutes are.
        return any(each.times for each in member.served)
    return all(judge(pack, member).passes is True for pack in packs)


def unit_year(
    organisation_id: str,
    year: int,
    members: Iterable[tuple[MemberYear, Collection[RulePack]]],
) -> UnitYear:
    """A unit's year from those of its members, each with the packs of completion in force there."""
    counted = exempt = registered = completed = 0
    for member, completion in members:
        counted += 1
        if member.exempt:
            exempt += 1
            continue
        registered += member.community_id is not None
        completed += completes(completion, member)
    return UnitYear(organisation_id, year, counted, exempt, registered, completed)


def _judgement(pack: RulePack, findings: list[Finding]) -> Judgement:
    held = {each.rule_id for each in findings if each.holds}
    return Judgement(held.issuperset(pack.passes), tuple(findings))


def _of_member(rule: Minimum | Bands | Deadline | RateAtLeast, member: MemberYear) -> Finding:
    match rule:
        case Minimum():
            return _minimum(rule, member)
        case Bands():
            return _banded(rule, member)
        case Deadline():
            return _in_time(rule, member)
        case RateAtLeast():
            raise ValueError("a rate judges units")
        case _:
            assert_never(rule)


def _of_unit(rule: Minimum | Bands | Deadline | RateAtLeast, unit: UnitYear) -> Finding:
    if not isinstance(rule, RateAtLeast):
        raise TypeError(f"{type(rule).__name__} judges members")
    measured = unit.registered if rule.rate is UnitRate.REGISTRATION else unit.completed
    return Finding(
        rule.rule_id,
        rule.text,
        # Multiplied, so that 1,234 of 1,300 are compared with 95 % as exactly as they stand.
        holds=measured * rule.denominator >= rule.numerator * unit.demanded,
        measured=measured,
        measured_of=unit.demanded,
        found=f"{rule.rate.word}{measured}/{unit.demanded}",
        required=f"{rule.rate.word}不低于{rule.numerator}/{rule.denominator}",
    )


def _minimum(rule: Minimum, member: MemberYear) -> Finding:
    amount = _amount(rule.counted, member.served)
    holds = amount >= rule.at_least
    points = None
    if rule.points is not None:
        points = _points(rule.points, amount - rule.at_least) if holds else 0
    return Finding(
        rule.rule_id,
        rule.text,
        holds,
        measured=amount,
        measured_of=None,
        found=_in_words(rule.counted.measure, amount),
        required=f"不少于{_in_words(rule.counted.measure, rule.at_least)}",
        points=points,
    )


def _points(points: Points, beyond: int) -> int:
    earned = points.base + beyond // points.step * points.per_step
    return earned if points.cap is None else min(earned, points.cap)


def _banded(rule: Bands, member: MemberYear) -> Finding:
    amount = _amount(rule.counted, member.served)
    value = next(
        band.value
        for band in rule.bands
        if band.at_least <= amount and (band.below is None or amount < band.below)
    )
    if rule.cap is not None:
        value = min(value, rule.cap)
    stars = rule.award is Award.STARS
    word = "星" if stars else "分"
    return Finding(
        rule.rule_id,
        rule.text,
        holds=value >= rule.at_least,
        measured=amount,
        measured_of=None,
        found=f"{_in_words(rule.counted.measure, amount)}，{value}{word}",
        required=f"不少于{rule.at_least}{word}" if rule.at_least else "仅评定，不作要求",
        stars=value if stars else None,
        points=None if stars else value,
    )


def _in_time(rule: Deadline, member: MemberYear) -> Finding:
    deadline = member.deadline or datetime.combine(
        datetime(member.year, rule.month, rule.day, tzinfo=SHANGHAI), time(23, 59, 59), SHANGHAI
    )
    registered_at = member.registered_at
    return Finding(
        rule.rule_id,
        rule.text,
        holds=registered_at is not None and not is_late(registered_at, deadline),
        measured=None,
        measured_of=None,
        found="未报到" if registered_at is None else f"{_moment(registered_at)}报到",
        required=f"不迟于{_moment(deadline)}报到",
    )


def _amount(counted: Counted, served: Iterable[Served]) -> int:
    """What a member did of what counts."""
    found = [
        each
        for each in served
        if each.ledger in counted.ledgers
        and each.grade in counted.grades
        and each.kind in counted.kinds
        and (counted.categories is None or each.category in counted.categories)
    ]
    if counted.measure is Measure.TIMES:
        return sum(each.times for each in found)
    return sum(each.outside_minutes for each in found)


def _in_words(measure: Measure, amount: int) -> str:
    if measure is Measure.TIMES:
        return f"{amount}次"
    hours, minutes = divmod(amount, MINUTES_OF_AN_HOUR)
    return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"


def _moment(moment: datetime) -> str:
    there = moment.astimezone(SHANGHAI)
    return f"{there.year}年{there.month}月{there.day}日{there:%H:%M:%S}"
