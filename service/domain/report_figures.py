"""报告数字: what a quarterly report or a half-year summary counts (R12, R16, R19, R23).

They are frozen in the event that reports them, with the position they were computed at. The two
ledgers stand apart; times (人次) and members (人) are never mixed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from service.domain.evidence import Grade
from service.domain.participation import Ledger


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServedFigures(_Figures):
    """Endorsed participations of one ledger, grade and category that began in the period."""

    ledger: Ledger
    grade: Grade
    category: str
    times: int
    outside_minutes: int


class ServiceFigures(_Figures):
    """服务情况: what was done and vouched for in the period.

    ``members`` counts each member once whatever they did, the two beside it once in each ledger.
    """

    members: int
    members_duty: int
    members_voluntary: int
    served: tuple[ServedFigures, ...]
    """Ordered by ledger, grade, category; sorts that did not occur are left out."""
    inside_minutes: int
    pending_minutes: int
    unendorsed: int
    """Participations that nobody has answered for yet."""


class StandingFigures(_Figures):
    """报到情况 as of the position: rates are exact, so both parts are given (R32).

    ``exempt`` members are in none of the others but ``members``.
    """

    members: int
    exempt: int
    registered: int
    """Of those who are not exempt."""


class SupervisionFigures(_Figures):
    """督查情况 of the period."""

    inspections: int
    talks: int
    visits: int
    discrepancies: int
    discrepancies_open: int


class ReportFigures(_Figures):
    """All that a report counts."""

    standing: StandingFigures
    service: ServiceFigures
    supervision: SupervisionFigures


class Difference(_Figures):
    """One figure that is not what it was; ``figure`` names it as a JSON pointer would."""

    figure: str
    before: int
    after: int


def differences(before: ServiceFigures, after: ServiceFigures) -> tuple[Difference, ...]:
    """Every figure in which the two differ, in a fixed order."""
    old, new = dict(_named(before)), dict(_named(after))
    return tuple(
        Difference(figure=name, before=old.get(name, 0), after=new.get(name, 0))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, 0) != new.get(name, 0)
    )


def _named(figures: ServiceFigures) -> Iterator[tuple[str, int]]:
    for name, value in figures:
        if isinstance(value, int):
            yield f"/{name}", value
    for each in figures.served:
        sort = f"/served/{each.ledger}/{each.grade}/{each.category}"
        yield f"{sort}/times", each.times
        yield f"{sort}/outside_minutes", each.outside_minutes


def added_up(reports: Iterable[ReportFigures]) -> ReportFigures:
    """The figures of several reports together.

    A member whose branch changed within the period and who served in both is counted by both:
    members are added up as reported.
    """
    reports = list(reports)
    served: dict[tuple[Ledger, Grade, str], list[int]] = defaultdict(lambda: [0, 0])
    for report in reports:
        for each in report.service.served:
            sums = served[each.ledger, each.grade, each.category]
            sums[0] += each.times
            sums[1] += each.outside_minutes
    return ReportFigures(
        standing=StandingFigures(**_sums(StandingFigures, (each.standing for each in reports))),
        service=ServiceFigures(
            **_sums(ServiceFigures, (each.service for each in reports)),
            served=tuple(
                ServedFigures(
                    ledger=ledger,
                    grade=grade,
                    category=category,
                    times=times,
                    outside_minutes=minutes,
                )
                for (ledger, grade, category), (times, minutes) in sorted(served.items())
            ),
        ),
        supervision=SupervisionFigures(
            **_sums(SupervisionFigures, (each.supervision for each in reports))
        ),
    )


def _sums(kind: type[_Figures], several: Iterable[_Figures]) -> dict[str, int]:
    """Each whole number of these added up, by its name."""
    sums = {name: 0 for name, info in kind.model_fields.items() if info.annotation is int}
    for each in several:
        for name in sums:
            sums[name] += getattr(each, name)
    return sums
