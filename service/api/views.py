"""查询: service posts, statistics and the audit trail.

Who may read what: an organisation reads what is its own, and what is its own of every organisation
below it in the tree. Everything else is answered like what does not exist.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from starlette.responses import Response

from service.api.fields import (
    Day,
    Id,
    Moment,
    ShortText,
    WholeNumber,
    Year,
)
from service.api.pages import EXPORTS, Page, Paged, Paging
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.domain.organisation import OrganisationKind
from service.projections import (
    audit_trail,
    organisation_statistics,
    service_posts,
)
from service.projections.audit_answer import AuditItem, AuditPage
from service.projections.audit_trail import AuditFilter
from service.projections.organisation_statistics import OrganisationStatistics
from service.projections.service_posts import PostPage, PostTotals, ServicePost, ServicePostDetails

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["查询"])

OfYear = Annotated[Year | None, Query(description="年度；不填为今年。")]
Members = Annotated[Read, reads(Scope.MEMBERS_READ)]
Statistics = Annotated[Read, reads(Scope.STATISTICS_READ)]
Posts = Annotated[Read, reads(Scope.SERVICE_POSTS_READ)]

_AGENCY_SIDE = {
    OrganisationKind.BRANCH,
    OrganisationKind.AGENCY_COMMITTEE,
    OrganisationKind.PERSONNEL_AUTHORITY,
}


class PostsShown(Page[ServicePost]):
    """服务岗的一页，附全社区合计。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    totals: PostTotals
    """全社区合计。"""


@router.get(
    "/communities/{community_id}/service-posts",
    response_model=PostsShown,
    responses=EXPORTS,
    summary="社区服务岗",
)
async def posts_of_community(community_id: Id, read: Posts, paging: Paged) -> Response:
    """岗位、名额、认岗人次与人数；各机关组织均可查看，以便认岗。"""
    if read.caller.kind in _AGENCY_SIDE:
        place = await read.serving.places.find(community_id)
        if place is None or place.kind is not OrganisationKind.COMMUNITY:
            raise ResourceNotFound
    else:
        await read.serving.places.within(read.caller, community_id)
    await read.fresh(service_posts.VIEW)
    # Everybody sees how many have claimed a post, so they are counted as the community sees them.
    sight = replace(read.sight, organisation_id=community_id)

    async def fetch(after: int, limit: int) -> PostPage:
        return await service_posts.posts_of_community(sight, community_id, after=after, limit=limit)

    async def present(page: PostPage) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(
        fetch, present, ServicePost, lambda page: {"totals": page.totals.model_dump(mode="json")}
    )


@router.get("/service-posts/{service_post_id}", response_model=ServicePostDetails, summary="服务岗")
async def service_post(service_post_id: Id, read: Posts) -> Response:
    """一个服务岗及其历次认岗，供设岗的社区及其上级查看。"""
    await read.fresh(service_posts.VIEW)
    found = await service_posts.post(read.sight, service_post_id)
    if found is None:
        await read.certain(service_posts.VIEW)
        found = await service_posts.post(read.sight, service_post_id)
    if found is None:
        raise ResourceNotFound
    await read.serving.places.sees_any(read.caller, found.community_id)
    claimants = dict.fromkeys(claim.member_id for claim in found.history)
    await read.serving.opener.facts(read.occasion(found.as_of_position), claimants)
    return answer(found.model_dump(mode="json"), found.as_of_position)


async def _statistics(
    read: Read, organisation_id: str, on: date | None, year: int | None, position: int | None
) -> Response:
    await read.serving.places.within(read.caller, organisation_id)
    # A position that the view has not reached, or the log, cannot be answered for yet.
    at_least = max(read.at_least, position or 0)
    await replace(read, at_least=at_least).fresh(organisation_statistics.VIEW)
    on = read.serving.clock().astimezone(SHANGHAI).date() if on is None else on

    async def fetch() -> OrganisationStatistics | None:
        return await read.serving.statistics.read(read.sight, organisation_id, on, year, position)

    found = await fetch()
    if found is None:
        # The organisation exists, or the caller would not have come so far.
        await read.certain(organisation_statistics.VIEW)
        found = await fetch()
    if found is None:
        raise ResourceNotFound
    return answer(found.model_dump(mode="json"), found.as_of_position)


OnDay = Annotated[
    Day | None,
    Query(description="统计日期；过去的日期按当日终了时的记录统计；不填为今天。"),
]
AsOfPosition = Annotated[
    WholeNumber | None,
    Query(description="按这一日志位置的记录统计；尚未到达的位置答 425。不填的按统计日期。"),
]


@router.get(
    "/communities/{community_id}/statistics",
    response_model=OrganisationStatistics,
    summary="社区统计",
)
async def statistics_of_community(
    community_id: Id,
    read: Statistics,
    on: OnDay = None,
    year: OfYear = None,
    as_of_position: AsOfPosition = None,
) -> Response:
    """报到率、完成率附分子、分母和免予人数；人次与人数分开。"""
    place = await read.serving.places.within(read.caller, community_id)
    if place.kind is not OrganisationKind.COMMUNITY:
        raise ResourceNotFound
    return await _statistics(read, community_id, on, year, as_of_position)


@router.get(
    "/organisations/{organisation_id}/statistics",
    response_model=OrganisationStatistics,
    summary="组织统计",
)
async def statistics_of_organisation(
    organisation_id: Id,
    read: Statistics,
    on: OnDay = None,
    year: OfYear = None,
    as_of_position: AsOfPosition = None,
) -> Response:
    """含其全部下级组织。"""
    return await _statistics(read, organisation_id, on, year, as_of_position)


@router.get(
    "/audit-trail",
    response_model=Page[AuditItem],
    responses=EXPORTS,
    summary="审计记录",
)
async def audit(  # noqa: PLR0913 - the filters of api.md
    read: Annotated[Read, reads(Scope.AUDIT_TRAIL_READ, Purpose.OVERSIGHT)],
    paging: Paged,
    *,
    member_id: Annotated[Id | None, Query(description="所涉党员。")] = None,
    organisation_id: Annotated[Id | None, Query(description="所涉组织，含其下级。")] = None,
    actor: Annotated[ShortText | None, Query(description="经办人。")] = None,
    type: Annotated[  # noqa: A002 - the name in the query
        str | None, Query(pattern="^[A-Za-z]{1,60}$", description="事件类型。")
    ] = None,
    since: Annotated[Moment | None, Query(description="在此时或之后记录的。")] = None,
    until: Annotated[Moment | None, Query(description="在此时之前记录的。")] = None,
    after: Annotated[WholeNumber | None, Query(description="在此日志位置之后的。")] = None,
) -> Response:
    """与本组织及下级组织有关的每个事件：何人、为何人、何时发生、何时记录、更正了什么。"""
    wanted = AuditFilter(
        visible_to=read.caller.organisation_id,
        organisation_id=organisation_id,
        member_id=member_id,
        actor=actor,
        types=[type] if type is not None else (),
        since=since,
        until=until,
    )
    return await trail(read, paging, wanted, after or 0)


async def trail(read: Read, paging: Paging, wanted: AuditFilter, after: int) -> Response:
    """The events that pass the filter, from after a position on."""
    await read.fresh(audit_trail.VIEW)

    async def fetch(position: int, limit: int) -> AuditPage:
        return await audit_trail.fetch(read.sight, wanted, after=max(position, after), limit=limit)

    async def present(page: AuditPage) -> list[dict[str, Any]]:
        subjects = [subject for item in page.items for subject in item.subjects]
        members = dict.fromkeys(each.id for each in subjects if each.kind == "member")
        await read.serving.opener.facts(read.occasion(page.as_of_position), members)
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(fetch, present, AuditItem)
