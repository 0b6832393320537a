"""The capabilities of the domain, with what each of them says: read from the modules themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from service import domain
from service.domain.capabilities import CAPABILITIES
from service.domain.event import EVENTS, Event, Rejection, Tag

_TERM = re.compile(r"[:：]|\s*\((?=R\d)|[。.]\s*$")
_RULES = re.compile(r"\s*\(((?:R\d+)(?:[-, ]+R\d+)*)\)")


@dataclass(frozen=True)
class Saying:
    """A docstring's first paragraph, taken apart: ``签到: a second one never … (R14).``"""

    term: str
    meaning: str
    rules: str

    @classmethod
    def of(cls, documented: object) -> "Saying":
        """What a class or module says about itself."""
        paragraph = " ".join(str(documented.__doc__ or "").strip().split("\n\n")[0].split())
        term = _TERM.split(paragraph)[0].strip()
        meaning = paragraph[len(term) :].lstrip(":： ")
        rules = ", ".join(match for match in _RULES.findall(meaning))
        meaning = _RULES.sub("", meaning).strip(" .。").replace("``", "`")
        return cls(term, meaning[:1].upper() + meaning[1:], rules)


@dataclass(frozen=True)
class Capability:
    """One module of the domain and what it defines."""

    name: str
    saying: Saying
    events: tuple[type[Event], ...]
    rejections: tuple[type[Rejection], ...]
    kinds: tuple[type[Enum], ...]
    parts: tuple[type[BaseModel], ...]
    """What events hold inside, e.g. one shift of a roster."""


def capabilities() -> list[Capability]:
    """Every capability: those with events in their own order, then the modules they share."""
    names = [module.__name__ for module in CAPABILITIES]
    names += [f"{domain.__name__}.{found.name}" for found in iter_modules(domain.__path__)]
    return [_capability(name) for name in dict.fromkeys(names)]


def events() -> list[type[Event]]:
    """Every event of the service by its type; those that tests make up are no part of it."""
    return [event for _, event in sorted(EVENTS.items()) if event.__module__.startswith("service.")]


def tags_of(event: type[Event]) -> dict[str, str]:
    """The kind of tag by name of the field that gives it."""
    hints = get_type_hints(event, include_extras=True)
    return {
        name: mark.kind
        for name in event.model_fields
        for mark in _marks(hints[name])
        if isinstance(mark, Tag)
    }


def _marks(annotation: Any) -> Iterator[object]:
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        yield from marks
    for inner in get_args(annotation):
        yield from _marks(inner)


def _capability(name: str) -> Capability:
    module = import_module(name)
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == name]
    return Capability(
        name=name.rpartition(".")[2],
        saying=Saying.of(module),
        events=tuple(event for event in EVENTS.values() if event.__module__ == name),
        rejections=tuple(_classes(own, Rejection)),
        kinds=tuple(_classes(own, Enum)),
        parts=tuple(each for each in _classes(own, BaseModel) if not issubclass(each, Event)),
    )


def _classes(own: list[Any], parent: type[Any]) -> Iterator[Any]:
    return (
        each
        for each in own
        if isinstance(each, type) and issubclass(each, parent) and each not in {Rejection, Event}
    )
