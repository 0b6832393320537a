"""What supervision is done with, and what is objected to, as events: who did what for what."""

from datetime import date

from service.domain.consolidation import QuarterConsolidated, SymposiumHeld
from service.domain.endorsement import Performance
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.half_year_summary import HalfYearSummarised
from service.domain.inspection import (
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    InspectionConfirmed,
    Resolution,
)
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionEscalated,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.quarterly_report import QuarterlyReportAmended, QuarterReported
from service.domain.report_figures import (
    Difference,
    ReportFigures,
    ServiceFigures,
    StandingFigures,
    SupervisionFigures,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    SUBDISTRICT,
    person,
)

NO_SERVICE = ServiceFigures(
    members=0,
    members_duty=0,
    members_voluntary=0,
    served=(),
    inside_minutes=0,
    pending_minutes=0,
    unendorsed=0,
)
NO_FIGURES = ReportFigures(
    standing=StandingFigures(members=0, exempt=0, registered=0),
    service=NO_SERVICE,
    supervision=SupervisionFigures(
        inspections=0, talks=0, visits=0, discrepancies=0, discrepancies_open=0
    ),
)


def inspected(month: str, branch_id: str = BRANCH) -> InspectionConfirmed:
    """The branch confirmed its inspection of a month."""
    return InspectionConfirmed(
        inspection_id=f"inspection-{branch_id}-{month}",
        branch_id=branch_id,
        month=month,
        certificates=0,
        entries=0,
        unendorsed=0,
        exempt=0,
        talks=(),
        as_of_position=1,
        confirmed_by="officer",
        confirmed_by_person=person("officer"),
    )


def quarter_reported(quarter: str, branch_id: str = BRANCH) -> QuarterReported:
    """The branch reported a quarter."""
    return QuarterReported(
        report_id=f"report-{branch_id}-{quarter}",
        branch_id=branch_id,
        committee_id=COMMITTEE,
        quarter=quarter,
        as_of_position=1,
        figures=NO_FIGURES,
        reported_by="officer",
        reported_by_person=person("officer"),
    )


def amended(quarter: str, number: int = 1) -> QuarterlyReportAmended:
    """The branch's report of a quarter was amended in one figure."""
    return QuarterlyReportAmended(
        report_id=f"report-{BRANCH}-{quarter}",
        branch_id=BRANCH,
        committee_id=COMMITTEE,
        quarter=quarter,
        number=number,
        as_of_position=2,
        service=NO_SERVICE,
        differences=(Difference(figure="/members", before=1, after=0),),
    )


def consolidated(quarter: str) -> QuarterConsolidated:
    """The committee consolidated a quarter."""
    return QuarterConsolidated(
        consolidation_id=f"consolidation-{quarter}",
        committee_id=COMMITTEE,
        authority_id=AUTHORITY,
        quarter=quarter,
        report_ids=(),
        amendments=(),
        as_of_position=1,
        figures=NO_FIGURES,
        consolidated_by="officer",
        consolidated_by_person=person("officer"),
    )


def symposium_held(quarter: str) -> SymposiumHeld:
    """The committee held its symposium on a quarter."""
    return SymposiumHeld(
        symposium_id=f"symposium-{quarter}",
        committee_id=COMMITTEE,
        quarter=quarter,
        held_on=date(2026, 4, 20),
        attendees=20,
        present=(),
        conclusions="继续落实。",
        held_by="officer",
        held_by_person=person("officer"),
    )


def summarised(half: str, organisation_id: str = BRANCH) -> HalfYearSummarised:
    """An organisation summarised a half-year."""
    return HalfYearSummarised(
        summary_id=f"summary-{organisation_id}-{half}",
        organisation_id=organisation_id,
        above_id=None,
        half=half,
        as_of_position=1,
        figures=NO_FIGURES,
        summarised_by="officer",
        summarised_by_person=person("officer"),
    )


def fed_back(
    quarter: str, member_id: str = LI, community_id: str = COMMUNITY
) -> QuarterlyFeedbackGiven:
    """The community said how a member did in a quarter."""
    return QuarterlyFeedbackGiven(
        feedback_id=f"feedback-{member_id}-{quarter}",
        community_id=community_id,
        branch_id=BRANCH,
        member_id=member_id,
        quarter=quarter,
        performance=Performance.GOOD,
        given_by="secretary",
        given_by_person=person("secretary"),
    )


def found(discrepancy_id: str, member_id: str = LI, branch_id: str = BRANCH) -> DiscrepancyFound:
    """An inspection found something about a member's record."""
    return DiscrepancyFound(
        discrepancy_id=discrepancy_id,
        inspection_id="inspection",
        branch_id=branch_id,
        member_id=member_id,
        kind=DiscrepancyKind.MISSING_SIGN_OUT,
    )


def resolved(event: DiscrepancyFound) -> DiscrepancyResolved:
    """It was looked into."""
    return DiscrepancyResolved(
        discrepancy_id=event.discrepancy_id,
        branch_id=event.branch_id,
        member_id=event.member_id,
        resolution=Resolution.EXPLAINED,
        resolved_by="officer",
        resolved_by_person=person("officer"),
    )


def objected(
    subject_id: str,
    against: ObjectionSubject = ObjectionSubject.PARTICIPATION,
    organisation_id: str = COMMUNITY,
) -> ObjectionRaised:
    """The member objects to what an organisation said."""
    return ObjectionRaised(
        objection_id=f"objection-to-{subject_id}",
        member_id=LI,
        organisation_id=organisation_id,
        against=against,
        subject_id=subject_id,
        against_event_id="event",
        notified_on=date(2026, 3, 4),
        raised_on=date(2026, 3, 4),
        answer_due_on=date(2026, 4, 3),
        text="与实际不符",
        on_paper=False,
        raised_by=LI,
    )


def gone_up(event: ObjectionRaised) -> ObjectionEscalated:
    """Nobody answered it in time."""
    return ObjectionEscalated(
        objection_id=event.objection_id,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        above_id=SUBDISTRICT,
        against=event.against,
        subject_id=event.subject_id,
        escalated_on=date(2026, 4, 4),
        answer_due_on=date(2026, 5, 4),
    )


def objection_answered(
    event: ObjectionRaised, answering_id: str = COMMUNITY, who: str = "officer"
) -> ObjectionAnswered:
    """It was upheld."""
    return ObjectionAnswered(
        objection_id=event.objection_id,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        answering_id=answering_id,
        against=event.against,
        subject_id=event.subject_id,
        outcome=ObjectionOutcome.UPHELD,
        text="情况属实",
        answered_by=who,
        answered_by_person=person(who),
    )


def objection_withdrawn(event: ObjectionRaised, *, on_paper: bool = False) -> ObjectionWithdrawn:
    """The member objects no more."""
    return ObjectionWithdrawn(
        objection_id=event.objection_id,
        member_id=event.member_id,
        organisation_id=event.organisation_id,
        against=event.against,
        subject_id=event.subject_id,
        on_paper=on_paper,
        withdrawn_by=event.member_id,
    )
