"""考察材料整包: evidence that leaves the service as one file, and the keys to verify it (R30)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service.api.fields import Id
from service.api.opening import DESTROYED, RESTRICTED
from service.api.problems import Refusal, ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read
from service.api.route import Route
from service.api.serving import Serving, serving
from service.api.vetting import VettingsRead
from service.api.vetting_evidence import FrozenEvidence, frozen_evidence
from service.domain.event import SHANGHAI
from service.domain.signing_key import SigningKeyApproved, SigningKeyProposed, SigningKeyRevoked
from service.domain.vetting import EvidenceFrozen
from service.eventstore import DCBQuery, DCBQueryItem, decode
from service.printing.evidence import Frozen, evidence_document
from service.projections.model import Answer
from service.projections.sealed_object import SealedObject
from service.projections.vetting_evidence_answer import VettingEvidence
from service.trust.bundle.making import (
    Material,
    OpenedText,
    bundle,
    sealed_texts,
    signatories,
)
from service.trust.bundle.reading import StoredEvent, sha256_of, stored_event
from service.trust.bundle.seal import EvidenceSeal
from service.trust.bundle.trust_policy import policy_told
from service.trust.bundle.verifier import verifier
from service.trust.keyring import SEALED
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import InvalidProof
from service.trust.transparency.signed_note import MalformedKey, Note
from service.trust.transparency.signer import public_key, sm2_public_key
from service.trust.transparency.store import MissingTiles

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["任前考察"])

_ZIP = "application/zip"
_PYTHON = "text/x-python; charset=utf-8"
_AS_ZIP = {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
_AS_TEXT = {"content": {"text/x-python": {"schema": {"type": "string"}}}}
_KEYS = (SigningKeyProposed, SigningKeyApproved, SigningKeyRevoked)
_SALT = "_salt"


class ProofsNotAvailable(Refusal):
    """日志的证明暂时不能提供，请稍后重试。"""

    status = 503


class EvidenceKeys(Answer):
    """核验考察材料整包所需的公钥；请从不同的途径各取一次，互相核对。"""

    seal_key: str
    """封印公钥（C2SP signed-note 的写法），供 verify.py --seal-key。"""
    policy: str
    """信任策略（C2SP tlog-policy）：日志公钥、见证方及约定数，存成文件供 verify.py --policy。"""
    verifier_sha256: str
    """核验程序（GET /evidence-verifier）的 SHA-256，十六进制。"""


@router.get(
    "/vettings/{vetting_id}/evidence.zip",
    summary="考察材料整包",
    response_class=Response,
    responses={200: _AS_ZIP, 503: {}},
)
async def evidence_bundle(
    vetting_id: Id,
    read: VettingsRead,
    evidence_id: Annotated[Id | None, Query(description="哪一次固定的；不填为最后一次。")] = None,
) -> Response:
    """固定的考察材料连同日志原文、证明、签名和打印件，任何人可以离线核验；查阅留痕。"""
    found = await frozen_evidence(read.serving, read.caller, vetting_id, evidence_id)
    made = await _bundle(read, found)
    position, name = found.frozen.position, found.frozen.evidence_id
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{name}.zip"',
        "X-Position": str(position),
    }
    return Response(made, media_type=_ZIP, headers=headers)


@router.get(
    "/evidence-keys",
    response_model=EvidenceKeys,
    responses={404: {}, 503: {}},
    summary="核验整包的公钥",
)
async def evidence_keys(request: Request) -> Response:
    """人人可以查看。"""
    served = serving(request)
    published = await served.tree.published()
    if published is None:
        raise ResourceNotFound("尚未公布检查点。")
    origin = Checkpoint.parse(Note.parse(published.note).text).origin
    keys = EvidenceKeys(
        seal_key=str(EvidenceSeal(served.evidence_secret, origin).key),
        policy=_policy(served, origin).decode("utf-8", "replace"),
        verifier_sha256=sha256_of(verifier()),
    )
    return Response(keys.model_dump_json(), media_type="application/json")


@router.get(
    "/evidence-verifier",
    summary="核验整包的程序",
    response_class=Response,
    responses={200: _AS_TEXT},
)
async def evidence_verifier() -> Response:
    """verify.py：一个文件，只需 Python 3.11 以上和 cryptography，不联网；人人可以取得。"""
    return Response(verifier(), media_type=_PYTHON)


async def _bundle(read: Read, found: FrozenEvidence) -> bytes:
    served, frozen = read.serving, found.frozen
    stored, on = await _frozen_as_stored(served, frozen)
    events = [stored_event(each.position, each.event.data) for each in found.material.stored]
    key_events = await _key_events(served, signatories(events), frozen.position)
    positions = [each.position for each in (*events, *key_events)]
    try:
        paths = await served.tree.inclusions([each - 1 for each in positions], frozen.position)
    except (MissingTiles, InvalidProof):  # they are being computed again
        raise ProofsNotAvailable(headers={"Retry-After": "1"}) from None
    origin = Checkpoint.parse(Note.parse(frozen.checkpoint).text).origin
    # Written down as read before anything leaves.
    evidence, opened = await _opened(read, found, events)
    document = evidence_document(
        VettingEvidence.model_validate_json(orjson.dumps(evidence)),
        Frozen(frozen.evidence_digest, frozen.checkpoint, on),
        {each.value: each.word for each in Purpose},
    )
    material = Material(
        frozen=stored,
        evidence=found.evidence.canonical,
        events=events,
        key_events=key_events,
        paths=dict(zip(positions, paths, strict=True)),
        service_keys={
            each: served.log.keyring.service_keys.public(each) for each in signatories(events)
        },
        policy=_policy(served, origin),
        opened=opened,
        report=await served.press.printed(document),
    )
    return bundle(material, EvidenceSeal(served.evidence_secret, origin))


async def _opened(
    read: Read, found: FrozenEvidence, events: Sequence[StoredEvent]
) -> tuple[dict[str, Any], list[OpenedText]]:
    """The evidence with its texts opened, and each of these where it stands in the log.

    Nothing is opened that the evidence does not show.
    """
    frozen = found.frozen
    evidence = orjson.loads(found.evidence.canonical)
    wanted = {sealed for _, sealed in SealedObject.of(evidence).places}
    data = {each.position: each.data for each in events}
    places = list(sealed_texts(events, wanted))
    texts: list[dict[str, Any]] = []
    for position, name, sealed in places:
        salt = data[position].get(name + _SALT)
        texts.append({name: sealed} if salt is None else {name: sealed, name + _SALT: salt})
    shown: dict[str, Any] = {**evidence, "as_of_position": frozen.position}
    about = {"evidence": shown, "texts": texts}
    await read.serving.opener.members(read.occasion(frozen.position), [(frozen.member_id, about)])
    opened = [
        OpenedText(position, name, text[name], text.get(name + _SALT))
        for (position, name, _), text in zip(places, texts, strict=True)
        if not text[name].startswith(SEALED) and text[name] not in {DESTROYED, RESTRICTED}
    ]
    return shown, opened


async def _frozen_as_stored(served: Serving, frozen: EvidenceFrozen) -> tuple[bytes, date]:
    """The event as the log keeps it, and the day on which it was recorded."""
    about = DCBQueryItem(types=[EvidenceFrozen.event_type], tags=[f"evidence:{frozen.evidence_id}"])
    [each] = await served.log.read(DCBQuery(items=[about]))
    recorded_at = decode(each.position, each.event.data).recorded_at
    return each.event.data, recorded_at.astimezone(SHANGHAI).date()


async def _key_events(served: Serving, organisations: set[str], position: int) -> list[StoredEvent]:
    """What was said of the organisations' keys up to a position."""
    types = [each.event_type for each in _KEYS]
    items = [DCBQueryItem(types=types, tags=[f"organisation:{o}"]) for o in sorted(organisations)]
    found = await served.log.read(DCBQuery(items=items)) if items else ()
    return [
        stored_event(each.position, each.event.data) for each in found if each.position <= position
    ]


def _policy(served: Serving, origin: str) -> bytes:
    """By whose signatures our checkpoints go; ProofsNotAvailable where the log's key is nowhere."""
    folder = served.signer_folder
    try:
        keys = [] if folder is None else [public_key(folder), sm2_public_key(folder)]
    except (OSError, MalformedKey):
        raise ProofsNotAvailable("日志公钥尚不可用。") from None
    told = policy_told(served.policy, [key for key in keys if key is not None], origin)
    if not told.startswith(b"log "):
        raise ProofsNotAvailable("日志公钥尚不可用。")
    return told
