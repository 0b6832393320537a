"""Visits to communities: by a unit, not ahead of time, each once (R25)."""

from dataclasses import replace
from datetime import date

import pytest

from service.domain.community_visit import (
    CommunityVisited,
    RecordVisit,
    VisitAhead,
    VisitAlreadyRecorded,
)
from service.domain.officer import OfficerNotAppointed
from service.domain.open_text import PersonalDataInOpenText
from service.domain.organisation import UnknownOrganisation
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_COMMUNITY,
    TOWN,
    acting,
    appointed,
    person,
)

visit = RecordVisit(
    by=acting(BRANCH),
    at=AT,
    visit_id="v1",
    community_id=COMMUNITY,
    visited_on=date(2026, 3, 3),
    note="走访社区，了解党员表现。",
)
HISTORY = (*TOWN, *(appointed("officer", each) for each in (BRANCH, COMMITTEE, AUTHORITY)))


@pytest.mark.parametrize("unit", [BRANCH, COMMITTEE, AUTHORITY])
def test_a_unit_visits_a_community(unit: str) -> None:
    given(*HISTORY).when(replace(visit, by=acting(unit))).then(
        CommunityVisited,
        organisation_id=unit,
        branch_id=unit if unit == BRANCH else None,
        community_id=COMMUNITY,
        visited_on=date(2026, 3, 3),
        visited_by="officer",
        visited_by_person=person("officer"),
    )


def test_a_community_visits_nobody() -> None:
    given(*HISTORY).when(replace(visit, by=acting(COMMUNITY))).refused(UnknownOrganisation)


@pytest.mark.parametrize("place", [BRANCH, "nowhere"])
def test_only_communities_are_visited(place: str) -> None:
    given(*HISTORY).when(replace(visit, community_id=place)).refused(
        UnknownOrganisation, pointer="/community_id"
    )


def test_only_an_appointed_officer_records_a_visit() -> None:
    given(*HISTORY).when(replace(visit, by=acting(BRANCH, "nobody"))).refused(OfficerNotAppointed)


def test_a_visit_lies_not_ahead() -> None:
    today = replace(visit, visited_on=AT.date())
    given(*HISTORY).when(today).then(CommunityVisited)
    tomorrow = replace(visit, visited_on=date(2026, 3, 5))
    given(*HISTORY).when(tomorrow).refused(VisitAhead, pointer="/visited_on")


def test_r25_a_visit_is_recorded_once_a_day_for_each_unit_and_community() -> None:
    story = given(*HISTORY).when(visit)
    again = replace(visit, visit_id="v2")
    story.when(again).refused(VisitAlreadyRecorded, pointer="/visited_on")
    story.when(replace(again, visited_on=date(2026, 3, 2))).then(CommunityVisited)
    story.when(replace(again, community_id=OTHER_COMMUNITY)).then(CommunityVisited)
    story.when(replace(again, by=acting(COMMITTEE))).then(CommunityVisited)


def test_the_note_names_nobody() -> None:
    named = replace(visit, note="联系人13800001234")
    given(*HISTORY).when(named).refused(PersonalDataInOpenText, pointer="/note")
