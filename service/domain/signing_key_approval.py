"""登记签名密钥: one person proposes a key, another approves it, either revokes it (R17)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from service.domain.event import Actor, Command, Fact, Rejection, Selector, on
from service.domain.officer import Officers
from service.domain.separation import Act, require_apart
from service.domain.signing_key import (
    KeyRevocationReason,
    SigningKeyApproved,
    SigningKeyExpired,
    SigningKeyIsRevoked,
    SigningKeyProposed,
    SigningKeyRevoked,
    SigningKeys,
)

LONGEST_VALIDITY = timedelta(days=3 * 366)
"""Three years (ours): long enough not to be a nuisance, short enough to be practised."""


class UnknownSigningKey(Rejection):
    """没有这个签名密钥，或者不属于贵单位。"""

    status = 404


class SigningKeyAlreadyProposed(Rejection):
    """该签名密钥已经登记过，请另行生成。"""

    rule = "R17"


class SigningKeyValidityTooLong(Rejection):
    """签名密钥的有效期须自现在起，至多三年。"""

    rule = "R17"


class SigningKeyAlreadyApproved(Rejection):
    """该签名密钥已经审批。"""

    rule = "R17"


class SigningKeyAlreadyRevoked(Rejection):
    """该签名密钥已经撤销；只能将不再可信的时间提前。"""

    rule = "R17"


class DistrustLiesAhead(Rejection):
    """签名密钥不再可信的时间不得晚于撤销之时。"""

    rule = "R17"


@dataclass
class Proposals(Fact):
    """Which keys were ever proposed, and by whom."""

    subject: ClassVar[str] = "signing-key"
    organisations: dict[str, str] = field(default_factory=dict)
    """Organisation by key."""
    proposers: dict[str, frozenset[str]] = field(default_factory=dict)
    """Account and person of the proposer, by key."""
    valid_until: dict[str, datetime] = field(default_factory=dict)

    @on(SigningKeyProposed)
    def _(
        self,
        signing_key_id: str,
        organisation_id: str,
        valid_until: datetime,
        proposed_by: str,
        proposed_by_person: str,
    ) -> None:
        self.organisations[signing_key_id] = organisation_id
        self.proposers[signing_key_id] = frozenset({proposed_by, proposed_by_person})
        self.valid_until[signing_key_id] = valid_until

    def require(self, by: Actor, signing_key_id: str) -> None:
        """Refused unless the key was proposed by the acting organisation."""
        if self.organisations.get(signing_key_id) != by.organisation_id:
            raise UnknownSigningKey


@dataclass(kw_only=True)
class ProposeSigningKey(Command):
    """提出签名密钥: for the own organisation, by whoever shows that it holds the key (R17)."""

    signing_key_id: str
    public_key: str
    proof: str
    valid_until: datetime
    proposals: Proposals = field(init=False, default_factory=Proposals)
    officers: Officers = field(init=False, default_factory=Officers)

    def consistency_boundary(self) -> list[Selector]:
        return [Proposals.about(self.signing_key_id), *self.officers.acting(self.by)]

    def execute(self) -> None:
        standing = self.officers.responsible(self.by)
        if self.signing_key_id in self.proposals.organisations:
            raise SigningKeyAlreadyProposed(pointer="/proof")
        if not self.at < self.valid_until <= self.at + LONGEST_VALIDITY:
            raise SigningKeyValidityTooLong(pointer="/valid_until")
        self.happened(
            SigningKeyProposed(
                signing_key_id=self.signing_key_id,
                organisation_id=self.by.organisation_id,
                public_key=self.public_key,
                proof=self.proof,
                valid_until=self.valid_until,
                proposed_by=self.by.person,
                proposed_by_person=standing.person,
            )
        )


@dataclass(kw_only=True)
class ApproveSigningKey(Command):
    """审批签名密钥: by another person; it replaces the key that counted so far (R17)."""

    signing_key_id: str
    proposals: Proposals = field(init=False, default_factory=Proposals)
    officers: Officers = field(init=False, default_factory=Officers)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        return _boundary_of_key(self)

    def execute(self) -> None:
        organisation_id = self.by.organisation_id
        self.proposals.require(self.by, self.signing_key_id)
        standing = self.officers.responsible(self.by)
        proposers = self.proposals.proposers[self.signing_key_id]
        require_apart(Act.KEY_APPROVED, standing.identities, {Act.KEY_PROPOSED: proposers})
        if self.signing_key_id in self.signing_keys.distrusted:
            raise SigningKeyIsRevoked
        if self.signing_key_id in self.signing_keys.approved[organisation_id]:
            raise SigningKeyAlreadyApproved
        if self.at >= (valid_until := self.proposals.valid_until[self.signing_key_id]):
            raise SigningKeyExpired
        self.happened(
            SigningKeyApproved(
                signing_key_id=self.signing_key_id,
                organisation_id=organisation_id,
                replaces=self.signing_keys.counting(organisation_id, self.at),
                valid_from=self.at,
                valid_until=valid_until,
                approved_by=self.by.person,
                approved_by_person=standing.person,
            )
        )


@dataclass(kw_only=True)
class RevokeSigningKey(Command):
    """撤销签名密钥: at once and by one person; also of a key that is not approved (R17).

    A second revocation may only move the moment of distrust back.
    """

    signing_key_id: str
    distrusted_since: datetime
    reason_code: KeyRevocationReason
    proposals: Proposals = field(init=False, default_factory=Proposals)
    officers: Officers = field(init=False, default_factory=Officers)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        return _boundary_of_key(self)

    def execute(self) -> None:
        self.proposals.require(self.by, self.signing_key_id)
        standing = self.officers.responsible(self.by)
        if self.distrusted_since > self.at:
            raise DistrustLiesAhead(pointer="/distrusted_since")
        known = self.signing_keys.distrusted.get(self.signing_key_id)
        if known is not None and self.distrusted_since >= known:
            raise SigningKeyAlreadyRevoked(pointer="/distrusted_since")
        self.happened(
            SigningKeyRevoked(
                signing_key_id=self.signing_key_id,
                organisation_id=self.by.organisation_id,
                distrusted_since=self.distrusted_since,
                reason_code=self.reason_code,
                revoked_by=self.by.person,
                revoked_by_person=standing.person,
            )
        )


def _boundary_of_key(command: ApproveSigningKey | RevokeSigningKey) -> list[Selector]:
    return [
        Proposals.about(command.signing_key_id),
        SigningKeys.about(command.by.organisation_id),
        *command.officers.acting(command.by),
    ]
