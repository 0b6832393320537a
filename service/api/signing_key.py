"""签名密钥: an organisation registers the key its own system signs with, and shows its keys."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import Response

from service.api.access import Caller, acting_for, needs
from service.api.fields import Body, Id, Moment, NamedOfficer, Thumbprint
from service.api.history import history
from service.api.own_signature import Jws, checked
from service.api.reads import answer
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import serving
from service.api.writes import Write, ids, recorded, writes
from service.domain.event import Selector
from service.domain.organisation import UnknownOrganisation
from service.domain.signing_key import (
    KeyRevocationReason,
    SignedOtherwise,
    SigningKeyApproved,
    SigningKeyProposed,
    SigningKeyRevoked,
)
from service.domain.signing_key_approval import (
    ApproveSigningKey,
    ProposeSigningKey,
    RevokeSigningKey,
)
from service.eventstore import Recorded
from service.trust.verification import canonical, jwk, thumbprint

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["签名密钥"])

Writing = Annotated[Write, writes(Scope.SIGNING_KEYS_WRITE)]
_KEY = ("signing_key_id", "organisation_id")


class KeyAct(Body):
    """An act on a key: it happens now and at no other time."""

    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""


class ProposeSigningKeyBody(KeyAct):
    """提出签名密钥。"""

    proof: Jws
    """以该密钥签署的紧凑形式的 JWS：载荷为
    `{"organisation_id":"…","type":"SigningKeyProposed"}`，头部为 alg、jwk 与 typ，其中 typ 为
    statement+jws。"""
    valid_until: Moment
    """有效期的截止时间，至多三年。"""


class ApproveSigningKeyBody(KeyAct):
    """核准签名密钥。"""


class RevokeSigningKeyBody(KeyAct):
    """撤销签名密钥。"""

    reason_code: Annotated[KeyRevocationReason, Field(strict=False)]
    """原因。"""
    distrusted_since: Moment
    """自何时起该密钥所作的签名不再可信，不得晚于现在。"""


class Ed25519Jwk(BaseModel):
    """Ed25519 公钥（RFC 8037）。"""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str


class Sm2Jwk(BaseModel):
    """SM2 公钥；crv 的值 SM2 与签名头部 alg 的值 SM2SM3 均未在 JOSE 注册，为本系统自定。"""

    kty: Literal["EC"]
    crv: Literal["SM2"]
    x: str
    y: str


class SigningKeyShown(BaseModel):
    """一个组织的一个签名公钥。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    signing_key_id: str
    """公钥的指纹（RFC 7638），即签名头部的 kid。"""
    organisation_id: str
    held_by: Literal["organisation", "service"] = "organisation"
    """organisation 单位自己保管；service 由服务代为保管，单位没有自己的密钥时用以代签。"""
    state: Literal["proposed", "approved", "revoked"]
    """proposed 待核准；approved 已核准，在有效期内使用；revoked 已撤销。"""
    public_key: Ed25519Jwk | Sm2Jwk
    valid_from: datetime | None = None
    """核准之时；待核准的与代为保管的为空。"""
    valid_until: datetime | None = None
    """到期或被更换之时；代为保管的为空。"""
    distrusted_since: datetime | None = None
    """已撤销的，自何时起不再可信。"""


class SigningKeysShown(BaseModel):
    """一个组织的全部签名公钥，失效的也在内：从前的签名要靠它们核验。"""

    items: list[SigningKeyShown]


@router.post(
    "/organisations/{organisation_id}/signing-keys",
    status_code=201,
    response_model=recorded("SigningKeyRecorded", *_KEY),
    summary="提出签名密钥",
)
async def propose_signing_key(
    organisation_id: Id, body: ProposeSigningKeyBody, write: Writing
) -> Response:
    """以密钥本身的签名证明持有；经另一名负责人核准后启用。"""
    acting_for(write.caller, organisation_id)
    proof = checked(body.proof, "/proof")
    stated = {"organisation_id": organisation_id, "type": SigningKeyProposed.event_type}
    if proof.statement != canonical(stated):
        raise SignedOtherwise(pointer="/proof")
    return await write.decide(
        ProposeSigningKey(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            signing_key_id=proof.signing_key_id,
            public_key=proof.x,
            proof=proof.detached,
            valid_until=body.valid_until,
        ),
        ids(*_KEY),
    )


@router.post(
    "/signing-keys/{signing_key_id}/approval",
    status_code=201,
    response_model=recorded("SigningKeyApprovalRecorded", *_KEY),
    summary="核准签名密钥",
)
async def approve_signing_key(
    signing_key_id: Thumbprint, body: ApproveSigningKeyBody, write: Writing
) -> Response:
    """自核准之时起启用，原有的密钥同时停用；提出的人不得核准。"""
    return await write.decide(
        ApproveSigningKey(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            signing_key_id=signing_key_id,
        ),
        ids(*_KEY),
    )


@router.post(
    "/signing-keys/{signing_key_id}/revocation",
    status_code=201,
    response_model=recorded("SigningKeyRevocationRecorded", *_KEY),
    summary="撤销签名密钥",
)
async def revoke_signing_key(
    signing_key_id: Thumbprint, body: RevokeSigningKeyBody, write: Writing
) -> Response:
    """一人即可撤销，立即生效；没有其他密钥的，此后由服务代签。"""
    return await write.decide(
        RevokeSigningKey(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            signing_key_id=signing_key_id,
            distrusted_since=body.distrusted_since,
            reason_code=body.reason_code,
        ),
        ids(*_KEY),
    )


@router.get(
    "/organisations/{organisation_id}/signing-keys",
    response_model=SigningKeysShown,
    summary="签名公钥",
)
async def signing_keys_of(
    organisation_id: Id,
    request: Request,
    _caller: Annotated[Caller, needs(Scope.SIGNING_KEYS_READ)],
) -> Response:
    """任何组织均可查看任何组织的公钥，以便自行核验签名。"""
    state = serving(request)
    if await state.places.find(organisation_id) is None:
        raise UnknownOrganisation
    about = Selector(
        [SigningKeyProposed, SigningKeyApproved, SigningKeyRevoked],
        [f"organisation:{organisation_id}"],
    )
    # The head before the events: what is said to be included is.
    head = await state.log.head()
    events = await history(state.log, about)
    x = state.log.keyring.service_keys.public(organisation_id)
    items = [
        SigningKeyShown(
            signing_key_id=thumbprint(x),
            organisation_id=organisation_id,
            held_by="service",
            state="approved",
            public_key=_jwk(x),
        ),
        *_shown(events).values(),
    ]
    return answer(SigningKeysShown(items=items).model_dump(mode="json"), head)


_JWK = TypeAdapter[Ed25519Jwk | Sm2Jwk](Ed25519Jwk | Sm2Jwk)


def _jwk(x: str) -> Ed25519Jwk | Sm2Jwk:
    return _JWK.validate_python(jwk(x))


def _shown(events: list[Recorded]) -> dict[str, SigningKeyShown]:
    found: dict[str, SigningKeyShown] = {}
    for each in events:
        match each.event:
            case SigningKeyProposed() as event:
                found[event.signing_key_id] = SigningKeyShown(
                    signing_key_id=event.signing_key_id,
                    organisation_id=event.organisation_id,
                    state="proposed",
                    public_key=_jwk(event.public_key),
                    valid_until=event.valid_until,
                )
            case SigningKeyApproved() as event:
                found[event.signing_key_id].state = "approved"
                found[event.signing_key_id].valid_from = event.valid_from
                if event.replaces is not None:
                    found[event.replaces].valid_until = event.valid_from
            case SigningKeyRevoked() as event:
                found[event.signing_key_id].state = "revoked"
                found[event.signing_key_id].distrusted_since = event.distrusted_since
            case _:
                pass
    return found
