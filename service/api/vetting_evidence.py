"""考察材料: frozen as of a signed checkpoint, and opened again as it was (R29)."""

from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from service.api.access import Caller
from service.api.fields import AtOnce, Id, WholeNumber
from service.api.history import history
from service.api.problems import Refusal
from service.api.reads import answer_json
from service.api.route import Route
from service.api.serving import Serving
from service.api.transparency import NotYetPublished
from service.api.vetting import Vettings, VettingsRead
from service.api.writes import ids, new_id, recorded
from service.domain.event import Selector
from service.domain.examining import FreezeEvidence
from service.domain.membership import SubjectErased
from service.domain.vetting import EvidenceFrozen, UnknownVetting, VettingOpened
from service.projections.sealed_object import SealedObject
from service.projections.vetting_evidence import Evidence, EvidenceAbout
from service.projections.vetting_evidence_answer import VettingEvidence
from service.projections.vetting_evidence_reading import Material, evidence_at, material
from service.trust.transparency.policy import NO_QUORUM
from service.trust.transparency.store import Published

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["任前考察"])


class EvidenceNotReproduced(Refusal):
    """考察材料不能按固定时的原样重新生成，不予提供；请核对日志和放假安排。"""

    status = 409
    rule = "R29"


class CheckpointNotWitnessed(Refusal):
    """最近的检查点尚未得到约定数的见证方共签，暂不能固定考察材料，请稍后重试。"""

    status = 503
    rule = "R30"


class UnknownEvidence(Refusal):
    """尚未固定考察材料，或者没有这一份。"""

    status = 404


class FreezeEvidenceBody(AtOnce):
    """固定考察材料。"""


@dataclass(frozen=True, slots=True)
class FrozenEvidence:
    """Evidence that was frozen, made again, and what it is made of."""

    frozen: EvidenceFrozen
    material: Material
    evidence: Evidence


async def frozen_evidence(
    serving: Serving, caller: Caller, decision_id: str, evidence_id: str | None = None
) -> FrozenEvidence:
    """What was frozen last, or under this id, byte for byte as it was.

    Raises UnknownVetting to everybody but its authority, UnknownEvidence, EvidenceNotReproduced.
    """
    vetting = await _vetting(serving, caller, decision_id)
    chosen = [each for each in vetting.frozen if evidence_id in {None, each.evidence_id}]
    if not chosen:
        raise UnknownEvidence
    wanted = chosen[-1]
    about = EvidenceAbout(wanted.member_id, decision_id, wanted.position, wanted.readings_up_to)
    found = await material(serving.log, serving.readings, about)
    calendars = serving.calendars.as_cited(wanted.calendars)
    if missing := set(wanted.calendars).difference(calendars.citations):
        raise EvidenceNotReproduced(f"缺少固定时所依据的放假安排：{'；'.join(sorted(missing))}。")
    evidence = found.evidence(calendars)
    if evidence.digest != wanted.evidence_digest:
        raise EvidenceNotReproduced
    return FrozenEvidence(wanted, found, evidence)


@router.post(
    "/vettings/{vetting_id}/evidence",
    status_code=201,
    response_model=recorded("EvidenceRecorded", "evidence_id", "evidence_digest"),
    responses={425: {}, 503: {}},
    summary="固定考察材料",
)
async def freeze_evidence(
    vetting_id: Id,
    body: FreezeEvidenceBody,
    write: Vettings,
    at_least: Annotated[
        WholeNumber,
        Header(
            alias="X-Position-At-Least",
            description="材料至少须含到这一日志位置；检查点尚未公布到的答 425。",
        ),
    ] = 0,
) -> Response:
    """固定到最近公布的检查点为止的全部记录；此后又有新的，可以再次固定，以最后一次为准。"""
    serving = write.serving
    vetting = await _vetting(serving, write.caller, vetting_id)
    published = await _published(serving, max(at_least, vetting.position))
    about = EvidenceAbout(
        vetting.member_id, vetting_id, published.size, await serving.readings.last()
    )
    evidence = await evidence_at(serving.log, serving.readings, about, serving.calendars)
    return await write.decide(
        FreezeEvidence(
            by=write.by_officer(body.acting_officer),
            at=serving.clock(),
            evidence_id=new_id(),
            decision_id=vetting_id,
            position=about.position,
            checkpoint=published.note,
            readings_up_to=about.readings_up_to,
            evidence_digest=evidence.digest,
            calendars=evidence.calendars,
            opinion_ids=evidence.opinion_ids,
        ),
        ids("evidence_id", "evidence_digest"),
        "/api/v1/vettings/" + vetting_id + "/evidence?evidence_id={evidence_id}",
    )


@router.get("/vettings/{vetting_id}/evidence", response_model=VettingEvidence, summary="考察材料")
async def vetting_evidence(
    vetting_id: Id,
    read: VettingsRead,
    evidence_id: Annotated[Id | None, Query(description="哪一次固定的；不填为最后一次。")] = None,
) -> Response:
    """固定时的原样，任何时候打开都相同；其中的文字为本次查阅打开，查阅留痕。"""
    found = await frozen_evidence(read.serving, read.caller, vetting_id, evidence_id)
    content = SealedObject.of(orjson.loads(found.evidence.canonical))
    position = found.frozen.position
    opened = await read.serving.opener.record(
        read.occasion(position), found.frozen.member_id, content
    )
    return answer_json(opened, position)


@dataclass(frozen=True, slots=True)
class _Vetting:
    """What the log says of a vetting right now."""

    member_id: str
    position: int
    """Where it was opened."""
    frozen: list[EvidenceFrozen]
    """In the order in which it was frozen."""


async def _vetting(serving: Serving, caller: Caller, decision_id: str) -> _Vetting:
    """Raises UnknownVetting to everybody but its authority, and of an erased member."""
    about = Selector([VettingOpened, EvidenceFrozen], [f"decision:{decision_id}"])
    found = await history(serving.log, about)
    if not found or not isinstance(opened := found[0].event, VettingOpened):
        raise UnknownVetting
    erased = Selector([SubjectErased], [f"member:{opened.member_id}"])
    if opened.organisation_id != caller.organisation_id or await history(serving.log, erased):
        raise UnknownVetting
    frozen = [each.event for each in found if isinstance(each.event, EvidenceFrozen)]
    return _Vetting(opened.member_id, found[0].position, frozen)


async def _published(serving: Serving, at_least: int) -> Published:
    """The checkpoint that is served; NotYetPublished where it does not reach so far."""
    published = await serving.tree.published()
    size = 0 if published is None else published.size
    if published is None or size < at_least:
        headers = {"X-Position": str(size), "Retry-After": "1"}
        raise NotYetPublished(f"检查点已公布到位置 {size}。", headers=headers, position=size)
    if serving.policy.quorum != NO_QUORUM and not published.witnessed:
        # What is frozen on it would lack the cosignatures for ever.
        raise CheckpointNotWitnessed(headers={"Retry-After": "1"})
    return published
