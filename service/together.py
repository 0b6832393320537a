"""Questions that wait at the same moment are answered by one statement.

A statement of its own for every reader costs each of them a round trip, a plan and a snapshot.
While one is under way the next readers gather, so that the busier it is the less each one costs;
a reader who is alone does not wait for anybody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

Q = TypeVar("Q")
A = TypeVar("A")

AT_MOST = 100
"""Questions answered at once."""


class Together(Generic[Q, A]):
    """Answers questions together, first come first served; ``answer`` keeps their order.

    With ``at_once`` it is asked that often at the same time, each time with its share.
    """

    def __init__(
        self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], at_once: int = 1
    ) -> None:
        self._answer = answer
        self._at_once = at_once
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._asked = 0
        self._working: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """The answer; raises what kept the questions asked together from being answered."""
        answered: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if len(self._working) < self._at_once:
            self._working.add(asyncio.create_task(self._work()))
        return await answered

    async def _work(self) -> None:
        try:
            while self._waiting:
                share = -(-(len(self._waiting) + self._asked) // self._at_once)
                await self._settle_next(min(len(self._waiting), share, AT_MOST))
        finally:
            # Not when the task is done, a moment later: who asks in between would wait for ever.
            self._working.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _settle_next(self, number: int) -> None:
        self._asked += number
        try:
            await self._settle([self._waiting.popleft() for _ in range(number)])
        finally:
            self._asked -= number

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
