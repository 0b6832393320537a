"""半年总结: what a half-year came to, for a unit and everything under it (R24)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from service.domain.consolidation import QuarterConsolidated
from service.domain.event import (
    Command,
    Event,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import OrganisationRegistered, Organisations
from service.domain.period import Half, Quarter
from service.domain.quarterly_report import QuarterReported
from service.domain.report_figures import ReportFigures


class HalfYearSummarised(Event, type="HalfYearSummarised"):
    """半年总结: what a unit's half-year came to, as the log had it up to a position (R24).

    ``half`` is written as 2026-H1. Whoever computes the figures again as of ``as_of_position``,
    with the same ``calendar`` of the year or without one, gets the same. ``above_id`` is the
    organisation right above; None where there is none. The narrative names nobody: it is not
    sealed.
    """

    summary_id: Annotated[str, Tag("summary")]
    organisation_id: OrganisationId
    above_id: OrganisationId | None
    half: str
    as_of_position: int
    calendar: str | None = None
    figures: ReportFigures
    narrative: str | None = None
    summarised_by: str
    summarised_by_person: str


class ReportMissing(Rejection):
    """这一半年的季报或者季度汇总尚不齐全，不能总结。"""

    rule = "R24"


class HalfAlreadySummarised(Rejection):
    """这一半年已经总结。"""

    rule = "R24"


class Owed(NamedTuple):
    """A quarter that a branch has to report, or a committee to consolidate."""

    organisation_id: str
    quarter: Quarter


@dataclass(kw_only=True)
class SummariseHalf(Command):
    """半年总结: by an officer of the unit, once the half-year's quarters are closed (R24).

    ``owed`` are the reports and consolidations it rests on: a branch's own reports, a committee's
    own consolidations, those of everybody right under an organisation department. They and the
    figures are what the log had up to ``as_of_position``.
    """

    summary_id: str
    half: Half
    owed: Sequence[Owed]
    figures: ReportFigures
    as_of_position: int
    calendar: str | None
    """Of the year, as it is cited; None while it is not published."""
    narrative: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    names: dict[str, str] = field(init=False, default_factory=dict)
    done: set[Owed] = field(init=False, default_factory=set)
    summarised: set[str] = field(init=False, default_factory=set)
    """Half-years."""

    def consistency_boundary(self) -> list[Selector]:
        organisation_id = self.by.organisation_id
        owing = dict.fromkeys(each.organisation_id for each in self.owed)
        return [
            *self.officers.acting(self.by),
            *map(Organisations.about, dict.fromkeys((organisation_id, *owing))),
            Selector([HalfYearSummarised], [f"organisation:{organisation_id}"]),
            *(Selector([QuarterReported], [f"branch:{each}"]) for each in owing),
            *(Selector([QuarterConsolidated], [f"organisation:{each}"]) for each in owing),
        ]

    @on(OrganisationRegistered)
    def _(self, organisation_id: str, name: str) -> None:
        self.names[organisation_id] = name

    @on(HalfYearSummarised)
    def _(self, organisation_id: str, half: str) -> None:
        # Summaries of those right under it name it as well.
        if organisation_id == self.by.organisation_id:
            self.summarised.add(half)

    @on(QuarterReported)
    def _(self, branch_id: str, quarter: str) -> None:
        self.done.add(Owed(branch_id, Quarter.parse(quarter)))

    @on(QuarterConsolidated)
    def _(self, committee_id: str, quarter: str) -> None:
        self.done.add(Owed(committee_id, Quarter.parse(quarter)))

    def execute(self) -> None:
        organisation_id = self.by.organisation_id
        self.organisations.require_unit(organisation_id)
        appointment = self.officers.appointment(self.by)
        self.half.require_over(self.at, "/half")
        if str(self.half) in self.summarised:
            raise HalfAlreadySummarised(f"{self.half.word}已经总结。", "/half")
        missing = [each for each in self.owed if each not in self.done]
        if missing or not self.owed:
            words = "、".join(f"{self.names[id_]}{quarter.word}" for id_, quarter in missing)
            found = f"尚缺季报或者季度汇总：{words}。"
            raise ReportMissing(found if missing else f"{self.half.word}没有季报。", "/half")
        require_open_text(self.narrative, "/narrative")
        self.happened(
            HalfYearSummarised(
                summary_id=self.summary_id,
                organisation_id=organisation_id,
                above_id=next(iter(self.organisations.ancestors[organisation_id]), None),
                half=str(self.half),
                as_of_position=self.as_of_position,
                calendar=self.calendar,
                figures=self.figures,
                narrative=self.narrative,
                summarised_by=self.by.person,
                summarised_by_person=appointment.person,
            )
        )
