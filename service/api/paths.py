"""Which route a path leads to: a tree of the paths' segments, so that none is tried in vain."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.api.route import Route

Methods = dict[str, Route]
"""The routes of one path."""


class AmbiguousPaths(ValueError):
    """Two routes would both answer, or a place in a path is sometimes fixed and sometimes not."""


@dataclass(slots=True)
class _Segment:
    following: dict[str, "_Segment"] = field(default_factory=dict)
    parameter: "_Segment | None" = None
    """What follows where the path has a parameter."""
    rest: Methods = field(default_factory=dict)
    """The routes that take whatever follows, as ``{path:path}`` does."""
    methods: Methods = field(default_factory=dict)


class Paths:
    """Every path of the API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises AmbiguousPaths."""
        self._root = _Segment()
        for route in routes:
            before, _, last = route.path.rpartition("/")
            if last.endswith(":path}"):
                found = self._made(before).rest
            else:
                found = self._made(route.path).methods
            if not found.keys().isdisjoint(route.methods):
                raise AmbiguousPaths(route.path)
            found.update(dict.fromkeys(route.methods, route))

    def _made(self, path: str) -> _Segment:
        at = self._root
        for segment in path.split("/"):
            if segment.startswith("{"):
                at.parameter = following = at.parameter or _Segment()
            else:
                following = at.following.setdefault(segment, _Segment())
            if at.parameter and at.following:
                raise AmbiguousPaths(path)
            at = following
        return at

    def find(self, path: str) -> tuple[Methods, list[str]]:
        """The routes of a path, none if there is no such path, and the values of its parameters."""
        at: _Segment | None = self._root
        values: list[str] = []
        rest: tuple[Methods, list[str]] = ({}, [])
        segments = path.split("/")
        for number, segment in enumerate(segments):
            if at is None:
                break
            if at.rest:
                rest = at.rest, [*values, "/".join(segments[number:])]
            if at.parameter is not None and segment:
                values.append(segment)
                at = at.parameter
            else:
                at = at.following.get(segment)
        return (at.methods, values) if at is not None and at.methods else rest
