"""Periods of decisions, by how they are written: a year, or two days for a vetting (R26, R29)."""

from datetime import date

YEARLY = {"selection", "appraisal", "assessment"}
RESULTS = {
    "selection": ("selected", "not_selected"),
    "appraisal": ("outstanding", "qualified", "basically_qualified", "unqualified"),
    "assessment": ("excellent", "competent", "basically_competent", "incompetent"),
    "vetting": ("suitable", "deferred", "unsuitable"),
}
"""What may come out, the best first."""


def begins(purpose: str, period: str) -> date | None:
    """The first day of the period; None unless it is one of this purpose."""
    first, _, last = period.partition("/")
    if purpose in YEARLY:
        return date(int(period), 1, 1) if len(period) == 4 else None
    return date.fromisoformat(first) if last and first <= last else None


def wrong_period(purpose: str, period: str, today: date, *, ahead: str) -> dict[str, bool]:
    """What speaks against a period: it is none of this purpose, or lies ahead."""
    first = begins(purpose, period)
    return {"PeriodNotOfPurpose": first is None, ahead: first is not None and first > today}
