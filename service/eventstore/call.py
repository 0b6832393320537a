"""The arguments of `log.append`: parallel columns, as migrations/0001_log.sql describes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from eventsourcing.dcb.api import DCBEvent

from service.eventstore.mapping import UnstorableEvent

SHARD = 1
"""The only shard so far."""

_IN_LIST = "\x1f"
_IN_COLUMN = "\x1e"


def joined(strings: Iterable[str]) -> str:
    """A list of strings as one; raises UnstorableEvent for one that would not come apart again."""
    parts = list(strings)
    whole = _IN_LIST.join(parts)
    if (
        "" in parts
        or "\x00" in whole
        or _IN_COLUMN in whole
        or whole.count(_IN_LIST) != max(len(parts) - 1, 0)
    ):
        raise UnstorableEvent("types and tags are not empty and hold no U+0000, U+001E or U+001F")
    return whole


def column(strings: Sequence[str]) -> str:
    """Strings of which none holds U+001E as one; what `joined` gives holds none."""
    # Before each and not between them: a column of one empty string differs from an empty column.
    return "".join([_IN_COLUMN + string for string in strings])


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
        numbers, types, tags, data = self._events
        numbers.append(str(len(self._after)))
        types.append(joined((event.type,)))
        tags.append(joined(dict.fromkeys(event.tags)))
        data.append(event.data)

    def add_item(self, types: Iterable[str], tags: Iterable[str]) -> None:
        """An item of the condition: no event of any of the types with all of the tags."""
        numbers, all_types, all_tags = self._items
        numbers.append(str(len(self._after)))
        all_types.append(joined(types))
        all_tags.append(joined(tags))

    def add_key(self, client: str, key: str, fingerprint: bytes, answer: bytes) -> None:
        """An idempotency key that is used up by this append, and the answer it gets."""
        row = (str(len(self._after)), client, key, fingerprint, answer)
        for values, value in zip(self._keys, row, strict=True):
            values.append(value)

    def arguments(self) -> tuple[Any, ...]:
        """What `log.append` takes, from `a_after` on."""
        numbers, types, tags, data = self._events
        of_items, item_types, item_tags = self._items
        of_keys, *keys = self._keys
        return (
            self._after,
            ",".join(numbers),
            column(types),
            column(tags),
            data,
            ",".join(of_items),
            column(item_types),
            column(item_tags),
            ",".join(of_keys),
            *keys,
        )
