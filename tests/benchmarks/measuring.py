"""Many clients that do one thing again and again for a while, and what that came to."""

import asyncio
import cProfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

running_profile: list[cProfile.Profile] = []
"""The profile of this process, if one is being taken: what was prepared does not count in it."""

Figures = dict[str, Any]
"""What one measurement found; ``rate`` is per second, times are milliseconds."""


@dataclass(frozen=True)
class Window:
    """How long is measured, after how long a warm-up."""

    warm_up: float = 1.0
    duration: float = 3.0

    def opened(self) -> "Open":
        """The window from now on."""
        begin = perf_counter() + self.warm_up
        return Open(begin, begin + self.duration)


@dataclass
class Open:
    """A window on the clock: counts what is completed inside it."""

    begin: float
    end: float

    def covers(self, done: float) -> bool:
        """Whether something completed now counts."""
        return self.begin <= done <= self.end


@dataclass(frozen=True)
class Tally:
    """Times per client, in seconds, of what was completed within the window."""

    times: Sequence[Sequence[float]]
    duration: float

    def figures(self, **more: Any) -> Figures:
        """The usual figures, and more."""
        every = sorted(time for each in self.times for time in each)
        counts = [len(each) for each in self.times]
        return {
            "rate": len(every) / self.duration,
            "p50": percentile(every, 50),
            "p95": percentile(every, 95),
            "p99": percentile(every, 99),
            "slowest_to_fastest": min(counts) / max(*counts, 1) if counts else 0.0,
            **more,
        }


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of ascending seconds, in milliseconds."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


async def drive(clients: int, window: Window, act: Callable[[int], Awaitable[object]]) -> Tally:
    """Lets this many tasks act, each after its last act is done."""
    times: list[list[float]] = [[] for _ in range(clients)]
    for profile in running_profile:
        profile.clear()
    opened = window.opened()

    async def client(number: int) -> None:
        while (started := perf_counter()) < opened.end:
            await act(number)
            if opened.covers(done := perf_counter()):
                times[number].append(done - started)

    await asyncio.gather(*(client(number) for number in range(clients)))
    return Tally(times, window.duration)


def drive_threads(clients: int, window: Window, act: Callable[[int], object]) -> Tally:
    """The same with threads, for peers whose calls block."""
    times: list[list[float]] = [[] for _ in range(clients)]
    failures: list[BaseException] = []
    opened = window.opened()

    def client(number: int) -> None:
        try:
            while (started := perf_counter()) < opened.end:
                act(number)
                if opened.covers(done := perf_counter()):
                    times[number].append(done - started)
        except BaseException as failure:  # noqa: BLE001 - it is raised below, in the caller's thread
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Tally(times, window.duration)


def median(found: Sequence[Figures]) -> Figures:
    """Of several measurements the one with the middle rate, as it was."""
    return sorted(found, key=lambda figures: figures["rate"])[len(found) // 2]
