"""Steps about inspections, visits and feedback: R22, R25."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.community_visit import RecordVisit
from service.domain.endorsement import Performance
from service.domain.feedback import GiveFeedback, MemberFeedback
from service.domain.inspecting import (
    ConfirmInspection,
    Finding,
    PreparedList,
    ResolveDiscrepancy,
)
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyKind,
    DismissalReason,
    Resolution,
    TalkOutcome,
    discrepancy_id,
)
from service.domain.period import Month, Quarter
from tests.domain.town import (
    AT,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
)
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.steps.step import Steps, given

TALKS = st.sampled_from(["all"] * 8 + ["none", "early", "late", "stranger"])
KINDS = st.sampled_from([DiscrepancyKind.UNENDORSED] * 2 + [DiscrepancyKind.LATE_ENTRY])


class InspectionSteps(Steps):
    """What a branch looks at each month, and what communities tell it."""

    def talks(
        self, branch_id: str, month: Month, how: str, note: str | None
    ) -> list[CommunityTalk]:
        """One with each community that has to do with the branch's members."""
        town = self.world.town
        own = [each for each, branch in town.branches.items() if branch == branch_id]
        concerned = {town.community_of(each) or COMMUNITY for each in own} or {COMMUNITY}
        if how == "none":
            return []
        if how == "stranger":
            concerned = {*concerned, BRANCH}
        early = timedelta(days=how == "early")
        return [
            CommunityTalk(
                community_id=each,
                held_on=AT.date() + timedelta(days=1) if how == "late" else month.first_day - early,
                outcome=TalkOutcome.CONSISTENT,
                note=note,
            )
            for each in sorted(concerned)
        ]

    @rule(
        branch_id=st.sampled_from([BRANCH] * 5 + [OTHER_BRANCH] * 3 + [COMMITTEE]),
        month=st.sampled_from(["2025-12", "2026-01", "2026-02"] * 2 + ["2026-03"]).map(Month.parse),
        talks=TALKS,
        note=draws.OPEN_TEXT,
        prepared=st.lists(st.tuples(st.sampled_from([0, 0, 1, 4]), KINDS), max_size=2),
        dismissed=st.sampled_from([None, 0, 0, 1, 9]),
        found=st.sampled_from(["nothing"] * 3 + ["own", "nobody's", "somebody's", "stranger"]),
        member=NTH,
        who=WHO,
    )
    def confirm_inspection(
        self,
        *,
        branch_id: str,
        month: Month,
        talks: str,
        note: str | None,
        prepared: list[tuple[int, DiscrepancyKind]],
        dismissed: int | None,
        found: str,
        member: int,
        who: Who,
    ) -> None:
        town = self.world.town
        records = {pick(list(town.participations), nth): kind for nth, kind in prepared}
        listed = tuple(
            Finding(
                discrepancy_id=discrepancy_id(branch_id, each, kind),
                member_id=town.participations[each].member,
                kind=kind,
                participation_id=each,
            )
            for each, kind in records.items()
            if each in town.participations
        )
        ids = [each.discrepancy_id for each in listed]
        reason = DismissalReason.EXPLAINED_BY_MEMBER
        self.decide(
            ConfirmInspection(
                inspection_id=self.world.new("inspection"),
                month=month,
                talks=self.talks(branch_id, month, talks, note),
                prepared=PreparedList(
                    certificates=0,
                    entries=len(listed),
                    unendorsed=0,
                    exempt=0,
                    findings=listed,
                    as_of_position=1,
                ),
                found=self.found(found, branch_id, member),
                dismissed=() if dismissed is None else ((pick(ids, dismissed), reason),),
                by=who.acting(branch_id, member=listed[0].member_id if listed else ""),
                at=AT,
            )
        )

    def found(self, how: str, branch_id: str, nth: int) -> tuple[Finding, ...]:
        """What the branch adds: of a member of its own, and if it says so of their own record."""
        town = self.world.town
        own = [each for each, branch in town.branches.items() if branch == branch_id]
        others = [each for each in town.branches if each not in own]
        member_id = pick(others if how == "stranger" else own, nth)
        records = town.participations
        of_member = [each for each in records if records[each].member == member_id]
        of_others = [each for each in records if records[each].member != member_id]
        if how == "nothing":
            return ()
        record = {"own": pick(of_member, 0, of_member), "somebody's": pick(of_others, nth)}
        return (
            Finding(
                discrepancy_id=self.world.new("discrepancy"),
                member_id=member_id,
                kind=DiscrepancyKind.OTHER,
                participation_id=record.get(how),
                note="字迹不清",
            ),
        )

    @given("discrepancies")
    @rule(nth=NTH, note=st.sampled_from([None, "已问社区"]), again=st.booleans(), who=WHO)
    def resolve_discrepancy(self, *, nth: int, note: str | None, again: bool, who: Who) -> None:
        known = self.world.town.discrepancies
        likely = [each for each in known if known[each].resolved is again]
        found_id = pick(list(known), nth, likely)
        found = known.get(found_id)
        self.decide(
            ResolveDiscrepancy(
                discrepancy_id=found_id,
                resolution=Resolution.EXPLAINED,
                note=note,
                by=who.acting(
                    found.branch if found else None, member=found.member if found else ""
                ),
                at=AT,
            )
        )

    @rule(
        unit=st.sampled_from([BRANCH, OTHER_BRANCH, COMMITTEE]),
        community=NTH,
        days=st.sampled_from([0, -1, -90, 1]),
        note=draws.OPEN_TEXT,
        who=WHO,
    )
    def record_visit(
        self, *, unit: str, community: int, days: int, note: str | None, who: Who
    ) -> None:
        self.decide(
            RecordVisit(
                visit_id=self.world.new("visit"),
                community_id=self.organisation(["community"], community),
                visited_on=AT.date() + timedelta(days=days),
                note=note,
                by=who.acting(unit),
                at=AT,
            )
        )

    @rule(
        community_id=st.sampled_from([COMMUNITY] * 3 + [OTHER_COMMUNITY]),
        quarter=st.sampled_from(["2025-Q4", "2025-Q4", "2025-Q3", "2026-Q1"]).map(Quarter.parse),
        members=st.lists(st.integers(0, 7), min_size=1, max_size=2),
        who=WHO,
    )
    def give_feedback(
        self, community_id: str, quarter: Quarter, members: list[int], who: Who
    ) -> None:
        named = [self.neighbour(community_id, nth) for nth in members]
        self.decide(
            GiveFeedback(
                community_id=community_id,
                quarter=quarter,
                feedback=[
                    MemberFeedback(
                        feedback_id=self.world.new("feedback"),
                        member_id=each,
                        performance=Performance.GOOD,
                        text="热心",
                    )
                    for each in named
                ],
                by=who.within(community_id, named[0]),
                at=AT,
            )
        )
