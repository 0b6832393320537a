"""季度反馈: what the community tells the unit about a member each quarter (R25)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from service.domain.endorsement import Performance
from service.domain.event import (
    AssessmentText,
    BranchId,
    Command,
    CommunityId,
    Event,
    MemberId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.membership import Memberships
from service.domain.officer import Officers, Standing
from service.domain.period import Quarter
from service.domain.registration import Registrations
from service.domain.responsibility import require_registered_here
from service.domain.separation import Act, require_apart


class QuarterlyFeedbackGiven(Event, type="QuarterlyFeedbackGiven"):
    """季度反馈: how a member did in a quarter, in the eyes of the community (R25).

    ``quarter`` is written as 2026-Q1. The feedback goes to the branch the member belongs to now.
    """

    feedback_id: Annotated[str, Tag("feedback")]
    community_id: CommunityId
    branch_id: BranchId
    member_id: MemberId
    quarter: str
    performance: Performance
    text: AssessmentText | None = None
    given_by: str
    given_by_person: str


class FeedbackAlreadyGiven(Rejection):
    """本社区已经反馈该党员这一季度的表现。"""

    rule = "R25"


class FeedbackListRefused(Rejection):
    """名单中有不能反馈的党员，全部未反馈。"""

    rule = "R25"


@dataclass(frozen=True)
class MemberFeedback:
    """What is to be said about one member."""

    feedback_id: str
    member_id: str
    performance: Performance
    text: str | None = None


@dataclass(kw_only=True)
class GiveFeedback(Command):
    """季度反馈: a list of members who are registered with the community, all or none (R25).

    By a responsible person, and not about themselves.
    """

    community_id: str
    quarter: Quarter
    feedback: Sequence[MemberFeedback]
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    given: set[tuple[str, str]] = field(init=False, default_factory=set)
    """Member and quarter, of this community's feedback."""

    def consistency_boundary(self) -> list[Selector]:
        boundary = self.officers.acting(self.by)
        for member_id in dict.fromkeys(each.member_id for each in self.feedback):
            tags = [f"member:{member_id}", f"community:{self.community_id}"]
            boundary += [
                Memberships.about(member_id),
                Registrations.about(member_id),
                Selector([QuarterlyFeedbackGiven], tags),
            ]
        return boundary

    @on(QuarterlyFeedbackGiven)
    def _(self, member_id: str, quarter: str) -> None:
        self.given.add((member_id, quarter))

    def execute(self) -> None:
        self.quarter.require_over(self.at, "/quarter")
        standing = self.officers.responsible(self.by)
        happened: list[QuarterlyFeedbackGiven] = []
        faults: list[tuple[str, str]] = []
        for row, each in enumerate(self.feedback):
            try:
                happened.append(self._given(each, standing))
            except Rejection as fault:
                faults.append((f"/feedback/{row}/member_id", fault.detail))
            # Whoever is named twice is refused the second time.
            self.given.add((each.member_id, str(self.quarter)))
        if faults:
            raise FeedbackListRefused(f"{len(faults)}名党员不能反馈，全部未反馈。", errors=faults)
        for event in happened:
            self.happened(event)

    def _given(self, said: MemberFeedback, standing: Standing) -> QuarterlyFeedbackGiven:
        member_id = said.member_id
        require_registered_here(self.registrations, self.by, self.community_id, member_id)
        served = member_id, self.memberships.persons.get(member_id)
        require_apart(Act.FEEDBACK_GIVEN, standing.identities, {Act.SERVED: served})
        if (member_id, str(self.quarter)) in self.given:
            raise FeedbackAlreadyGiven
        return QuarterlyFeedbackGiven(
            feedback_id=said.feedback_id,
            community_id=self.community_id,
            branch_id=self.memberships.branch_of(member_id),
            member_id=member_id,
            quarter=str(self.quarter),
            performance=said.performance,
            text=said.text,
            given_by=self.by.person,
            given_by_person=standing.person,
        )
