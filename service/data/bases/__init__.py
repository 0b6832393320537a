"""征求意见的依据: the local documents that consultations rest on, one file each (R26).

A file `<code>.json` is one document: its number, title, who issued it and when, and before which
decisions it has the community asked. Those here are invented, so that there is something to try
things out with; an operator who names a directory of their own has its documents only.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.domain.decision_purpose import DecisionPurpose

Bases = Mapping[str, "Basis"]
"""The documents by their code, in order."""

_NATIONAL = ("中发", "中办发", "中组发", "组通字", "国发", "国办发", "国办发明电")
"""What the numbers of national documents begin with."""
_Line = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]


class UnusableBasis(ValueError):
    """A document's file cannot be used; the message names the file and says why."""


class Basis(BaseModel):
    """A local document, checked for what can be checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
    document_no: Annotated[_Line, Field(pattern=r"^[^\s〔〕]+〔\d{4}〕\d+号$")]
    title: _Line
    issued_by: _Line
    issued_on: date
    purposes: Annotated[tuple[DecisionPurpose, ...], Field(min_length=1)]
    source: _Line
    """Where it comes from, and what of it is invented."""
    invented: tuple[str, ...] = ()
    """JSON pointers of what no document says."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        issuer, _, rest = self.document_no.partition("〔")
        if issuer in _NATIONAL:
            raise ValueError("a basis is a local document")
        if int(rest[:4]) != self.issued_on.year:
            raise ValueError(f"{self.document_no} was not issued in {self.issued_on.year}")
        if len(set(self.purposes)) < len(self.purposes):
            raise ValueError("a purpose is named twice")
        known = {f"/{name}" for name in type(self).model_fields}
        if unknown := [each for each in self.invented if each not in known]:
            raise ValueError(f"there is no {unknown[0]}")
        return self


def read_basis(name: str, content: bytes) -> Basis:
    """The document in one file named `name`; raises UnusableBasis."""
    try:
        basis = Basis.model_validate_json(content)
    except ValidationError as error:
        faults = [("/".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise UnusableBasis("; ".join(f"{name}: {at}: {fault}" for at, fault in faults)) from None
    if name != f"{basis.code}.json":
        raise UnusableBasis(f"{name}: is named {basis.code}.json")
    return basis


@lru_cache(maxsize=8)
def configured_bases(own_dir: Path | None = None) -> Bases:
    """The operator's documents where a directory is named; else the invented ones that come along.

    Read once per process: a new file takes effect at the next start. Raises UnusableBasis for a
    file that cannot be used, for a number that comes twice and for a directory that is not there.
    """
    if own_dir is not None and not own_dir.is_dir():
        raise UnusableBasis(f"{own_dir} is not a directory")
    found: dict[str, Basis] = {}
    for basis in _bases_in(files(__name__) if own_dir is None else own_dir):
        if basis.document_no in {each.document_no for each in found.values()}:
            raise UnusableBasis(f"{basis.code}.json: {basis.document_no} comes twice")
        found[basis.code] = basis
    return found


def _bases_in(folder: Traversable) -> Iterator[Basis]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield read_basis(entry.name, entry.read_bytes())
