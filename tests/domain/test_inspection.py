"""The monthly inspection: once, with every community, and what it finds stays open (R22)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from service.domain.event import SHANGHAI, Event
from service.domain.inspecting import (
    ConfirmInspection,
    Finding,
    PreparedList,
    ResolveDiscrepancy,
)
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    DiscrepancyResolvedAlready,
    DismissalNotFound,
    DismissalReason,
    InspectionConfirmed,
    MonthAlreadyInspected,
    Resolution,
    TalkMissing,
    TalkOutcome,
    TalkOutsideTerm,
    UnknownDiscrepancy,
    discrepancy_id,
)
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import UnknownOrganisation
from service.domain.participation import UnknownParticipation
from service.domain.period import Month, PeriodNotOver
from service.domain.separation import NotInOwnMatter
from tests.domain.clean_up import PARTICIPATION, recorded
from tests.domain.story import Story, given
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    accepted,
    acting,
    appointed,
    person,
    registered,
)

APRIL = datetime(2026, 4, 3, 9, tzinfo=SHANGHAI)
UNENDORSED = discrepancy_id(BRANCH, PARTICIPATION, DiscrepancyKind.UNENDORSED)
LATE = discrepancy_id(BRANCH, PARTICIPATION, DiscrepancyKind.LATE_ENTRY)
PREPARED = PreparedList(
    certificates=1,
    entries=1,
    unendorsed=1,
    exempt=0,
    findings=(
        Finding(UNENDORSED, LI, DiscrepancyKind.UNENDORSED, PARTICIPATION),
        Finding(LATE, LI, DiscrepancyKind.LATE_ENTRY, PARTICIPATION),
    ),
    as_of_position=77,
)


def talk(community_id: str = COMMUNITY, **differently: Any) -> CommunityTalk:
    said: dict[str, Any] = {
        "community_id": community_id,
        "held_on": date(2026, 4, 2),
        "outcome": TalkOutcome.CONSISTENT,
    }
    return CommunityTalk(**said | differently)


confirm = ConfirmInspection(
    by=acting(BRANCH),
    at=APRIL,
    inspection_id="i1",
    month=Month(2026, 3),
    talks=(talk(note="与记录一致。"),),
    prepared=PREPARED,
)
resolve = ResolveDiscrepancy(
    by=acting(BRANCH),
    at=APRIL,
    discrepancy_id=UNENDORSED,
    resolution=Resolution.ENDORSED,
    note="社区已补办",
)
HISTORY: tuple[Event, ...] = (
    *SETTLED,
    *(appointed("officer", each) for each in (BRANCH, OTHER_BRANCH)),
    appointed("li-in-office", BRANCH, of=LI),
    recorded(),
)


def happened(story: Story, kind: type[Event]) -> list[Any]:
    return [each for each in story.happened if isinstance(each, kind)]


def test_the_branch_confirms_a_month_at_once() -> None:
    story = given(*HISTORY).when(confirm)
    story.then(InspectionConfirmed, DiscrepancyFound, DiscrepancyFound)
    [confirmed] = happened(story, InspectionConfirmed)
    assert confirmed.month == "2026-03"
    assert (confirmed.certificates, confirmed.entries) == (1, 1)
    assert (confirmed.unendorsed, confirmed.exempt) == (1, 0)
    assert confirmed.as_of_position == 77
    assert confirmed.confirmed_by == "officer"
    assert confirmed.confirmed_by_person == person("officer")
    assert [each.note for each in confirmed.talks] == ["与记录一致。"]
    found = happened(story, DiscrepancyFound)
    assert [(each.discrepancy_id, each.member_id) for each in found] == [
        (UNENDORSED, LI),
        (LATE, LI),
    ]
    assert {each.inspection_id for each in found} == {"i1"}


def test_each_community_talked_to_is_a_subject() -> None:
    story = given(*HISTORY).when(replace(confirm, talks=(talk(), talk(OTHER_COMMUNITY), talk())))
    [confirmed] = happened(story, InspectionConfirmed)
    tags = [
        "inspection:i1",
        f"branch:{BRANCH}",
        f"community:{COMMUNITY}",
        f"community:{OTHER_COMMUNITY}",
    ]
    assert confirmed.tags() == tags
    assert InspectionConfirmed.tags_of(confirmed.model_dump(mode="json")) == tags


def test_r22_a_month_is_inspected_once() -> None:
    story = given(*HISTORY).when(confirm)
    story.when(replace(confirm, inspection_id="i2")).refused(
        MonthAlreadyInspected, pointer="/month"
    )
    story.when(replace(confirm, inspection_id="i2", month=Month(2026, 2))).then(InspectionConfirmed)


def test_another_branch_has_its_own_inspection() -> None:
    story = given(*HISTORY).when(confirm)
    other = replace(confirm, by=acting(OTHER_BRANCH), inspection_id="i2", talks=())
    story.when(other).then(InspectionConfirmed, branch_id=OTHER_BRANCH)


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2026, 3, 1)])
def test_r22_a_month_that_is_not_over_is_not_inspected(day: date) -> None:
    last_moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)
    given(*HISTORY).when(replace(confirm, at=last_moment)).refused(PeriodNotOver, pointer="/month")


def test_r22_every_community_where_members_are_registered_is_talked_to() -> None:
    story = given(
        *HISTORY,
        BranchTransferAccepted(
            transfer_id="t", member_id=WANG, branch_id=OTHER_BRANCH, to_branch_id=BRANCH
        ),
        registered(WANG, OTHER_COMMUNITY, "r-wang"),
        accepted(WANG, OTHER_COMMUNITY, "r-wang"),
    )
    story.when(confirm).refused(TalkMissing, pointer="/talks")
    assert story.rejection is not None
    assert OTHER_COMMUNITY in story.rejection.detail
    story.when(replace(confirm, talks=())).refused(TalkMissing)
    both = replace(confirm, talks=(talk(), talk(OTHER_COMMUNITY)))
    story.when(both).then(InspectionConfirmed, DiscrepancyFound, DiscrepancyFound)


def test_the_community_of_a_member_who_left_need_not_be_talked_to() -> None:
    left = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    # What was prepared about the member is no longer this branch's business either.
    given(*HISTORY, left).when(replace(confirm, talks=())).then(InspectionConfirmed)


@pytest.mark.parametrize("held_on", [date(2026, 2, 28), date(2026, 4, 4)])
def test_a_talk_is_held_after_the_month_began_and_not_ahead(held_on: date) -> None:
    elsewhen = replace(confirm, talks=(talk(held_on=held_on),))
    given(*HISTORY).when(elsewhen).refused(TalkOutsideTerm, pointer="/talks/0/held_on")


@pytest.mark.parametrize("held_on", [date(2026, 3, 1), date(2026, 4, 3)])
def test_a_talk_on_the_first_day_or_today_counts(held_on: date) -> None:
    story = given(*HISTORY).when(replace(confirm, talks=(talk(held_on=held_on),)))
    assert story.rejection is None


def test_only_communities_are_talked_to() -> None:
    nobody = replace(confirm, talks=(talk(), talk(OTHER_BRANCH)))
    given(*HISTORY).when(nobody).refused(UnknownOrganisation, pointer="/talks/1/community_id")


def test_a_talk_names_nobody() -> None:
    named = replace(confirm, talks=(talk(note="找13800001234"),))
    given(*HISTORY).when(named).refused(PersonalDataInOpenText, pointer="/talks/0/note")


def test_only_an_appointed_officer_inspects() -> None:
    by = acting(BRANCH, "nobody")
    given(*HISTORY).when(replace(confirm, by=by)).refused(OfficerNotAppointed)


def test_only_branches_inspect() -> None:
    given(*HISTORY).when(replace(confirm, by=acting(COMMUNITY))).refused(UnknownOrganisation)


# What the branch adds and dismisses


def adding(*found: Finding) -> ConfirmInspection:
    return replace(confirm, prepared=replace(PREPARED, findings=()), found=found)


def test_the_branch_adds_what_it_found_itself() -> None:
    finding = Finding("d1", LI, DiscrepancyKind.OTHER, PARTICIPATION, "照片与内容不符")
    given(*HISTORY).when(adding(finding)).then(
        InspectionConfirmed,
        DiscrepancyFound,
        discrepancy_id="d1",
        member_id=LI,
        participation_id=PARTICIPATION,
        kind=DiscrepancyKind.OTHER,
        note="照片与内容不符",
    )


def test_it_finds_nothing_about_members_of_others() -> None:
    finding = Finding("d1", WANG, DiscrepancyKind.OTHER)
    given(*HISTORY).when(adding(finding)).refused(UnknownMember, pointer="/found/0/member_id")


@pytest.mark.parametrize("participation_id", ["unknown", "of-wang"])
def test_a_record_that_is_named_is_the_members_own(participation_id: str) -> None:
    finding = Finding("d1", LI, DiscrepancyKind.OTHER, participation_id)
    history = (*HISTORY, recorded(participation_id="of-wang", member_id=WANG))
    given(*history).when(adding(finding)).refused(
        UnknownParticipation, pointer="/found/0/participation_id"
    )


def test_what_is_dismissed_is_not_open() -> None:
    dismissed = ((UNENDORSED, DismissalReason.BEING_ENDORSED),)
    story = given(*HISTORY).when(replace(confirm, dismissed=dismissed))
    story.then(InspectionConfirmed, DiscrepancyDismissed, DiscrepancyFound, discrepancy_id=LATE)
    [dismissal] = happened(story, DiscrepancyDismissed)
    assert dismissal.reason_code is DismissalReason.BEING_ENDORSED
    assert (dismissal.member_id, dismissal.participation_id) == (LI, PARTICIPATION)
    story.when(resolve).refused(UnknownDiscrepancy)


def test_only_what_is_on_the_list_is_dismissed() -> None:
    dismissed = ((LATE, DismissalReason.OTHER), ("unknown", DismissalReason.OTHER))
    given(*HISTORY).when(replace(confirm, dismissed=dismissed)).refused(
        DismissalNotFound, pointer="/dismissed/1/discrepancy_id"
    )


def test_nobody_dismisses_what_is_about_themselves() -> None:
    dismissed = ((LATE, DismissalReason.OTHER),)
    own = replace(confirm, by=acting(BRANCH, "li-in-office"), dismissed=dismissed)
    given(*HISTORY).when(own).refused(NotInOwnMatter, pointer="/dismissed/0/discrepancy_id")


def next_month(
    story: Story, dismissed: Sequence[tuple[str, DismissalReason]] = ()
) -> ConfirmInspection:
    assert story.rejection is None
    may = datetime(2026, 5, 3, 9, tzinfo=SHANGHAI)
    return replace(
        confirm,
        inspection_id="i2",
        month=Month(2026, 4),
        at=may,
        talks=(talk(held_on=date(2026, 5, 2)),),
        dismissed=dismissed,
    )


def test_r22_nothing_is_found_or_dismissed_twice() -> None:
    story = given(*HISTORY).when(
        replace(confirm, dismissed=((LATE, DismissalReason.EXPLAINED_BY_COMMUNITY),))
    )
    late = ((LATE, DismissalReason.OTHER),)
    story.when(next_month(story)).then(InspectionConfirmed)
    del story.history[-1]
    story.when(replace(next_month(story), dismissed=late)).refused(DismissalNotFound)


# What becomes of it


def test_the_branch_a_member_moves_to_finds_anew_and_takes_nothing_from_the_old_one() -> None:
    kind = DiscrepancyKind.UNENDORSED
    assert discrepancy_id(BRANCH, PARTICIPATION, kind) == UNENDORSED
    assert discrepancy_id(OTHER_BRANCH, PARTICIPATION, kind) != UNENDORSED


def test_a_discrepancy_stays_open_until_the_branch_resolves_it() -> None:
    story = given(*HISTORY).when(confirm).when(resolve)
    story.then(
        DiscrepancyResolved,
        discrepancy_id=UNENDORSED,
        branch_id=BRANCH,
        member_id=LI,
        participation_id=PARTICIPATION,
        resolution=Resolution.ENDORSED,
        note="社区已补办",
        resolved_by="officer",
        resolved_by_person=person("officer"),
    )
    story.when(resolve).refused(DiscrepancyResolvedAlready)


def test_another_branch_does_not_learn_of_the_discrepancy() -> None:
    story = given(*HISTORY).when(confirm)
    story.when(replace(resolve, by=acting(OTHER_BRANCH))).refused(UnknownDiscrepancy)
    given(*HISTORY).when(resolve).refused(UnknownDiscrepancy)


def test_only_an_appointed_officer_resolves() -> None:
    story = given(*HISTORY).when(confirm)
    story.when(replace(resolve, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)


@pytest.mark.parametrize("who", ["li-in-office", LI])
def test_nobody_resolves_what_is_about_themselves(who: str) -> None:
    story = given(*HISTORY, appointed(LI, BRANCH, of="somebody")).when(confirm)
    story.when(replace(resolve, by=acting(BRANCH, who))).refused(NotInOwnMatter)


def test_what_is_written_about_a_member_is_sealed() -> None:
    assert DiscrepancyFound.personal == DiscrepancyResolved.personal == {"note": "assessment"}
    assert InspectionConfirmed.personal == {}


def test_every_kind_has_its_word() -> None:
    for kind in (DiscrepancyKind, DismissalReason, Resolution, TalkOutcome):
        assert all(each.word for each in kind)
