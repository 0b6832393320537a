"""What holds of every history, whatever was asked for: read from the events alone.

These are said without the model, so that a mistake the model shares with the domain still shows.
"""

from dataclasses import dataclass, field
from typing import Any

from service.domain.event import Event
from tests.stateful.deliberated_history import Deliberation
from tests.stateful.supervised_history import Supervision
from tests.stateful.two_persons import TwoPersons

TAGS = {
    "organisation_id": "organisation",
    "officer_id": "officer",
    "delegation_id": "delegation",
    "review_id": "review",
    "credit_code": "credit-code",
    "member_id": "member",
    "member_no": "member-no",
    "person": "person",
    "present": "member",
    "branch_id": "branch",
    "to_branch_id": "branch",
    "transfer_id": "branch-transfer",
    "community_id": "community",
    "from_community_id": "community",
    "exemption_id": "exemption",
    "leave_id": "leave",
    "certificate_no": "certificate",
    "registration_id": "registration",
    "transferred_from": "registration",
    "service_post_id": "post",
    "claim_id": "claim",
    "activity_id": "activity",
    "participation_id": "participation",
    "endorsement_id": "endorsement",
    "signing_key_id": "signing-key",
    "account_id": "account",
    "erasure_id": "erasure",
    "first": "readings-from",
    "last": "readings-to",
    "inspection_id": "inspection",
    "discrepancy_id": "discrepancy",
    "visit_id": "visit",
    "feedback_id": "feedback",
    "report_id": "report",
    "report_ids": "report",
    "consolidation_id": "consolidation",
    "symposium_id": "symposium",
    "summary_id": "summary",
    "reminder_id": "reminder",
    "committee_id": "organisation",
    "authority_id": "organisation",
    "above_id": "organisation",
    "pack_id": "pack",
    "proposal_id": "proposal",
    "commendation_id": "commendation",
    "disqualification_id": "disqualification",
    "role_model_id": "role-model",
    "decision_id": "decision",
    "override_id": "override",
    "explanation_id": "explanation",
    "consultation_id": "consultation",
    "asking_id": "organisation",
    "subdistrict_id": "organisation",
    "opinion_id": "opinion",
    "replying_id": "organisation",
    "objection_id": "objection",
    "answering_id": "organisation",
    "inquiry_id": "inquiry",
    "evidence_id": "evidence",
}
"""Kind of tag by field."""
NAMED_ONLY = {
    ("SupervisionReminded", "above_id"),
    ("SymposiumHeld", "present"),
    ("RecusalDeclared", "officer_id"),
}
"""Whoever else hears of it, was there or is named: the event is none of their own."""


def check_tags(event: Event) -> None:
    """Its tags are its subjects, from its fields and nowhere else, and nothing personal (R40)."""
    data = event.model_dump()
    expected = {
        f"{kind}:{value}"
        for name, kind in TAGS.items()
        if (event.event_type, name) not in NAMED_ONLY
        for value in _several(data.get(name))
        if value is not None
    }
    expected |= {f"member:{each['member_id']}" for each in data.get("exceptions", ())}
    expected |= {f"community:{each['community_id']}" for each in data.get("talks", ())}
    if event.event_type == "PostCategoryAdded":
        expected.add(f"post-category:{data['category']}")
    assert set(event.tags()) == expected, f"{event} has the tags {event.tags()}"
    values = {tag.partition(":")[2] for tag in expected}
    personal = {data[name] for name in type(event).personal} - {None}
    assert not personal & values, f"{event} has personal data among its tags"


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


@dataclass
class Ledger:
    """A history so far, in the terms of what must hold of it."""

    active: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Registration and community by member."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Registration that waits, by member."""
    valid: dict[str, str] = field(default_factory=dict)
    """Certificate by member."""
    limits: dict[str, int | None] = field(default_factory=dict)
    """Slots by post, capacity by activity."""
    taken: dict[str, list[str]] = field(default_factory=dict)
    """Members by post or activity."""
    standing: dict[str, Any] = field(default_factory=dict)
    """The recording or correction that counts, by participation."""
    in_force: dict[str, Any] = field(default_factory=dict)
    """The endorsing event by participation."""
    voided: set[str] = field(default_factory=set)
    natural: dict[str, str] = field(default_factory=dict)
    """The natural person by member."""
    recorders: dict[str, set[str]] = field(default_factory=dict)
    """The natural persons who recorded or corrected, or let somebody do it, by participation."""
    trust: TwoPersons = field(default_factory=TwoPersons)
    supervision: Supervision = field(default_factory=Supervision)
    deliberation: Deliberation = field(default_factory=Deliberation)

    def learn(self, event: Event) -> None:
        """One more event; fails where it may not follow the ones before it."""
        check_tags(event)
        self.trust.learn(event)
        self.deliberation.learn(event)
        self.supervision.learn(event)
        handler = getattr(self, f"_{event.event_type}", None)
        if handler is not None:
            handler(event)

    @staticmethod
    def _persons(event: Any, person: str | None) -> set[str]:
        assert person is not None, f"{event} does not say who did it"
        return {person, event.delegated_by_person} - {None}

    def _MemberEnrolled(self, event: Any) -> None:  # noqa: N802 - named after the event
        self.natural[event.member_id] = event.person

    def _one_card(self, event: Any) -> None:
        assert event.member_id not in self.valid, "at most one valid certificate per member"
        self.valid[event.member_id] = event.certificate_no

    def _card_ends(self, event: Any) -> None:
        assert self.valid.pop(event.member_id) == event.certificate_no

    _CertificateIssued = _one_card
    _CertificateReportedLost = _CertificateReportedFull = _CertificateWithdrawn = _card_ends

    def _MemberRegistered(self, event: Any) -> None:  # noqa: N802 - named after the event
        assert event.member_id not in self.active, "at most one active registration per member"
        self._asks(event)

    def _asks(self, event: Any) -> None:
        assert event.member_id not in self.waiting, "one request at a time"
        self.waiting[event.member_id] = event.registration_id

    _RegistrationTransferRequested = _asks

    def _RegistrationAccepted(self, event: Any) -> None:  # noqa: N802
        assert self.waiting.pop(event.member_id) == event.registration_id
        left = self.active.pop(event.member_id, (None, None))
        assert left == (event.transferred_from, event.from_community_id), (
            "at most one active registration per member: the one it is moved from ends"
        )
        self.active[event.member_id] = event.registration_id, event.community_id

    def _RegistrationDeclined(self, event: Any) -> None:  # noqa: N802
        assert self.waiting.pop(event.member_id) == event.registration_id

    def _MemberDeregistered(self, event: Any) -> None:  # noqa: N802
        left = self.active.pop(event.member_id)
        assert left == (event.registration_id, event.community_id)
        self.waiting.pop(event.member_id, None)

    def _registered(self, event: Any, *members: str) -> None:
        for member in members or (event.member_id,):
            assert self.active.get(member, ("", ""))[1] == event.community_id, (
                f"nothing is recorded for somebody who is not registered here: {event}"
            )

    def _opens(self, event: Any) -> None:
        post = event.event_type == "ServicePostOpened"
        subject = event.service_post_id if post else event.activity_id
        self.limits[subject] = event.slots if post else event.capacity
        self.taken[subject] = []

    _ServicePostOpened = _ActivityPlanned = _opens

    def _takes(self, subject: str, event: Any) -> None:
        self._registered(event)
        holders, limit = self.taken[subject], self.limits[subject]
        assert event.member_id not in holders, "one slot or place for one member"
        holders.append(event.member_id)
        assert limit is None or len(holders) <= limit, "never more than there are"

    def _PostClaimed(self, event: Any) -> None:  # noqa: N802
        self._takes(event.service_post_id, event)

    def _ClaimConfirmed(self, event: Any) -> None:  # noqa: N802
        self._registered(event)
        assert event.member_id in self.taken[event.service_post_id]

    def _slot_is_free(self, event: Any) -> None:
        self.taken[event.service_post_id].remove(event.member_id)

    _ClaimDeclined = _ClaimReleased = _slot_is_free

    def _MemberSignedUp(self, event: Any) -> None:  # noqa: N802
        self._takes(event.activity_id, event)

    def _SignUpWithdrawn(self, event: Any) -> None:  # noqa: N802
        self.taken[event.activity_id].remove(event.member_id)

    def _MemberSignedIn(self, event: Any) -> None:  # noqa: N802
        self._registered(event)

    def _RollCalled(self, event: Any) -> None:  # noqa: N802
        self._registered(event, *event.present, *(each.member_id for each in event.exceptions))

    def _ParticipationRecorded(self, event: Any) -> None:  # noqa: N802
        self._registered(event)
        assert event.member_id in self.valid, "only a valid certificate takes an entry"
        assert self._persons(event, event.recorded_by_person).isdisjoint(
            {self.natural[event.member_id]}
        ), "the member adds no entries"
        self.standing[event.participation_id] = event
        self.recorders[event.participation_id] = self._persons(event, event.recorded_by_person)

    def _same(self, event: Any) -> Any:
        """What stands of the participation that an event is about; a voided one has no more."""
        assert event.participation_id not in self.voided, "nothing follows a voiding"
        standing = self.standing[event.participation_id]
        for name in ("member_id", "branch_id", "community_id"):
            assert getattr(event, name) == getattr(standing, name), name
        return standing

    def _ParticipationCorrected(self, event: Any) -> None:  # noqa: N802
        assert event.corrects == self._same(event).event_id
        self.in_force.pop(event.participation_id, None)
        self.standing[event.participation_id] = event
        self.recorders[event.participation_id] |= self._persons(event, event.recorded_by_person)

    def _ParticipationVoided(self, event: Any) -> None:  # noqa: N802
        assert event.corrects == self._same(event).event_id
        self.voided.add(event.participation_id)

    def _ParticipationEndorsed(self, event: Any) -> None:  # noqa: N802
        standing = self._same(event)
        assert event.endorses == standing.event_id
        assert self._persons(event, event.endorsed_by_person).isdisjoint(
            {*self.recorders[event.participation_id], self.natural[event.member_id]}
        ), "neither a recorder nor the member endorses, nor anybody for them"
        assert event.certificate_no == self.valid.get(event.member_id)
        assert event.participation_id not in self.in_force, "endorsed once"
        self.in_force[event.participation_id] = event

    def _EndorsementDeclined(self, event: Any) -> None:  # noqa: N802
        assert event.endorses == self._same(event).event_id
        assert event.participation_id not in self.in_force

    def _EndorsementRevoked(self, event: Any) -> None:  # noqa: N802
        self._same(event)
        endorsing = self.in_force.pop(event.participation_id)
        assert (event.corrects, event.endorsement_id) == (
            endorsing.event_id,
            endorsing.endorsement_id,
        )
