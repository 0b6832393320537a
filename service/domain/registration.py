"""报到: a member and the community where they live (R8-R10)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from service.domain.event import (
    AssessmentText,
    BranchId,
    CertificateNo,
    CommunityId,
    Event,
    Fact,
    Instant,
    MemberId,
    PersonalText,
    RegistrationId,
    Rejection,
    Selector,
    on,
)
from service.domain.membership import Memberships


class Basis(StrEnum):
    """报到依据: where the community's claim on a member comes from (R8, R9)."""

    RESIDENCE = "residence"
    PAIRED_UNIT = "paired_unit"

    @property
    def word(self) -> str:
        return {"residence": "居住地", "paired_unit": "单位结对"}[self.value]


class DeclineReason(StrEnum):
    """不予接收原因 (R9)."""

    NOT_RESIDENT = "not_resident"
    DETAILS_WRONG = "details_wrong"
    CERTIFICATE_NOT_SHOWN = "certificate_not_shown"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "not_resident": "不在本社区居住",
            "details_wrong": "登记信息不实",
            "certificate_not_shown": "未出示活动证",
            "other": "其他原因",
        }[self.value]


class DeregistrationReason(StrEnum):
    """注销报到原因 (R10)."""

    RETIRED = "retired"
    LEFT = "left"
    DIED = "died"
    MEMBERSHIP_ENDED = "membership_ended"
    REGISTERED_IN_ERROR = "registered_in_error"

    @property
    def word(self) -> str:
        return {
            "retired": "退休",
            "left": "调离",
            "died": "去世",
            "membership_ended": "党籍终止",
            "registered_in_error": "报到有误",
        }[self.value]


class MemberRegistered(Event, type="MemberRegistered"):
    """党员报到: certificate and intake form were presented, the answer is awaited (R8).

    ``basis`` is where the community's claim on them comes from: their home, or the unit's pairing
    for members whose home is in no community (R9). ``deadline`` is the one in force at that moment,
    from which ``is_late`` tells whether it was on time; None where none was set.
    """

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    certificate_no: CertificateNo
    basis: Basis
    deadline: Instant | None
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
    note: AssessmentText | None = None


class RegistrationDeclined(Event, type="RegistrationDeclined"):
    """不予接收: a community declines a registration or a transfer, with a reason (R9, R10)."""

    registration_id: RegistrationId
    member_id: MemberId
    branch_id: BranchId
    community_id: CommunityId
    reason_code: DeclineReason
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
    reason_code: DeregistrationReason
    note: AssessmentText | None = None


class UnknownRegistration(Rejection):
    """没有这项报到，或者不由贵单位办理。"""

    status = 404


class AlreadyRegistered(Rejection):
    """该党员已在社区报到，或正等待社区答复；每人只能在一个社区报到。"""

    rule = "R9"


class UnitNotPaired(Rejection):
    """该党员所在单位没有与这个社区结对。"""

    rule = "R9"


class RegistrationNotWaiting(Rejection):
    """这项报到已经答复或者已经失效。"""

    rule = "R9"


class RegistrationNotActive(Rejection):
    """这项报到尚未接收，或者已经转出、注销。"""

    rule = "R10"


class AlreadyInCommunity(Rejection):
    """该党员已在这个社区报到，无须转移。"""

    rule = "R10"


class TransferInFlight(Rejection):
    """该党员正在转移报到，须等待接收社区答复。"""

    rule = "R10"


@dataclass(frozen=True)
class Standing:
    """One registration of a member with a community, asked for or accepted."""

    registration_id: str
    member_id: str
    community_id: str
    transferred_from: str | None = None


@dataclass
class Registrations(Fact):
    """Where each member is registered, and which registration waits for an answer (R9, R10).

    While a transfer waits the old registration stays active.
    """

    subject: ClassVar[str] = "member"
    active: dict[str, Standing] = field(default_factory=dict)
    """The accepted registration by member."""
    waiting: dict[str, Standing] = field(default_factory=dict)
    """The registration or transfer that waits for the community's answer, by member."""

    @on(MemberRegistered)
    def _(self, registration_id: str, member_id: str, community_id: str) -> None:
        self.waiting[member_id] = Standing(registration_id, member_id, community_id)

    @on(RegistrationTransferRequested)
    def _(
        self, registration_id: str, member_id: str, community_id: str, transferred_from: str
    ) -> None:
        self.waiting[member_id] = Standing(
            registration_id, member_id, community_id, transferred_from
        )

    @on(RegistrationAccepted)
    def _(
        self, registration_id: str, member_id: str, community_id: str, transferred_from: str | None
    ) -> None:
        self.waiting.pop(member_id, None)
        self.active[member_id] = Standing(
            registration_id, member_id, community_id, transferred_from
        )

    @on(RegistrationDeclined)
    def _(self, member_id: str) -> None:
        self.waiting.pop(member_id, None)

    @on(MemberDeregistered)
    def _(self, member_id: str) -> None:
        self.active.pop(member_id, None)
        # A transfer in flight has nothing left to move and lapses too.
        self.waiting.pop(member_id, None)

    def community_of(self, member_id: str) -> str | None:
        """The community that is responsible for the member, None while there is none."""
        standing = self.active.get(member_id)
        return standing.community_id if standing else None


@dataclass
class RegistrationRequests(Fact):
    """Who asked which community with which registration, whatever became of it."""

    subject: ClassVar[str] = "registration"
    standings: dict[str, Standing] = field(default_factory=dict)
    """As asked for, by registration."""

    @on(MemberRegistered)
    def _(self, registration_id: str, member_id: str, community_id: str) -> None:
        self.standings[registration_id] = Standing(registration_id, member_id, community_id)

    @on(RegistrationTransferRequested)
    def _(
        self, registration_id: str, member_id: str, community_id: str, transferred_from: str
    ) -> None:
        self.standings[registration_id] = Standing(
            registration_id, member_id, community_id, transferred_from
        )

    def asked(self, registration_id: str) -> Standing:
        """What was asked for; refused if there is no such registration."""
        if registration_id not in self.standings:
            raise UnknownRegistration
        return self.standings[registration_id]

    def boundary(self, registration_id: str) -> list[Selector]:
        """Whose registration it is and, once that is learnt, their branch and registrations."""
        boundary = [self.about(registration_id)]
        if asked := self.standings.get(registration_id):
            boundary += [Memberships.about(asked.member_id), Registrations.about(asked.member_id)]
        return boundary
