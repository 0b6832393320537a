"""谁负责: whose word about a member counts in a community (R6, R9).

The community a member is registered with is responsible for them outside the eight hours. Inside
it the responsible person (负责人) writes the entries, never the member, and only into a valid
certificate.
"""

from service.domain.certificate import Certificates
from service.domain.event import Actor, Rejection
from service.domain.membership import UnknownMember
from service.domain.registration import Registrations


class NotRegisteredHere(Rejection):
    """该党员没有在本社区报到，或者报到尚未被接收。"""

    rule = "R9"


class OnlyResponsiblePerson(Rejection):
    """只有社区党组织负责人可以填写、更正和认定活动记录。"""

    rule = "R6"


class NotInOwnMatter(Rejection):
    """党员本人不得填写、更正或者认定自己的活动记录。"""

    rule = "R6"


class CertificateTakesNoEntries(Rejection):
    """该党员没有有效的活动证（已挂失、记满、换发或者收回），不能记入。"""

    rule = "R6"


def require_registered_here(
    registrations: Registrations,
    by: Actor,
    community_id: str,
    member_id: str,
    pointer: str = "/member_id",
) -> None:
    """Refused unless the community is responsible for the member.

    A community that has nothing to do with the member may not learn whether they exist; the
    member's own branch may know that they are registered elsewhere.
    """
    if registrations.community_of(member_id) == community_id:
        return
    waiting = registrations.waiting.get(member_id)
    waits_here = waiting is not None and waiting.community_id == community_id
    if by.organisation_id == community_id and not waits_here:
        raise UnknownMember(pointer=pointer)
    raise NotRegisteredHere(pointer=pointer)


def require_responsible(by: Actor, member_id: str) -> None:
    """Refused unless a responsible person acts who is not the member (R6)."""
    if not by.responsible:
        raise OnlyResponsiblePerson
    if by.person == member_id:
        raise NotInOwnMatter


def require_certificate(certificates: Certificates, member_id: str, pointer: str = "") -> str:
    """The number of the certificate that takes the entry; refused without a valid one (R6)."""
    certificate_no = certificates.valid.get(member_id)
    if certificate_no is None:
        raise CertificateTakesNoEntries(pointer=pointer)
    return certificate_no
