"""The arguments of `log.append`: parallel columns, as migrations/0001_log.sql describes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from eventsourcing.dcb.api import DCBEvent

from service.eventstore.mapping import UnstorableEvent

SHARD = 1
"""The only shard so far."""

_IN_LIST = "\x1f"
_IN_COLUMN = "\x1e"
_UNSTORABLE = "types and tags are not empty and hold no U+0000, U+001E or U+001F"


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
        raise UnstorableEvent(_UNSTORABLE)
    return whole


def column(strings: Sequence[str]) -> str:
    """Strings of which none holds U+001E as one; what `joined` gives holds none."""
    # Before each and not between them: a column of one empty string differs from an empty column.
    return "".join([_IN_COLUMN + string for string in strings])


class Lists:
    """A column of lists of strings; checked once, because that is cheaper than each by itself."""

    def __init__(self) -> None:
        self._joined: list[str] = []
        self._seams = 0

    def add(self, strings: Sequence[str]) -> None:
        if "" in strings:
            raise UnstorableEvent(_UNSTORABLE)
        self._joined.append(_IN_LIST.join(strings))
        if strings:
            self._seams += len(strings) - 1

    def joined(self) -> str:
        whole = column(self._joined)
        if (
            "\x00" in whole
            or whole.count(_IN_COLUMN) != len(self._joined)
            or whole.count(_IN_LIST) != self._seams
        ):
            raise UnstorableEvent(_UNSTORABLE)
        return whole


class AppendCall:
    """Many conditional appends on their way to the database in one call.

    `begin` opens an append; events, condition items and keys are added to the one opened last.
    """

    def __init__(self) -> None:
        self._after: list[int] = []
        self._of_events: list[str] = []
        self._types, self._tags = Lists(), Lists()
        self._data: list[bytes] = []
        self._of_items: list[str] = []
        self._item_types, self._item_tags = Lists(), Lists()
        self._keys: tuple[list[Any], ...] = ([], [], [], [], [])
        self._number = ""

    def __len__(self) -> int:
        return len(self._after)

    def begin(self, after: int) -> None:
        """Opens an append whose condition looks at what comes after this position."""
        self._after.append(after)
        self._number = str(len(self._after))

    def add_event(self, event: DCBEvent) -> None:
        """An event; a tag named twice is kept once."""
        self._of_events.append(self._number)
        self._types.add((event.type,))
        self._tags.add(tuple(dict.fromkeys(event.tags)))
        self._data.append(event.data)

    def add_item(self, types: Sequence[str], tags: Sequence[str]) -> None:
        """An item of the condition: no event of any of the types with all of the tags."""
        self._of_items.append(self._number)
        self._item_types.add(types)
        self._item_tags.add(tags)

    def add_key(self, client: str, key: str, fingerprint: bytes, answer: bytes) -> None:
        """An idempotency key that is used up by this append, and the answer it gets."""
        row = (self._number, client, key, fingerprint, answer)
        for values, value in zip(self._keys, row, strict=True):
            values.append(value)

    def arguments(self) -> tuple[Any, ...]:
        """What `log.append` takes, from `a_after` on."""
        of_keys, *keys = self._keys
        return (
            self._after,
            ",".join(self._of_events),
            self._types.joined(),
            self._tags.joined(),
            self._data,
            ",".join(self._of_items),
            self._item_types.joined(),
            self._item_tags.joined(),
            ",".join(of_keys),
            *keys,
        )
