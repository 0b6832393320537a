"""What a command is predicted to come to."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from service.domain.event import Command
from tests.stateful.model.forgotten import is_forgotten
from tests.stateful.model.town import Town

Expected = tuple[str, dict[str, object]]
"""An event by its type, with the fields that are foretold."""


@dataclass(frozen=True)
class Prediction:
    """Either the events that will happen, or the rules of which one will refuse."""

    events: tuple[Expected, ...] = ()
    refusals: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    """Pointers to the rows at fault, where a list is refused."""


def refused(*rules: str) -> Prediction:
    """Refused by one of these."""
    return Prediction(refusals=frozenset(rules))


def broken(**rules: bool) -> Prediction | None:
    """Refused by those that are true of the case, if any is."""
    names = [rule for rule, is_broken in rules.items() if is_broken]
    return refused(*names) if names else None


def happens(event: str, **fields: object) -> Prediction:
    """Accepted: this event."""
    return Prediction(events=((event, fields),))


C = TypeVar("C", bound=Command)
Predictor = Callable[[Town, C], Prediction]
_PREDICTORS: dict[type[Command], Predictor[Any]] = {}


def predicts(command: type[C]) -> Callable[[Predictor[C]], Predictor[C]]:
    """Marks what predicts this command; when it is accepted the town has changed afterwards."""

    def mark(predictor: Predictor[C]) -> Predictor[C]:
        _PREDICTORS[command] = predictor
        return predictor

    return mark


def predict(town: Town, command: Command) -> Prediction:
    """What the command comes to."""
    predictor = _PREDICTORS[type(command)]
    if is_forgotten(town, command):
        # Whatever else speaks against it may be said instead.
        return refused("UnknownMember", *predictor(deepcopy(town), command).refusals)
    return predictor(town, command)
