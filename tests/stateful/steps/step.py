"""What every step does: make a command of what was drawn, and let it be decided."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, precondition

from service.domain.event import Command
from tests.domain.town import BRANCH, COMMUNITY
from tests.stateful.draws import WINDOWS, Window, pick
from tests.stateful.papers import CERTIFICATE_NUMBERS, MISWRITTEN_CERTIFICATE_NUMBERS
from tests.stateful.world import World

Step = TypeVar("Step", bound=Callable[..., Any])


def given(*kinds: str) -> Callable[[Step], Step]:
    """Marks a step that only makes sense once there is one of each of these in the town."""
    return precondition(lambda self: all(getattr(self.world.town, kind) for kind in kinds))


class Steps(RuleBasedStateMachine):
    """The machine's world, and what is looked up in it to make a command."""

    world: World

    def decide(self, command: Command) -> None:
        """Lets domain and model decide, and says what came of it when a failure is shown."""
        decision = self.world.decide(command)
        refusal = decision.rejection
        note(f"  {command}\n  -> {refusal.code() if refusal else list(decision.events)}")

    def member(self, nth: int) -> str:
        """Somebody of the rosters."""
        return pick(list(self.world.town.branches), nth)

    def neighbour(self, community: str, nth: int) -> str:
        """Somebody, mostly one who is registered with the community."""
        everybody = list(self.world.town.branches)
        here = [each for each in everybody if self.community_of(each) == community]
        return pick(everybody, nth, here)

    def organisation(self, kinds: Collection[str], nth: int) -> str:
        """One of these kinds; rarely another one, or none there is."""
        known = self.world.town.kinds
        if nth == 8:
            return COMMUNITY if "branch" in kinds else BRANCH
        return pick([each for each, kind in known.items() if kind in kinds][::-1], nth)

    def branch_of(self, member: str) -> str | None:
        """The member's branch; an erased one has none."""
        return self.world.town.branches.get(member) or None

    def community_of(self, member: str) -> str | None:
        """The member's community."""
        return self.world.town.community_of(member)

    def window_of(self, activity_id: str) -> Window:
        """When an activity is; of none there is, some time."""
        activity = self.world.town.activities.get(activity_id)
        return (activity.starts, activity.ends) if activity else WINDOWS[0]

    def host(self, activity_id: str) -> str:
        """The community whose activity it is."""
        activity = self.world.town.activities.get(activity_id)
        return activity.community if activity else COMMUNITY

    def number(self, nth: int) -> str:
        """A new certificate number; rarely one that is taken or miswritten."""
        if nth == 7:
            return pick(list(self.world.town.holders), 0)
        if nth > 7:
            return MISWRITTEN_CERTIFICATE_NUMBERS[nth % len(MISWRITTEN_CERTIFICATE_NUMBERS)]
        self.world.made["certificate"] += 1
        return CERTIFICATE_NUMBERS[self.world.made["certificate"]]

    def some(self, known: Sequence[str], nths: Sequence[int]) -> tuple[str, ...]:
        """Several of these."""
        return tuple(pick(known, nth) for nth in nths)
