"""The arguments of `log.append`: parallel arrays, as migrations/0001_log.sql describes them."""

from collections.abc import Iterable
from typing import Any

from eventsourcing.dcb.api import DCBEvent

from service.eventstore.mapping import UnstorableEvent

SHARD = 1
"""The only shard so far."""

_SEPARATOR = "\x1f"


def joined(strings: Iterable[str]) -> str:
    """Strings as one; raises UnstorableEvent for one that would not come apart again."""
    parts = list(strings)
    whole = _SEPARATOR.join(parts)
    if "" in parts or "\x00" in whole or whole.count(_SEPARATOR) != max(len(parts) - 1, 0):
        raise UnstorableEvent("types and tags are not empty and hold neither U+001F nor U+0000")
    return whole


class AppendCall:
    """Many conditional appends on their way to the database in one call.

    `begin` opens an append; events, condition items and keys are added to the one opened last.
    """

    def __init__(self) -> None:
        self._after: list[int] = []
        self._events: tuple[list[Any], ...] = ([], [], [], [])
        self._items: tuple[list[Any], ...] = ([], [], [])
        self._keys: tuple[list[Any], ...] = ([], [], [], [], [])

    def __len__(self) -> int:
        return len(self._after)

    def begin(self, after: int) -> None:
        """Opens an append whose condition looks at what comes after this position."""
        self._after.append(after)

    def add_event(self, event: DCBEvent) -> None:
        """An event; a tag named twice is kept once."""
        self._add(self._events, event.type, joined(dict.fromkeys(event.tags)), event.data)

    def add_item(self, types: Iterable[str], tags: Iterable[str]) -> None:
        """An item of the condition: no event of any of the types with all of the tags."""
        self._add(self._items, joined(types), joined(tags))

    def add_key(self, client: str, key: str, fingerprint: bytes, answer: bytes) -> None:
        """An idempotency key that is used up by this append, and the answer it gets."""
        self._add(self._keys, client, key, fingerprint, answer)

    def arguments(self) -> tuple[list[Any], ...]:
        """What `log.append` takes, from `a_after` on."""
        return (self._after, *self._events, *self._items, *self._keys)

    def _add(self, columns: tuple[list[Any], ...], *row: object) -> None:
        for column, value in zip(columns, (len(self._after), *row), strict=True):
            column.append(value)
