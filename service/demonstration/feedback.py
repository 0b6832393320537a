"""What communities tell the units each quarter about members with a record (R25)."""

from collections.abc import Iterable
from datetime import datetime

from service.api.serving import Serving
from service.demonstration import data
from service.demonstration.step import Step, chance, ident, officer
from service.domain.endorsement import Performance
from service.domain.feedback import GiveFeedback, MemberFeedback
from service.domain.period import Quarter
from service.projections import feedback_answer, quarterly_feedback
from service.projections.view import Sight

GIVEN_FROM = (quarterly_feedback.VIEW,)

_PERFORMANCES = (Performance.EXCELLENT, Performance.GOOD, Performance.FAIR)
_IN_WORDS = 0.4
"""Of how many members something is said in words."""


async def give(
    quarter: Quarter, community_ids: Iterable[str], serving: Serving, at: datetime
) -> list[Step]:
    """These communities tell of everybody about whom it is due."""
    steps = []
    for community_id in community_ids:
        sight = Sight(serving.log.fenced, community_id)
        due = await feedback_answer.due(sight, community_id, quarter)
        if due.items:
            said = tuple(_said(quarter, community_id, each.member_id) for each in due.items)
            steps.append(
                Step(
                    f"feedback/{community_id}/{quarter}",
                    GiveFeedback(
                        by=officer(community_id),
                        at=at,
                        community_id=community_id,
                        quarter=quarter,
                        feedback=said,
                    ),
                )
            )
    return steps


def _said(quarter: Quarter, community_id: str, member_id: str) -> MemberFeedback:
    luck = chance(0, "feedback", quarter, member_id)
    [performance] = luck.choices(_PERFORMANCES, (3, 6, 1))
    in_words = luck.random() < _IN_WORDS
    return MemberFeedback(
        feedback_id=ident("feedback", community_id, quarter, member_id),
        member_id=member_id,
        performance=performance,
        text=luck.choice(data.supervision().feedback[performance]) if in_words else None,
    )
