"""Who acts for the story's organisations: invented people, appointed by the organisation above."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from service.demonstration.people import Hash, invent
from service.demonstration.step import Script, chance, officer
from service.domain.appointment import AppointOfficer
from service.domain.officer import OfficerRole
from service.domain.organisation import OrganisationKind

_RESPONSIBLE = {
    OrganisationKind.COMMUNITY: 3,
    OrganisationKind.PERSONNEL_AUTHORITY: 3,
    OrganisationKind.SUBDISTRICT: 2,
    OrganisationKind.BRANCH: 2,
}
"""How many responsible persons an organisation has: in a community one records, another endorses, a
third revokes; a vetting has a team of two beside whoever overrides; an opinion has two signatures;
one of a branch concludes where another overrode. Elsewhere one is enough."""
_AREA_CODE = "389999"
"""Not that of any member, so that no officer has the ID number of one."""

Placed = tuple[str, str | None, OrganisationKind]
"""An organisation, the one above it and its kind."""


def appoint(
    script: Script, places: Iterable[Placed], at: datetime, hashed: Hash, seed: int
) -> None:
    """Adds the appointments to the script, one after another from ``at`` on."""
    for organisation_id, parent_id, kind in places:
        for number in range(1, _RESPONSIBLE.get(kind, 1) + 1):
            luck = chance(seed, "officer", organisation_id, number)
            person = invent(luck, _AREA_CODE, luck.randrange(1_000_000))
            script.add(
                f"officer/{organisation_id}/{number}",
                AppointOfficer(
                    by=officer(parent_id or organisation_id),
                    at=at,
                    organisation_id=organisation_id,
                    officer_id=officer(organisation_id, number).person,
                    person=hashed(person.id_number),
                    id_number=person.id_number,
                    role=OfficerRole.RESPONSIBLE,
                ),
            )
            at += timedelta(seconds=20)
