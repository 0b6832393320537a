"""签名密钥: with which key of its own an organisation signs, and since and until when (R17).

A key counts from the moment a second person approved it until it expires, is replaced by the next
one or is revoked. An organisation without a key that counts has its word signed by the service,
and the signature says so.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, TypeVar

from service.domain.event import (
    Actor,
    Event,
    Fact,
    Instant,
    OrganisationId,
    Rejection,
    Tag,
    on,
)
from service.domain.signed import OwnSignature, statement

SigningKeyId = Annotated[str, Tag("signing-key")]
"""The key's own thumbprint (RFC 7638): whoever holds the key can tell its id."""
E = TypeVar("E", bound=Event)


class KeyRevocationReason(StrEnum):
    """撤销密钥的原因 (R17)."""

    COMPROMISED = "compromised"
    LOST = "lost"
    NO_LONGER_USED = "no_longer_used"
    PROPOSED_IN_ERROR = "proposed_in_error"
    OTHER = "other"

    @property
    def word(self) -> str:
        return {
            "compromised": "密钥泄露",
            "lost": "密钥遗失",
            "no_longer_used": "不再使用",
            "proposed_in_error": "登记有误",
            "other": "其他原因",
        }[self.value]


class SigningKeyProposed(Event, type="SigningKeyProposed"):
    """提出签名密钥: the organisation shows that it holds the key; it does not count yet (R17).

    ``public_key`` is the ``x`` of an Ed25519 JWK, or both coordinates of an SM2 key in one;
    ``proof`` is a detached JWS made with the key.
    """

    signing_key_id: SigningKeyId
    organisation_id: OrganisationId
    public_key: str
    proof: str
    valid_until: Instant
    proposed_by: str
    proposed_by_person: str


class SigningKeyApproved(Event, type="SigningKeyApproved"):
    """审批签名密钥: by another person; from now on it counts and ``replaces`` no more (R17)."""

    signing_key_id: SigningKeyId
    organisation_id: OrganisationId
    replaces: str | None
    valid_from: Instant
    valid_until: Instant
    approved_by: str
    approved_by_person: str


class SigningKeyRevoked(Event, type="SigningKeyRevoked"):
    """撤销签名密钥: what it signed since ``distrusted_since`` is not to be trusted (R17)."""

    signing_key_id: SigningKeyId
    organisation_id: OrganisationId
    distrusted_since: Instant
    reason_code: KeyRevocationReason
    revoked_by: str
    revoked_by_person: str


class OwnSignatureRequired(Rejection):
    """贵单位有自己的签名密钥，须用该密钥签名。"""

    rule = "R17"


class SigningKeyNotApproved(Rejection):
    """签名所用的密钥不是贵单位经审批的签名密钥。"""

    rule = "R17"


class SigningKeyNotYetValid(Rejection):
    """签名密钥在此事发生之时尚未审批。"""

    rule = "R17"


class SigningKeyExpired(Rejection):
    """签名密钥已经到期或者已被更换。"""

    rule = "R17"


class SigningKeyIsRevoked(Rejection):
    """签名密钥已经撤销。"""

    rule = "R17"


class SignedOtherwise(Rejection):
    """所签内容与所办事项不一致。"""

    rule = "R17"


@dataclass(frozen=True)
class SigningKey:
    """When an approved key counts: from the first moment to before the second."""

    valid_from: datetime
    valid_until: datetime


@dataclass
class SigningKeys(Fact):
    """Which keys of their own organisations sign with."""

    subject: ClassVar[str] = "organisation"
    approved: dict[str, dict[str, SigningKey]] = field(default_factory=lambda: defaultdict(dict))
    """By organisation and key."""
    distrusted: dict[str, datetime] = field(default_factory=dict)
    """Since when a revoked key is not trusted, by key."""

    @on(SigningKeyApproved)
    def _(
        self,
        organisation_id: str,
        signing_key_id: str,
        replaces: str | None,
        valid_from: datetime,
        valid_until: datetime,
    ) -> None:
        keys = self.approved[organisation_id]
        keys[signing_key_id] = SigningKey(valid_from, valid_until)
        if replaces is not None:
            keys[replaces] = replace(keys[replaces], valid_until=valid_from)

    @on(SigningKeyRevoked)
    def _(self, signing_key_id: str, distrusted_since: datetime) -> None:
        self.distrusted[signing_key_id] = distrusted_since

    def counting(self, organisation_id: str, at: datetime) -> str | None:
        """The key that organisation signs with; None where the service signs for it.

        A key that was approved later than ``at`` counts as well: whoever says that something
        happened earlier must not get around the key by it.
        """
        for signing_key_id, key in self.approved.get(organisation_id, {}).items():
            if at < key.valid_until and signing_key_id not in self.distrusted:
                return signing_key_id
        return None

    def signed(self, event: E, by: Actor, at: datetime, own: OwnSignature | None) -> E:
        """The `Signed` event with its own signature; as it is where the service signs it later.

        Refused when an own signature is missing, made with a key that does not count, or over
        something else than this event.
        """
        if own is None:
            if self.counting(by.organisation_id, at) is not None:
                raise OwnSignatureRequired(pointer="/signature")
            return event
        self._require_counts(by.organisation_id, at, own)
        if not own.is_over(statement(event, by, at)):
            raise SignedOtherwise(pointer="/signature")
        return event.model_copy(update={"signature": own.jws})

    def _require_counts(self, organisation_id: str, at: datetime, own: OwnSignature) -> None:
        key = self.approved.get(organisation_id, {}).get(own.signing_key_id)
        if key is None:
            raise SigningKeyNotApproved(pointer="/signature")
        # Whatever moment is claimed: a key that was revoked signs nothing any more.
        if own.signing_key_id in self.distrusted:
            raise SigningKeyIsRevoked(pointer="/signature")
        if at < key.valid_from:
            raise SigningKeyNotYetValid(pointer="/signature")
        if max(at, own.received_at) >= key.valid_until:
            raise SigningKeyExpired(pointer="/signature")
