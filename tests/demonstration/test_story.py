"""The story itself: the same whenever it is told, and about nobody real."""

from dataclasses import fields
from datetime import datetime
from functools import partial
from hashlib import sha256

import pytest

from service.demonstration import data
from service.demonstration.city import City
from service.demonstration.step import Scene, Step
from service.demonstration.story import LAST, SEED, Story, tell
from service.domain.appointment import AppointOfficer
from service.domain.event import SHANGHAI
from service.domain.identity_number import valid_id_number
from service.domain.organisation import RegisterOrganisation
from service.domain.phone_number import valid_phone
from service.domain.roster import PublishRoster

NOVEMBER = datetime(2026, 11, 24, 16, tzinfo=SHANGHAI)


def hashed(id_number: str) -> str:
    return sha256(id_number.encode()).hexdigest()[:32]


def told(now: datetime = NOVEMBER, members: int = 60) -> Story:
    return tell(now, hashed, members)


def inputs(step: Step | Scene) -> tuple[str, str]:
    """A step as text: its key and everything its command was given, without what it may learn.

    Of a scene the moment and what is found out then.
    """
    if isinstance(step, Scene):
        acting = step.acting
        known = (acting.func, acting.args) if isinstance(acting, partial) else (acting, ())
        return str(step.at), repr(known)
    command = step.command
    return step.key, repr([(f.name, getattr(command, f.name)) for f in fields(command) if f.init])


def steps(story: Story) -> list[Step]:
    """Without the scenes."""
    return [each for each in story.steps if isinstance(each, Step)]


@pytest.fixture(scope="module")
def story() -> Story:
    return told()


@pytest.fixture(scope="module")
def whole() -> Story:
    return told(members=1300)


def test_it_is_the_same_whenever_it_is_told(story: Story) -> None:
    assert [inputs(step) for step in told().steps] == [inputs(step) for step in story.steps]


def test_another_seed_tells_another_story(story: Story) -> None:
    other = tell(NOVEMBER, hashed, 60, SEED + 1)
    assert list(map(inputs, other.steps)) != list(map(inputs, story.steps))


def test_a_later_clock_only_adds_to_it(story: Story) -> None:
    summer = told(datetime(2026, 7, 1, tzinfo=SHANGHAI)).steps[:-2]
    assert list(map(inputs, summer)) == [inputs(step) for step in story.steps[: len(summer)]]
    assert any(isinstance(step, Scene) for step in summer)


def test_keys_are_unique_and_steps_in_the_order_of_time(whole: Story) -> None:
    assert len({step.key for step in steps(whole)}) == len(steps(whole))
    times = [step.at for step in whole.steps]
    assert times == sorted(times)
    assert times[-1] <= NOVEMBER
    assert steps(whole)[-1].key == LAST


def test_a_clock_before_the_story_gets_the_whole_year() -> None:
    ahead = told(datetime(2025, 5, 1, tzinfo=SHANGHAI))
    assert ahead.told_ahead
    assert ahead.steps[-1].at.month == 12


def test_the_district_has_1300_members_in_64_branches_across_all_districts(whole: Story) -> None:
    rosters = [s.command for s in steps(whole) if isinstance(s.command, PublishRoster)]
    sizes = [len(roster.enrolments) for roster in rosters]
    assert len(sizes) == 65
    assert sum(sizes) == 1300 + 19
    assert min(sizes) >= 10
    places = City(1300, SEED).communities
    assert len(places) >= 60
    assert {each.area_code[:6] for each in places} == {
        each.area_code for each in data.district().districts
    }


def test_nobody_in_it_is_real(whole: Story) -> None:
    enrolments = [
        each
        for step in steps(whole)
        if isinstance(step.command, PublishRoster)
        for each in step.command.enrolments
    ]
    for each in enrolments:
        assert valid_id_number(each.id_number)
        # Neither province code was ever given out, and nobody's phone begins with 154.
        assert each.id_number[:2] in {"38", "47"}
        assert valid_phone(each.phone)
        assert each.phone.startswith("154")
    assert len({each.id_number for each in enrolments}) == len(enrolments)
    assert len({each.phone for each in enrolments}) == len(enrolments)
    officers = [s.command for s in steps(whole) if isinstance(s.command, AppointOfficer)]
    assert {each.id_number[:2] for each in officers} == {"38"}
    people = {each.id_number for each in enrolments} | {each.id_number for each in officers}
    assert len(people) == len(enrolments) + len(officers)


def test_whoever_acts_in_it_was_appointed(whole: Story) -> None:
    appointed: set[tuple[str, str]] = set()
    for step in steps(whole):
        command = step.command
        if isinstance(command, AppointOfficer):
            appointed.add((command.organisation_id, command.officer_id))
        elif not isinstance(command, RegisterOrganisation):
            assert (command.by.organisation_id, command.by.person) in appointed, step.key


@pytest.mark.parametrize("file", [data.bureau(), data.district(), data.names(), data.supervision()])
def test_every_data_file_says_where_it_comes_from_and_what_is_invented(
    file: data.Sourced,
) -> None:
    assert file.source
    assert "虚构" in file.validity
