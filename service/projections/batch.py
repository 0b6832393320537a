"""One batch into one build of a view: rows and checkpoint in one transaction."""

import logging
from collections.abc import Sequence

import asyncpg

from service.domain.membership import SubjectErased
from service.eventstore.mapping import Recorded
from service.projections import checkpoint
from service.projections.checkpoint import SUFFIX, Stage
from service.projections.feed import Reader, Undecodable
from service.projections.view import Build, Connection, Pool, View

_logger = logging.getLogger(__name__)

_TRANSIENT = (
    OSError,  # also TimeoutError
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that was lost in the middle of something
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
)


class Poisoned(Exception):
    """An event that the view cannot take; it stands right before it."""

    def __init__(self, position: int, cause: BaseException) -> None:
        # Only the kind of error: its words may repeat what the event says.
        super().__init__(f"event {position}: {type(cause).__name__}")
        self.position = position


class Superseded(Exception):
    """A newer version of the view is live; it is kept up by newer processes."""


def is_transient(error: BaseException) -> bool:
    """Whether the database is the reason, so that trying again may help."""
    # asyncpg's error for a value that fits no column is an InterfaceError as well.
    return isinstance(error, _TRANSIENT) and not isinstance(error, ValueError)


async def advance(pool: Pool, reader: Reader, view: View, stage: Stage) -> tuple[int, int]:
    """Moves a build by one batch; returns where it stands and how many events the batch had.

    None at all: the build is at the head. Raises Poisoned, Superseded.
    """
    position = reader.position
    if position is None:
        at = await checkpoint.read(pool, view, stage)
        if at is None:
            return 0, 0
        if at.version > view.version:
            raise Superseded(f"version {at.version} is live, this is version {view.version}")
        position = at.position
    batch = await next_batch(reader, position)
    if batch:
        # Whatever comes in between, e.g. another process, is found out by looking again.
        reader.position = None
        position = await _settle(pool, view, stage, batch)
        if position == batch[-1].position:
            reader.position = position
    return position, len(batch)


async def next_batch(reader: Reader, position: int) -> list[Recorded]:
    """The batch after a position; raises Poisoned if its first event cannot be decoded."""
    try:
        return await reader.after(position)
    except Undecodable as error:
        _logger.exception("event %d cannot be decoded", error.position)
        raise Poisoned(error.position, error.__cause__ or error) from error


async def _settle(pool: Pool, view: View, stage: Stage, batch: Sequence[Recorded]) -> int:
    """Applies the batch; one that fails is halved until the poisonous event stands alone."""
    if not _concerns(view, batch) and await checkpoint.pass_over(
        pool, view, stage, batch[0].position, batch[-1].position
    ):
        return batch[-1].position
    try:
        async with pool.acquire() as connection, connection.transaction():
            # Rows and checkpoint are lost or kept together, so a crash costs nothing but work.
            await connection.execute("SET LOCAL synchronous_commit = off")
            at = await checkpoint.locked(connection, view, stage)
            before = batch[0].position - 1
            if at is None or at.position != before or at.version != view.version:
                return at.position if at else before  # another process was here
            await apply(connection, view, stage, batch)
            return batch[-1].position
    except Exception as error:
        if is_transient(error):
            raise
        if len(batch) == 1:
            _logger.exception("view %s cannot take event %d", view.name, batch[0].position)
            raise Poisoned(batch[0].position, error) from error
    middle = len(batch) // 2
    reached = await _settle(pool, view, stage, batch[:middle])
    if reached != batch[middle].position - 1:
        return reached
    return await _settle(pool, view, stage, batch[middle:])


def _concerns(view: View, batch: Sequence[Recorded]) -> bool:
    """Whether the batch may change any row of the view."""
    return (
        view.concerned is None
        or view.concerned(batch)
        or any(type(each.event) is SubjectErased for each in batch)
    )


async def apply(
    connection: Connection, view: View, stage: Stage, batch: Sequence[Recorded]
) -> None:
    """Changes the rows and moves the checkpoint, which the transaction holds."""
    build = Build(connection, SUFFIX[stage])
    await view.apply(build, batch)
    erased = [each.event.member_id for each in batch if type(each.event) is SubjectErased]
    if erased:
        await build.purge(view.about_members, erased)
    await checkpoint.move(connection, view, stage, batch[-1].position)
