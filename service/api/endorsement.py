"""认定: the community's formal word that a participation counts."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.api.fields import Act, Id, LongText
from service.api.resources import own_activity
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Recorded, Write, ids, new_id, recorded, writes
from service.domain.endorsement import (
    EndorsementDeclineReason,
    ParticipationEndorsed,
    Performance,
)
from service.domain.endorsing import (
    DeclineEndorsement,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Event

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["认定"])

Writing = Annotated[Write, writes(Scope.ENDORSEMENTS_WRITE)]
PerformanceField = Annotated[Performance, Field(strict=False)]
_ENDORSEMENT = ("endorsement_id", "participation_id")


class EndorseBody(Act):
    """认定。"""

    performance: PerformanceField
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    comment: LongText | None = None
    """评语。"""


class EndorseManyBody(EndorseBody):
    """批量认定。"""

    participation_ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class DeclineEndorsementBody(Act):
    """不予认定。"""

    reason_code: Annotated[EndorsementDeclineReason, Field(strict=False)]
    """原因。"""
    note: LongText | None = None


class RevokeEndorsementBody(Act):
    """撤销认定。"""

    reason: LongText
    """撤销的原因。"""


def _endorsement_ids(events: Sequence[Event]) -> dict[str, Any]:
    return {
        "endorsement_ids": [
            event.endorsement_id for event in events if isinstance(event, ParticipationEndorsed)
        ]
    }


class EndorsementsRecorded(Recorded):
    """批量认定已记录。"""

    endorsement_ids: list[str]
    """与参加记录依次对应。"""


@router.post(
    "/participations/{participation_id}/endorsements",
    status_code=201,
    response_model=recorded("EndorsementRecorded", *_ENDORSEMENT),
    summary="认定",
)
async def endorse_participation(
    participation_id: Id, body: EndorseBody, write: Writing
) -> Response:
    """由社区党组织负责人认定；记录人和党员本人不得认定。"""
    return await write.decide(
        EndorseParticipation(
            by=write.by(body),
            at=write.at(body),
            endorsement_id=new_id(),
            participation_id=participation_id,
            performance=body.performance,
            comment=body.comment,
        ),
        ids(*_ENDORSEMENT),
    )


@router.post(
    "/activities/{activity_id}/endorsements",
    status_code=201,
    response_model=EndorsementsRecorded,
    summary="批量认定",
)
async def endorse_participations(
    activity_id: Id, body: EndorseManyBody, write: Writing
) -> Response:
    """一次认定一个活动的多条参加记录；有一条不能认定的，全部不认定，并逐条说明。"""
    await own_activity(write.serving.log, write.caller, activity_id)
    return await write.decide(
        EndorseParticipations(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            participation_ids=body.participation_ids,
            endorsement_ids=[new_id() for _ in body.participation_ids],
            performance=body.performance,
            comment=body.comment,
        ),
        _endorsement_ids,
    )


@router.post(
    "/participations/{participation_id}/endorsement-declinations",
    status_code=201,
    response_model=recorded("EndorsementDeclinationRecorded", "participation_id"),
    summary="不予认定",
)
async def decline_endorsement(
    participation_id: Id, body: DeclineEndorsementBody, write: Writing
) -> Response:
    """须有原因；此后仍可认定。"""
    return await write.decide(
        DeclineEndorsement(
            by=write.by(body),
            at=write.at(body),
            participation_id=participation_id,
            reason_code=body.reason_code,
            note=body.note,
        ),
        ids("participation_id"),
    )


@router.post(
    "/endorsements/{endorsement_id}/revocations",
    status_code=201,
    response_model=recorded("RevocationRecorded", *_ENDORSEMENT),
    summary="撤销认定",
)
async def revoke_endorsement(
    endorsement_id: Id, body: RevokeEndorsementBody, write: Writing
) -> Response:
    """由社区党组织负责人撤销，须有原因。"""
    return await write.decide(
        RevokeEndorsement(
            by=write.by(body),
            at=write.at(body),
            endorsement_id=endorsement_id,
            reason=body.reason,
        ),
        ids(*_ENDORSEMENT),
    )
