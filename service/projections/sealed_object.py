"""A JSON object ready to be sent but for its personal texts, which stand in it sealed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

from service.trust.keyring import SEALED

# A quote inside a JSON string is escaped, so this never matches within a text.
_PLACE = re.compile(rb'":"(' + SEALED.encode() + rb'[^"\\]*)"')


@dataclass(frozen=True, slots=True)
class SealedObject:
    """The object's bytes, cut where a sealed text stands: opening it anew is joining them."""

    parts: tuple[bytes, ...]
    """What stands before, between and after the sealed texts, the last brace left out."""
    places: tuple[tuple[str, str], ...]
    """Name of the field, and the sealed text, of each cut."""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From an object that has at least one field."""
        pieces = _PLACE.split(orjson.dumps(content)[:-1])
        texts, sealed = pieces[::2], pieces[1::2]
        names = [text[text.rindex(b'"') + 1 :] for text in texts[:-1]]
        return cls(
            (*[text + b'":' for text in texts[:-1]], texts[-1]),
            tuple((name.decode(), each.decode()) for name, each in zip(names, sealed, strict=True)),
        )

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(map(len, self.parts)) + sum(len(text) for _, text in self.places)

    def opened(self, opening: Callable[[str, str], str], **more: object) -> bytes:
        """The whole object, each place opened by ``opening(name, sealed)``, with more fields."""
        found: list[bytes] = []
        for part, (name, sealed) in zip(self.parts, self.places, strict=False):
            found += (part, orjson.dumps(opening(name, sealed)))
        found.append(self.parts[-1])
        found.append(b"," + orjson.dumps(more)[1:] if more else b"}")
        return b"".join(found)

    def left_sealed(self, **more: object) -> bytes:
        """The whole object as it is kept."""
        return self.opened(lambda _, sealed: sealed, **more)
