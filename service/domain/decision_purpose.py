"""办理事项: what the community's opinion is asked for, and what may come out of it (R26, R27)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from service.domain.event import Rejection


class DecisionPurpose(StrEnum):
    """征求意见的事项: before which decision the community is asked (R26)."""

    SELECTION = "selection"
    APPRAISAL = "appraisal"
    ASSESSMENT = "assessment"
    VETTING = "vetting"

    @property
    def word(self) -> str:
        return {
            "selection": "评先评优",
            "appraisal": "民主评议",
            "assessment": "年度考核",
            "vetting": "任前考察",
        }[self.value]


class DecisionResult(StrEnum):
    """结论: what was decided; which ones there are depends on the purpose (`results_of`)."""

    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    OUTSTANDING = "outstanding"
    QUALIFIED = "qualified"
    BASICALLY_QUALIFIED = "basically_qualified"
    UNQUALIFIED = "unqualified"
    EXCELLENT = "excellent"
    COMPETENT = "competent"
    BASICALLY_COMPETENT = "basically_competent"
    INCOMPETENT = "incompetent"
    SUITABLE = "suitable"
    DEFERRED = "deferred"
    UNSUITABLE = "unsuitable"

    @property
    def word(self) -> str:
        return {
            "selected": "评为先进",
            "not_selected": "未评为先进",
            "outstanding": "优秀",
            "qualified": "合格",
            "basically_qualified": "基本合格",
            "unqualified": "不合格",
            "excellent": "优秀",
            "competent": "称职",
            "basically_competent": "基本称职",
            "incompetent": "不称职",
            "suitable": "考察通过",
            "deferred": "暂缓",
            "unsuitable": "考察不通过",
        }[self.value]


_RESULTS: dict[DecisionPurpose, tuple[DecisionResult, ...]] = {
    DecisionPurpose.SELECTION: (DecisionResult.SELECTED, DecisionResult.NOT_SELECTED),
    DecisionPurpose.APPRAISAL: (
        DecisionResult.OUTSTANDING,
        DecisionResult.QUALIFIED,
        DecisionResult.BASICALLY_QUALIFIED,
        DecisionResult.UNQUALIFIED,
    ),
    DecisionPurpose.ASSESSMENT: (
        DecisionResult.EXCELLENT,
        DecisionResult.COMPETENT,
        DecisionResult.BASICALLY_COMPETENT,
        DecisionResult.INCOMPETENT,
    ),
    DecisionPurpose.VETTING: (
        DecisionResult.SUITABLE,
        DecisionResult.DEFERRED,
        DecisionResult.UNSUITABLE,
    ),
}


def results_of(purpose: DecisionPurpose) -> tuple[DecisionResult, ...]:
    """What may be concluded for a purpose, the best for the member first."""
    return _RESULTS[purpose]


class ResultNotOfPurpose(Rejection):
    """这一事项没有这种结论。"""

    rule = "R26"


class PeriodNotOfPurpose(Rejection):
    """考察期间不符合该事项的要求：评先评优、民主评议和年度考核为一个年度，任前考察为起止日期。"""

    rule = "R26"


def require_result(purpose: DecisionPurpose, result: DecisionResult) -> None:
    """Refused unless such a decision may have this result."""
    if result not in results_of(purpose):
        words = "、".join(each.word for each in results_of(purpose))
        raise ResultNotOfPurpose(f"{purpose.word}的结论只有：{words}。", "/result")


def is_worse(purpose: DecisionPurpose, result: DecisionResult, before: DecisionResult) -> bool:
    """Whether a result is worse for the member than the one before."""
    order = results_of(purpose)
    return order.index(result) > order.index(before)


@dataclass(frozen=True, slots=True)
class DecisionPeriod:
    """The days that an opinion and the decision it is asked for are about, both ends included.

    A calendar year (``2026``), or for a vetting two days (``2021-03-01/2026-09-30``).
    """

    first: date
    last: date

    @classmethod
    def parse(cls, purpose: DecisionPurpose, text: str) -> Self:
        """From its text; PeriodNotOfPurpose unless it is one of this purpose."""
        if purpose is DecisionPurpose.VETTING:
            found = re.fullmatch(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)", text, re.ASCII)
            days: Sequence[str] = found.groups() if found else ()
        else:
            days = _days_of_year(text)
        try:
            first, last = map(date.fromisoformat, days)
        except ValueError:
            raise PeriodNotOfPurpose(pointer="/period") from None
        if first > last or not 1921 <= first.year <= last.year <= 2099:
            raise PeriodNotOfPurpose(pointer="/period")
        return cls(first, last)


def _days_of_year(text: str) -> Sequence[str]:
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        return ()
    return f"{text}-01-01", f"{text}-12-31"


def period_word(text: str) -> str:
    """A period as a person reads it: 2026年度, 2021年3月1日至2026年9月30日."""
    if re.fullmatch(r"\d{4}", text, re.ASCII):
        return f"{text}年度"
    if "/" not in text:
        return text
    return "至".join(_day_word(date.fromisoformat(each)) for each in text.split("/"))


def _day_word(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
