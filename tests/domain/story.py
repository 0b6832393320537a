"""Given these events, when this command, then that: domain stories without a database.

The story folds exactly what the log would give the command: the given events that match its
consistency boundary, read again when the boundary widens. A selector that was forgotten therefore
shows as a missing fact.
"""

from collections.abc import Sequence
from typing import Self

import pytest

from service.domain.event import Command, Event, Rejection, Selector


def matches(event: Event, boundary: Sequence[Selector]) -> bool:
    """Whether an event lies in a boundary: any selector, all of its tags, any of its types."""
    tags = set(event.tags())
    return any(
        (not selector.types or type(event) in selector.types) and tags.issuperset(selector.tags)
        for selector in boundary
    )


class Story:
    """One story; ``then`` compares event classes and the fields that are named."""

    def __init__(self, *history: Event) -> None:
        self.history = list(history)
        self.happened: list[Event] = []
        self.rejection: Rejection | None = None
        self.boundary: list[Selector] = []

    def when(self, command: Command) -> Self:
        """Decides ``command`` on the history; what happens is added to the history."""
        self.boundary = []
        while True:
            attempt = command.fresh()
            for event in self.history:
                if matches(event, self.boundary):
                    event.mutate(attempt)
            wider = list(attempt.consistency_boundary())
            if wider == self.boundary:
                break
            self.boundary = wider
        self.rejection, self.happened = None, []
        try:
            attempt.execute()
        except Rejection as rejection:
            self.rejection = rejection
        else:
            self.happened = [tagged.decision for tagged in attempt.new_decisions]
            self.history += self.happened
        return self

    def then(self, *expected: type[Event], **fields: object) -> Self:
        """Exactly these events happened; ``fields`` are compared on the last one."""
        if self.rejection is not None:
            pytest.fail(f"refused: {self.rejection.code()}: {self.rejection.detail}")
        assert [type(event) for event in self.happened] == list(expected)
        for name, value in fields.items():
            assert getattr(self.happened[-1], name) == value, name
        return self

    def refused(self, expected: type[Rejection], *, pointer: str | None = None) -> Self:
        """The command was refused by exactly this rule."""
        assert type(self.rejection) is expected, (self.rejection, self.happened)
        if pointer is not None:
            assert self.rejection.pointer == pointer
        return self


def given(*history: Event) -> Story:
    """A story that starts from these events."""
    return Story(*history)
