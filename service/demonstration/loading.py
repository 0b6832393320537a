"""Loads the demonstration through the same commands as everything else.

The log records when a fact reached it, and an entry that comes months after the service is of a
lower grade (D). A year loaded in a minute would be nothing but late entries. Therefore, and only
here, the log is opened with a simulated clock that moves with the story: ``recorded_at`` is at most
a quarter of an hour after ``occurred_at``, in order, and never the moment of loading.

Every command carries an idempotency key that is the same in every run, so that a load that was
interrupted, however rudely, goes on where it stopped. What branches check and report is found out
at that moment from the views, as the API does it: they follow the log as far as a scene needs, and
need not do so again when the service starts.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
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

from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.demonstration.city import MEMBERS
from service.demonstration.step import CLIENT, Scene, Step, waves
from service.demonstration.story import LAST, Story, tell
from service.domain.event import SHANGHAI, Rejection
from service.eventstore import EventLog, Idempotency
from service.projections.runner import Runner
from service.projections.view import View
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
            await _Play(log, master, clock, console).of(story.steps)
        finally:
            gc.unfreeze()


async def _keys(log: EventLog, story: Story) -> None:
    """Makes everybody's keys at once, where one after another would take longer than the rest."""
    await log.keyring.ensure(
        [(member_id, purpose) for member_id in story.members for purpose in _PURPOSES]
    )


class _Play:
    """Plays the story into the log."""

    def __init__(
        self, log: EventLog, master: MasterKey, clock: StoryClock, console: Console
    ) -> None:
        self._log = log
        self._master = master
        self._clock = clock
        self._console = console

    async def of(self, steps: Sequence[Step | Scene]) -> None:
        """Plays what is missing of it."""
        rows = await self._log.pool.fetch(
            "SELECT key FROM log.idempotency WHERE client = $1", CLIENT
        )
        done = {row["key"] for row in rows}
        to_come = list(missing(steps, done))
        columns = (
            TextColumn("装入演示数据"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[day]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(
                "", total=len(steps), completed=len(steps) - len(to_come), day=""
            )
            for wave in waves(to_come, _TOGETHER):
                if isinstance(wave, Scene):
                    self._clock.now = wave.at
                    async with self._looking(wave.views) as serving:
                        found = await wave.acting(serving, wave.at)
                    await send(self._log, [step for step in found if step.key not in done])
                else:
                    self._clock.now = wave[-1].at
                    await send(self._log, wave)
                played = 1 if isinstance(wave, Scene) else len(wave)
                progress.update(task, advance=played, day=f"{self._clock.now:%Y-%m-%d}")

    @asynccontextmanager
    async def _looking(self, views: Sequence[View]) -> AsyncIterator[Serving]:
        """The record as the API has it, once these views have reached the head."""
        async with Runner.running(self._log, views) as runner:
            if not await runner.caught_up(await self._log.head()):
                raise DemonstrationFault(f"视图未能更新：{runner.states()}")
            yield Serving.of(self._log, runner, self._master, published_calendars(), self._clock)


def missing(steps: Sequence[Step | Scene], done: set[str]) -> Iterator[Step | Scene]:
    """Steps without their key, and scenes that nothing that came later shows to be over."""
    over = max((place for place, step in enumerate(steps) if _key(step) in done), default=-1)
    for place, step in enumerate(steps):
        if place > over if isinstance(step, Scene) else step.key not in done:
            yield step


def _key(step: Step | Scene) -> str | None:
    return step.key if isinstance(step, Step) else None


async def send(log: EventLog, wave: Sequence[Step]) -> None:
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
