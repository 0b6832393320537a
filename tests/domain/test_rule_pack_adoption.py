"""Adopting and repealing rule packs: who does it, without overlap, no year that is over (R34)."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.event import SHANGHAI, Actor
from service.domain.officer import OfficerNotAppointed, OfficerRole
from service.domain.open_text import PersonalDataInOpenText
from service.domain.rule_pack_adoption import (
    AdoptedPack,
    AdoptRulePack,
    DecidedByResponsiblePerson,
    PackAlreadyRepealed,
    PackOverlaps,
    PackReachesBack,
    RepealOutsideValidity,
    RepealRulePack,
    RulePackAdopted,
    RulePackRepealed,
    UnknownPack,
    in_force,
)
from service.domain.rule_pack_faults import UnknownRule
from tests.domain.rule_packs import HOURS, STARS, changed, with_rule
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    OTHER_BRANCH,
    TOWN,
    acting,
    appointed,
    person,
)

OFFICES = (
    *TOWN,
    appointed("officer", COMMITTEE),
    appointed("officer", AUTHORITY),
    appointed("clerk", COMMITTEE, OfficerRole.OFFICER),
)
adopt = AdoptRulePack(by=acting(COMMITTEE), at=AT, pack_id="p1", pack=HOURS, pointer="/pack")
repeal = RepealRulePack(
    by=acting(COMMITTEE), at=AT, pack_id="p1", valid_to=date(2026, 7, 1), reason="另有规定"
)
NEXT_YEAR = changed(HOURS, valid_from="2027-01-01", valid_to="2028-01-01")


def test_r34_the_whole_pack_stands_in_the_event_with_who_adopted_it() -> None:
    given(*OFFICES).when(adopt).then(
        RulePackAdopted,
        organisation_id=COMMITTEE,
        pack=HOURS,
        adopted_by="officer",
        adopted_by_person=person("officer"),
    )


@pytest.mark.parametrize("command", [adopt, repeal], ids=["adopt", "repeal"])
@pytest.mark.parametrize(
    "by", [acting(COMMITTEE, "clerk"), acting(COMMITTEE, "officer", role="officer")]
)
def test_decided_by_responsible_person(command: AdoptRulePack | RepealRulePack, by: Actor) -> None:
    story = given(*OFFICES)
    if isinstance(command, RepealRulePack):
        story.when(adopt)
    story.when(replace(command, by=by)).refused(DecidedByResponsiblePerson)


def test_officer_not_appointed() -> None:
    stranger = replace(adopt, by=acting(COMMITTEE, "nobody"))
    given(*OFFICES).when(stranger).refused(OfficerNotAppointed)


def test_a_pack_that_is_not_sound_is_refused_where_it_stands_in_the_request() -> None:
    unsound = replace(adopt, pack=changed(HOURS, passes=["stars"]))
    given(*OFFICES).when(unsound).refused(UnknownRule, pointer="/pack/passes/0")


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [
        ("2026-12-31", "2028-01-01"),
        ("2026-06-01", "2026-06-02"),
        ("2026-01-01", None),
        ("2026-12-31", None),
    ],
)
def test_pack_overlaps(valid_from: str, valid_to: str | None) -> None:
    again = changed(HOURS, valid_from=valid_from, valid_to=valid_to, document_no="另一文号")
    story = given(*OFFICES).when(adopt).when(replace(adopt, pack_id="p2", pack=again))
    story.refused(PackOverlaps, pointer="/pack/valid_from")
    assert story.rejection is not None
    assert HOURS.document_no in story.rejection.detail, "which pack it overlaps"
    assert "2027-01-01" in story.rejection.detail


def test_r34_one_pack_may_begin_on_the_day_on_which_another_ends() -> None:
    following = replace(adopt, pack_id="p2", pack=NEXT_YEAR)
    given(*OFFICES).when(adopt).when(following).then(RulePackAdopted)
    given(*OFFICES).when(following).when(adopt).then(RulePackAdopted)


def test_r34_another_code_or_another_organisation_does_not_overlap() -> None:
    story = given(*OFFICES).when(adopt)
    story.when(replace(adopt, pack_id="p2", pack=STARS)).then(RulePackAdopted)
    story.when(replace(adopt, pack_id="p3", by=acting(AUTHORITY))).then(RulePackAdopted)


def test_r34_what_was_repealed_leaves_room() -> None:
    rest = changed(HOURS, valid_from="2026-07-01")
    story = given(*OFFICES).when(adopt).when(repeal)
    story.then(RulePackRepealed, valid_to=date(2026, 7, 1), document_no=HOURS.document_no)
    story.when(replace(adopt, pack_id="p2", pack=changed(HOURS, valid_from="2026-06-30")))
    story.refused(PackOverlaps)
    story.when(replace(adopt, pack_id="p2", pack=rest)).then(RulePackAdopted)


def test_r34_a_pack_may_be_taken_back_whole() -> None:
    story = given(*OFFICES).when(adopt)
    story.when(replace(repeal, valid_to=date(2026, 1, 1))).then(RulePackRepealed)
    story.when(replace(adopt, pack_id="p2")).then(RulePackAdopted)


def test_pack_reaches_back() -> None:
    last_year = changed(HOURS, valid_from="2025-12-31")
    story = given(*OFFICES).when(replace(adopt, pack=last_year))
    story.refused(PackReachesBack, pointer="/pack/valid_from")
    in_time = datetime(2025, 12, 31, 23, 59, 59, tzinfo=SHANGHAI)
    given(*OFFICES).when(replace(adopt, pack=last_year, at=in_time)).then(RulePackAdopted)


def test_a_repeal_does_not_reach_back_either() -> None:
    standing = replace(adopt, pack=changed(HOURS, valid_from="2025-01-01", valid_to=None))
    story = given(*OFFICES).when(replace(standing, at=datetime(2025, 1, 2, tzinfo=SHANGHAI)))
    story.when(replace(repeal, valid_to=date(2025, 12, 31)))
    story.refused(PackReachesBack, pointer="/valid_to")
    story.when(replace(repeal, valid_to=date(2026, 1, 1))).then(RulePackRepealed)


@pytest.mark.parametrize("valid_to", [date(2025, 12, 31), date(2027, 1, 1), date(2028, 1, 1)])
def test_repeal_outside_validity(valid_to: date) -> None:
    story = given(*OFFICES).when(adopt).when(replace(repeal, valid_to=valid_to))
    story.refused(RepealOutsideValidity, pointer="/valid_to")


def test_pack_already_repealed() -> None:
    given(*OFFICES).when(adopt).when(repeal).when(
        replace(repeal, valid_to=date(2026, 6, 1))
    ).refused(PackAlreadyRepealed)


def test_unknown_pack() -> None:
    given(*OFFICES).when(repeal).refused(UnknownPack)
    given(*OFFICES).when(adopt).when(replace(repeal, by=acting(AUTHORITY))).refused(UnknownPack)


def test_r40_the_reason_of_a_repeal_names_nobody() -> None:
    named = replace(repeal, reason="据13800001234反映")
    given(*OFFICES).when(adopt).when(named).refused(PersonalDataInOpenText, pointer="/reason")


def adopted(
    pack_id: str,
    organisation_id: str = COMMITTEE,
    valid_to: str | None = "2027-01-01",
    **fields: str,
) -> AdoptedPack:
    pack = changed(HOURS, valid_to=valid_to, **fields)
    return AdoptedPack(pack_id, f"event-of-{pack_id}", organisation_id, pack, pack.valid_to)


LINE = (BRANCH, COMMITTEE, AUTHORITY)
LAST_DAY = date(2026, 12, 31)


def test_r34_the_nearest_organisation_of_the_line_wins_by_code() -> None:
    stars = AdoptedPack("stars", "e", AUTHORITY, STARS, STARS.valid_to)
    far, near = adopted("far", AUTHORITY), adopted("near")
    for packs in ([far, near, stars], [near, stars, far]):
        found = in_force(packs, LINE, LAST_DAY)
        assert {code: each.pack_id for code, each in found.items()} == {
            "hours": "near", "stars": "stars",
        }  # fmt: skip
    assert in_force([far, near], (OTHER_BRANCH, AUTHORITY), LAST_DAY)["hours"] is far
    assert in_force([near], (OTHER_BRANCH,), LAST_DAY) == {}


def test_r34_a_year_is_judged_by_what_is_valid_on_its_last_day() -> None:
    this, following = adopted("this"), adopted("next", valid_from="2027-01-01", valid_to=None)
    assert in_force([this, following], LINE, date(2026, 12, 31))["hours"] is this
    assert in_force([this, following], LINE, date(2027, 12, 31))["hours"] is following
    repealed = replace(this, valid_to=date(2026, 12, 31))
    assert in_force([repealed], LINE, LAST_DAY) == {}


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))


@drawn(DAYS, st.none() | DAYS, st.none() | DAYS, DAYS, st.none() | DAYS)
def test_r34_two_packs_overlap_if_and_only_if_some_day_has_both(
    begins: date, ends: date | None, repealed: date | None, other: date, other_ends: date | None
) -> None:
    if (ends is not None and ends <= begins) or (other_ends is not None and other_ends <= other):
        return
    both_ends = [each for each in (ends, repealed) if each is not None]
    first = AdoptedPack(
        "p",
        "e",
        COMMITTEE,
        with_rule(changed(HOURS, valid_from=str(begins), valid_to=ends and str(ends))),
        min(both_ends, default=None),
    )
    second = changed(HOURS, valid_from=str(other), valid_to=other_ends and str(other_ends))
    days = [date(2026, 1, day) for day in range(1, 20)]
    assert first.overlaps(second) is any(
        first.valid_on(day) and second.valid_on(day) for day in days
    )
