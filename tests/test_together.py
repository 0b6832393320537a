"""Questions that wait together are answered together."""

import asyncio
from collections.abc import Sequence

import pytest

from service.together import AT_MOST, Together


class Answering:
    """Answers with what was asked, once it is let go; remembers what was asked together."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, questions: Sequence[int]) -> list[str]:
        self.asked.append(list(questions))
        await self.go.wait()
        if -1 in questions:
            raise LookupError
        return [f"answer {each}" for each in questions]


async def test_whoever_comes_while_others_are_answered_is_answered_with_the_next() -> None:
    answering = Answering()
    together = Together(answering)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(together.ask(each)) for each in (2, 3, 4)]
    await asyncio.sleep(0)
    answering.go.set()
    assert await asyncio.gather(first, *later) == [f"answer {each}" for each in (1, 2, 3, 4)]
    assert answering.asked == [[1], [2, 3, 4]]


async def test_one_statement_answers_a_bounded_number_first_come_first_served() -> None:
    answering = Answering()
    answering.go.set()
    together = Together(answering)
    await asyncio.gather(*[together.ask(each) for each in range(AT_MOST + 5)])
    assert answering.asked == [list(range(AT_MOST)), list(range(AT_MOST, AT_MOST + 5))]


async def test_a_failure_reaches_those_asked_together_and_nobody_after_them() -> None:
    answering = Answering()
    answering.go.set()
    together = Together(answering)
    failed = await asyncio.gather(together.ask(1), together.ask(-1), return_exceptions=True)
    assert [type(each) for each in failed] == [LookupError, LookupError]
    assert await together.ask(2) == "answer 2"


async def test_one_who_goes_away_takes_nobody_else_along() -> None:
    answering = Answering()
    together = Together(answering)
    gone, staying = (asyncio.create_task(together.ask(each)) for each in (1, 2))
    await asyncio.sleep(0.01)
    gone.cancel()
    answering.go.set()
    assert await staying == "answer 2"
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_two_at_once_share_what_waits_and_each_is_asked_again_with_its_share() -> None:
    answering = Answering()
    together = Together(answering, at_once=2)
    first = [asyncio.create_task(together.ask(each)) for each in range(6)]
    await asyncio.sleep(0.01)
    assert answering.asked == [[0, 1, 2], [3, 4, 5]]
    later = [asyncio.create_task(together.ask(each)) for each in range(6, 9)]
    await asyncio.sleep(0.01)
    assert len(answering.asked) == 2
    answering.go.set()
    found = await asyncio.gather(*first, *later)
    assert found == [f"answer {each}" for each in range(9)]
    assert sorted(each for asked in answering.asked for each in asked) == list(range(9))


async def test_one_alone_waits_for_nobody_while_another_is_answered() -> None:
    answering = Answering()
    together = Together(answering, at_once=2)
    asked = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0.01)
    asked.append(asyncio.create_task(together.ask(2)))
    await asyncio.sleep(0.01)
    assert answering.asked == [[1], [2]]
    answering.go.set()
    assert await asyncio.gather(*asked) == ["answer 1", "answer 2"]
