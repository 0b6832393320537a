"""With which keys of their own organisations sign, and what they sign (R17)."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new

from service.domain.event import Actor
from service.domain.signed import OwnSignature
from service.domain.signing_key_approval import (
    ApproveSigningKey,
    ProposeSigningKey,
    RevokeSigningKey,
)
from tests.stateful.model.officers import not_responsible
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import SigningKey, Town

THREE_YEARS = timedelta(days=3 * 366)


def counting(town: Town, organisation: str, at: datetime) -> list[str]:
    """The approved keys that bind the organisation at a moment, or will."""
    return [
        name
        for name, key in town.signing_keys.items()
        if key.organisation == organisation
        and key.since is not None
        and key.distrusted is None
        and at < key.until
    ]


@predicts(ProposeSigningKey)
def propose_signing_key(town: Town, command: ProposeSigningKey) -> Prediction:
    """By a responsible person, a key that nobody ever proposed (R17)."""
    by = command.by
    lasts = command.valid_until - command.at
    if wrong := broken(
        **not_responsible(town, by),
        SigningKeyAlreadyProposed=command.signing_key_id in town.signing_keys,
        SigningKeyValidityTooLong=lasts <= timedelta(0) or lasts > THREE_YEARS,
    ):
        return wrong
    person = town.officers[by.organisation_id, by.person].person
    town.signing_keys[command.signing_key_id] = SigningKey(
        by.organisation_id, command.valid_until, proposers={by.person, person}
    )
    return happens(
        "SigningKeyProposed", organisation_id=by.organisation_id, proposed_by_person=person
    )


def _own(town: Town, by: Actor, signing_key_id: str) -> SigningKey | None:
    key = town.signing_keys.get(signing_key_id)
    return key if key is not None and key.organisation == by.organisation_id else None


@predicts(ApproveSigningKey)
def approve_signing_key(town: Town, command: ApproveSigningKey) -> Prediction:
    """By another person, once; what counted so far counts no more (R17)."""
    by, at = command.by, command.at
    key = _own(town, by, command.signing_key_id)
    if key is None:
        return refused("UnknownSigningKey")
    officer = town.officers.get((by.organisation_id, by.person))
    if wrong := broken(
        **not_responsible(town, by),
        KeyApprovedByProposer=officer is not None
        and bool({by.person, officer.person} & key.proposers),
        SigningKeyIsRevoked=key.distrusted is not None,
        SigningKeyAlreadyApproved=key.since is not None,
        SigningKeyExpired=at >= key.until,
    ):
        return wrong
    assert officer is not None
    before = counting(town, by.organisation_id, at)
    assert len(before) <= 1, f"{by.organisation_id} has several keys that count: {before}"
    for each in before:
        town.signing_keys[each].until = at
    key.since = at
    return happens(
        "SigningKeyApproved",
        organisation_id=by.organisation_id,
        replaces=before[0] if before else None,
        valid_from=at,
        valid_until=key.until,
        approved_by_person=officer.person,
    )


@predicts(RevokeSigningKey)
def revoke_signing_key(town: Town, command: RevokeSigningKey) -> Prediction:
    """By any responsible person; again only to move the moment of distrust back (R17)."""
    key = _own(town, command.by, command.signing_key_id)
    if key is None:
        return refused("UnknownSigningKey")
    if wrong := broken(
        **not_responsible(town, command.by),
        DistrustLiesAhead=command.distrusted_since > command.at,
        SigningKeyAlreadyRevoked=key.distrusted is not None
        and command.distrusted_since >= key.distrusted,
    ):
        return wrong
    key.distrusted = command.distrusted_since
    return happens("SigningKeyRevoked", distrusted_since=command.distrusted_since)


def canonical(stated: dict[str, object]) -> bytes:
    """The one way to write it: keys in order, no blanks, UTF-8."""
    return json.dumps(stated, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def stated(
    event: str, version: int, by: Actor, at: datetime, data: dict[str, object]
) -> dict[str, object]:
    """What is signed of an event with these fields."""
    return {
        "type": event,
        "version": version,
        # Steps tell the time as it is in Shanghai.
        "occurred_at": at.isoformat(),
        "actor": {"organisation_id": by.organisation_id, "person": by.person, "role": by.role},
        "data": data,
    }


def certificate_stated(
    town: Town, by: Actor, at: datetime, *, number: str, member: str, replaces: str | None
) -> dict[str, object]:
    """What a branch signs that hands out a certificate."""
    data: dict[str, object] = {
        "certificate_no": number,
        "member_id": member,
        "branch_id": town.branches.get(member),
        "replaces": replaces,
    }
    return stated("CertificateIssued", 2, by, at, data)


def endorsement_stated(
    town: Town,
    by: Actor,
    at: datetime,
    *,
    participation: str,
    endorsement: str,
    performance: str,
    comment: str | None = None,
    salt: str | None = None,
) -> dict[str, object]:
    """What a community signs that endorses: of a comment only what nobody can read back."""
    known = town.participations.get(participation)
    digest = None
    if comment is not None:
        digest = new((salt or "").encode(), comment.encode(), sha256).hexdigest()
    data: dict[str, object] = {
        "endorsement_id": endorsement,
        "participation_id": participation,
        "member_id": known and known.member,
        "branch_id": known and known.branch,
        "community_id": known and known.community,
        "activity_id": known and known.activity,
        "certificate_no": known and town.valid.get(known.member),
        "endorses": town.standing.get(participation),
        "performance": performance,
        "comment_digest": digest,
        "endorsed_by": by.person,
    }
    return stated("ParticipationEndorsed", 2, by, at, data)


def signed_wrongly(
    town: Town, by: Actor, at: datetime, own: OwnSignature | None, stated: dict[str, object]
) -> dict[str, bool]:
    """What speaks against the signature, or against there being none (R17)."""
    if own is None:
        return {"OwnSignatureRequired": bool(counting(town, by.organisation_id, at))}
    key = _own(town, by, own.signing_key_id)
    since = key.since if key is not None else None
    otherwise = own.statement != canonical(stated)
    if key is None or since is None:
        return {"SigningKeyNotApproved": True, "SignedOtherwise": otherwise}
    return {
        "SigningKeyIsRevoked": key.distrusted is not None,
        "SigningKeyNotYetValid": at < since,
        "SigningKeyExpired": at >= key.until or own.received_at >= key.until,
        "SignedOtherwise": otherwise,
    }
