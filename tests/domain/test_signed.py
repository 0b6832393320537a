"""Signed by the organisation's own key: which key counts, and over exactly what (R17)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.domain.certificate import CertificateIssued, IssueCertificate, RenewCertificate
from service.domain.endorsement import (
    EndorsementIdTaken,
    EndorsementRevoked,
    ParticipationEndorsed,
    Performance,
)
from service.domain.endorsing import (
    BatchNotEndorsed,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Command, Event
from service.domain.signed import OwnSignature, statement, text_digest
from service.domain.signing_key import (
    KeyRevocationReason,
    OwnSignatureRequired,
    SignedOtherwise,
    SigningKeyApproved,
    SigningKeyExpired,
    SigningKeyIsRevoked,
    SigningKeyNotApproved,
    SigningKeyNotYetValid,
    SigningKeyRevoked,
)
from tests.domain.clean_up import ACTIVITY, AFTER, LOST, PARTICIPATION, recorded
from tests.domain.story import given
from tests.domain.test_signing_key import DAY, KEY, NEXT_KEY, proposed
from tests.domain.town import (
    AT,
    BRANCH,
    CERTIFICATE,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    SETTLED,
    THIRD_CERTIFICATE,
    WANG,
    acting,
    issued,
    person,
)

RECORDED = (*SETTLED, recorded())


def approved(
    key: str = KEY,
    by: str = COMMUNITY,
    since: datetime = AT,
    until: datetime = AFTER + DAY,
    replaces: str | None = None,
) -> SigningKeyApproved:
    return SigningKeyApproved(
        signing_key_id=key,
        organisation_id=by,
        replaces=replaces,
        valid_from=since,
        valid_until=until,
        approved_by="secretary",
        approved_by_person=person("secretary"),
    )


def revoked(key: str = KEY, since: datetime = AFTER) -> SigningKeyRevoked:
    return SigningKeyRevoked(
        signing_key_id=key,
        organisation_id=COMMUNITY,
        distrusted_since=since,
        reason_code=KeyRevocationReason.LOST,
        revoked_by="officer",
        revoked_by_person=person("officer"),
    )


def endorse(**differently: Any) -> EndorseParticipation:
    command: dict[str, Any] = {
        "endorsement_id": "new",
        "participation_id": PARTICIPATION,
        "performance": Performance.EXCELLENT,
        "comment": "认真负责",
        "by": acting(COMMUNITY, "secretary"),
        "at": AFTER,
    }
    return EndorseParticipation(**command | differently)


def written(stated: object) -> bytes:
    return json.dumps(stated, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signing(
    event: Event, command: Command, key: str = KEY, received_at: datetime = AFTER
) -> OwnSignature:
    """What the organisation's own system would sign for this event."""
    stated = statement(event, command.by, command.at)
    salt = getattr(event, "comment_salt", None)
    return OwnSignature(f"signed-with-{key}..", key, written(stated), received_at, salt)


def own(command: Command, *history: Event, key: str = KEY, **more: Any) -> OwnSignature:
    """A signature over what the command would lead to if no key were needed."""
    story = given(*(history or RECORDED)).when(command)
    assert story.rejection is None
    return signing(story.happened[0], command, key, **more)


def test_without_a_key_of_its_own_the_service_signs() -> None:
    given(*RECORDED).when(endorse()).then(ParticipationEndorsed, signature=None)


def test_the_organisations_own_signature_is_kept() -> None:
    story = given(*RECORDED, approved()).when(endorse(own=own(endorse())))
    story.then(ParticipationEndorsed, signature=f"signed-with-{KEY}..", comment="认真负责")


def test_an_organisation_with_a_key_signs_itself() -> None:
    given(*RECORDED, approved()).when(endorse()).refused(OwnSignatureRequired, pointer="/signature")


def test_an_earlier_moment_is_no_way_around_the_key() -> None:
    late = approved(since=AFTER + DAY, until=AFTER + 9 * DAY)
    given(*RECORDED, late).when(endorse()).refused(OwnSignatureRequired)


def test_the_key_of_another_organisation_binds_nobody_else() -> None:
    history = (*RECORDED, approved(by=OTHER_COMMUNITY))
    given(*history).when(endorse()).then(ParticipationEndorsed, signature=None)
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyNotApproved)


def test_a_key_that_is_proposed_only_does_not_count() -> None:
    history = (*RECORDED, proposed())
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyNotApproved)
    given(*history).when(endorse()).then(ParticipationEndorsed)


def test_another_key_than_the_approved_one_does_not_count() -> None:
    signature = own(endorse(), key="somebody's")
    given(*RECORDED, approved()).when(endorse(own=signature)).refused(
        SigningKeyNotApproved, pointer="/signature"
    )


def test_a_key_does_not_count_before_its_approval() -> None:
    history = (*RECORDED, approved(since=AFTER + DAY, until=AFTER + 9 * DAY))
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyNotYetValid)


def test_a_key_does_not_count_once_it_has_expired() -> None:
    history = (*RECORDED, approved(until=AFTER))
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyExpired)
    given(*history).when(endorse()).then(ParticipationEndorsed, signature=None)


def test_what_an_expired_key_signs_is_refused_whenever_it_is_said_to_have_happened() -> None:
    late = own(endorse(), received_at=AFTER + DAY)
    given(*RECORDED, approved(until=AFTER + DAY)).when(endorse(own=late)).refused(SigningKeyExpired)


def test_a_replaced_key_counts_no_more_and_the_next_one_does() -> None:
    history = (*RECORDED, approved(), approved(NEXT_KEY, since=AFTER, replaces=KEY))
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyExpired)
    given(*history).when(endorse(own=own(endorse(), key=NEXT_KEY))).then(ParticipationEndorsed)


def test_a_revoked_key_signs_nothing_more_and_the_service_signs_again() -> None:
    history = (*RECORDED, approved(), revoked(since=AFTER + DAY))
    given(*history).when(endorse(own=own(endorse()))).refused(SigningKeyIsRevoked)
    given(*history).when(endorse()).then(ParticipationEndorsed, signature=None)


OTHER_RECORD = recorded(participation_id="other", member_id=WANG)
ELSEWHERE = (*RECORDED, OTHER_RECORD, issued(WANG, OTHER_CERTIFICATE))


@pytest.mark.parametrize(
    "differently",
    [
        {"performance": Performance.GOOD},
        {"comment": "不认真"},
        {"comment": None},
        {"endorsement_id": "another"},
        {"participation_id": "other"},
        {"by": acting(COMMUNITY, "somebody-else")},
        {"at": AFTER + DAY / 2},
    ],
    ids=str,
)
def test_what_was_signed_is_what_is_decided(differently: dict[str, Any]) -> None:
    signature = own(endorse(), *ELSEWHERE)
    history = (*ELSEWHERE, approved())
    given(*history).when(endorse(own=signature)).then(ParticipationEndorsed)
    given(*history).when(endorse(own=signature, **differently)).refused(
        SignedOtherwise, pointer="/signature"
    )


def test_another_salt_than_the_signed_one_does_not_fit() -> None:
    salted = own(endorse())
    for salt in (None, "0" * 32):
        signature = replace(salted, salt=salt)
        given(*RECORDED, approved()).when(endorse(own=signature)).refused(SignedOtherwise)


def test_values_that_only_python_takes_for_equal_do_not_fit() -> None:
    signature = own(endorse())
    assert signature.statement.endswith(b'"version":2}')
    altered = replace(signature, statement=signature.statement.replace(b":2}", b":2.0}"))
    given(*RECORDED, approved()).when(endorse(own=altered)).refused(SignedOtherwise)


def test_what_was_signed_once_is_not_recorded_again_after_a_revocation() -> None:
    signature = own(endorse())
    story = given(*RECORDED, approved()).when(endorse(own=signature)).then(ParticipationEndorsed)
    story.when(
        RevokeEndorsement(
            endorsement_id="new", reason="有误", by=acting(COMMUNITY, "secretary"), at=AFTER
        )
    ).then(EndorsementRevoked)
    story.when(endorse(own=signature)).refused(EndorsementIdTaken)


def test_the_id_of_another_endorsement_is_not_signed_again() -> None:
    story = given(*ELSEWHERE, approved())
    story.when(endorse(own=own(endorse()))).then(ParticipationEndorsed)
    other = endorse(participation_id="other")
    story.when(replace(other, own=own(other, *ELSEWHERE))).refused(EndorsementIdTaken)


# Lists

BOTH = (PARTICIPATION, "other")


def endorse_both(
    owns: Sequence[OwnSignature] = (), ids: Sequence[str] = ("e0", "e1")
) -> EndorseParticipations:
    return EndorseParticipations(
        activity_id=ACTIVITY,
        participation_ids=BOTH,
        endorsement_ids=ids,
        performance=Performance.GOOD,
        comment="认真负责",
        owns=owns,
        by=acting(COMMUNITY, "secretary"),
        at=AFTER,
    )


def own_both(**more: Any) -> list[OwnSignature]:
    command = endorse_both(**more)
    happened = given(*ELSEWHERE).when(command).happened
    return [signing(event, command) for event in happened]


def test_each_endorsement_of_a_list_has_its_own_signature() -> None:
    story = given(*ELSEWHERE, approved()).when(endorse_both(own_both()))
    story.then(ParticipationEndorsed, ParticipationEndorsed, signature=f"signed-with-{KEY}..")
    salts = {
        event.comment_salt for event in story.happened if isinstance(event, ParticipationEndorsed)
    }
    assert len(salts) == 2


@pytest.mark.parametrize(
    ("owns", "ids", "rows"),
    [
        ([], ("e0", "e1"), [0, 1]),
        (own_both()[::-1], ("e0", "e1"), [0, 1]),
        (own_both(ids=("e0", "e0")), ("e0", "e0"), [1]),
    ],
    ids=["none", "swapped", "one id for two"],
)
def test_a_list_with_wrong_signatures_is_refused_row_by_row(
    owns: list[OwnSignature], ids: Sequence[str], rows: list[int]
) -> None:
    story = given(*ELSEWHERE, approved()).when(endorse_both(owns, ids)).refused(BatchNotEndorsed)
    assert story.rejection is not None
    pointers = [pointer for pointer, _ in story.rejection.errors]
    assert pointers == [f"/participation_ids/{row}" for row in rows]


# Certificates


def issue(**differently: Any) -> IssueCertificate:
    command: dict[str, Any] = {
        "certificate_no": OTHER_CERTIFICATE,
        "member_id": LI,
        "by": acting(BRANCH),
        "at": AFTER,
    }
    return IssueCertificate(**command | differently)


def renew(**differently: Any) -> RenewCertificate:
    command: dict[str, Any] = {
        "certificate_no": CERTIFICATE,
        "new_certificate_no": OTHER_CERTIFICATE,
        "by": acting(BRANCH),
        "at": AFTER,
    }
    return RenewCertificate(**command | differently)


@pytest.mark.parametrize("act", [issue, renew])
def test_a_certificate_is_signed_by_the_branchs_own_key(act: Any) -> None:
    before = (*MEMBER, LOST)
    given(*before).when(act()).then(CertificateIssued, signature=None)
    story = given(*before, approved(by=BRANCH))
    story.when(act()).refused(OwnSignatureRequired)
    signature = own(act(), *before)
    number = "certificate_no" if act is issue else "new_certificate_no"
    story.when(act(own=signature, **{number: THIRD_CERTIFICATE})).refused(SignedOtherwise)
    story.when(act(own=signature)).then(CertificateIssued, signature=f"signed-with-{KEY}..")


def test_a_text_stands_in_a_statement_as_a_salted_digest() -> None:
    story = given(*RECORDED).when(endorse())
    [event] = story.happened
    assert isinstance(event, ParticipationEndorsed)
    assert event.comment_salt is not None
    assert event.comment_digest == text_digest("认真负责", event.comment_salt)
    assert "comment_salt" in event.personal
    stated = written(statement(event, acting(COMMUNITY), AFTER)).decode()
    assert "认真负责" not in stated
    assert event.comment_salt not in stated
    assert "person" not in {name.rpartition("_by_")[2] for name in json.loads(stated)["data"]}
    again = given(*RECORDED).when(endorse()).happened[0]
    assert isinstance(again, ParticipationEndorsed)
    assert again.comment_digest != event.comment_digest
