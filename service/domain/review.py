"""复核: a person looks into what no rule can forbid, and says what came of it (ours).

What the watch list shows is a reason to look, never a finding: nothing follows from it by itself
(R28).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from service.domain.event import (
    Command,
    CommunityId,
    Event,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.officer import Officers


class ReviewOutcome(StrEnum):
    """复核结果: what whoever looked into it found."""

    EXPLAINED = "explained"
    REMINDED = "reminded"
    REFERRED = "referred"

    @property
    def word(self) -> str:
        return {
            "explained": "情况属实，已作说明",
            "reminded": "已提醒改进",
            "referred": "已移送有关方面处理",
        }[self.value]


class ReviewConcluded(Event, type="ReviewConcluded"):
    """复核完毕: a responsible person above the community closed an item of the watch list.

    ``note`` says what was found, and names nobody: it is not sealed.
    """

    review_id: Annotated[str, Tag("review")]
    organisation_id: OrganisationId
    community_id: CommunityId
    outcome: ReviewOutcome
    note: str
    concluded_by: str


class ReviewAlreadyConcluded(Rejection):
    """这一事项已经复核完毕。"""


@dataclass(kw_only=True)
class ConcludeReview(Command):
    """复核完毕: once for each item, by a responsible person of an organisation above."""

    review_id: str
    community_id: str
    outcome: ReviewOutcome
    note: str
    officers: Officers = field(init=False, default_factory=Officers)
    concluded: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Selector([ReviewConcluded], [f"review:{self.review_id}"]),
            *self.officers.acting(self.by),
        ]

    @on(ReviewConcluded)
    def _(self) -> None:
        self.concluded = True

    def execute(self) -> None:
        self.officers.responsible(self.by)
        if self.concluded:
            raise ReviewAlreadyConcluded
        self.happened(
            ReviewConcluded(
                review_id=self.review_id,
                organisation_id=self.by.organisation_id,
                community_id=self.community_id,
                outcome=self.outcome,
                note=self.note,
                concluded_by=self.by.person,
            )
        )
