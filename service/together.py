"""Questions that wait at the same moment are answered by one statement.

A statement of its own for every reader costs each of them a round trip, a plan and a snapshot.
While one is under way the next readers gather, so that the busier it is the less each one costs;
a reader who is alone does not wait for anybody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

AT_MOST = 100
"""Questions answered at once."""


class Together(Generic[Q, A]):
    """Answers questions together, first come first served; ``answer`` keeps their order."""

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._answer = answer
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer; raises what kept the questions asked together from being answered."""
        answered: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await answered

    async def _work(self) -> None:
        try:
            while self._waiting:
                number = min(len(self._waiting), AT_MOST)
                await self._settle([self._waiting.popleft() for _ in range(number)])
        finally:
            self._working = None

    async def _settle(self, asked: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            for _, answered in asked:
                if not answered.done():
                    answered.set_exception(error)
        else:
            for (_, answered), answer in zip(asked, answers, strict=True):
                if not answered.done():
                    answered.set_result(answer)
        finally:
            for _, answered in asked:
                answered.cancel()  # nothing, unless the work itself was cancelled
