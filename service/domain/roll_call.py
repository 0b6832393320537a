"""点名: a whole activity's attendance in one request, with its exceptions (R14)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.domain.activity import Activities
from service.domain.attendance import SIGNING_OPENS_BEFORE, RollCalled, RollCallException
from service.domain.event import Command, Rejection, Selector
from service.domain.registration import Registrations


class NobodyCalled(Rejection):
    """点名名单是空的。"""

    rule = "R14"


class RollCallTooEarly(Rejection):
    """还没有到该活动的签到时间，不能点名。"""

    rule = "R14"


class CalledTwice(Rejection):
    """点名名单中有人重复。"""

    rule = "R14"


class CalledButNotRegistered(Rejection):
    """点名名单中有人没有在本社区报到。"""

    rule = "R14"


@dataclass(kw_only=True)
class CallRoll(Command):
    """点名: who is there, and who was expected but is not (R14).

    When the activity is over it vouches for the whole window; before that it says who came, and a
    second one at the end says who stayed.
    """

    activity_id: str
    present: Sequence[str]
    exceptions: Sequence[RollCallException] = ()
    activities: Activities = field(init=False, default_factory=Activities)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        called = dict.fromkeys(member_id for _, member_id in self._called())
        return [Activities.about(self.activity_id), *map(Registrations.about, called)]

    def _called(self) -> Iterator[tuple[str, str]]:
        """Everybody on the list with the pointer to them."""
        for row, member_id in enumerate(self.present):
            yield f"/present/{row}", member_id
        for row, exception in enumerate(self.exceptions):
            yield f"/exceptions/{row}/member_id", exception.member_id

    def execute(self) -> None:
        activity = self.activities.require(self.activity_id, self.by.organisation_id)
        activity.require_took_place()
        if self.at < activity.starts_at - SIGNING_OPENS_BEFORE:
            raise RollCallTooEarly
        called = list(self._called())
        if not called:
            raise NobodyCalled(pointer="/present")
        first: dict[str, str] = {}
        twice = [
            (pointer, f"与{first[member_id]}重复。")
            for pointer, member_id in called
            if first.setdefault(member_id, pointer) != pointer
        ]
        if twice:
            raise CalledTwice(f"点名名单中有{len(twice)}处重复。", errors=twice)
        strangers = [
            (pointer, "该党员没有在本社区报到。")
            for pointer, member_id in called
            if self.registrations.community_of(member_id) != activity.community_id
        ]
        if strangers:
            raise CalledButNotRegistered(
                f"点名名单中有{len(strangers)}人没有在本社区报到。", errors=strangers
            )
        over = activity.state == "completed" or self.at >= activity.ends_at
        self.happened(
            RollCalled(
                activity_id=self.activity_id,
                community_id=activity.community_id,
                present=tuple(self.present),
                exceptions=tuple(self.exceptions),
                signed_in_at=min(self.at, activity.starts_at),
                signed_out_at=min(self.at, activity.ends_at) if over else None,
            )
        )
