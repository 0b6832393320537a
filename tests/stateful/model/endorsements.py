"""Endorsements, single and in batches, declined and revoked (R6, R17, R18)."""

from service.domain.endorsing import (
    DeclineEndorsement,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Actor
from tests.stateful.model.participations import may_not_write
from tests.stateful.model.prediction import Expected, Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Participation, Town


def _judging(by: Actor, known: Participation) -> dict[str, bool]:
    """What speaks against this person's word on this participation (R17)."""
    return {
        **may_not_write(by, known.member),
        "ParticipationIsVoided": known.voided,
        "EndorsedByRecorder": by.person in known.recorders,
        "AlreadyEndorsed": known.endorsement is not None,
    }


def _against(town: Town, by: Actor, participation_id: str) -> Prediction | None:
    known = town.participations.get(participation_id)
    if known is None or known.community != by.organisation_id:
        return refused("UnknownParticipation")
    return broken(**_judging(by, known), CertificateTakesNoEntries=known.member not in town.valid)


def _endorse(town: Town, by: Actor, participation_id: str, endorsement_id: str) -> Expected:
    known = town.participations[participation_id]
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
    }


@predicts(EndorseParticipation)
def endorse_participation(town: Town, command: EndorseParticipation) -> Prediction:
    """By a responsible person who is neither the recorder nor the member (R17)."""
    if wrong := _against(town, command.by, command.participation_id):
        return wrong
    ids = command.participation_id, command.endorsement_id
    return Prediction(events=(_endorse(town, command.by, *ids),))


@predicts(EndorseParticipations)
def endorse_participations(town: Town, command: EndorseParticipations) -> Prediction:
    """All of one activity's list or none (R17)."""
    named = list(command.participation_ids)
    at_fault = {
        f"/participation_ids/{row}"
        for row, each in enumerate(named)
        if each in named[:row]
        or _against(town, command.by, each)
        or town.participations[each].activity != command.activity_id
    }
    if at_fault or not named:
        rows = frozenset(at_fault or {"/participation_ids"})
        return Prediction(refusals=frozenset({"BatchNotEndorsed"}), rows=rows)
    pairs = zip(named, command.endorsement_ids, strict=True)
    return Prediction(events=tuple(_endorse(town, command.by, *pair) for pair in pairs))


@predicts(DeclineEndorsement)
def decline_endorsement(town: Town, command: DeclineEndorsement) -> Prediction:
    """By somebody who might have endorsed it (R17)."""
    known = town.participations.get(command.participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownParticipation")
    return broken(**_judging(command.by, known)) or happens(
        "EndorsementDeclined", member_id=known.member, declined_by=command.by.person
    )


@predicts(RevokeEndorsement)
def revoke_endorsement(town: Town, command: RevokeEndorsement) -> Prediction:
    """The one in force, by a responsible person of the community that endorsed (R17, R18)."""
    participation_id = town.endorsements.get(command.endorsement_id, "")
    known = town.participations.get(participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownEndorsement")
    if wrong := broken(
        **may_not_write(command.by, known.member),
        ParticipationIsVoided=known.voided,
        EndorsementNotInForce=known.endorsement != command.endorsement_id,
    ):
        return wrong
    known.endorsement = None
    return happens(
        "EndorsementRevoked",
        participation_id=participation_id,
        member_id=known.member,
        revoked_by=command.by.person,
    )
