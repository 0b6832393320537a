"""服务岗与认岗: what a community needs, who takes it on, and the community's answer."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, Id, LongText, ShortText
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.claim import ClaimDeclineReason, ClaimPost, ClaimReleaseReason
from service.domain.claim_answer import ConfirmClaim, DeclineClaim, ReleaseClaim
from service.domain.organisation import OrganisationKind
from service.domain.service_post import AddPostCategory, CloseServicePost, OpenServicePost

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["服务岗与认岗"])

Posting = Annotated[Write, writes(Scope.SERVICE_POSTS_WRITE)]
Claiming = Annotated[Write, writes(Scope.CLAIMS_WRITE)]
_CLAIM = ("claim_id", "service_post_id", "member_id")


class AddPostCategoryBody(Act):
    """增设岗位类别。"""

    category: ShortText
    """类别名称。"""


class OpenServicePostBody(Act):
    """设岗。"""

    title: ShortText
    category: ShortText
    """岗位类别：九类之一（代码或名称），或本地增设的类别名称。"""
    slots: Annotated[int, Field(ge=1, le=10_000)]
    """名额。"""
    specialities: Annotated[list[ShortText], Field(max_length=20)] = Field(default=[])
    """要求的特长。"""


class CloseServicePostBody(Act):
    """撤岗。"""

    reason: LongText


class ClaimPostBody(Act):
    """认岗。"""

    member_id: Id


class ConfirmClaimBody(Act):
    """确认认岗。"""


class DeclineClaimBody(Act):
    """不同意认岗。"""

    reason_code: Annotated[ClaimDeclineReason, Field(strict=False)]
    """原因。"""


class ReleaseClaimBody(Act):
    """退岗。"""

    reason_code: Annotated[ClaimReleaseReason, Field(strict=False)]
    """原因。"""


@router.post(
    "/organisations/{organisation_id}/post-categories",
    status_code=201,
    response_model=recorded("PostCategoryRecorded", "organisation_id"),
    summary="增设岗位类别",
)
async def add_post_category(
    organisation_id: Id, body: AddPostCategoryBody, write: Posting
) -> Response:
    """在九类之外，为所辖社区增设一类。"""
    acting_for(
        write.caller,
        organisation_id,
        OrganisationKind.SUBDISTRICT,
        OrganisationKind.PERSONNEL_AUTHORITY,
    )
    return await write.decide(
        AddPostCategory(
            by=write.by(body),
            at=write.at(body),
            organisation_id=organisation_id,
            category=body.category,
        ),
        ids("organisation_id"),
    )


@router.post(
    "/communities/{community_id}/service-posts",
    status_code=201,
    response_model=recorded("ServicePostRecorded", "service_post_id"),
    summary="设岗",
)
async def open_service_post(
    community_id: Id, body: OpenServicePostBody, write: Posting
) -> Response:
    """社区设置服务岗。"""
    acting_for(write.caller, community_id, OrganisationKind.COMMUNITY)
    return await write.decide(
        OpenServicePost(
            by=write.by(body),
            at=write.at(body),
            service_post_id=new_id(),
            community_id=community_id,
            title=body.title,
            category=body.category,
            slots=body.slots,
            specialities=tuple(body.specialities),
        ),
        ids("service_post_id"),
        "/api/v1/service-posts/{service_post_id}",
    )


@router.post(
    "/service-posts/{service_post_id}/closure",
    status_code=201,
    response_model=recorded("ServicePostClosureRecorded", "service_post_id"),
    summary="撤岗",
)
async def close_service_post(
    service_post_id: Id, body: CloseServicePostBody, write: Posting
) -> Response:
    """此后不再接受认岗。"""
    return await write.decide(
        CloseServicePost(
            by=write.by(body),
            at=write.at(body),
            service_post_id=service_post_id,
            reason=body.reason,
        ),
        ids("service_post_id"),
    )


@router.post(
    "/service-posts/{service_post_id}/claims",
    status_code=201,
    response_model=recorded("ClaimRecorded", *_CLAIM),
    summary="认岗",
)
async def claim_post(service_post_id: Id, body: ClaimPostBody, write: Claiming) -> Response:
    """为在该社区报到的党员认领岗位；名额已满的不受理。"""
    return await write.decide(
        ClaimPost(
            by=write.by(body),
            at=write.at(body),
            claim_id=new_id(),
            service_post_id=service_post_id,
            member_id=body.member_id,
        ),
        ids(*_CLAIM),
    )


@router.post(
    "/claims/{claim_id}/confirmation",
    status_code=201,
    response_model=recorded("ClaimConfirmationRecorded", *_CLAIM),
    summary="确认认岗",
)
async def confirm_claim(claim_id: Id, write: Claiming, body: ConfirmClaimBody) -> Response:
    """由设岗的社区办理。"""
    return await write.decide(
        ConfirmClaim(by=write.by(body), at=write.at(body), claim_id=claim_id), ids(*_CLAIM)
    )


@router.post(
    "/claims/{claim_id}/declination",
    status_code=201,
    response_model=recorded("ClaimDeclinationRecorded", *_CLAIM),
    summary="不同意认岗",
)
async def decline_claim(claim_id: Id, body: DeclineClaimBody, write: Claiming) -> Response:
    """由设岗的社区办理，须有原因；名额空出。"""
    return await write.decide(
        DeclineClaim(
            by=write.by(body), at=write.at(body), claim_id=claim_id, reason_code=body.reason_code
        ),
        ids(*_CLAIM),
    )


@router.post(
    "/claims/{claim_id}/release",
    status_code=201,
    response_model=recorded("ClaimReleaseRecorded", *_CLAIM),
    summary="退岗",
)
async def release_claim(claim_id: Id, body: ReleaseClaimBody, write: Claiming) -> Response:
    """由社区或党员所在支部办理；名额空出。"""
    return await write.decide(
        ReleaseClaim(
            by=write.by(body), at=write.at(body), claim_id=claim_id, reason_code=body.reason_code
        ),
        ids(*_CLAIM),
    )
