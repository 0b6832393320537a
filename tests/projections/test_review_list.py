"""The watch list: what it finds, what it leaves alone, and that a person closes it."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.attendance import RollCalled
from service.domain.endorsement import EndorsementDeclined, EndorsementDeclineReason
from service.domain.event import Event
from service.domain.participation import ParticipationRecorded
from service.domain.review import ReviewConcluded, ReviewOutcome
from service.eventstore import EventLog
from service.projections import review_answer
from service.projections.rebuild import rebuild
from service.projections.review_answer import ReviewItem, rings
from service.projections.review_list import VIEW
from service.projections.view import Sight, checksum
from tests.domain.clean_up import AFTER, HOUR, MINUTE, STARTS, endorsed, recorded
from tests.domain.town import COMMUNITY, OTHER_COMMUNITY, SUBDISTRICT, TOWN, enrolled, person
from tests.eventstore.history import given
from tests.projections.service_year import kept_up


async def shown(log: EventLog, organisation_id: str = SUBDISTRICT) -> list[ReviewItem]:
    await kept_up(log, (VIEW,))
    sight = Sight(log.fenced, organisation_id)
    return (await review_answer.fetch(sight, organisation_id)).items


def entry(number: object, member_id: str = "member-0", **fields: Any) -> ParticipationRecorded:
    return recorded(participation_id=f"entry-{number}", member_id=member_id, **fields)


def word(of: ParticipationRecorded, by: str = "secretary", **fields: Any) -> Event:
    return endorsed(
        of,
        endorsement_id=f"word-on-{of.participation_id}",
        endorsed_by=by,
        endorsed_by_person=person(by),
        **fields,
    )


async def test_a_ring_of_ten_is_found_across_communities(log: EventLog) -> None:
    names = [f"member-{number}" for number in range(10)]
    await given(log, *TOWN, *map(enrolled, names))
    for number, name in enumerate(names):
        place = COMMUNITY if number % 2 else OTHER_COMMUNITY
        mine = entry(number, names[(number + 1) % 10], community_id=place)
        # One outside the ring, whom they all endorse, is not of it.
        other = entry(f"other-{number}", "outsider", community_id=place)
        await given(log, mine, word(mine, name), other, word(other, name), at=AFTER)
    [ring] = await shown(log)
    assert (ring.kind, len(ring.officer_ids), ring.times) == ("ring", 10, 10)
    assert ring.member_ids == sorted(names)
    assert ring.community_ids == sorted([COMMUNITY, OTHER_COMMUNITY])
    assert await shown(log, "authority") == []


async def test_two_who_endorse_each_other_are_found_and_a_chain_is_not(log: EventLog) -> None:
    await given(log, *TOWN, *map(enrolled, ("a", "b", "c")))
    for number, (endorser, member) in enumerate([("a", "b"), ("b", "c")]):
        of = entry(number, member)
        await given(log, of, word(of, endorser))
    assert await shown(log) == []
    back = entry("back", "a")
    await given(log, back, word(back, "b"))
    [pair] = await shown(log)
    assert pair.member_ids == ["a", "b"]


@pytest.mark.parametrize(
    ("times", "called", "found"), [(40, False, 0), (41, False, 1), (41, True, 0)]
)
async def test_more_than_forty_in_a_minute_without_a_roll_call(
    log: EventLog, times: int, *, called: bool, found: int
) -> None:
    entries = [entry(number) for number in range(times)]
    roll = RollCalled(
        activity_id="activity",
        community_id=COMMUNITY,
        present=("member-0",),
        signed_in_at=STARTS,
        signed_out_at=STARTS + HOUR,
    )
    await given(log, *TOWN, *entries, *([roll] if called else []))
    await given(log, *map(word, entries), at=AFTER)
    assert [item.kind for item in await shown(log)] == ["in_a_minute"] * found


async def test_two_hundred_approvals_without_one_refusal(log: EventLog) -> None:
    entries = [entry(number, activity_id=None) for number in range(201)]
    await given(log, *TOWN, *entries)
    for number, each in enumerate(entries[:200]):
        await given(log, word(each), at=AFTER + number * MINUTE)
    assert await shown(log) == []
    await given(log, word(entries[200]), at=AFTER + timedelta(days=1))
    [item] = await shown(log)
    assert (item.kind, item.times, item.officer_ids) == ("never_refused", 201, ["secretary"])
    declined = EndorsementDeclined(
        participation_id="another",
        member_id="member-0",
        branch_id="branch",
        community_id=COMMUNITY,
        endorses="x",
        reason_code=EndorsementDeclineReason.OTHER,
        declined_by="secretary",
        declined_by_person=person("secretary"),
    )
    await given(log, declined)
    assert await shown(log) == []


@pytest.mark.parametrize(
    ("hours", "minutes", "found"), [(5, 10, 1), (5, 11, 0), (4, 1, 0), (8, 0, 1)]
)
async def test_a_long_claim_endorsed_within_minutes(
    log: EventLog, hours: int, minutes: int, found: int
) -> None:
    of = entry("long", ends_at=STARTS + hours * HOUR)
    await given(log, *TOWN, of, at=AFTER)
    await given(log, word(of), at=AFTER + minutes * MINUTE)
    assert [item.kind for item in await shown(log)] == ["hasty"] * found


async def test_a_person_closes_an_item_and_it_stays_on_the_list_as_closed(log: EventLog) -> None:
    of = entry("long", ends_at=STARTS + 6 * HOUR)
    await given(log, *TOWN, of, word(of))
    [item] = await shown(log)
    assert item.conclusion is None
    await given(
        log,
        ReviewConcluded(
            review_id=item.review_id,
            organisation_id=SUBDISTRICT,
            community_id=COMMUNITY,
            outcome=ReviewOutcome.EXPLAINED,
            note="现场办公，当场核实。",
            concluded_by="officer",
        ),
    )
    [closed] = await shown(log)
    assert closed.conclusion is not None
    assert closed.conclusion.outcome is ReviewOutcome.EXPLAINED
    before = await checksum(log.pool, VIEW)
    await rebuild(log, (VIEW,))
    assert await checksum(log.pool, VIEW) == before
    assert await shown(log) == [closed]


def test_rings_are_groups_of_whom_each_is_reached_from_each() -> None:
    assert rings([("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c"), ("e", "e")]) == [
        frozenset("ab"),
        frozenset("cd"),
    ]
