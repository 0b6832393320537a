"""异议未决: what is objected to is marked so wherever it is shown, until that is settled (R39)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.eventstore.mapping import Recorded
from service.projections.view import Folds

S = TypeVar("S")
_Objecting = ObjectionRaised | ObjectionAnswered | ObjectionWithdrawn
_TYPES: tuple[type[_Objecting], ...] = (ObjectionRaised, ObjectionAnswered, ObjectionWithdrawn)


class Disputable(Protocol):
    """A row of what may be objected to."""

    disputed: bool


def marking(
    folds: Folds[S], against: ObjectionSubject, rows: Callable[[S], Mapping[str, Disputable]]
) -> None:
    """Lets a view mark its rows, by subject; whatever has no row was erased."""

    def mark(state: S, event: _Objecting, _at: Recorded) -> None:
        row = rows(state).get(event.subject_id)
        if event.against is against and row is not None:
            row.disputed = type(event) is ObjectionRaised

    for each in _TYPES:
        folds.on(each)(mark)


def objected_to(batch: Iterable[Recorded], against: ObjectionSubject) -> set[str]:
    """The rows to load for it."""
    return {
        vars(each.event)["subject_id"]
        for each in batch
        if type(each.event) in _TYPES and vars(each.event)["against"] is against
    }
