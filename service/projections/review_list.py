"""关注事项: what rules cannot forbid and a person should look at; reasons to look, not findings.

Kept are plain counts of who endorsed whom, how many and how fast. What is conspicuous about them is
said when the list is read (`review_answer`), so that a limit can be changed without building anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.domain.attendance import RollCalled
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementRevoked,
    ParticipationEndorsed,
)
from service.domain.membership import MemberEnrolled
from service.domain.participation import ParticipationCorrected, ParticipationRecorded
from service.domain.review import ReviewConcluded
from service.eventstore.mapping import Recorded
from service.projections.review_tables import (
    CALLED,
    CONCLUSIONS,
    ENDORSERS,
    ENTRIES,
    HASTY_WORDS,
    MEMBERS,
    MINUTES,
    WORDS,
    CalledRow,
    ConclusionRow,
    EndorserRow,
    EntryRow,
    HastyRow,
    MemberRow,
    MinuteRow,
    WordRow,
)
from service.projections.view import Build, Folds, View

LONG = timedelta(hours=5)
"""A claim so long deserves that somebody looks before they vouch for it."""
HASTY = timedelta(minutes=10)
"""Within this time after it was recorded nobody can have looked (ours)."""
APPROVALS = 200
"""So many in a row without one refusal are told, and again after as many more."""


@dataclass(slots=True)
class _State:
    members: dict[str, MemberRow]
    entries: dict[str, EntryRow]
    called: dict[str, CalledRow]
    words: dict[str, WordRow]
    endorsers: dict[str, EndorserRow]
    minutes: dict[str, MinuteRow]
    hasty: dict[str, HastyRow]
    conclusions: dict[str, ConclusionRow]


_folds = Folds[_State]()


def _endorser_id(community_id: str, officer_id: str) -> str:
    return f"{community_id}/{officer_id}"


def _minute_id(event: ParticipationEndorsed, at: Recorded) -> str:
    minute = at.recorded_at.astimezone().timestamp() // 60
    return f"{event.community_id}/{event.endorsed_by}/{int(minute)}"


def _word_id(event: ParticipationEndorsed) -> str:
    return f"{event.endorsed_by_person}/{event.member_id}/{event.community_id}"


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    # By exact type, as in `Folds.ids`.
    words = [(each.event, each) for each in batch if type(each.event) is ParticipationEndorsed]
    answered = {
        _endorser_id(each.event.community_id, each.event.declined_by)
        for each in batch
        if type(each.event) is EndorsementDeclined
    } | {
        _endorser_id(each.event.community_id, each.event.revoked_by)
        for each in batch
        if type(each.event) is EndorsementRevoked
    }
    endorsed = {_endorser_id(event.community_id, event.endorsed_by) for event, _ in words}
    state = _State(
        await build.load(MEMBERS, {event.member_id for event, _ in words}),
        await build.load(ENTRIES, {event.participation_id for event, _ in words}),
        await build.load(CALLED, {event.activity_id for event, _ in words if event.activity_id}),
        await build.load(WORDS, {_word_id(event) for event, _ in words}),
        await build.load(ENDORSERS, answered | endorsed),
        await build.load(MINUTES, {_minute_id(event, at) for event, at in words}),
        {},
        {},
    )
    _folds.fold(state, batch)
    await build.save(MEMBERS, state.members)
    await build.save(ENTRIES, state.entries)
    await build.save(CALLED, state.called)
    await build.save(WORDS, state.words)
    await build.save(ENDORSERS, state.endorsers)
    await build.save(MINUTES, state.minutes)
    await build.save(HASTY_WORDS, state.hasty)
    await build.save(CONCLUSIONS, state.conclusions)


VIEW = View(
    "review_list",
    version=1,
    tables=(MEMBERS, ENTRIES, CALLED, WORDS, ENDORSERS, MINUTES, HASTY_WORDS, CONCLUSIONS),
    apply=_apply,
    about_members=(MEMBERS, ENTRIES, WORDS, HASTY_WORDS),
    concerned=_folds.concern,
)


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = MemberRow(event.member_id, event.person)


@_folds.on(RollCalled)
def _(state: _State, event: RollCalled, at: Recorded) -> None:
    state.called.setdefault(event.activity_id, CalledRow(event.activity_id, at.position))


def _written(
    state: _State, event: ParticipationRecorded | ParticipationCorrected, at: Recorded
) -> None:
    state.entries[event.participation_id] = EntryRow(
        event.participation_id,
        event.member_id,
        event.community_id,
        int((event.ends_at - event.starts_at).total_seconds()),
        at.recorded_at,
    )


_folds.on(ParticipationRecorded)(_written)
_folds.on(ParticipationCorrected)(_written)


@_folds.on(ParticipationEndorsed)
def _(state: _State, event: ParticipationEndorsed, at: Recorded) -> None:
    community_id, officer_id = event.community_id, event.endorsed_by
    who = _endorser_id(community_id, officer_id)
    endorser = state.endorsers.setdefault(who, EndorserRow(who, community_id, officer_id))
    endorser.approved += 1
    if endorser.approved > APPROVALS and endorser.approved % APPROVALS == 1:
        endorser.position = at.position
    if event.activity_id is None or event.activity_id not in state.called:
        number = _minute_id(event, at)
        minute = state.minutes.setdefault(number, MinuteRow(number, community_id, officer_id))
        minute.times, minute.position = minute.times + 1, at.position
    member = state.members.get(event.member_id)
    if member is not None and event.endorsed_by_person is not None:
        word = state.words.setdefault(
            _word_id(event),
            WordRow(
                _word_id(event),
                community_id,
                officer_id,
                event.endorsed_by_person,
                event.member_id,
                member.person,
                0,
                at.position,
            ),
        )
        word.times += 1
    entry = state.entries.get(event.participation_id)
    if entry is not None and timedelta(seconds=entry.seconds) >= LONG:
        waited = at.recorded_at - entry.recorded_at
        if waited <= HASTY:
            state.hasty[event.endorsement_id] = HastyRow(
                event.endorsement_id,
                community_id,
                officer_id,
                event.member_id,
                event.participation_id,
                int(waited.total_seconds()),
                at.position,
            )


def _refused(state: _State, community_id: str, officer_id: str) -> None:
    who = _endorser_id(community_id, officer_id)
    state.endorsers.setdefault(who, EndorserRow(who, community_id, officer_id)).refused += 1


@_folds.on(EndorsementDeclined)
def _(state: _State, event: EndorsementDeclined, _at: Recorded) -> None:
    _refused(state, event.community_id, event.declined_by)


@_folds.on(EndorsementRevoked)
def _(state: _State, event: EndorsementRevoked, _at: Recorded) -> None:
    _refused(state, event.community_id, event.revoked_by)


@_folds.on(ReviewConcluded)
def _(state: _State, event: ReviewConcluded, at: Recorded) -> None:
    state.conclusions[event.review_id] = ConclusionRow(
        event.review_id,
        at.position,
        event.community_id,
        event.outcome.value,
        event.note,
        event.concluded_by,
        at.occurred_at,
    )
