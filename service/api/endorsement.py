"""认定: the community's formal word that a participation counts."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from service.api.fields import Act, Id, LongText
from service.api.history import learn
from service.api.own_signature import SignatureBody, own_signature, signed_id
from service.api.problems import Fault, InvalidRequest
from service.api.reads import Read, answer, reads
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
from service.domain.responsibility import require_certificate
from service.domain.signed import OwnSignature

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["认定"])

Writing = Annotated[Write, writes(Scope.ENDORSEMENTS_WRITE)]
PerformanceField = Annotated[Performance, Field(strict=False)]
_ENDORSEMENT = ("endorsement_id", "participation_id")


class Judgement(Act):
    """What an endorsement says."""

    performance: PerformanceField
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    comment: LongText | None = None
    """评语。"""


class EndorseBody(Judgement):
    """认定。"""

    signature: SignatureBody | None = None
    """本单位自己的签名；没有自己的密钥的不填，由服务代签。"""


class EndorseManyBody(Judgement):
    """批量认定。"""

    participation_ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    signatures: Annotated[list[SignatureBody], Field(max_length=1000)] = Field(default=[])
    """本单位自己的签名，与参加记录依次对应；没有自己的密钥的不填，由服务代签。"""


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
    own = own_signature(body.signature, write, body.comment)
    return await write.decide(
        EndorseParticipation(
            by=write.by(body),
            at=write.at(body),
            endorsement_id=signed_id(own, "endorsement_id"),
            participation_id=participation_id,
            performance=body.performance,
            comment=body.comment,
            own=own,
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
    owns = _own_signatures(body, write)
    return await write.decide(
        EndorseParticipations(
            by=write.by(body),
            at=write.at(body),
            activity_id=activity_id,
            participation_ids=body.participation_ids,
            endorsement_ids=[signed_id(own, "endorsement_id") for own in owns]
            or [new_id() for _ in body.participation_ids],
            performance=body.performance,
            comment=body.comment,
            owns=owns,
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


def _own_signatures(body: EndorseManyBody, write: Write) -> list[OwnSignature]:
    if body.signatures and len(body.signatures) != len(body.participation_ids):
        raise InvalidRequest(errors=[Fault(detail="须与参加记录一一对应", pointer="/signatures")])
    found = (
        own_signature(each, write, body.comment, f"/signatures/{row}")
        for row, each in enumerate(body.signatures)
    )
    return [own for own in found if own is not None]


class EndorsementStatement(BaseModel):
    """认定的声明：填上为空的各项，取其规范形式（RFC 8785）签署。"""

    statement: dict[str, Any]


@router.get(
    "/participations/{participation_id}/endorsement-statement",
    response_model=EndorsementStatement,
    summary="待签的认定声明",
)
async def endorsement_statement(
    participation_id: Id, read: Annotated[Read, reads(Scope.ENDORSEMENTS_WRITE)]
) -> Response:
    """供有自己签名密钥的社区取得待签的内容；办理人、时间、表现和评语摘要由签署者填写。"""
    state, caller = read.serving, read.caller
    head = await state.log.head()
    known = await learn(
        state.log,
        EndorseParticipation(
            by=caller.actor(),
            at=state.clock(),
            endorsement_id=new_id(),
            participation_id=participation_id,
            performance=Performance.GOOD,
        ),
    )
    participation = known.participations.require(participation_id, caller.organisation_id)
    stated = {
        "actor": {"organisation_id": caller.organisation_id, "person": None, "role": None},
        "data": {
            "activity_id": participation.activity_id,
            "branch_id": participation.branch_id,
            "certificate_no": require_certificate(known.certificates, participation.member_id),
            "comment_digest": None,
            "community_id": participation.community_id,
            "endorsed_by": None,
            "endorsement_id": known.endorsement_id,
            "endorses": participation.version,
            "member_id": participation.member_id,
            "participation_id": participation_id,
            "performance": None,
        },
        "occurred_at": None,
        "type": ParticipationEndorsed.event_type,
        "version": ParticipationEndorsed.version,
    }
    await state.opener.facts(read.occasion(head), [participation.member_id])
    return answer({"statement": stated}, head)
