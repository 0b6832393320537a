"""任免: who may act for an organisation is settled by the one above it (R6, R17).

Whoever acts for an organisation does not choose by themselves who else may: only an organisation
with none above it appoints its own officers.
"""

from dataclasses import dataclass, field

from service.domain.event import Actor, Command, Rejection, Selector, on
from service.domain.identity_number import valid_id_number
from service.domain.officer import (
    OfficerAppointed,
    OfficerDismissed,
    OfficerRole,
    Officers,
    register_of,
)
from service.domain.organisation import Organisations, UnknownOrganisation
from service.domain.roster import InvalidIdNumber


class AppointedFromAbove(Rejection):
    """负责人和经办人由上级组织任免；没有上级组织的，由本组织任免。"""

    rule = "R6"


class OfficerIdRepeatsIdNumber(Rejection):
    """办理人编号不得使用身份证号码。"""

    rule = "R40"


class OfficerAlreadyAppointed(Rejection):
    """该办理人已经任命；改任的须先免职。"""

    rule = "R6"


class PersonAlreadyAppointed(Rejection):
    """此人已由本组织以另一编号任命，一人只能有一个编号。"""

    rule = "R17"


class OfficerIdTaken(Rejection):
    """该编号曾用于另一人，不能再用。"""

    rule = "R17"


class UnknownOfficer(Rejection):
    """本组织没有这名在任的办理人。"""

    status = 404


def require_above(organisations: Organisations, by: Actor, organisation_id: str) -> None:
    """Refused unless the organisation that acts stands above this one, or none does (R6).

    Of an organisation that is neither its own nor below it the caller learns nothing.
    """
    if organisation_id not in organisations.kinds:
        raise UnknownOrganisation
    above = organisations.ancestors[organisation_id]
    if by.organisation_id in above or (not above and by.organisation_id == organisation_id):
        return
    raise AppointedFromAbove if by.organisation_id == organisation_id else UnknownOrganisation


@dataclass(kw_only=True)
class AppointOfficer(Command):
    """任命: by an organisation above; one id for one person, as long as there are records (R17)."""

    organisation_id: str
    officer_id: str
    person: str
    id_number: str
    """Only to be checked; it is not kept."""
    role: OfficerRole
    organisations: Organisations = field(init=False, default_factory=Organisations)
    officers: Officers = field(init=False, default_factory=Officers)
    persons: dict[str, str] = field(init=False, default_factory=dict)
    """Whoever was ever appointed here, by officer id."""

    def consistency_boundary(self) -> list[Selector]:
        # The whole register, so that nobody gets a second id.
        register = [f"organisation:{self.organisation_id}"]
        return [
            Organisations.about(self.organisation_id),
            Selector([OfficerAppointed, OfficerDismissed], register),
        ]

    @on(OfficerAppointed)
    def _(self, officer_id: str, person: str) -> None:
        self.persons[officer_id] = person

    def execute(self) -> None:
        require_above(self.organisations, self.by, self.organisation_id)
        if not valid_id_number(self.id_number):
            raise InvalidIdNumber(pointer="/id_number")
        if valid_id_number(self.officer_id):
            raise OfficerIdRepeatsIdNumber(pointer="/officer_id")
        if (self.organisation_id, self.officer_id) in self.officers.appointed:
            raise OfficerAlreadyAppointed(pointer="/officer_id")
        if self.persons.get(self.officer_id, self.person) != self.person:
            raise OfficerIdTaken(pointer="/officer_id")
        if any(
            person == self.person and officer_id != self.officer_id
            for officer_id, person in self.persons.items()
        ):
            raise PersonAlreadyAppointed(pointer="/id_number")
        self.happened(
            OfficerAppointed(
                organisation_id=self.organisation_id,
                officer_id=self.officer_id,
                person=self.person,
                role=self.role,
            )
        )


@dataclass(kw_only=True)
class DismissOfficer(Command):
    """免职: by an organisation above; what they delegated lapses with it."""

    organisation_id: str
    officer_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    officers: Officers = field(init=False, default_factory=Officers)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Organisations.about(self.organisation_id),
            register_of(self.organisation_id, self.officer_id),
        ]

    def execute(self) -> None:
        require_above(self.organisations, self.by, self.organisation_id)
        if (self.organisation_id, self.officer_id) not in self.officers.appointed:
            raise UnknownOfficer
        self.happened(
            OfficerDismissed(organisation_id=self.organisation_id, officer_id=self.officer_id)
        )
