"""Who said it, when, and where it stands in the log: beside everything in the evidence (R29)."""

from datetime import datetime
from typing import Any, Literal

from service.eventstore.mapping import Recorded
from service.projections.model import Answer, Sealed
from service.trust import verification

Item = dict[str, Any]
"""Something in the evidence, as the models declare it."""


class Said(Answer):
    """一件事的出处。"""

    position: int
    """日志位置。"""
    event_id: str
    """事件标识。"""
    occurred_at: datetime
    """发生时间。"""
    recorded_at: datetime
    """入库时间。"""
    organisation_id: str
    """由哪个组织作出；系统自行作出的为 eighthours。"""
    person: str
    """由谁作出（人员标识）。"""


class Ended(Said):
    """一次答复、终止、撤销或者撤回及其原因。"""

    reason_code: str | None
    """原因代码。"""
    reason: Sealed | None
    """原因。"""
    note: Sealed | None
    """说明。"""


class SignatureShown(Answer):
    """签名所用的密钥。"""

    signing_key_id: str
    """密钥标识（公钥指纹）。"""
    held_by: Literal["organisation", "service"]
    """密钥由谁持有：organisation 该组织自己，service 系统代为持有。"""


def said(at: Recorded) -> Item:
    """A `Said`."""
    return {
        "position": at.position,
        "event_id": at.event.event_id,
        "occurred_at": at.occurred_at,
        "recorded_at": at.recorded_at,
        "organisation_id": at.actor.organisation_id,
        "person": at.actor.person,
    }


def ended(at: Recorded) -> Item:
    """An `Ended`, with whatever reason the event gives."""
    fields = vars(at.event)
    return said(at) | {name: fields.get(name) for name in ("reason_code", "reason", "note")}


def signature(jws: str | None) -> Item | None:
    """A `SignatureShown`: by which key, not whether it fits; None where nothing was signed."""
    if jws is None:
        return None
    header, _, _ = verification.split(jws)
    return {
        "signing_key_id": verification.key_id_of(header),
        "held_by": header.get("held_by", "organisation"),
    }
