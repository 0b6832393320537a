"""The domain and the model side by side: every command is put to both, and they must agree."""

from collections import Counter
from copy import deepcopy
from typing import ClassVar

from service.domain.event import Command
from tests.stateful.invariants import Ledger
from tests.stateful.memory_log import Decision, MemoryLog
from tests.stateful.model import Prediction, Town, predict


class World:
    """What has happened so far, as the log has it and as the model has it."""

    met: ClassVar[Counter[str]] = Counter()
    """How often each event and each refusal came up, over all worlds."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.town = Town()
        self.ledger = Ledger()
        self.made: Counter[str] = Counter()

    def copy(self) -> "World":
        """A world of its own that starts from here."""
        other = World()
        other.log, other.town = self.log.copy(), deepcopy(self.town)
        other.made = self.made.copy()
        # Events are what they are: the copy keeps the same ones.
        other.ledger = deepcopy(self.ledger, {id(event): event for event in self.log.events})
        return other

    def new(self, kind: str) -> str:
        """An id that nothing has yet."""
        self.made[kind] += 1
        return f"{kind}-{self.made[kind]}"

    def decide(self, command: Command) -> Decision:
        """Puts the command to the domain and to the model; what happened is in the log then."""
        decision = self.log.decide(command)
        all_known = self.log.decide_knowing_all(command)
        assert all_known.content() == decision.content(), (
            f"{command}\ndepends on what lies outside its boundary: with everything known\n"
            f"{all_known}\ninstead of\n{decision}"
        )
        compare(command, decision, predict(self.town, command))
        self.log.append(decision.events)
        for event in decision.events:
            self.ledger.learn(event)
        self.town.standing = {each: it.event_id for each, it in self.ledger.standing.items()}
        if decision.rejection is not None:
            self.met[type(decision.rejection).__name__] += 1
        self.met.update(type(event).__name__ for event in decision.events)
        return decision


def compare(command: Command, decision: Decision, prediction: Prediction) -> None:
    """Fails unless the domain decided what the model foretold."""
    told = f"{command}\nthe domain: {decision}\nthe model: {prediction}"
    if decision.rejection is not None:
        assert type(decision.rejection).__name__ in prediction.refusals, told
        if prediction.rows:
            assert {pointer for pointer, _ in decision.rejection.errors} == prediction.rows, told
        return
    assert not prediction.refusals, told
    assert [type(event).__name__ for event in decision.events] == [
        name for name, _ in prediction.events
    ], told
    for event, (_, fields) in zip(decision.events, prediction.events, strict=True):
        for name, value in fields.items():
            assert getattr(event, name) == value, f"{name} should be {value!r}\n{told}"
