"""What verifying a bundle comes to, and what whoever verifies it brings along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

State = Literal["passed", "failed", "unsettled"]


class Verdict(IntEnum):
    """What it comes to; the status that ``verify.py`` ends with."""

    VERIFIED = 0
    REFUSED = 1
    UNREADABLE = 2
    UNSETTLED = 3
    """Nothing is wrong, and not everything could be checked against something from elsewhere."""


@dataclass(frozen=True)
class Trusted:
    """What whoever verifies has from elsewhere; what is None is taken from the bundle."""

    seal_key: str | None = None
    """A verifier key of signed-note, as ``GET /evidence-keys`` gives it."""
    policy: bytes | None = None
    """A tlog-policy: the log's key, its witnesses, and how many are enough."""
    frozen_proof: str | None = None
    """The tlog-proof of the event `EvidenceFrozen`, as ``GET /log/proofs/{position}`` gives it."""


@dataclass(frozen=True)
class Finding:
    """What one check came to."""

    name: str
    state: State
    details: tuple[str, ...] = ()


@dataclass
class Report:
    """What all checks came to, in order."""

    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    """What it is about, to be compared with what one knows from elsewhere."""
    readable: bool = True

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        states = {each.state for each in self.findings}
        if not self.readable:
            return Verdict.UNREADABLE
        if "failed" in states:
            return Verdict.REFUSED
        return Verdict.UNSETTLED if "unsettled" in states else Verdict.VERIFIED


def settled(name: str, check: Callable[[], Finding]) -> Finding:
    """What the check came to; what it raises is what is wrong."""
    try:
        return check()
    except (ValueError, RecursionError) as error:
        return Finding(name, "failed", (str(error) or type(error).__name__,))
