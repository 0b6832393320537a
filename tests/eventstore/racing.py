"""Two commands at the same moment through two processes' writers, many times over."""

import asyncio
from collections.abc import Callable
from random import Random

from service.domain.event import Command, Event, Rejection
from service.eventstore import EventLog
from tests.eventstore.history import given

RACES, TOGETHER = 500, 20
Pair = Callable[[int], tuple[Command, Command]]


async def race(
    logs: tuple[EventLog, EventLog], pair: Pair, history: Callable[[int], list[Event]]
) -> list[tuple[int | BaseException, int | BaseException]]:
    """The position of each act, or why it was refused; every race has a history of its own."""
    for begin in range(0, RACES, 50):
        events = [event for number in range(begin, begin + 50) for event in history(number)]
        await given(logs[0], *events)
    chance, results = Random(7), []

    async def run(number: int) -> tuple[int | BaseException, int | BaseException]:
        turn = [0, 1] if chance.random() < 0.5 else [1, 0]
        commands = pair(number)

        async def decided(which: int) -> int:
            await asyncio.sleep(chance.random() / 1000)
            return (await logs[which].decide(commands[which])).position

        answers = await asyncio.gather(*map(decided, turn), return_exceptions=True)
        first, second = (answers[turn.index(each)] for each in (0, 1))
        return first, second

    for begin in range(0, RACES, TOGETHER):
        results += await asyncio.gather(*map(run, range(begin, begin + TOGETHER)))
    for answer in (each for result in results for each in result):
        assert isinstance(answer, int | Rejection), answer
    return results
