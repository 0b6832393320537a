"""Loads the demonstration through the same commands as everything else.

The log records when a fact reached it, and an entry that comes months after the service is of a
lower grade (D). A year loaded in a minute would be nothing but late entries. Therefore, and only
here, the log is opened with a simulated clock that moves with the story: ``recorded_at`` is at most
a quarter of an hour after ``occurred_at``, in order, and never the moment of loading.

Every command carries an idempotency key that is the same in every run, so that a load that was
interrupted, however rudely, goes on where it stopped.
"""

import asyncio
import gc
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from service.demonstration.city import MEMBERS
from service.demonstration.step import CLIENT, Step, waves
from service.demonstration.story import LAST, Story, tell
from service.domain.event import SHANGHAI, Rejection
from service.eventstore import EventLog, Idempotency
from service.trust.master_key import MasterKey

_TOGETHER = timedelta(minutes=15)
"""Steps of so short a time are sent together, and recorded at its end."""
_PURPOSES = ("identity", "assessment")


class DemonstrationFault(RuntimeError):
    """演示数据装入失败：有一步被拒绝"""


class StoryClock:
    """The moment the story has come to."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


async def begun(log: EventLog) -> bool:
    """Whether the log holds at least the beginning of the demonstration."""
    return bool(
        await log.pool.fetchval(
            "SELECT EXISTS (SELECT FROM log.idempotency WHERE client = $1)", CLIENT
        )
    )


async def complete(log: EventLog) -> bool:
    """Whether the log holds all of the demonstration."""
    return bool(
        await log.pool.fetchval(
            "SELECT EXISTS (SELECT FROM log.idempotency WHERE client = $1 AND key = $2)",
            CLIENT,
            LAST,
        )
    )


async def load(
    app_url: str,
    master: MasterKey,
    now: Callable[[], datetime],
    console: Console,
    members: int = MEMBERS,
) -> None:
    """Loads what is missing of the demonstration until ``now``; nothing if all is there.

    Raises DemonstrationFault when a rule refuses a step, which is a mistake in the story.
    """
    today = now().astimezone(SHANGHAI).replace(second=0, microsecond=0)
    clock = StoryClock(today)
    async with EventLog.open(app_url, master, clock=clock) as log:
        if await complete(log):
            return
        with console.status("正在编排演示数据……"):
            story = tell(today, log.keyring.person_hash, members)
        if story.told_ahead:
            console.print("系统时间早于演示数据的年份，演示数据按2026年全年装入。")
        await _keys(log, story)
        # Tens of thousands of waiting commands would be looked through for garbage over and over,
        # which takes almost as long as deciding them.
        gc.freeze()
        try:
            await _play(log, clock, story.steps, console)
        finally:
            gc.unfreeze()


async def _keys(log: EventLog, story: Story) -> None:
    """Makes everybody's keys at once, where one after another would take longer than the rest."""
    await log.keyring.ensure(
        [(member_id, purpose) for member_id in story.members for purpose in _PURPOSES]
    )


async def _play(log: EventLog, clock: StoryClock, steps: list[Step], console: Console) -> None:
    rows = await log.pool.fetch("SELECT key FROM log.idempotency WHERE client = $1", CLIENT)
    done = {row["key"] for row in rows}
    columns = (
        TextColumn("装入演示数据"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(steps), completed=len(done), day="")
        missing = [step for step in steps if step.key not in done]
        for wave in waves(missing, _TOGETHER):
            clock.now = wave[-1].command.at
            await send(log, wave)
            progress.update(task, advance=len(wave), day=f"{clock.now:%Y-%m-%d}")


async def send(log: EventLog, wave: list[Step]) -> None:
    """Sends the steps of a wave together; the log decides them in this order."""
    answers = await asyncio.gather(
        *(log.decide(step.command, _idempotency(step)) for step in wave), return_exceptions=True
    )
    for step, answer in zip(wave, answers, strict=True):
        if isinstance(answer, Rejection):
            raise DemonstrationFault(
                f"{DemonstrationFault.__doc__}：{step.key}，{answer.code()}，{answer.detail}"
            ) from answer
        if isinstance(answer, BaseException):
            raise answer


def _idempotency(step: Step) -> Idempotency:
    said = f"{type(step.command).__name__}\x1f{step.key}"
    return Idempotency(CLIENT, step.key, sha256(said.encode()).digest(), lambda _: {})
