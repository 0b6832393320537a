"""谁负责: whose word about a member counts in a community (R6, R9).

The community a member is registered with is responsible for them outside the eight hours. Inside
it the responsible person (负责人) writes the entries, never the member, and only into a valid
certificate.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from service.domain.certificate import Certificates
from service.domain.event import Actor, Rejection
from service.domain.membership import Memberships, UnknownMember
from service.domain.officer import DelegatedDuty, Officers, Standing
from service.domain.registration import Registrations
from service.domain.separation import Act, require_apart


class NotRegisteredHere(Rejection):
    """该党员没有在本社区报到，或者报到尚未被接收。"""

    rule = "R9"


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


_DELEGABLE = {
    Act.RECORDED: DelegatedDuty.RECORDING,
    Act.CORRECTED: DelegatedDuty.RECORDING,
    Act.VOIDED: DelegatedDuty.RECORDING,
    Act.ENDORSED: DelegatedDuty.ENDORSING,
    Act.DECLINED: DelegatedDuty.ENDORSING,
    Act.REVOKED: DelegatedDuty.ENDORSING,
}


def require_entitled(
    act: Act,
    by: Actor,
    at: datetime,
    member_id: str,
    officers: Officers,
    memberships: Memberships,
    done: Mapping[Act, Iterable[str | None]] | None = None,
) -> Standing:
    """Who stands behind an act on a member's entry (R6, R17).

    Refused unless they are a responsible person or act for one, and nothing that was ``done`` on
    the entry so far, nor being the member, keeps them from it.
    """
    standing = officers.responsible(by, _DELEGABLE[act], at)
    served = member_id, memberships.persons.get(member_id)
    require_apart(act, standing.identities, {**(done or {}), Act.SERVED: served})
    return standing


def require_certificate(certificates: Certificates, member_id: str, pointer: str = "") -> str:
    """The number of the certificate that takes the entry; refused without a valid one (R6)."""
    certificate_no = certificates.valid.get(member_id)
    if certificate_no is None:
        raise CertificateTakesNoEntries(pointer=pointer)
    return certificate_no
