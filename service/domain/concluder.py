"""谁可作出结论: whose word settles what follows for a member or a unit (R28, R31)."""

from dataclasses import dataclass

from service.domain.consequence import (
    ConcludedByResponsiblePerson,
    Subject,
    UnitConcludesOnItself,
)
from service.domain.event import Actor, Rejection, Selector
from service.domain.membership import Memberships
from service.domain.officer import OfficerRole, Officers
from service.domain.organisation import UNITS, Organisations
from service.domain.separation import Act, require_apart


@dataclass(frozen=True)
class Concluder:
    """Whoever may conclude: the natural person, and the branch of the member it is about."""

    person: str
    branch_id: str | None


def of_those_concerned(
    by: Actor,
    subject: Subject | None,
    officers: Officers,
    memberships: Memberships,
) -> list[Selector]:
    """Selects who acts and, once the subject is known, whose matter it is and where they stand."""
    boundary = officers.acting(by)
    if subject is None:
        return boundary
    unit = subject.organisation_id
    if subject.member_id is not None:
        boundary.append(Memberships.about(subject.member_id))
        unit = memberships.branches.get(subject.member_id)
    return [*boundary, Organisations.about(unit)] if unit is not None else boundary


def require_concluder(
    by: Actor,
    subject: Subject,
    officers: Officers,
    memberships: Memberships,
    organisations: Organisations,
    unknown: Rejection,
) -> Concluder:
    """Who concludes: a responsible person of the member's branch or above it, not in their own
    matter; of a unit somebody above it. Raises ``unknown`` to whoever may not know the subject.
    """
    branch_id = None if subject.member_id is None else memberships.branches.get(subject.member_id)
    unit = branch_id or subject.organisation_id
    if organisations.kinds.get(unit or "") not in UNITS or by.organisation_id not in (
        organisations.line_of(unit or "")
    ):
        raise unknown
    if subject.organisation_id == by.organisation_id:
        raise UnitConcludesOnItself
    appointment = officers.appointment(by)
    if appointment.role is not OfficerRole.RESPONSIBLE or not by.responsible:
        raise ConcludedByResponsiblePerson
    served = subject.member_id, memberships.persons.get(subject.member_id or "")
    require_apart(Act.CONCLUDED, frozenset({by.person, appointment.person}), {Act.SERVED: served})
    return Concluder(appointment.person, branch_id)
