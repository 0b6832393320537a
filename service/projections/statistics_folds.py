"""How each event changes the tables of `organisation_statistics`.

Of an erased member only numbers stay: who they were is taken out of every row, they are no member
from then on, and what is still said about them changes nothing (R40).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from service.domain.claim import ClaimDeclined, ClaimReleased, PostClaimed
from service.domain.event import SHANGHAI
from service.domain.exemption import ExemptionEnded, MemberExempted
from service.domain.membership import BranchTransferAccepted, MemberEnrolled, SubjectErased
from service.domain.organisation import OrganisationRegistered
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
)
from service.domain.service_post import ServicePostOpened
from service.domain.working_schedule import LeaveApproved, ShiftsAssigned, TimetableAdopted
from service.eventstore.mapping import Recorded
from service.projections import statistics_entries, statistics_served, statistics_versions
from service.projections.statistics_entry_folds import State, entries_of, folds
from service.projections.statistics_tables import (
    ABSENCES,
    CLAIMS,
    DAYS,
    ENTRIES,
    ERASED,
    EXEMPTIONS,
    MEMBERS,
    ORGANISATIONS,
    POSTS,
    SERVED,
    STANDS,
    TABLES,
    TIMETABLES,
    Claim,
    Exemption,
    Member,
    Organisation,
    Post,
)
from service.projections.view import Build, View

_OF_MEMBERS = (
    BranchTransferAccepted,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    MemberDeregistered,
    SubjectErased,
)


async def apply(build: Build, batch: Sequence[Recorded]) -> None:
    """Changes the rows that a batch touches."""
    batch = folds.relevant(batch)
    if not batch:
        return
    state = await _state(build, batch)
    folds.fold(state, batch)
    await build.save(ORGANISATIONS, state.organisations)
    await statistics_versions.save(build, MEMBERS, state.members)
    await statistics_versions.save(build, EXEMPTIONS, state.exemptions)
    await statistics_versions.save(build, CLAIMS, state.claims)
    await statistics_entries.save(build, state.entries)
    await statistics_served.save(build, state.entries.years)
    absent = folds.ids(batch, "member_id", LeaveApproved, ShiftsAssigned)
    await build.save(ABSENCES, {k: v for k, v in state.entries.absences.items() if k in absent})
    adopting = folds.ids(batch, "branch_id", TimetableAdopted)
    await build.save(
        TIMETABLES, {k: v for k, v in state.entries.timetables.items() if k in adopting}
    )
    await build.save(POSTS, state.posts)
    await _note_days(build, batch)
    await _forget(build, state.erased)


VIEW = View(
    "organisation_statistics",
    version=3,
    tables=TABLES,
    apply=apply,
    about_members=(ABSENCES,),
    concerned=folds.concern,
)


async def _state(build: Build, batch: Sequence[Recorded]) -> State:
    entries = await entries_of(build, batch)
    return State(
        await statistics_versions.load(build, MEMBERS, folds.ids(batch, "member_id", *_OF_MEMBERS)),
        await statistics_versions.load(
            build, EXEMPTIONS, folds.ids(batch, "exemption_id", ExemptionEnded)
        ),
        await statistics_versions.load(
            build, CLAIMS, folds.ids(batch, "claim_id", ClaimDeclined, ClaimReleased)
        ),
        entries,
    )


async def _note_days(build: Build, batch: Sequence[Recorded]) -> None:
    days: dict[date, tuple[int, int]] = {}
    for each in batch:
        day = each.recorded_at.astimezone(SHANGHAI).date()
        first, _ = days.get(day, (each.position, 0))
        days[day] = first, each.position
    await build.connection.execute(
        f"INSERT INTO views.{DAYS.name}{build.suffix}"  # noqa: S608 - our own table
        " SELECT * FROM unnest($1::date[], $2::bigint[], $3::bigint[])"
        " ON CONFLICT (day) DO UPDATE SET last = excluded.last",
        list(days),
        [first for first, _ in days.values()],
        [last for _, last in days.values()],
    )


async def _forget(build: Build, erased: dict[str, int]) -> None:
    for member_id, position in erased.items():
        for table in (MEMBERS, EXEMPTIONS, ENTRIES, SERVED, CLAIMS):
            await build.connection.execute(
                f"UPDATE views.{table.name}{build.suffix}"  # noqa: S608 - our own tables
                " SET member_id = $2 WHERE member_id = $1",
                member_id,
                f"{ERASED}{position}",
            )


@folds.on(OrganisationRegistered)
def _(state: State, event: OrganisationRegistered, _at: Recorded) -> None:
    state.organisations[event.organisation_id] = Organisation(
        event.organisation_id,
        event.name,
        event.kind,
        [event.organisation_id, *event.ancestors],
    )


@folds.on(MemberEnrolled)
def _(state: State, event: MemberEnrolled, at: Recorded) -> None:
    state.members.stand(event.member_id, Member(event.member_id, at.position, event.branch_id))


def _member(state: State, member_id: str, at: Recorded, **differently: Any) -> None:
    member = state.members.standing.get(member_id)
    if member is not None:
        now = replace(member, since=at.position, until=STANDS, **differently)
        state.members.stand(member_id, now)


@folds.on(BranchTransferAccepted)
def _(state: State, event: BranchTransferAccepted, at: Recorded) -> None:
    _member(state, event.member_id, at, branch_id=event.to_branch_id)


@folds.on(MemberRegistered)
def _(state: State, event: MemberRegistered, at: Recorded) -> None:
    _member(
        state,
        event.member_id,
        at,
        community_id=event.community_id,
        registered=False,
        registered_at=at.occurred_at,
        deadline=event.deadline,
    )


@folds.on(RegistrationAccepted)
def _(state: State, event: RegistrationAccepted, at: Recorded) -> None:
    # A transfer keeps the moment of the first registration.
    _member(state, event.member_id, at, community_id=event.community_id, registered=True)


_NOWHERE: dict[str, Any] = {
    "community_id": None,
    "registered": False,
    "registered_at": None,
    "deadline": None,
}


@folds.on(RegistrationDeclined)
def _(state: State, event: RegistrationDeclined, at: Recorded) -> None:
    # A transfer that is declined leaves the member registered where they were.
    if event.transferred_from is None:
        _member(state, event.member_id, at, **_NOWHERE)


@folds.on(MemberDeregistered)
def _(state: State, event: MemberDeregistered, at: Recorded) -> None:
    _member(state, event.member_id, at, **_NOWHERE)


@folds.on(SubjectErased)
def _(state: State, event: SubjectErased, at: Recorded) -> None:
    state.erased[event.member_id] = at.position
    state.members.end(event.member_id, at.position)
    for entry in state.entries.of_member(event.member_id):
        # What was vouched for was done; what was not stays open for nobody.
        if entry.endorsement is None:
            state.entries.end(entry.participation_id, at.position)


@folds.on(MemberExempted)
def _(state: State, event: MemberExempted, at: Recorded) -> None:
    state.exemptions.stand(
        event.exemption_id,
        Exemption(event.exemption_id, at.position, event.member_id, event.starts_on, event.ends_on),
    )


@folds.on(ExemptionEnded)
def _(state: State, event: ExemptionEnded, at: Recorded) -> None:
    before = state.exemptions.standing[event.exemption_id]
    now = replace(before, since=at.position, until=STANDS, ends_on=event.ended_on)
    state.exemptions.stand(event.exemption_id, now)


@folds.on(ServicePostOpened)
def _(state: State, event: ServicePostOpened, at: Recorded) -> None:
    state.posts[event.service_post_id] = Post(
        event.service_post_id, at.position, event.community_id, event.category
    )


@folds.on(PostClaimed)
def _(state: State, event: PostClaimed, at: Recorded) -> None:
    state.claims.stand(
        event.claim_id,
        Claim(event.claim_id, at.position, event.service_post_id, event.member_id, event.branch_id),
    )


def _free(state: State, event: ClaimDeclined | ClaimReleased, at: Recorded) -> None:
    state.claims.end(event.claim_id, at.position)


folds.on(ClaimDeclined)(_free)
folds.on(ClaimReleased)(_free)
