"""A small town to tell stories in: who is there, and what its people have done so far.

An agency with two branches under one committee and one authority, a unit of another district, and
two communities under one subdistrict.
"""

from datetime import datetime

from service.domain.certificate import CertificateIssued
from service.domain.certificate_number import certificate_number
from service.domain.event import SHANGHAI, Actor
from service.domain.identity_number import check_character
from service.domain.membership import MemberEnrolled
from service.domain.officer import OfficerAppointed, OfficerRole
from service.domain.organisation import OrganisationKind, OrganisationRegistered
from service.domain.registration import (
    Basis,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationTransferRequested,
)

AT = datetime(2026, 3, 4, 10, 0, tzinfo=SHANGHAI)

AUTHORITY, COMMITTEE = "authority", "committee"
BRANCH, OTHER_BRANCH, FOREIGN_BRANCH = "branch", "other-branch", "foreign-branch"
SUBDISTRICT, COMMUNITY, OTHER_COMMUNITY = "subdistrict", "community", "other-community"
LI, WANG = "member-li", "member-wang"
CERTIFICATE = certificate_number("469030", 2026, 1)
OTHER_CERTIFICATE = certificate_number("469030", 2026, 2)
THIRD_CERTIFICATE = certificate_number("469030", 2026, 3)
REGISTRATION, OTHER_REGISTRATION = "registration-1", "registration-2"
PHONE = "13800000000"


def acting(organisation_id: str, person: str = "officer", role: str = "responsible") -> Actor:
    """Somebody who acts for this organisation."""
    return Actor(organisation_id=organisation_id, person=person, role=role)


def id_number(serial: int = 1, born: str = "19900101") -> str:
    """An identity number of nobody, with a right check character."""
    digits = f"469030{born}{serial:03}"
    return digits + check_character(digits)


def organisation(
    organisation_id: str,
    kind: OrganisationKind,
    *ancestors: str,
    area_code: str = "469030",
    credit_code: str | None = None,
) -> OrganisationRegistered:
    """An organisation under these, the nearest first."""
    return OrganisationRegistered(
        organisation_id=organisation_id,
        parent_id=ancestors[0] if ancestors else None,
        ancestors=ancestors,
        name=organisation_id,
        kind=kind,
        district="琼中黎族苗族自治县",
        area_code=area_code,
        credit_code=credit_code,
    )


def person(of: str) -> str:
    """The keyed hash of a natural person, be they known as a member, as an officer or as both."""
    return f"hash-of-{of}"


def appointed(
    officer_id: str,
    organisation_id: str = COMMUNITY,
    role: OfficerRole = OfficerRole.RESPONSIBLE,
    of: str = "",
) -> OfficerAppointed:
    """Somebody who may act for the organisation; ``of`` says who it is, where the id does not."""
    return OfficerAppointed(
        organisation_id=organisation_id,
        officer_id=officer_id,
        person=person(of or officer_id),
        role=role,
    )


ORGANISATIONS = (
    organisation(AUTHORITY, OrganisationKind.PERSONNEL_AUTHORITY),
    organisation(COMMITTEE, OrganisationKind.AGENCY_COMMITTEE, AUTHORITY),
    organisation(BRANCH, OrganisationKind.BRANCH, COMMITTEE, AUTHORITY),
    organisation(OTHER_BRANCH, OrganisationKind.BRANCH, COMMITTEE, AUTHORITY),
    organisation(FOREIGN_BRANCH, OrganisationKind.BRANCH, "foreign-committee"),
    organisation(SUBDISTRICT, OrganisationKind.SUBDISTRICT),
    organisation(COMMUNITY, OrganisationKind.COMMUNITY, SUBDISTRICT, area_code="469030100001"),
    organisation(
        OTHER_COMMUNITY, OrganisationKind.COMMUNITY, SUBDISTRICT, area_code="469030100002"
    ),
)
OFFICERS = (
    *(
        appointed(officer_id, organisation_id)
        for organisation_id in (COMMUNITY, OTHER_COMMUNITY)
        for officer_id in ("officer", "secretary", "somebody-else")
    ),
    # A member may be a responsible person as well, if not in their own matter.
    appointed(LI),
    appointed("clerk", role=OfficerRole.OFFICER),
)
TOWN = (*ORGANISATIONS, *OFFICERS)


def enrolled(member_id: str = LI, branch_id: str = BRANCH) -> MemberEnrolled:
    """A member on a branch's roster."""
    return MemberEnrolled(
        member_id=member_id,
        branch_id=branch_id,
        member_no=f"no-of-{member_id}",
        person=person(member_id),
        name=member_id,
        id_number=id_number(),
        phone=PHONE,
    )


def issued(member_id: str = LI, certificate_no: str = CERTIFICATE) -> CertificateIssued:
    """A certificate in the member's hands."""
    return CertificateIssued(certificate_no=certificate_no, member_id=member_id, branch_id=BRANCH)


def registered(
    member_id: str = LI, community_id: str = COMMUNITY, registration_id: str = REGISTRATION
) -> MemberRegistered:
    """A registration that waits for the community's answer."""
    return MemberRegistered(
        registration_id=registration_id,
        member_id=member_id,
        branch_id=BRANCH,
        community_id=community_id,
        certificate_no=CERTIFICATE,
        basis=Basis.RESIDENCE,
        deadline=None,
        residence="营根镇",
        phone=PHONE,
    )


def accepted(
    member_id: str = LI,
    community_id: str = COMMUNITY,
    registration_id: str = REGISTRATION,
    transferred_from: str | None = None,
) -> RegistrationAccepted:
    """The community accepted."""
    return RegistrationAccepted(
        registration_id=registration_id,
        member_id=member_id,
        branch_id=BRANCH,
        community_id=community_id,
        receipt_no="receipt",
        transferred_from=transferred_from,
    )


def moving(
    registration_id: str = OTHER_REGISTRATION, community_id: str = OTHER_COMMUNITY
) -> RegistrationTransferRequested:
    """A transfer that waits for the new community's answer."""
    return RegistrationTransferRequested(
        registration_id=registration_id,
        transferred_from=REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=community_id,
        from_community_id=COMMUNITY,
        residence="湾岭镇",
        phone=PHONE,
    )


MEMBER = (*TOWN, enrolled(), enrolled(WANG, OTHER_BRANCH), issued())
"""The town with two members of whom the first holds a certificate."""
SETTLED = (*MEMBER, registered(), accepted())
"""The first member is registered as well."""
