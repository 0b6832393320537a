"""The runner keeps views up with the log, whatever happens to one of them or to a process."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import asyncpg
import pytest

from service.domain.membership import MemberEnrolled
from service.domain.organisation import OrganisationKind
from service.eventstore import EventLog, Recorded
from service.projections import membership, service_posts
from service.projections.catalogue import VIEWS
from service.projections.feed import Feed
from service.projections.rebuild import rebuild
from service.projections.runner import Runner
from service.projections.view import Build, View, checksum, position
from tests.database import Database
from tests.domain.town import LI, SETTLED, enrolled, organisation
from tests.eventstore.history import given
from tests.projections.service_year import a_year, kept_up

MEMBERS = [f"member-{number}" for number in range(20)]


def poisoned_by(member_id: str) -> View:
    """The membership view, which cannot take that member's enrolment."""

    async def apply(build: Build, batch: Sequence[Recorded]) -> None:
        for each in batch:
            if isinstance(each.event, MemberEnrolled) and each.event.member_id == member_id:
                raise ZeroDivisionError
        await membership.VIEW.apply(build, batch)

    return replace(membership.VIEW, apply=apply)


async def checksums(log: EventLog) -> list[str]:
    return [await checksum(log.pool, view) for view in VIEWS]


async def test_views_follow_what_is_recorded_while_they_run(log: EventLog) -> None:
    async with Runner.running(log, VIEWS) as runner:
        last = await given(log, *SETTLED)
        async with asyncio.timeout(10):
            assert await runner.caught_up(last)
        assert {state.state for state in runner.states()} == {"following"}
        assert await membership.member(log.pool, LI) is not None


async def test_a_poison_event_stops_only_its_view_right_before_it(
    log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    before = await given(log, *SETTLED)
    last = await given(log, enrolled("poison"), *a_year([LI], 5))
    async with Runner.running(log, (poisoned_by("poison"), service_posts.VIEW)) as runner:
        async with asyncio.timeout(10):
            assert not await runner.caught_up(last)
        states = {state.view: state for state in runner.states()}
        assert states["membership"].state == "stopped"
        assert states["membership"].reason == f"event {before + 1}: ZeroDivisionError"
        assert states["service_posts"].state == "following"
        assert states["service_posts"].position == last
    # What came before it in the same batch is there.
    assert await position(log.pool, membership.VIEW) == before
    assert await membership.member(log.pool, LI) is not None
    assert "cannot take event" in caplog.text
    # With a program that can take it the next start goes on.
    await kept_up(log, (membership.VIEW,))
    assert await membership.member(log.pool, "poison") is not None


async def test_an_event_that_cannot_be_decoded_stops_the_views_right_before_it(
    log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    from eventsourcing.dcb.api import DCBEvent  # noqa: PLC0415

    before = await given(log, *SETTLED)
    await log.append([DCBEvent("Unheard", b'{"type": "Unheard"}', [])])
    async with Runner.running(log, VIEWS) as runner, asyncio.timeout(10):
        assert not await runner.caught_up(before + 1)
        assert {state.state for state in runner.states()} == {"stopped"}
        assert {state.position for state in runner.states()} <= {0, before}
    assert [await position(log.pool, view) for view in VIEWS] == [before] * len(VIEWS)
    assert "cannot be decoded" in caplog.text


async def test_a_view_whose_connection_is_lost_tries_again(
    log: EventLog, database: Database
) -> None:
    await given(log, *SETTLED)
    owner = await asyncpg.connect(database.owner_url)
    async with Runner.running(log, VIEWS, retry_after=0.01) as runner, asyncio.timeout(20):
        for number in range(10):
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'eighthours'"
            )
            last = await given(log, organisation(f"branch-{number}", OrganisationKind.BRANCH))
        assert await runner.caught_up(last)
    await owner.close()


async def test_two_processes_run_the_same_views_without_doubling_anything(
    log: EventLog, other_log: EventLog
) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    async with Runner.running(log, VIEWS) as one, Runner.running(other_log, VIEWS) as other:
        for member_id in MEMBERS:
            last = await given(log, *a_year([member_id], 12))
        async with asyncio.timeout(20):
            assert await one.caught_up(last)
            assert await other.caught_up(last)
    shown = await checksums(log)
    await rebuild(log, VIEWS)
    assert await checksums(log) == shown


async def test_views_killed_anywhere_go_on_where_they_were(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    last = await given(log, *a_year(MEMBERS, 20))
    for milliseconds in range(5, 100, 8):
        async with Runner.running(log, VIEWS):
            await asyncio.sleep(milliseconds / 1000)
    await kept_up(log)
    assert [await position(log.pool, view) for view in VIEWS] == [last] * len(VIEWS)
    shown = await checksums(log)
    await rebuild(log, VIEWS)
    assert await checksums(log) == shown


async def test_rows_do_not_depend_on_how_events_are_cut_into_batches(log: EventLog) -> None:
    for start, end in pairwise(range(0, 220, 20)):
        await given(log, *[*SETTLED, *map(enrolled, MEMBERS), *a_year(MEMBERS, 12)][start:end])
        await kept_up(log)
    cut = await checksums(log)
    await rebuild(log, VIEWS)
    assert await checksums(log) == cut


async def test_a_checksum_differs_when_a_row_differs(log: EventLog) -> None:
    await given(log, *SETTLED)
    await kept_up(log)
    before = await checksum(log.pool, membership.VIEW)
    await log.pool.execute("UPDATE views.membership_member SET member_no = 'other'")
    assert await checksum(log.pool, membership.VIEW) != before


async def test_a_feed_reads_and_decodes_once_for_all_views(log: EventLog) -> None:
    await given(log, *SETTLED)
    feed = Feed(log)
    one, other = await asyncio.gather(feed.after(0), feed.after(0))
    assert one is other
    assert await feed.after(0) is one
    assert await feed.after(one[-1].position) == []


async def test_batches_of_a_feed_end_at_multiples_of_their_size(log: EventLog) -> None:
    await given(log, *SETTLED)
    feed = Feed(log, size=4)
    assert [each.position for each in await feed.after(0)] == [1, 2, 3, 4]
    assert [each.position for each in await feed.after(5)] == [6, 7, 8]


async def test_quick_readers_of_a_feed_wait_for_slow_ones_so_that_all_share(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    feed = Feed(log, size=2, kept=4)
    with feed.reader() as quick, feed.reader() as slow:
        first = await slow.after(0)
        position = 0
        for _ in range(3):
            position = (await quick.after(position))[-1].position
        ahead = asyncio.create_task(quick.after(position))
        await asyncio.sleep(0.05)
        assert not ahead.done()
        assert await slow.after(0) is first
        await slow.after(2)
        await asyncio.wait_for(ahead, 0.5)


async def test_quick_readers_also_wait_for_one_that_works_on_its_batch(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    feed = Feed(log, size=2, kept=4)
    with feed.reader() as quick, feed.reader() as slow:
        await slow.after(0)
        slow.position = None  # as `advance` leaves it while the rows are written
        position = 0
        for _ in range(3):
            position = (await quick.after(position))[-1].position
        ahead = asyncio.create_task(quick.after(position))
        await asyncio.sleep(0.05)
        assert not ahead.done()
        await slow.after(2)
        await asyncio.wait_for(ahead, 0.5)


async def test_nobody_waits_for_a_reader_that_has_gone_or_is_far_behind(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    feed = Feed(log, size=1, kept=2)
    with feed.reader() as quick, feed.reader() as far:
        await far.after(0)
        async with asyncio.timeout(0.5):
            await quick.after(9)
        with feed.reader() as gone:
            await gone.after(8)
        async with asyncio.timeout(0.5):
            await quick.after(11)
