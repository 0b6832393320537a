"""Rates and counts of an organisation and everything under it."""

from datetime import date

import pytest

from service.domain.claim import PostClaimed
from service.domain.exemption import ExemptionReason, MemberExempted
from service.domain.service_post import PostCategory
from service.eventstore import EventLog
from service.projections.organisation_statistics import OrganisationStatistics, Rate, fetch
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    SUBDISTRICT,
    WANG,
    enrolled,
    registered,
)
from tests.eventstore.history import given
from tests.projections.service_year import corrected, endorsed, kept_up, recorded, revoked, voided
from tests.projections.test_service_posts import opened, source_claims

DAY = date(2026, 7, 1)
SATURDAY = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")


async def shown(
    log: EventLog, organisation_id: str, on: date = DAY, year: int | None = None
) -> OrganisationStatistics:
    await kept_up(log)
    found = await fetch(log.pool, organisation_id, on, year)
    assert found is not None
    assert found.as_of_position == await log.head()
    return found


def exempted(member_id: str, starts_on: date, ends_on: date) -> MemberExempted:
    return MemberExempted(
        exemption_id=f"exemption-{member_id}",
        member_id=member_id,
        branch_id=BRANCH,
        reason_code=ExemptionReason.ILLNESS,
        starts_on=starts_on,
        ends_on=ends_on,
    )


async def test_an_organisation_is_counted_with_everything_under_it(log: EventLog) -> None:
    await given(log, *SETTLED)
    for organisation_id, registered_members, members in (
        (BRANCH, 1, 1),
        (OTHER_BRANCH, 0, 1),
        (COMMITTEE, 1, 2),
        (AUTHORITY, 1, 2),
        (FOREIGN_BRANCH, 0, 0),
        (COMMUNITY, 1, 1),
        (SUBDISTRICT, 1, 1),
        (OTHER_COMMUNITY, 0, 0),
    ):
        found = await shown(log, organisation_id)
        rate = found.registration
        assert (rate.numerator, rate.denominator) == (registered_members, members), organisation_id
        assert found.members == members
    assert await fetch(log.pool, "nowhere", DAY) is None


async def test_who_waits_for_an_answer_is_not_registered_yet(log: EventLog) -> None:
    await given(log, *SETTLED, registered(WANG, OTHER_COMMUNITY, "registration-9"))
    rate = (await shown(log, OTHER_COMMUNITY)).registration
    assert (rate.numerator, rate.denominator) == (0, 1)


async def test_r3_exempt_members_leave_the_denominator_on_the_days_of_their_term(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, exempted(WANG, date(2026, 6, 1), date(2026, 7, 1)))
    within = (await shown(log, COMMITTEE, date(2026, 7, 1))).registration
    assert (within.numerator, within.denominator, within.exempt) == (1, 1, 1)
    after = (await shown(log, COMMITTEE, date(2026, 7, 2))).registration
    assert (after.numerator, after.denominator, after.exempt) == (1, 2, 0)


async def test_an_exempt_member_who_serves_all_the_same_is_in_neither_number(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, SATURDAY, endorsed(SATURDAY))
    await given(log, exempted(LI, date(2026, 1, 1), date(2026, 12, 31)))
    found = await shown(log, COMMITTEE)
    for rate in (found.registration, found.completion):
        assert (rate.numerator, rate.denominator, rate.exempt) == (0, 1, 1)


async def test_completion_needs_an_endorsed_participation_that_still_stands(
    log: EventLog,
) -> None:
    async def completed(organisation_id: str = BRANCH, year: int = 2026) -> int:
        return (await shown(log, organisation_id, year=year)).completion.numerator

    await given(log, *SETTLED, SATURDAY)
    assert await completed() == 0
    word = endorsed(SATURDAY)
    await given(log, word)
    assert await completed() == 1
    assert await completed(COMMUNITY) == 1
    assert await completed(year=2025) == 0
    await given(log, revoked(word))
    assert await completed() == 0
    await given(log, endorsed(SATURDAY))
    assert await completed() == 1
    correction = corrected(SATURDAY)
    await given(log, correction)
    assert await completed() == 0
    await given(log, endorsed(correction), voided(correction))
    assert await completed() == 0


async def test_times_and_members_are_counted_apart_by_ledger_and_category(
    log: EventLog,
) -> None:
    events = [
        SATURDAY,
        recorded("two", "2026-03-08T09:00", "2026-03-08T11:00"),
        recorded("three", "2026-03-14T09:00", "2026-03-14T11:00", ledger="duty"),
        recorded("four", "2026-03-15T09:00", "2026-03-15T11:00", category="science"),
    ]
    await given(log, *SETTLED, *events, *map(endorsed, events))
    found = (await shown(log, COMMITTEE)).participations
    assert {name: (c.times, c.members) for name, c in found.by_ledger.items()} == {
        "duty": (1, 1),
        "voluntary": (3, 1),
    }
    assert [(c.category, c.times, c.members) for c in found.by_category] == [
        ("cleaning", 3, 1),
        ("science", 1, 1),
    ]


async def test_r12_the_sources_table_says_the_same_for_unit_and_community(
    log: EventLog,
) -> None:
    posts = [opened(number, category, 20) for number, category in enumerate(PostCategory)]
    await given(log, *SETTLED, *posts, *[PostClaimed(**claim) for claim in source_claims()])
    for organisation_id in (BRANCH, COMMITTEE, COMMUNITY, SUBDISTRICT):
        posts_found = (await shown(log, organisation_id)).posts
        assert (posts_found.members, posts_found.posts, posts_found.claims) == (19, 9, 31)
    assert len(posts_found.by_category) == 9


async def test_the_criterion_of_completion_is_said(log: EventLog) -> None:
    await given(log, *SETTLED)
    assert "认定" in (await shown(log, BRANCH)).criterion


@pytest.mark.parametrize(
    ("numerator", "denominator", "permille", "percent"),
    [
        (18, 19, 947, "94.74%"),
        (19, 20, 950, "95.00%"),
        (1234, 1300, 949, "94.92%"),
        (1299, 1300, 999, "99.92%"),
        (1, 1, 1000, "100.00%"),
        (0, 7, 0, "0.00%"),
    ],
)
def test_r32_rates_are_never_rounded_up(
    numerator: int, denominator: int, permille: int, percent: str
) -> None:
    rate = Rate.of(numerator, denominator, 0)
    assert (rate.permille, rate.percent) == (permille, percent)


def test_nobody_of_nobody_has_no_rate() -> None:
    rate = Rate.of(0, 0, 3)
    assert (rate.permille, rate.percent, rate.exempt) == (None, None, 3)


async def test_a_member_of_another_unit_is_counted_there(log: EventLog) -> None:
    await given(log, *SETTLED, enrolled("stranger", FOREIGN_BRANCH))
    assert (await shown(log, FOREIGN_BRANCH)).members == 1
    assert (await shown(log, AUTHORITY)).members == 2
