"""报到期限: until when a registration is on time (R8)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from service.domain.event import Command, Event, Fact, Instant, OrganisationId, Selector, on
from service.domain.organisation import Organisations


class RegistrationDeadlineSet(Event, type="RegistrationDeadlineSet"):
    """报到期限: the last second on which a registration of this campaign is on time (R8).

    It holds for the organisation and everything under it, unless one nearer to the branch sets
    its own.
    """

    organisation_id: OrganisationId
    campaign: str
    deadline: Instant


def is_late(registered_at: datetime, deadline: datetime | None) -> bool:
    """Whether a registration came after the last second that is on time (R8)."""
    return deadline is not None and registered_at.replace(microsecond=0) > deadline


@dataclass
class Deadlines(Fact):
    """The deadline each organisation set last."""

    subject: ClassVar[str] = "organisation"
    deadlines: dict[str, datetime] = field(default_factory=dict)

    @on(RegistrationDeadlineSet)
    def _(self, organisation_id: str, deadline: datetime) -> None:
        self.deadlines[organisation_id] = deadline

    def in_force(self, line: tuple[str, ...]) -> datetime | None:
        """The deadline of the first organisation of the line that set one: the nearest wins."""
        return next((self.deadlines[each] for each in line if each in self.deadlines), None)


@dataclass(kw_only=True)
class SetRegistrationDeadline(Command):
    """设定报到期限: for a unit and everything under it (R8)."""

    organisation_id: str
    campaign: str
    deadline: datetime
    organisations: Organisations = field(init=False, default_factory=Organisations)

    def consistency_boundary(self) -> list[Selector]:
        return [Organisations.about(self.organisation_id)]

    def execute(self) -> None:
        self.organisations.require_unit(self.organisation_id)
        self.happened(
            RegistrationDeadlineSet(
                organisation_id=self.organisation_id,
                campaign=self.campaign,
                deadline=self.deadline,
            )
        )
