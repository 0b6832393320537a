"""What a comparison is: who is measured against whom, how long, and what is to be reached."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.measuring import Figures, Window, median
from tests.benchmarks.world import World

OURS, LIBRARY, GENERIC = "ours", "library TT", "library TT, generic plans"
UMADB, PLAIN = "UmaDB", "plain INSERT"


MILLION = World(members=40_000, participations=350_000, signings=70_000, capacities=(None,) * 2000)


@dataclass(frozen=True)
class Size:
    """How long and how large: a full run is for the README, a quick one for a look."""

    rounds: int = 3
    window: Window = field(default=Window(1.0, 4.0))
    writers: tuple[int, ...] = (1, 8, 32, 64)
    district: World = field(default=MILLION)
    """What is read, rebuilt and shown: a million events."""
    registered: int = 80_000
    """Members who can sign up."""
    endorsable: int = 250_000
    """Participations that wait for an endorsement, split among all that endorse."""
    files: int = 10
    views_alone: bool = True


QUICK = Size(
    window=Window(0.2, 0.5),
    writers=(64,),
    district=World(members=4000, participations=12_000, signings=1000, capacities=(None,) * 100),
    registered=12_000,
    endorsable=32_000,
    files=3,
    views_alone=False,
)


@dataclass(frozen=True)
class Target:
    """What was promised, and what came out."""

    promise: str
    wanted: float
    found: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted


@dataclass
class Row:
    """One comparison: the median figures of each contender, and the targets."""

    key: str
    title: str
    unit: str = "per second"
    contenders: dict[str, Figures] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)
    """Where our time goes, when a target was missed."""

    def ratio(self, promise: str, wanted: float, peer: str, ours: str = OURS) -> None:
        """Promises a multiple of a peer's rate."""
        found = self.contenders[ours]["rate"] / max(self.contenders[peer]["rate"], 1e-9)
        self.targets.append(Target(promise, wanted, found))

    def limit(self, promise: str, wanted: float, found: float) -> None:
        """Promises no more than this."""
        self.targets.append(Target(promise, wanted, found, at_most=True))

    def least(self, promise: str, wanted: float, found: float) -> None:
        """Promises no less than this."""
        self.targets.append(Target(promise, wanted, found))

    @property
    def missed(self) -> bool:
        return not all(target.met for target in self.targets)

    def explain(self, profiled: Callable[[], Figures]) -> None:
        """Looks where our time goes, if something was missed."""
        if self.missed:
            self.profile = profiled()["profile"]


def interleaved(
    rounds: int, contenders: dict[str, Callable[[int], Figures]], settle: Callable[[], None]
) -> dict[str, Figures]:
    """The median of each, taken in turn so that what changes with time hits all of them."""
    found: dict[str, list[Figures]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, measure in contenders.items():
            settle()
            found[name].append(measure(number))
            sys.stderr.write(f"  {name}: {found[name][-1]['rate']:,.0f}/s\n")
    return {name: median(each) for name, each in found.items()}
