"""报到: a member and the community where they live (R8-R10)."""

from typing import Literal

from service.domain.event import (
    AssessmentText,
    BranchId,
    CertificateNo,
    CommunityId,
    Event,
    Instant,
    MemberId,
    OrganisationId,
    PersonalText,
    RegistrationId,
)


class RegistrationDeadlineSet(Event, type="RegistrationDeadlineSet"):
    """报到期限: the last second on which a registration of this campaign is on time (R8).

    It holds for the organisation and everything under it, unless one nearer to the branch sets
    its own.
    """

    organisation_id: OrganisationId
    campaign: str
    deadline: Instant


class MemberRegistered(Event, type="MemberRegistered"):
    """党员报到: the member presented the certificate and the intake form, and waits for the answer (R8).

    ``basis`` is where the community's claim on them comes from: their home, or the unit's pairing
    for members whose home is in no community (R9).
    """

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    certificate_no: CertificateNo
    basis: Literal["residence", "paired_unit"]
    residence: PersonalText
    phone: PersonalText
    specialities: tuple[str, ...] = ()
    service_intentions: tuple[str, ...] = ()


class RegistrationAccepted(Event, type="RegistrationAccepted"):
    """接收报到: the community accepts; ``receipt_no`` is the receipt that goes to the branch (R9).

    When it accepts a transfer, ``transferred_from`` is the registration that ends with it (R10).
    """

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    receipt_no: str
    transferred_from: RegistrationId | None = None
    from_community_id: CommunityId | None = None


class RegistrationDeclined(Event, type="RegistrationDeclined"):
    """不予接收: the community declines a registration or a transfer, with a reason code (R9, R10)."""

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    reason_code: str
    note: AssessmentText | None = None
    transferred_from: RegistrationId | None = None


class RegistrationTransferRequested(Event, type="RegistrationTransferRequested"):
    """申请转移报到: the member moved; the old community is responsible until the new accepts (R10).

    ``registration_id`` is the new one, which waits for the new community's answer.
    """

    registration_id: RegistrationId
    transferred_from: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    from_community_id: CommunityId
    residence: PersonalText
    phone: PersonalText


class MemberDeregistered(Event, type="MemberDeregistered"):
    """注销报到: the member left the community's rolls, with a reason (R10)."""

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    reason_code: str
    note: AssessmentText | None = None
