"""签名: what stands for an organisation's word, so that it can be checked away from here (R17)."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hmac import digest
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from service.domain.event import SHANGHAI, Actor, Event


class Signed(BaseModel):
    """Marks an event that carries its organisation's signature.

    ``signature`` is a detached JWS over the canonical form of the event's `statement`: made by the
    organisation's own system, or by the service on its behalf when the event is stored. Text about
    a person is signed as a salted digest that stands beside it: ``comment`` needs ``comment_salt``
    (sealed like the text) and ``comment_digest``.
    """

    signature: str | None = None


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """A signature of an organisation's own system that fits its statement and its key.

    Whether the key counts and whether the statement is what is decided are the rules' to say.
    """

    jws: str
    """Detached."""
    signing_key_id: str
    statement: bytes
    """In its canonical form."""
    received_at: datetime
    salt: str | None = None
    """What the text in the statement was salted with."""

    def is_over(self, stated: dict[str, Any]) -> bool:
        """Whether exactly this is what was signed."""
        # Bytes, not values: Python takes 1, 1.0 and True for the same.
        form = json.dumps(stated, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return form.encode() == self.statement


def statement(event: Event, by: Actor, at: datetime) -> dict[str, Any]:
    """What is signed: who acted when, and every field that is neither personal nor our own.

    `service/trust/verification.py` takes the same out of the stored form.
    """
    return {
        "actor": {
            "organisation_id": by.organisation_id,
            "person": by.person,
            "role": by.role,
        },
        "data": event.model_dump(mode="json", exclude=_unsigned(type(event))),
        "occurred_at": at.astimezone(SHANGHAI).isoformat(),
        "type": event.event_type,
        "version": event.version,
    }


def salted(text: str | None, own: OwnSignature | None) -> tuple[str | None, str | None]:
    """Salt and digest of a text that is signed; the salt is the signer's own where there is one."""
    if text is None:
        return None, None
    salt = (own and own.salt) or uuid4().hex
    return salt, text_digest(text, salt)


def text_digest(text: str, salt: str) -> str:
    """What stands for a text in a statement: HMAC-SHA-256 under the salt, in hexadecimal."""
    return digest(salt.encode(), text.encode(), "sha256").hex()


@cache
def _unsigned(event: type[Event]) -> set[str]:
    # An organisation's own system cannot know our keyed hashes of persons nor our event ids.
    hashes = {name for name in event.model_fields if name.endswith("_by_person")}
    return {"event_id", "signature", *event.personal, *hashes}
