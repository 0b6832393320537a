"""What supervision came to before the steps begin: half a year, of which a quarter is closed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.domain.account import AccountDuty
from service.domain.account_keeping import GiveCredentials, OpenAccount
from service.domain.community_visit import RecordVisit
from service.domain.concluding import ConcludeCommendation, ConcludeDisqualification
from service.domain.consequence import Grounds, Measured, Outcome, Subject
from service.domain.consolidation import ConsolidateQuarter
from service.domain.deciding import ConcludeDecision, OpenDecision, OverrideGate
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import SHANGHAI, Command
from service.domain.exemption import ExemptionReason, ExemptMember
from service.domain.inspecting import ConfirmInspection, Finding, PreparedList, ResolveDiscrepancy
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyKind,
    Resolution,
    TalkOutcome,
    discrepancy_id,
)
from service.domain.period import Half, Quarter, Task
from service.domain.proposing import Finding as Proposed
from service.domain.proposing import ProposeConsequences
from service.domain.publicising import AgreeToRoleModel, NominateRoleModel, PubliciseRoleModel
from service.domain.quarterly_report import ReportQuarter
from service.domain.reminder import RemindOfSupervision
from service.domain.report_figures import SupervisionFigures
from service.domain.revoking import RevokeCommendation
from service.domain.rule_pack_adoption import AdoptRulePack
from tests.domain.reporting import figures
from tests.domain.rule_packs import HOURS
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    acting,
)
from tests.stateful.model.inspections import supervision_counted
from tests.stateful.world import World

HALF = Half(2025, 2)
CLOSED, LATEST = Quarter(2025, 3), Quarter(2025, 4)


def supervision(world: World) -> Iterator[Command]:
    """Everything that can be owed, done, proposed and concluded, at least once."""
    # Whoever opened an account and gave its credentials does not put it into force as well.
    account_id, by = world.new("account"), acting(AUTHORITY, "account-1")
    yield OpenAccount(
        account_id=account_id,
        organisation_id=OTHER_BRANCH,
        duty=AccountDuty.OFFICER,
        officer_id="officer",
        by=by,
        at=AT,
    )
    yield GiveCredentials(account_id=account_id, by=by, at=AT)
    yield from _inspections(world)
    yield from _reports(world)
    yield from _consequences(world)
    yield from _role_models(world)


def _role_models(world: World) -> Iterator[Command]:
    """One that is nominated, one that is agreed to and one that is made known."""
    for member_id, community_id in (
        ("member-2", COMMUNITY),
        ("member-1", COMMUNITY),
        ("member-3", OTHER_COMMUNITY),
    ):
        role_model_id = world.new("role-model")
        yield NominateRoleModel(
            role_model_id=role_model_id,
            member_id=member_id,
            deeds="照看邻居",
            by=acting(community_id),
            at=AT,
        )
        if member_id != "member-2":
            by = acting(COMMITTEE, "secretary")
            yield AgreeToRoleModel(role_model_id=role_model_id, by=by, at=AT)
    yield PubliciseRoleModel(
        role_model_id=role_model_id, channel="先进党员", by=acting(OTHER_COMMUNITY), at=AT
    )


def _inspections(world: World) -> Iterator[Command]:
    for branch_id, community_id in ((BRANCH, COMMUNITY), (OTHER_BRANCH, OTHER_COMMUNITY)):
        for month in HALF.months:
            listed: tuple[Finding, ...] = ()
            found: tuple[str, ...] = ()
            if (branch_id, month) == (BRANCH, HALF.months[-1]):
                found = ("member-1", "member-2")
                known, kind = "participation-5", DiscrepancyKind.UNENDORSED
                listed = (Finding(discrepancy_id(branch_id, known, kind), "member-2", kind, known),)
            yield ConfirmInspection(
                inspection_id=world.new("inspection"),
                month=month,
                talks=[
                    CommunityTalk(
                        community_id=community_id,
                        held_on=month.last_day,
                        outcome=TalkOutcome.CONSISTENT,
                    )
                ],
                prepared=PreparedList(0, 0, 0, 0, listed, 1),
                found=[
                    Finding(world.new("discrepancy"), each, DiscrepancyKind.OTHER) for each in found
                ],
                by=acting(branch_id),
                at=AT,
            )
    yield ResolveDiscrepancy(
        discrepancy_id="discrepancy-1",
        resolution=Resolution.EXPLAINED,
        by=acting(BRANCH, "secretary"),
        at=AT,
    )
    yield RecordVisit(
        visit_id=world.new("visit"),
        community_id=COMMUNITY,
        visited_on=AT.date() - timedelta(days=90),
        by=acting(BRANCH),
        at=AT,
    )


def _reports(world: World) -> Iterator[Command]:
    for branch_id, quarter in ((BRANCH, CLOSED), (OTHER_BRANCH, CLOSED), (BRANCH, LATEST)):
        counted = supervision_counted(world.town, branch_id, str(quarter))
        yield ReportQuarter(
            report_id=world.new("report"),
            quarter=quarter,
            figures=figures().model_copy(update={"supervision": SupervisionFigures(**counted)}),
            as_of_position=len(world.log.events),
            calendar=None,
            by=acting(branch_id),
            at=AT,
        )
    yield ConsolidateQuarter(
        consolidation_id=world.new("consolidation"),
        quarter=CLOSED,
        branch_ids=(BRANCH, OTHER_BRANCH),
        as_of_position=len(world.log.events),
        by=acting(COMMITTEE),
        at=AT,
    )
    yield RemindOfSupervision(
        organisation_id=COMMITTEE,
        task=Task.SYMPOSIUM,
        period=LATEST,
        number=1,
        by=acting(COMMITTEE, "supervision", "system"),
        at=datetime(2026, 1, 31, tzinfo=SHANGHAI),
    )


def _consequences(world: World) -> Iterator[Command]:
    pack_id = world.new("pack")
    yield AdoptRulePack(pack_id=pack_id, pack=HOURS, by=acting(COMMITTEE), at=AT)
    yield ExemptMember(
        exemption_id=world.new("exemption"),
        member_id="member-2",
        reason_code=ExemptionReason.ILLNESS,
        starts_on=AT.date(),
        ends_on=AT.date() + timedelta(days=9),
        by=acting(BRANCH),
        at=AT,
    )
    proposed = (
        (Subject(member_id="member-1"), BRANCH, Outcome.RECOMMENDED),
        (Subject(member_id="member-2"), BRANCH, Outcome.INELIGIBLE),
        (Subject(member_id="member-3"), OTHER_BRANCH, Outcome.INELIGIBLE),
        (Subject(organisation_id=BRANCH), None, Outcome.RECOMMENDED),
    )
    yield ProposeConsequences(
        year=AT.year,
        findings=[
            Proposed(
                subject=subject,
                branch_id=branch_id,
                outcome=outcome,
                pack_id=pack_id,
                document_no=HOURS.document_no,
                measured=(
                    Measured(rule_id="hours", measured="50小时", required="50小时", passed=True),
                ),
                cause_event_ids=(world.log.events[-1].event_id,),
            )
            for subject, branch_id, outcome in proposed
        ],
        as_of_position=len(world.log.events),
        by=acting(COMMITTEE),
        at=AT,
    )
    by = acting(COMMITTEE, "secretary")
    for subject in (Subject(member_id="member-5"), Subject(organisation_id=BRANCH)):
        yield ConcludeDisqualification(
            disqualification_id=world.new("disqualification"),
            reason="情况属实，共谈3次",
            stated=_grounds(subject),
            by=by,
            at=AT,
        )
    for member_id, branch_id in (("member-3", OTHER_BRANCH), ("member-1", BRANCH)):
        yield from _selected(world, member_id, branch_id)
        commendation_id = world.new("commendation")
        yield ConcludeCommendation(
            commendation_id=commendation_id,
            title="先进党员",
            reason="事迹突出",
            stated=_grounds(Subject(member_id=member_id)),
            by=by,
            at=AT,
        )
    yield RevokeCommendation(commendation_id=commendation_id, reason="有误", by=by, at=AT)
    # What waits: one that was overridden, and two that nothing lets through yet; of the two
    # members only one ever checked in.
    yield from _opened(world, "member-3", OTHER_BRANCH, DecisionPurpose.APPRAISAL)
    yield _overridden(world)
    for member_id in ("member-1", "member-5"):
        yield from _opened(world, member_id, BRANCH, DecisionPurpose.APPRAISAL)


def _selected(world: World, member_id: str, branch_id: str) -> Iterator[Command]:
    """Nobody asks a community here yet: somebody overrides, and somebody else concludes."""
    yield from _opened(world, member_id, branch_id, DecisionPurpose.SELECTION)
    yield _overridden(world)
    yield ConcludeDecision(
        decision_id=f"decision-{world.made['decision']}",
        result=DecisionResult.SELECTED,
        document_no="情况属实，共谈3次",
        reason="经大会表决",
        by=acting(COMMITTEE, "secretary"),
        at=AT,
    )


def _opened(
    world: World, member_id: str, branch_id: str, purpose: DecisionPurpose
) -> Iterator[Command]:
    yield OpenDecision(
        decision_id=world.new("decision"),
        member_id=member_id,
        purpose=purpose,
        period=str(AT.year),
        by=acting(branch_id),
        at=AT,
    )


def _overridden(world: World) -> Command:
    """The decision that was opened last."""
    return OverrideGate(
        override_id=world.new("override"),
        decision_id=f"decision-{world.made['decision']}",
        reason="救灾期间",
        by=acting(COMMITTEE),
        at=AT,
    )


def _grounds(subject: Subject) -> Grounds:
    return Grounds(subject, AT.year, HOURS.document_no, ("event",))
