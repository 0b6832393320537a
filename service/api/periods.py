"""Months, quarters and half-years as requests write them: ``2026-03``, ``2026-Q1``, ``2026-H1``."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.domain.event import SHANGHAI
from service.domain.period import Half, Month, Period, Quarter

P = TypeVar("P", bound=Period)
_YEAR = "(20[0-9]{2}|2100)"


def _of(kind: type[P], example: str) -> Callable[[Any], P]:
    def validated(value: Any) -> P:
        try:
            if isinstance(value, str):
                return kind.parse(value)
        except ValueError:
            pass
        raise PydanticCustomError("eighthours_period", f"没有这一期间，应写作 {example}")

    return validated


def _text(kind: type[P], example: str) -> AfterValidator:
    return AfterValidator(lambda text: str(_of(kind, example)(text)))


def _written(numbers: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{_YEAR}-{numbers}$"})


MonthField = Annotated[Month, PlainValidator(_of(Month, "2026-03")), _written("(0[1-9]|1[0-2])")]
"""月，如 2026-03。"""
QuarterField = Annotated[Quarter, PlainValidator(_of(Quarter, "2026-Q1")), _written("Q[1-4]")]
"""季度，如 2026-Q1。"""
HalfField = Annotated[Half, PlainValidator(_of(Half, "2026-H1")), _written("H[12]")]
"""半年，如 2026-H1。"""

# A query parameter is text for FastAPI: the route parses what was found to be well-formed.
MonthText = Annotated[str, _text(Month, "2026-03"), _written("(0[1-9]|1[0-2])")]
"""月，如 2026-03，在查询参数中。"""
QuarterText = Annotated[str, _text(Quarter, "2026-Q1"), _written("Q[1-4]")]
"""季度，如 2026-Q1，在查询参数中。"""
HalfText = Annotated[str, _text(Half, "2026-H1"), _written("H[12]")]
"""半年，如 2026-H1，在查询参数中。"""


def last_period(kind: type[P], now: datetime) -> P:
    """The last one that is over at that moment."""
    current = kind.of_day(now.astimezone(SHANGHAI).date())
    return kind.of_day(current.first_day - timedelta(days=1))
