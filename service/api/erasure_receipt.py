"""What is shown of an erasure: what would go dark, and what became of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from service.domain.erasure import (
    ErasureCancelled,
    ErasureConfirmed,
    ErasureRequested,
    LegalBasis,
)
from service.domain.event import SHANGHAI, Event
from service.domain.membership import SubjectErased
from service.eventstore import DCBQuery, DCBQueryItem, EventLog, Recorded, decode
from service.projections.about_members import rows_about
from service.trust.keyring import KeyStanding

E = TypeVar("E", bound=Event)

State = Literal["requested", "confirmed", "cancelled", "erasing", "erased"]


class DarkEvents(BaseModel):
    """将不能再读出的一类事件。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """事件类型。"""
    term: str
    """事件类型的中文名称。"""
    events: int
    """件数。"""
    fields: list[str]
    """将不能再读出的内容。"""


class DarkView(BaseModel):
    """将从中清除该党员的一张表。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    view: str
    """视图。"""
    table: str
    """表。"""
    rows: int
    """行数。"""


class KeyShown(BaseModel):
    """一把密钥。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    purpose: str
    """用途：identity 身份信息，assessment 评语与说明。"""
    state: str
    """状态：active 有效，restricted 已限制，destroyed 已销毁。"""
    fingerprint: str | None
    """指纹（密文密钥的 SHA-256，十六进制）；从未生成过的为空。"""
    destroyed_at: datetime | None
    """在本数据库中销毁的时间。"""


class ErasurePreview(BaseModel):
    """试办的结果：没有记录任何内容。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    member_id: str
    """党员标识。"""
    events: list[DarkEvents]
    """将不能再读出的事件；事件本身保留在日志中。"""
    views: list[DarkView]
    """将清除的视图内容。"""
    keys: list[KeyShown]
    """将销毁的密钥。"""


class ErasureStep(BaseModel):
    """办理删除的一步。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    at: datetime
    """时间。"""
    position: int
    """日志位置。"""
    by: str
    """办理人编号；到期执行的为 erasure-worker。"""
    organisation_id: str
    """办理的组织。"""


class ErasureReceipt(BaseModel):
    """删除个人信息的回执。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    erasure_id: str
    """删除申请的编号。"""
    member_id: str
    """党员标识。"""
    state: State
    """requested 待确认，confirmed 待执行，cancelled 已撤销，erasing 正在销毁，erased 已删除。"""
    legal_basis: LegalBasis
    """法定情形。"""
    document_no: str
    """文号。"""
    due_at: datetime | None
    """自此时起执行，不能再撤销；尚未确认的为空。"""
    requested: ErasureStep
    """申请。"""
    confirmed: ErasureStep | None
    """确认。"""
    cancelled: ErasureStep | None
    """撤销。"""
    erased: ErasureStep | None
    """执行。"""
    keys: list[KeyShown]
    """密钥；已删除的，为所销毁的密钥。"""


async def preview(log: EventLog, member_id: str) -> ErasurePreview:
    """What would go dark if this member were erased; nothing is written."""
    about = DCBQuery(items=[DCBQueryItem(types=[], tags=[f"member:{member_id}"])])
    events: Counter[type[Event]] = Counter()
    fields: dict[type[Event], set[str]] = {}
    for each in await log.read(about):
        event = decode(each.position, each.event.data).event
        personal = {name for name in event.personal if getattr(event, name) is not None}
        if personal and getattr(event, "member_id", None) == member_id:
            events[type(event)] += 1
            fields.setdefault(type(event), set()).update(personal)
    keys = await log.keyring.standing([member_id])
    return ErasurePreview(
        member_id=member_id,
        events=[
            DarkEvents(type=kind.event_type, term=kind.term, events=n, fields=sorted(fields[kind]))
            for kind, n in events.items()
        ],
        views=[
            DarkView(view=view, table=table, rows=rows)
            for view, table, rows in await rows_about(log.pool, member_id)
        ],
        keys=_keys(keys.get(member_id, [])),
    )


async def receipt(log: EventLog, events: Sequence[Recorded]) -> ErasureReceipt | None:
    """What the events of one erasure come to, and the keys as this database has them."""
    requested = _said(events, ErasureRequested)
    if requested is None:
        return None
    asked, confirmed = requested[0], _said(events, ErasureConfirmed)
    cancelled, erased = _said(events, ErasureCancelled), _said(events, SubjectErased)
    keys = (await log.keyring.standing([asked.member_id])).get(asked.member_id, [])
    state: State = "requested" if confirmed is None else "confirmed"
    if cancelled is not None:
        state = "cancelled"
    elif erased is not None:
        state = "erased" if all(key.state == "destroyed" for key in keys) else "erasing"
    return ErasureReceipt(
        erasure_id=asked.erasure_id,
        member_id=asked.member_id,
        state=state,
        legal_basis=asked.legal_basis,
        document_no=asked.document_no,
        due_at=confirmed and confirmed[0].due_at,
        requested=_step(requested[1]),
        confirmed=confirmed and _step(confirmed[1]),
        cancelled=cancelled and _step(cancelled[1]),
        erased=erased and _step(erased[1]),
        keys=_keys(keys),
    )


def _said(events: Iterable[Recorded], kind: type[E]) -> tuple[E, Recorded] | None:
    """The event of this kind, with its place in the log."""
    for each in events:
        if isinstance(each.event, kind):
            return each.event, each
    return None


def _step(recorded: Recorded) -> ErasureStep:
    return ErasureStep(
        at=recorded.occurred_at.astimezone(SHANGHAI),
        position=recorded.position,
        by=recorded.actor.person,
        organisation_id=recorded.actor.organisation_id,
    )


def _keys(keys: list[KeyStanding]) -> list[KeyShown]:
    return [
        KeyShown(
            purpose=key.purpose,
            state=key.state,
            fingerprint=key.fingerprint.hex() if key.fingerprint else None,
            destroyed_at=key.destroyed_at and key.destroyed_at.astimezone(SHANGHAI),
        )
        for key in keys
    ]
