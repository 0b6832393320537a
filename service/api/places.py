"""Where organisations stand in the tree: a caller at its top may look down on what is below.

An organisation's kind and what is above it never change, so what was found once is remembered.
"""

from collections import OrderedDict
from dataclasses import dataclass

from service.api.access import Caller
from service.api.history import history
from service.api.problems import ResourceNotFound
from service.domain.event import Selector
from service.domain.organisation import (
    OrganisationKind,
    OrganisationRegistered,
    UnknownOrganisation,
)
from service.eventstore import EventLog

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """One organisation and its place in the tree."""

    organisation_id: str
    kind: OrganisationKind
    area_code: str
    ancestors: tuple[str, ...]

    def is_under(self, organisation_id: str) -> bool:
        """Whether it is this organisation or stands somewhere below it."""
        return organisation_id == self.organisation_id or organisation_id in self.ancestors


class Places:
    """Finds the places of organisations."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._known: OrderedDict[str, Place] = OrderedDict()

    async def find(self, organisation_id: str) -> Place | None:
        """The organisation's place; None if there is no such organisation."""
        if organisation_id in self._known:
            self._known.move_to_end(organisation_id)
            return self._known[organisation_id]
        about = Selector([OrganisationRegistered], [f"organisation:{organisation_id}"])
        for recorded in await history(self._log, about):
            event = recorded.event
            if isinstance(event, OrganisationRegistered):
                place = Place(organisation_id, event.kind, event.area_code, event.ancestors)
                self._known[organisation_id] = place
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
                return place
        return None

    async def within(self, caller: Caller, organisation_id: str, pointer: str = "") -> Place:
        """The place of an organisation that is the caller's own or below it.

        Any other one is answered like one that does not exist.
        """
        place = await self.find(organisation_id)
        if place is None or not place.is_under(caller.organisation_id):
            raise UnknownOrganisation(pointer=pointer)
        return place

    async def sees_any(self, caller: Caller, *organisation_ids: str | None) -> None:
        """Refused unless one of these is the caller's own organisation or below it."""
        for organisation_id in organisation_ids:
            if organisation_id is not None:
                place = await self.find(organisation_id)
                if place is not None and place.is_under(caller.organisation_id):
                    return
        raise ResourceNotFound
