"""季度反馈: what the community tells the unit about its members each quarter (R25)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Body, Id, LongText
from service.api.member_views import visible_member
from service.api.pages import EXPORTS, Page, Paged
from service.api.periods import QuarterField, QuarterText, last_period
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Recorded, Write, new_id, writes
from service.domain.endorsement import Performance
from service.domain.event import Event
from service.domain.feedback import GiveFeedback, MemberFeedback, QuarterlyFeedbackGiven
from service.domain.organisation import OrganisationKind
from service.domain.period import Quarter, Task
from service.projections import feedback_answer, membership
from service.projections.feedback_answer import DueMember, DuePage, Feedback, FeedbackPage
from service.projections.quarterly_feedback import VIEW

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["走访与季度反馈"])


class MemberFeedbackBody(Body):
    """对一名党员的反馈。"""

    member_id: Id
    performance: Annotated[Performance, Field(strict=False)]
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    text: LongText | None = None
    """反馈内容。"""


class GiveFeedbackBody(Act):
    """季度反馈。"""

    quarter: QuarterField
    """季度，如 2026-Q1，须已结束。"""
    feedback: Annotated[list[MemberFeedbackBody], Field(min_length=1, max_length=200)]
    """各名党员的反馈。"""


class FeedbackRecorded(Recorded):
    """季度反馈已记录。"""

    feedback_ids: list[str]
    """与所列党员依次对应。"""


class DueMemberShown(DueMember):
    """一名须反馈的党员及其姓名。"""

    member_no: str | None
    """党员编号。"""
    name: str | None
    """姓名。"""


class DueShown(Page[DueMemberShown]):
    """须反馈的党员的一页，附合计。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    quarter: str
    """季度。"""
    due_on: date
    """应于何日之前反馈，含当日。"""
    expected: int
    """该季度须反馈的党员总数。"""
    given: int
    """其中已反馈的。"""


def _feedback_ids(events: Sequence[Event]) -> dict[str, Any]:
    given = (each for each in events if isinstance(each, QuarterlyFeedbackGiven))
    return {"feedback_ids": [each.feedback_id for each in given]}


@router.get(
    "/communities/{community_id}/feedback-due",
    response_model=DueShown,
    responses=EXPORTS,
    summary="须反馈的党员",
)
async def feedback_due(
    community_id: Id,
    read: Annotated[Read, reads(Scope.SUPERVISION_READ)],
    paging: Paged,
    quarter: Annotated[
        QuarterText | None, Query(description="季度，如 2026-Q1；不填为上个季度。")
    ] = None,
) -> Response:
    """在本社区报到、该季度有参加记录而尚未反馈的党员。"""
    place = await read.serving.places.within(read.caller, community_id)
    if place.kind is not OrganisationKind.COMMUNITY:
        raise ResourceNotFound
    await read.fresh(VIEW)
    clock = read.serving.clock
    of = last_period(Quarter, clock()) if quarter is None else Quarter.parse(quarter)

    async def fetch(after: int, limit: int) -> DuePage:
        return await feedback_answer.due(read.sight, community_id, of, after=after, limit=limit)

    async def present(page: DuePage) -> list[dict[str, Any]]:
        known = await membership.members_named(read.sight, [each.member_id for each in page.items])
        shown = []
        for each in page.items:
            named = known.get(each.member_id, {"member_no": None, "name": None})
            shown.append((each.member_id, {**each.model_dump(mode="json"), **named}))
        await read.serving.opener.members(read.occasion(page.as_of_position), shown)
        return [document for _, document in shown]

    def beside(page: DuePage) -> dict[str, Any]:
        return {
            "quarter": str(of),
            "due_on": Task.FEEDBACK.due_on(of).isoformat(),
            "expected": page.expected,
            "given": page.given,
        }

    return await paging.answer(fetch, present, DueMemberShown, beside)


@router.post(
    "/communities/{community_id}/feedback",
    status_code=201,
    response_model=FeedbackRecorded,
    summary="季度反馈",
)
async def give_feedback(
    community_id: Id,
    body: GiveFeedbackBody,
    write: Annotated[Write, writes(Scope.FEEDBACK_WRITE)],
) -> Response:
    """由社区党组织负责人一次反馈多名党员；有一名不能反馈的，全部不反馈，并逐名说明。"""
    acting_for(write.caller, community_id, OrganisationKind.COMMUNITY)
    return await write.decide(
        GiveFeedback(
            by=write.by(body),
            at=write.at(body),
            community_id=community_id,
            quarter=body.quarter,
            feedback=tuple(
                MemberFeedback(new_id(), each.member_id, each.performance, each.text)
                for each in body.feedback
            ),
        ),
        _feedback_ids,
    )


@router.get(
    "/members/{member_id}/feedback",
    response_model=Page[Feedback],
    responses=EXPORTS,
    summary="对一名党员的季度反馈",
)
async def feedback_of_member(
    member_id: Id,
    read: Annotated[Read, reads(Scope.RECORDS_READ, Purpose.CONSULTATION)],
    paging: Paged,
) -> Response:
    """历次反馈，供党员所在支部、报到社区及其上级查看。"""
    await visible_member(read, member_id)
    await read.fresh(VIEW)

    async def fetch(after: int, limit: int) -> FeedbackPage:
        return await feedback_answer.feedback_of_member(
            read.sight, member_id, after=after, limit=limit
        )

    async def present(page: FeedbackPage) -> list[dict[str, Any]]:
        shown = [item.model_dump(mode="json") for item in page.items]
        about = [(member_id, document) for document in shown]
        # Without a row nothing is shown, and that is told as well.
        occasion = read.occasion(page.as_of_position)
        await read.serving.opener.members(occasion, about or [(member_id, {})])
        return shown

    return await paging.answer(fetch, present, Feedback)
