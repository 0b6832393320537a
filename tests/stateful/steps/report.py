"""Steps about what is reported, consolidated and summarised, and who is reminded: R23, R24."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.consolidation import ConsolidateQuarter, RecordSymposium
from service.domain.event import Actor
from service.domain.half_year_summary import Owed, SummariseHalf
from service.domain.period import Half, Quarter, Task
from service.domain.quarterly_report import AmendQuarterlyReport, ReportQuarter
from service.domain.reminder import RemindOfSupervision
from service.domain.report_figures import ReportFigures, SupervisionFigures
from tests.domain.reporting import figures, served
from tests.domain.town import AT, BRANCH, COMMITTEE, COMMUNITY, OTHER_BRANCH
from tests.stateful import draws
from tests.stateful.draws import NTH, RARELY, WHO, Who, pick
from tests.stateful.model.inspections import supervision_counted
from tests.stateful.model.reports import OWES
from tests.stateful.steps.step import Steps

QUARTERS = st.sampled_from(["2025-Q4"] * 5 + ["2025-Q3", "2026-Q1"]).map(Quarter.parse)


class ReportSteps(Steps):
    """What goes up the line, quarter by quarter."""

    def came_to(self, branch_id: str, quarter: Quarter, outrun: int) -> ReportFigures:
        """The figures of a branch's quarter, or what they were before the last visit."""
        counted = supervision_counted(self.world.town, branch_id, str(quarter))
        counted["visits"] -= outrun
        return figures().model_copy(update={"supervision": SupervisionFigures(**counted)})

    @rule(
        branch_id=st.sampled_from([BRANCH] + [OTHER_BRANCH] * 3),
        quarter=QUARTERS,
        outrun=st.sampled_from([0, 0, 1]),
        narrative=draws.OPEN_TEXT,
        who=WHO,
    )
    def report_quarter(
        self, *, branch_id: str, quarter: Quarter, outrun: int, narrative: str | None, who: Who
    ) -> None:
        by = who.acting(branch_id)
        self.decide(
            ReportQuarter(
                report_id=self.world.new("report"),
                quarter=quarter,
                figures=self.came_to(by.organisation_id, quarter, outrun),
                as_of_position=len(self.world.log.events),
                calendar=None,
                narrative=narrative,
                by=by,
                at=AT,
            )
        )

    @rule(nth=NTH, times=st.integers(2, 4), since=st.sampled_from([1, 1, 1, 0]))
    def amend_report(self, nth: int, times: int, since: int) -> None:
        known = self.world.town.reports
        report_id = pick(list(known), nth)
        report = known.get(report_id)
        self.decide(
            AmendQuarterlyReport(
                report_id=report_id,
                service=served(times=times),
                as_of_position=(report.position if report else 0) + since,
                calendar=None,
                by=Actor(organisation_id="", person="supervision", role="system"),
                at=AT,
            )
        )

    @rule(
        committee=st.sampled_from([COMMITTEE] * 8 + [BRANCH]),
        quarter=QUARTERS,
        overlooked=RARELY,
        narrative=draws.OPEN_TEXT,
        who=WHO,
    )
    def consolidate_quarter(
        self, *, committee: str, quarter: Quarter, overlooked: bool, narrative: str | None, who: Who
    ) -> None:
        self.decide(
            ConsolidateQuarter(
                consolidation_id=self.world.new("consolidation"),
                quarter=quarter,
                branch_ids=() if overlooked else (BRANCH, OTHER_BRANCH),
                as_of_position=len(self.world.log.events),
                narrative=narrative,
                by=who.acting(committee),
                at=AT,
            )
        )

    @rule(
        quarter=st.sampled_from(["2025-Q3"] * 3 + ["2025-Q4"]).map(Quarter.parse),
        held_on=st.sampled_from([0, 0, 0, 1, 1, -200]).map(
            lambda days: AT.date() + timedelta(days)
        ),
        present=st.lists(NTH, max_size=2),
        conclusions=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def record_symposium(
        self, *, quarter: Quarter, held_on: date, present: list[int], conclusions: str, who: Who
    ) -> None:
        there = [pick(list(self.world.town.kinds), nth) for nth in present]
        self.decide(
            RecordSymposium(
                symposium_id=self.world.new("symposium"),
                quarter=quarter,
                held_on=held_on,
                attendees=12,
                present=list(dict.fromkeys(there)),
                conclusions=conclusions,
                by=who.acting(COMMITTEE),
                at=AT,
            )
        )

    @rule(
        unit=st.sampled_from([BRANCH] * 3 + [OTHER_BRANCH, COMMITTEE]),
        half=st.sampled_from(["2025-H2"] * 4 + ["2026-H1"]).map(Half.parse),
        owed=st.sampled_from([("2025-Q3",)] * 4 + [("2025-Q3", "2025-Q4"), ()]),
        narrative=draws.OPEN_TEXT,
        who=WHO,
    )
    def summarise_half(
        self, *, unit: str, half: Half, owed: tuple[str, ...], narrative: str | None, who: Who
    ) -> None:
        self.decide(
            SummariseHalf(
                summary_id=self.world.new("summary"),
                half=half,
                owed=[Owed(unit, Quarter.parse(each)) for each in owed],
                figures=figures(),
                as_of_position=len(self.world.log.events),
                calendar=None,
                narrative=narrative,
                by=who.acting(unit),
                at=AT,
            )
        )

    @rule(
        task=st.sampled_from([*Task, *[Task.SYMPOSIUM] * 4]),
        ended_on=st.sampled_from([date(2025, 12, 31)] * 3 + [date(2025, 9, 30)]),
        number=st.sampled_from([1] * 3 + [2] * 4 + [0, 3]),
        days=st.sampled_from([0, 1, 1, 7, 7, 8, 8]),
        member=st.none() | NTH,
        elsewhere=RARELY,
    )
    def remind(
        self,
        *,
        task: Task,
        ended_on: date,
        number: int,
        days: int,
        member: int | None,
        elsewhere: bool,
    ) -> None:
        kind, late = OWES[task.value]
        owing = {"branch": BRANCH, "agency_committee": COMMITTEE, "community": COMMUNITY}
        organisation_id = owing[kind]
        if elsewhere:
            organisation_id = COMMUNITY if kind == "branch" else BRANCH
        period = task.period.of_day(ended_on)
        on_time = timedelta(days=late + days)
        feedback = task is Task.FEEDBACK and member is not None
        self.decide(
            RemindOfSupervision(
                organisation_id=organisation_id,
                task=task,
                period=period,
                number=number,
                member_id=self.neighbour(COMMUNITY, member or 0) if feedback else None,
                by=Actor(organisation_id=organisation_id, person="supervision", role="system"),
                at=AT.replace(
                    year=period.last_day.year, month=period.last_day.month, day=period.last_day.day
                )
                + on_time,
            )
        )
