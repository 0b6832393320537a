"""Names and texts are opened here, with the member's key, at the moment of reading.

Whoever opens one, or shows a fact under a member's id, writes down first who reads it and what for:
the opener alone holds what opens, and it gives nothing away that was not written down.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from service.api.access import Caller
from service.api.problems import Refusal
from service.api.purposes import Purpose
from service.api.request import StrictRequest
from service.eventstore import Clock
from service.eventstore.connection import BROKEN
from service.projections.sealed_object import SealedObject
from service.trust.keyring import SEALED, KeyDestroyed, KeyRestricted, KeyRing, LawfulReading
from service.trust.readings import Reading, Readings

_logger = logging.getLogger(__name__)

DESTROYED = "（已销毁）"
"""What stands in place of what nobody can read any more (R40)."""
RESTRICTED = "（已限制处理）"
"""What stands in place of what is kept and not read, unless the law demands it (R40)."""
_IDENTITY, _ASSESSMENT = "identity", "assessment"
_SALT = "_salt"
"""How the name of a salt ends: it is opened with its text, and is no text."""
_SEALED_AS = {
    "name": (_IDENTITY, "name"),
    "phone": (_IDENTITY, "phone"),
    "contact_phone": (_IDENTITY, "phone"),
    "residence": (_IDENTITY, "residence"),
    "content": (_ASSESSMENT, "content"),
    "deeds": (_ASSESSMENT, "deeds"),
    "comment": (_ASSESSMENT, "comment"),
    "comment_salt": (_ASSESSMENT, "comment_salt"),
    "note": (_ASSESSMENT, "note"),
    "reason": (_ASSESSMENT, "reason"),
    "text": (_ASSESSMENT, "text"),
    "explanation": (_ASSESSMENT, "explanation"),
    "findings": (_ASSESSMENT, "findings"),
    "unit_view": (_ASSESSMENT, "unit_view"),
}
"""Under which key and as which field of its event a view's field was sealed."""


class ReadingNotRecorded(Refusal):
    """查阅未能留痕，暂不提供，请稍后重试。"""

    status = 503
    rule = "R40"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who reads, what for, by which request, and up to which log position."""

    caller: Caller
    purpose: Purpose
    route: str
    request_id: str
    position: int
    lawful: LawfulReading | None = None
    """What restricted data may be read for."""

    @classmethod
    def of(
        cls,
        request: StrictRequest,
        purpose: Purpose,
        position: int,
        lawful: LawfulReading | None = None,
    ) -> "Occasion":
        """The request; a lawful reading is its purpose, whatever else was said."""
        return cls(
            request.state.caller,
            purpose if lawful is None else Purpose(lawful.value),
            request.template,
            request.state.request_id,
            position,
            lawful,
        )


class Opener:
    """Opens what is sealed, for an occasion that is written down first.

    Everything raises ReadingNotRecorded where that cannot be done.
    """

    def __init__(self, keyring: KeyRing, readings: Readings, clock: Clock) -> None:
        self._keyring = keyring
        self._readings = readings
        self._clock = clock

    async def members(
        self, occasion: Occasion, members: Sequence[tuple[str, dict[str, Any]]]
    ) -> None:
        """Opens, in place, every sealed text in what is said about each member."""
        await self._keyring.load(
            (member_id, purpose) for member_id, _ in members for purpose in (_IDENTITY, _ASSESSMENT)
        )
        read = []
        for member_id, answer in members:
            opening = _Opening(self._keyring, member_id, occasion.lawful)
            for document in _documents(answer):
                for name, value in document.items():
                    if isinstance(value, str) and value.startswith(SEALED):
                        document[name] = opening.text(name, value)
            read.append((member_id, opening.fields))
        await self._record(occasion, read)

    async def record(self, occasion: Occasion, member_id: str, content: SealedObject) -> bytes:
        """The JSON of an object about one member, every sealed text in it opened.

        It says as of which position it is.
        """
        await self._keyring.load([(member_id, _IDENTITY), (member_id, _ASSESSMENT)])
        opening = _Opening(self._keyring, member_id, occasion.lawful)
        opened = content.opened(opening.text, as_of_position=occasion.position)
        await self._record(occasion, [(member_id, opening.fields)])
        return opened

    async def facts(self, occasion: Occasion, members: Iterable[str]) -> None:
        """Nothing is opened, but facts are shown under these members' ids."""
        await self._record(occasion, [(member_id, set()) for member_id in members])

    async def _record(self, occasion: Occasion, read: Iterable[tuple[str, set[str]]]) -> None:
        caller, now = occasion.caller, self._clock()
        readings = [
            Reading(
                member_id,
                now,
                caller.organisation_id,
                caller.client_id,
                caller.person,
                caller.role,
                occasion.purpose.value,
                tuple(sorted(fields)),
                occasion.route,
                occasion.request_id,
                occasion.position,
            )
            for member_id, fields in read
        ]
        try:
            await self._readings.record(readings)
        except (asyncpg.PostgresError, *BROKEN) as error:
            # Not its message: it may repeat what was to be written.
            _logger.error("a reading is not recorded: %s", type(error).__name__)  # noqa: TRY400
            raise ReadingNotRecorded(headers={"Retry-After": "1"}) from None


class _Opening:
    """What is opened of one member."""

    def __init__(self, keyring: KeyRing, member_id: str, lawful: LawfulReading | None) -> None:
        self._keyring = keyring
        self._member_id = member_id
        self._lawful = lawful
        self.fields: set[str] = set()
        """Names of the texts that were opened."""

    def text(self, name: str, sealed: str) -> str:
        """The text of a field; what stands in its place where it is not to be read."""
        if name not in _SEALED_AS:
            return sealed
        purpose, field = _SEALED_AS[name]
        try:
            opened = self._keyring.open(self._member_id, purpose, field, sealed, self._lawful)
        except KeyRestricted:
            return RESTRICTED
        except KeyDestroyed:
            return DESTROYED
        if not name.endswith(_SALT):
            self.fields.add(name)
        return opened


def _documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _documents(each)
    elif isinstance(value, list):
        for each in value:
            yield from _documents(each)
