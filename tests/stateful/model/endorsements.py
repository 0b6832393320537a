"""Endorsements, single and in batches, declined and revoked (R6, R17, R18)."""

from datetime import datetime

from service.domain.endorsing import (
    DeclineEndorsement,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Actor
from service.domain.signed import OwnSignature
from tests.stateful.model.officers import behind, may_not
from tests.stateful.model.prediction import Expected, Prediction, broken, happens, predicts, refused
from tests.stateful.model.signing_keys import endorsement_stated, signed_wrongly
from tests.stateful.model.town import Participation, Town


def _judging(town: Town, by: Actor, at: datetime, known: Participation) -> dict[str, bool]:
    """What speaks against this person's word on this participation (R17)."""
    those = behind(town, by, "endorse", at)
    return {
        **may_not(town, by, "endorse", at, known.member),
        "ParticipationIsVoided": known.voided,
        "EndorsedByRecorder": those is not None
        and bool((those.accounts | those.persons) & known.recorders),
        "AlreadyEndorsed": known.endorsement is not None,
    }


def _against(
    town: Town,
    command: EndorseParticipation | EndorseParticipations,
    participation_id: str,
    endorsement_id: str,
    own: OwnSignature | None,
) -> Prediction | None:
    by, at = command.by, command.at
    known = town.participations.get(participation_id)
    if known is None or known.community != by.organisation_id:
        return refused("UnknownParticipation")
    stated = endorsement_stated(
        town,
        by,
        at,
        participation=participation_id,
        endorsement=endorsement_id,
        performance=command.performance.value,
        comment=command.comment,
        salt=own.salt if own else None,
    )
    return broken(
        **_judging(town, by, at, known),
        CertificateTakesNoEntries=known.member not in town.valid,
        # What was signed once is not recorded twice.
        EndorsementIdTaken=own is not None and endorsement_id in town.endorsements,
        **signed_wrongly(town, by, at, own, stated),
    )


def _answer(town: Town, by: Actor, at: datetime, participation_id: str) -> None:
    those = behind(town, by, "endorse", at)
    assert those is not None
    town.participations[participation_id].answerers |= those.accounts | those.persons
    town.judged("participation", participation_id, *those.persons)


def _endorse(
    town: Town,
    command: EndorseParticipation | EndorseParticipations,
    participation_id: str,
    endorsement_id: str,
    own: OwnSignature | None,
) -> Expected:
    by, known = command.by, town.participations[participation_id]
    _answer(town, by, command.at, participation_id)
    known.endorsement = endorsement_id
    town.endorsements[endorsement_id] = participation_id
    return "ParticipationEndorsed", {
        "endorsement_id": endorsement_id,
        "participation_id": participation_id,
        "member_id": known.member,
        "branch_id": known.branch,
        "community_id": by.organisation_id,
        "activity_id": known.activity,
        "certificate_no": town.valid[known.member],
        "endorsed_by": by.person,
        "comment": command.comment,
        "signature": own and own.jws,
    }


@predicts(EndorseParticipation)
def endorse_participation(town: Town, command: EndorseParticipation) -> Prediction:
    """By a responsible person who is neither the recorder nor the member (R17)."""
    row = command.participation_id, command.endorsement_id, command.own
    if wrong := _against(town, command, *row):
        return wrong
    return Prediction(events=(_endorse(town, command, *row),))


@predicts(EndorseParticipations)
def endorse_participations(town: Town, command: EndorseParticipations) -> Prediction:
    """All of one activity's list or none (R17)."""
    named, ids = list(command.participation_ids), list(command.endorsement_ids)
    owns: list[OwnSignature | None] = [*command.owns] or [None] * len(named)
    rows = list(zip(named, ids, owns, strict=True))
    at_fault = {
        f"/participation_ids/{row}"
        for row, each in enumerate(named)
        if each in named[:row]
        or _against(town, command, *rows[row])
        or town.participations[each].activity != command.activity_id
    }
    if at_fault or not named:
        pointers = frozenset(at_fault or {"/participation_ids"})
        return Prediction(refusals=frozenset({"BatchNotEndorsed"}), rows=pointers)
    return Prediction(events=tuple(_endorse(town, command, *each) for each in rows))


@predicts(DeclineEndorsement)
def decline_endorsement(town: Town, command: DeclineEndorsement) -> Prediction:
    """By somebody who might have endorsed it (R17)."""
    known = town.participations.get(command.participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownParticipation")
    if wrong := broken(**_judging(town, command.by, command.at, known)):
        return wrong
    _answer(town, command.by, command.at, command.participation_id)
    return happens("EndorsementDeclined", member_id=known.member, declined_by=command.by.person)


@predicts(RevokeEndorsement)
def revoke_endorsement(town: Town, command: RevokeEndorsement) -> Prediction:
    """The one in force, by a responsible person of the community that endorsed (R17, R18)."""
    participation_id = town.endorsements.get(command.endorsement_id, "")
    known = town.participations.get(participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownEndorsement")
    if wrong := broken(
        **may_not(town, command.by, "endorse", command.at, known.member),
        ParticipationIsVoided=known.voided,
        EndorsementNotInForce=known.endorsement != command.endorsement_id,
    ):
        return wrong
    known.endorsement = None
    those = behind(town, command.by, "endorse", command.at)
    assert those is not None
    town.judged("participation", participation_id, *those.persons)
    return happens(
        "EndorsementRevoked",
        participation_id=participation_id,
        member_id=known.member,
        revoked_by=command.by.person,
    )
