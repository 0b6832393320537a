"""查阅记录封存: the log vouches for who read what about whom (R40)."""

from dataclasses import dataclass, field
from typing import Annotated

from service.domain.event import Command, Event, Rejection, Selector, Tag, on


class ReadingsSealed(Event, type="ReadingsSealed"):
    """查阅记录已封存: readings of personal data from one number to another, by their hash.

    Seals join without a gap. A reading that is changed, removed or slipped in afterwards no longer
    fits the hash, and the seal itself is a leaf of the transparency log.
    """

    first: Annotated[int, Tag("readings-from")]
    last: Annotated[int, Tag("readings-to")]
    readings_digest: str
    """SHA-256, hexadecimal; `service/trust/sealing.py` says over what."""


class ReadingsAlreadySealed(Rejection):
    """这些查阅记录已经封存。"""

    rule = "R40"


class ReadingsOutOfOrder(Rejection):
    """查阅记录须按编号依次封存，中间不得有空缺。"""

    rule = "R40"


@dataclass(kw_only=True)
class SealReadings(Command):
    """封存查阅记录: the next ones, once; what the service does by itself."""

    first: int
    last: int
    readings_digest: str
    sealed: list[tuple[int, int]] = field(init=False, default_factory=list)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Selector([ReadingsSealed], [f"readings-from:{self.first}"]),
            Selector([ReadingsSealed], [f"readings-to:{self.first - 1}"]),
        ]

    @on(ReadingsSealed)
    def _(self, first: int, last: int) -> None:
        self.sealed.append((first, last))

    def execute(self) -> None:
        if any(first == self.first for first, _ in self.sealed):
            raise ReadingsAlreadySealed
        follows = any(last == self.first - 1 for _, last in self.sealed)
        if self.last < self.first or not (follows or self.first == 1):
            raise ReadingsOutOfOrder
        self.happened(
            ReadingsSealed(first=self.first, last=self.last, readings_digest=self.readings_digest)
        )
