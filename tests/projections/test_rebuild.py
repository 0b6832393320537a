"""A view is built anew beside the live one and swapped in; whoever reads sees one or the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.eventstore import EventLog, Recorded
from service.projections import checkpoint, membership
from service.projections.batch import Poisoned, advance
from service.projections.catalogue import VIEWS, view_named
from service.projections.feed import Feed
from service.projections.rebuild import Progress, build_next, rebuild
from service.projections.runner import Runner
from service.projections.view import Build, View, checksum, position
from tests.domain.town import LI, SETTLED, enrolled
from tests.eventstore.history import given
from tests.projections.service_year import a_year, kept_up

MEMBERS = [f"member-{number}" for number in range(20)]


def renumbered(version: int) -> View:
    """A version of the membership view that writes member numbers differently."""

    async def apply(build: Build, batch: Sequence[Recorded]) -> None:
        await membership.VIEW.apply(build, batch)
        await build.connection.execute(
            f"UPDATE views.membership_member{build.suffix} SET member_no = 'v{version}'"  # noqa: S608 - our own
        )

    return replace(membership.VIEW, version=version, apply=apply)


async def leftovers(log: EventLog) -> list[str]:
    rows = await log.pool.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'views' AND tablename LIKE '%next%'"
    )
    return [row[0] for row in rows]


async def test_a_rebuild_gives_the_same_rows_and_shows_its_progress(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    last = await given(log, *a_year(MEMBERS, 30))
    await kept_up(log)
    before = [await checksum(log.pool, view) for view in VIEWS]
    seen: list[Progress] = []
    await rebuild(log, VIEWS, seen.append)
    assert [await checksum(log.pool, view) for view in VIEWS] == before
    assert await leftovers(log) == []
    for view in VIEWS:
        steps = [each for each in seen if each.view == view.name]
        assert [each.position for each in steps] == sorted(each.position for each in steps)
        assert steps[-1].swapped
        assert (steps[-1].position, steps[-1].head) == (last, last)
        assert steps[-1].rate > 0


async def test_indexes_are_there_after_a_swap_as_before(log: EventLog) -> None:
    async def indexes() -> int:
        found: int = await log.pool.fetchval(
            "SELECT count(*) FROM pg_indexes WHERE schemaname = 'views'"
        )
        return found

    await given(log, *SETTLED)
    await kept_up(log)
    before = await indexes()
    await rebuild(log, VIEWS)
    await rebuild(log, VIEWS)
    assert await indexes() == before


async def test_a_new_version_is_built_beside_the_old_one_while_reads_go_on(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    await kept_up(log, (renumbered(1),))
    await given(log, *a_year(MEMBERS, 30))
    reading, numbers = True, set()

    async def read() -> None:
        while reading:
            member = await membership.member(log.pool, LI)
            assert member is not None
            numbers.add(member.member_no)
            page = await membership.members_of_branch(log.pool, "branch")
            assert len(page.items) == 1 + len(MEMBERS)

    readers = [asyncio.create_task(read()) for _ in range(3)]
    async with Runner.running(log, (renumbered(2),)) as runner, asyncio.timeout(20):
        assert await runner.caught_up(await log.head())
    await asyncio.sleep(0.05)
    reading = False
    await asyncio.gather(*readers)
    assert numbers == {"v1", "v2"}
    assert await leftovers(log) == []


async def test_a_process_of_the_old_version_stops_when_the_new_one_is_live(
    log: EventLog, other_log: EventLog
) -> None:
    await given(log, *SETTLED)
    async with Runner.running(log, (renumbered(1),)) as old, asyncio.timeout(10):
        assert await old.caught_up(await log.head())
        await kept_up(other_log, (renumbered(2),))
        last = await given(log, enrolled("late"))
        assert not await old.caught_up(last)
        assert old.states()[0].reason == "version 2 is live, this is version 1"


async def test_a_rebuild_while_the_live_view_goes_on_misses_nothing(
    log: EventLog, other_log: EventLog
) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    async with Runner.running(log, VIEWS) as runner:
        rebuilding = asyncio.create_task(rebuild(other_log, VIEWS))
        for member_id in MEMBERS:
            last = await given(log, *a_year([member_id], 10))
        await rebuilding
        async with asyncio.timeout(20):
            assert await runner.caught_up(last)
    swapped = [await checksum(log.pool, view) for view in VIEWS]
    await rebuild(log, VIEWS)
    assert [await checksum(log.pool, view) for view in VIEWS] == swapped


async def test_a_view_never_goes_back_when_it_is_swapped(
    log: EventLog, other_log: EventLog
) -> None:
    view = membership.VIEW
    await given(log, *SETTLED)
    async with Runner.running(log, (view,)):
        rebuilding = asyncio.create_task(rebuild(other_log, (view,)))
        reached = 0
        for number in range(100):
            await given(log, enrolled(f"member-{number}"))
            now = await position(log.pool, view)
            assert now >= reached
            reached = now
        await rebuilding


async def test_a_killed_build_of_a_new_version_is_continued(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS))
    await kept_up(log, (renumbered(1),))
    view = renumbered(2)
    await checkpoint.begin_next(log.pool, view, afresh=False)
    with Feed(log, size=5).reader() as reader:
        await advance(log.pool, reader, view, "next")
    # That process is gone; another one takes over.
    steps: list[Progress] = []
    await build_next(log, Feed(log, size=5), view, steps.append, afresh=False)
    assert steps[0].position == 10
    member = await membership.member(log.pool, LI)
    assert member is not None
    assert member.member_no == "v2"


async def test_passing_over_what_changes_nothing_gives_the_same_rows(log: EventLog) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS), *a_year(MEMBERS, 10))
    await kept_up(log)
    before = [await checksum(log.pool, view) for view in VIEWS]
    await rebuild(log, [replace(view, concerned=None) for view in VIEWS])
    assert [await checksum(log.pool, view) for view in VIEWS] == before


async def test_a_batch_that_changes_nothing_only_moves_the_checkpoint(log: EventLog) -> None:
    await given(log, *SETTLED)

    async def refuse(_build: Build, _batch: Sequence[Recorded]) -> None:
        raise ZeroDivisionError

    await rebuild(log, (replace(membership.VIEW, apply=refuse, concerned=lambda _: False),))
    assert await position(log.pool, membership.VIEW) == await log.head()


async def test_two_processes_that_rebuild_the_same_view_share_the_work(
    log: EventLog, other_log: EventLog
) -> None:
    await given(log, *SETTLED, *map(enrolled, MEMBERS), *a_year(MEMBERS, 10))
    await kept_up(log)
    before = [await checksum(log.pool, view) for view in VIEWS]
    await asyncio.gather(rebuild(log, VIEWS), rebuild(other_log, VIEWS))
    assert [await checksum(log.pool, view) for view in VIEWS] == before
    assert await leftovers(log) == []


async def test_a_poisoned_rebuild_leaves_the_live_view_alone(log: EventLog) -> None:
    await given(log, *SETTLED)
    await kept_up(log)

    async def refuse(_build: Build, batch: Sequence[Recorded]) -> None:
        if batch[-1].position > 3:
            raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as stopped:
        await rebuild(log, (replace(membership.VIEW, apply=refuse, concerned=None),))
    assert stopped.group_contains(Poisoned, match="event 4: ZeroDivisionError")
    assert await membership.member(log.pool, LI) is not None


def test_views_are_found_by_name() -> None:
    assert view_named("membership") is membership.VIEW
    with pytest.raises(KeyError):
        view_named("memberships")
