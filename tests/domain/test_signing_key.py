"""Signing keys: proposed by one, approved by another, replaced, expired, revoked (R17)."""

from datetime import datetime, timedelta

import pytest

from service.domain.event import Event
from service.domain.officer import OfficerNotAppointed, OnlyResponsiblePerson
from service.domain.separation import KeyApprovedByProposer
from service.domain.signing_key import (
    KeyRevocationReason,
    SigningKeyApproved,
    SigningKeyExpired,
    SigningKeyIsRevoked,
    SigningKeyProposed,
    SigningKeyRevoked,
)
from service.domain.signing_key_approval import (
    ApproveSigningKey,
    DistrustLiesAhead,
    ProposeSigningKey,
    RevokeSigningKey,
    SigningKeyAlreadyApproved,
    SigningKeyAlreadyProposed,
    SigningKeyAlreadyRevoked,
    SigningKeyValidityTooLong,
    UnknownSigningKey,
)
from tests.domain.story import given, matches
from tests.domain.town import AT, COMMUNITY, OTHER_COMMUNITY, TOWN, acting, appointed, person

KEY, NEXT_KEY = "key", "next-key"
DAY = timedelta(days=1)
UNTIL = AT + 365 * DAY


def propose(
    key: str = KEY, by: str = COMMUNITY, who: str = "officer", until: datetime = UNTIL
) -> ProposeSigningKey:
    return ProposeSigningKey(
        signing_key_id=key,
        public_key="x",
        proof="a..b",
        valid_until=until,
        by=acting(by, who),
        at=AT,
    )


def approve(
    key: str = KEY,
    by: str = COMMUNITY,
    who: str = "secretary",
    role: str = "responsible",
    at: datetime = AT + DAY,
) -> ApproveSigningKey:
    return ApproveSigningKey(signing_key_id=key, by=acting(by, who, role), at=at)


def revoke(
    key: str = KEY,
    by: str = COMMUNITY,
    since: datetime = AT + DAY,
    who: str = "officer",
    role: str = "responsible",
) -> RevokeSigningKey:
    return RevokeSigningKey(
        signing_key_id=key,
        distrusted_since=since,
        reason_code=KeyRevocationReason.COMPROMISED,
        by=acting(by, who, role),
        at=AT + 2 * DAY,
    )


def proposed(
    key: str = KEY, by: str = COMMUNITY, who: str = "officer", until: datetime = UNTIL
) -> SigningKeyProposed:
    return SigningKeyProposed(
        signing_key_id=key,
        organisation_id=by,
        public_key="x",
        proof="a..b",
        valid_until=until,
        proposed_by=who,
        proposed_by_person=person(who),
    )


def test_a_key_counts_from_its_approval_by_another_person() -> None:
    story = (
        given(*TOWN).when(propose()).then(SigningKeyProposed, proposed_by_person=person("officer"))
    )
    story.when(approve()).then(
        SigningKeyApproved,
        organisation_id=COMMUNITY,
        replaces=None,
        valid_from=AT + DAY,
        valid_until=UNTIL,
        approved_by="secretary",
        approved_by_person=person("secretary"),
    )


def test_who_proposed_a_key_does_not_approve_it() -> None:
    given(*TOWN, proposed()).when(approve(who="officer")).refused(KeyApprovedByProposer)


def test_another_account_of_the_proposer_does_not_approve_the_key_either() -> None:
    second = appointed("second-account", of="officer")
    story = given(*TOWN, second, proposed())
    story.when(approve(who="second-account")).refused(KeyApprovedByProposer)


@pytest.mark.parametrize(
    ("who", "role", "refusal"),
    [
        ("nobody", "responsible", OfficerNotAppointed),
        ("clerk", "responsible", OnlyResponsiblePerson),
        ("secretary", "officer", OnlyResponsiblePerson),
    ],
)
def test_only_appointed_responsible_persons_propose_approve_and_revoke(
    who: str, role: str, refusal: type
) -> None:
    asks = propose()
    asks.by = acting(COMMUNITY, who, role)
    given(*TOWN).when(asks).refused(refusal)
    story = given(*TOWN, proposed())
    story.when(approve(who=who, role=role)).refused(refusal)
    story.when(revoke(who=who, role=role)).refused(refusal)


def test_nobody_approves_or_revokes_the_key_of_another_organisation() -> None:
    story = given(*TOWN, proposed())
    story.when(approve(by=OTHER_COMMUNITY)).refused(UnknownSigningKey)
    story.when(revoke(by=OTHER_COMMUNITY)).refused(UnknownSigningKey)
    story.when(approve("unheard-of")).refused(UnknownSigningKey)
    story.when(revoke("unheard-of")).refused(UnknownSigningKey)


@pytest.mark.parametrize("by", [COMMUNITY, OTHER_COMMUNITY])
def test_a_key_is_proposed_once_and_by_one_organisation(by: str) -> None:
    given(*TOWN, proposed()).when(propose(by=by)).refused(SigningKeyAlreadyProposed)


@pytest.mark.parametrize("until", [AT, AT - DAY, AT + 4 * 366 * DAY])
def test_a_key_is_valid_for_three_years_at_the_most(until: datetime) -> None:
    given(*TOWN).when(propose(until=until)).refused(SigningKeyValidityTooLong)


def test_a_key_is_approved_once_and_before_it_expires() -> None:
    given(*TOWN, proposed()).when(approve(at=UNTIL)).refused(SigningKeyExpired)
    story = given(*TOWN, proposed()).when(approve())
    story.when(approve()).refused(SigningKeyAlreadyApproved)


def test_the_next_key_replaces_the_one_that_counts() -> None:
    story = given(*TOWN, proposed(), proposed(NEXT_KEY)).when(approve())
    story.when(approve(NEXT_KEY, at=AT + 5 * DAY)).then(SigningKeyApproved, replaces=KEY)


def test_a_key_that_has_ended_is_not_replaced() -> None:
    early: Event = proposed(until=AT + 3 * DAY)
    story = given(*TOWN, early, proposed(NEXT_KEY)).when(approve())
    story.when(approve(NEXT_KEY, at=AT + 5 * DAY)).then(SigningKeyApproved, replaces=None)
    story = given(*TOWN, proposed(), proposed(NEXT_KEY)).when(approve()).when(revoke())
    story.when(approve(NEXT_KEY, at=AT + 5 * DAY)).then(SigningKeyApproved, replaces=None)


def test_a_key_is_revoked_with_the_moment_since_when_it_is_not_trusted() -> None:
    given(*TOWN, proposed()).when(approve()).when(revoke()).then(
        SigningKeyRevoked,
        distrusted_since=AT + DAY,
        reason_code=KeyRevocationReason.COMPROMISED,
        revoked_by_person=person("officer"),
    )


def test_a_revoked_proposal_is_never_approved() -> None:
    given(*TOWN, proposed()).when(revoke()).when(approve()).refused(SigningKeyIsRevoked)


def test_distrust_does_not_begin_later_than_the_revocation() -> None:
    given(*TOWN, proposed()).when(revoke(since=AT + 3 * DAY)).refused(DistrustLiesAhead)


def test_a_second_revocation_only_moves_the_distrust_back() -> None:
    story = given(*TOWN, proposed()).when(revoke())
    story.when(revoke()).refused(SigningKeyAlreadyRevoked)
    story.when(revoke(since=AT)).then(SigningKeyRevoked, distrusted_since=AT)


def test_keys_of_two_organisations_do_not_wait_for_each_other() -> None:
    boundary = approve(by=OTHER_COMMUNITY, key=NEXT_KEY).consistency_boundary()
    assert not matches(proposed(), boundary)


def test_every_reason_has_its_word() -> None:
    assert all(each.word for each in KeyRevocationReason)
