"""Participations recorded, corrected and voided (R6, R15, R18)."""

from datetime import datetime, timedelta

from service.domain.recording import CorrectParticipation, RecordParticipation, VoidParticipation
from tests.stateful.model.activities import own
from tests.stateful.model.officers import behind, may_not
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Participation, Signed, Town
from tests.stateful.papers import KIND_WORDS, LONGEST


def _interval(starts: datetime, ends: datetime) -> dict[str, bool]:
    return {
        "ParticipationEndsBeforeStart": ends - starts <= timedelta(0),
        "ParticipationTooLong": ends - starts > LONGEST,
    }


def _seen(town: Town, activity_id: str | None, member: str) -> dict[str, object]:
    """The window and the first sign-in and last sign-out, as known at this moment."""
    activity = town.activities.get(activity_id or "")
    signed = town.signed.get((activity_id or "", member), Signed())
    return {
        "window_starts_at": activity.starts if activity else None,
        "window_ends_at": activity.ends if activity else None,
        "signed_in_at": min(signed.ins, default=None),
        "signed_out_at": max(signed.outs, default=None),
    }


def _recorded_before(town: Town, command: RecordParticipation) -> bool:
    """The same activity, or the same interval of something that belongs to none."""
    return any(
        each.member == command.member_id
        and not each.voided
        and each.activity == command.activity_id
        and (
            command.activity_id is not None
            or (each.starts, each.ends) == (command.starts_at, command.ends_at)
        )
        for each in town.participations.values()
    )


@predicts(RecordParticipation)
def record_participation(town: Town, command: RecordParticipation) -> Prediction:
    """By the community's responsible person, of its own registered member (R6, R9, R15)."""
    member, community, by = command.member_id, command.community_id, command.by
    stranger = town.stranger(by.organisation_id, community, member)
    if stranger is not None:
        return refused(stranger)
    activity_id, kind = command.activity_id, command.kind.value
    activity = None if activity_id is None else own(town, activity_id, community)
    state = activity.state if activity else ""
    if wrong := broken(
        **may_not(town, by, "record", command.at, member),
        **_interval(command.starts_at, command.ends_at),
        CertificateTakesNoEntries=member not in town.valid,
        UnknownActivity=activity_id is not None and activity is None,
        ActivityIsCancelled=state == "cancelled",
        ActivityNotPublished=state == "planned",
        KindDiffersFromActivity=activity is not None and activity.kind != kind,
        AlreadyRecorded=_recorded_before(town, command),
    ):
        return wrong
    those = behind(town, by, "record", command.at)
    assert those is not None
    category = command.category or (activity.category if activity else KIND_WORDS[kind])
    town.participations[command.participation_id] = Participation(
        member=member,
        branch=town.branches[member],
        community=community,
        activity=activity_id,
        kind=kind,
        category=category,
        starts=command.starts_at,
        ends=command.ends_at,
        recorders={*those.accounts, *those.persons},
        recorded_at=command.at,
    )
    return happens(
        "ParticipationRecorded",
        branch_id=town.branches[member],
        category=category,
        recorded_by=by.person,
        **_seen(town, activity_id, member),
    )


@predicts(CorrectParticipation)
def correct_participation(town: Town, command: CorrectParticipation) -> Prediction:
    """What stands from now on; an endorsement of what stood lapses (R18)."""
    known = town.participations.get(command.participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownParticipation")
    those = behind(town, command.by, "record", command.at)
    if wrong := broken(
        **may_not(town, command.by, "record", command.at, known.member),
        CorrectedByEndorser=those is not None
        and bool((those.accounts | those.persons) & known.answerers),
        **_interval(command.starts_at, command.ends_at),
        ParticipationIsVoided=known.voided,
    ):
        return wrong
    known.starts, known.ends = command.starts_at, command.ends_at
    known.category = command.category or known.category
    assert those is not None
    known.recorders |= those.accounts | those.persons
    known.endorsement = None
    return happens(
        "ParticipationCorrected",
        member_id=known.member,
        branch_id=known.branch,
        activity_id=known.activity,
        kind=known.kind,
        category=known.category,
        recorded_by=command.by.person,
        **_seen(town, known.activity, known.member),
    )


@predicts(VoidParticipation)
def void_participation(town: Town, command: VoidParticipation) -> Prediction:
    """For good (R18)."""
    known = town.participations.get(command.participation_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownParticipation")
    if wrong := broken(
        **may_not(town, command.by, "record", command.at, known.member),
        ParticipationIsVoided=known.voided,
    ):
        return wrong
    known.voided = True
    return happens("ParticipationVoided", member_id=known.member, branch_id=known.branch)
