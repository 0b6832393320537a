"""What no single person can do, read from the events alone: keys, accounts and erasures."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from service.domain.event import Event

THREE_DUTIES = {"system", "security", "audit"}
WITHOUT_A_WORD_ON_THE_MEMBER = {
    "MemberSignedIn",
    "MemberSignedOut",
    "RollCalled",
    "ClaimConfirmed",
    "ClaimDeclined",
    "ClaimReleased",
    "ParticipationCorrected",
    "ParticipationVoided",
    "ParticipationEndorsed",
    "EndorsementDeclined",
    "EndorsementRevoked",
    "DiscrepancyResolved",
    "ConsultationWithdrawn",
    "OpinionRequestCancelled",
    "ReminderOrdered",
    "OpinionReminded",
    "ConsultationEscalated",
    "RecusalDeclared",
    "OpinionGiven",
    "OpinionCountersigned",
    "OpinionReceived",
    "OpinionWithdrawn",
    "FieldInquiryAdded",
    "EvidenceFrozen",
    "PublicNoticePosted",
    "ObjectionAnswered",
    "ObjectionEscalated",
}
"""What may still follow about an erased member: the domain finishes what is under way, and where a
text is to be sealed there is no key to seal it with."""


@dataclass
class TwoPersons:
    """A history so far, as far as one person must not do all of it."""

    proposed: dict[str, Any] = field(default_factory=dict)
    approved: dict[str, str] = field(default_factory=dict)
    """Organisation by key that counts: approved, not replaced, not revoked."""
    revoked: set[str] = field(default_factory=set)
    natural: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    confirmed: dict[str, Any] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    opened: dict[str, Any] = field(default_factory=dict)
    """Accounts that are not closed."""
    hands: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Whoever opened an account and whoever gave its present credentials."""
    given: set[str] = field(default_factory=set)
    """Accounts whose credentials nobody has seen to yet."""
    active: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Organisation and duty by account in force."""
    sealed: int = 0

    def learn(self, event: Event) -> None:
        """One more event; fails where it may not follow the ones before it."""
        of_erased = {f"member:{each}" for each in self.erased} & set(event.tags())
        assert not of_erased or event.event_type in WITHOUT_A_WORD_ON_THE_MEMBER, (
            f"{event} is about somebody who was erased"
        )
        handler = getattr(self, f"_{event.event_type}", None)
        if handler is not None:
            handler(event)

    def _MemberEnrolled(self, event: Any) -> None:  # noqa: N802 - named after the event
        alive = {self.natural[each] for each in self.natural if each not in self.erased}
        assert event.person not in alive, "one person, one member"
        self.natural[event.member_id] = event.person

    def _SigningKeyProposed(self, event: Any) -> None:  # noqa: N802
        assert event.signing_key_id not in self.proposed, "a key is proposed once"
        self.proposed[event.signing_key_id] = event

    def _SigningKeyApproved(self, event: Any) -> None:  # noqa: N802
        proposed = self.proposed[event.signing_key_id]
        assert event.organisation_id == proposed.organisation_id
        assert event.approved_by_person != proposed.proposed_by_person, "two persons"
        assert event.signing_key_id not in self.revoked
        assert event.valid_from < event.valid_until == proposed.valid_until
        if event.replaces is not None:
            assert self.approved.pop(event.replaces) == event.organisation_id
        self.approved[event.signing_key_id] = event.organisation_id

    def _SigningKeyRevoked(self, event: Any) -> None:  # noqa: N802
        assert self.proposed[event.signing_key_id].organisation_id == event.organisation_id
        self.revoked.add(event.signing_key_id)
        self.approved.pop(event.signing_key_id, None)

    def _signed(self, event: Any, organisation: str) -> None:
        if event.signature is not None:
            key = event.signature.removeprefix("signed-with-").removesuffix("..")
            assert self.approved.get(key) == organisation, "signed with a key that does not count"

    def _CertificateIssued(self, event: Any) -> None:  # noqa: N802
        self._signed(event, event.branch_id)

    def _ParticipationEndorsed(self, event: Any) -> None:  # noqa: N802
        self._signed(event, event.community_id)

    def _ErasureRequested(self, event: Any) -> None:  # noqa: N802
        assert event.member_id not in {each.member_id for each in self.asked.values()}
        assert event.requested_by_person != self.natural[event.member_id]
        self.asked[event.erasure_id] = event

    def _ErasureConfirmed(self, event: Any) -> None:  # noqa: N802
        assert event.erasure_id not in self.confirmed
        persons = {
            event.confirmed_by_person,
            self.asked[event.erasure_id].requested_by_person,
            self.natural[event.member_id],
        }
        assert len(persons) == 3, "whoever asks, another who confirms, and the member"
        self.confirmed[event.erasure_id] = event

    def _ErasureCancelled(self, event: Any) -> None:  # noqa: N802
        assert self.asked.pop(event.erasure_id).member_id == event.member_id
        self.confirmed.pop(event.erasure_id, None)

    def _SubjectErased(self, event: Any) -> None:  # noqa: N802
        assert self.confirmed.pop(event.erasure_id).member_id == event.member_id
        del self.asked[event.erasure_id]
        self.erased.add(event.member_id)
        for account_id, opened in list(self.opened.items()):
            if opened.member_id == event.member_id:
                del self.opened[account_id]
                self.active.pop(account_id, None)

    def _AccountOpened(self, event: Any) -> None:  # noqa: N802
        assert event.account_id not in self.hands, "an account's id is used once"
        held = {each.duty.value for each in self.opened.values() if each.person == event.person}
        if event.duty.value in THREE_DUTIES:
            assert held & THREE_DUTIES <= {event.duty.value}, "three duties in three hands"
        self.opened[event.account_id] = event
        self.hands[event.account_id] = {event.opened_by}

    def _CredentialsGiven(self, event: Any) -> None:  # noqa: N802
        opened = self.opened[event.account_id]
        self.hands[event.account_id] = {opened.opened_by, event.given_by}
        self.given.add(event.account_id)
        self.active.pop(event.account_id, None)

    def _AccountActivated(self, event: Any) -> None:  # noqa: N802
        opened = self.opened[event.account_id]
        assert event.account_id in self.given, "with what would they sign in?"
        self.given.remove(event.account_id)
        place = opened.organisation_id, opened.duty.value
        if event.activated_by in self.hands[event.account_id]:
            assert place not in self.active.values(), "two persons, except for the very first"
        self.active[event.account_id] = place

    def _AccountClosed(self, event: Any) -> None:  # noqa: N802
        del self.opened[event.account_id]
        self.active.pop(event.account_id, None)

    def _ReadingsSealed(self, event: Any) -> None:  # noqa: N802
        assert event.first == self.sealed + 1 <= event.last, "seals join without a gap"
        self.sealed = event.last
