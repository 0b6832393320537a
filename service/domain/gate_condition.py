"""结论的先行条件: what may keep the gate shut, and how each is refused (R26)."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.event import Rejection


class NeverCheckedInUnexplained(Rejection):
    """该党员从未到社区报到，须先由所在支部作出书面说明并提出意见。"""

    rule = "R26"


class NoOpinion(Rejection):
    """尚无社区党组织的意见，不能作出结论。"""

    rule = "R26"


class OpinionForOtherPurpose(Rejection):
    """社区党组织的意见是为其他事项征求的，不能作为依据。"""

    rule = "R26"


class OpinionForOtherPeriod(Rejection):
    """社区党组织的意见针对其他期间，不能作为依据。"""

    rule = "R26"


class OpinionExpired(Rejection):
    """社区党组织的意见已超过有效期，须重新征求。"""

    rule = "R26"


class OpinionWithdrawnMeanwhile(Rejection):
    """社区党组织已撤回意见，尚未重新出具。"""

    rule = "R26"


class OpinionDisputed(Rejection):
    """党员对社区意见提出的异议尚未答复，暂缓作出结论。"""

    rule = "R26"


class OpinionOverdue(Rejection):
    """社区党组织逾期未答复，正在催办，暂缓作出结论。"""

    rule = "R26"


class Condition(StrEnum):
    """未满足的条件: what keeps the gate shut (R26)."""

    NEVER_CHECKED_IN = "never_checked_in"
    NO_OPINION = "no_opinion"
    OTHER_PURPOSE = "other_purpose"
    OTHER_PERIOD = "other_period"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OBJECTION_OPEN = "objection_open"
    SILENT_PAST_DUE = "silent_past_due"

    @property
    def word(self) -> str:
        return {
            "never_checked_in": "从未到社区报到",
            "no_opinion": "没有社区意见",
            "other_purpose": "社区意见针对其他事项",
            "other_period": "社区意见针对其他期间",
            "expired": "社区意见超过有效期",
            "withdrawn": "社区意见已撤回",
            "objection_open": "对社区意见的异议尚未答复",
            "silent_past_due": "社区逾期未答复",
        }[self.value]

    @property
    def holds(self) -> bool:
        """Whether the decision only waits, because somebody else is to act."""
        return self in {Condition.OBJECTION_OPEN, Condition.SILENT_PAST_DUE}

    @property
    def refusal(self) -> type[Rejection]:
        return _REFUSALS[self]


_REFUSALS: dict[Condition, type[Rejection]] = {
    Condition.NEVER_CHECKED_IN: NeverCheckedInUnexplained,
    Condition.NO_OPINION: NoOpinion,
    Condition.OTHER_PURPOSE: OpinionForOtherPurpose,
    Condition.OTHER_PERIOD: OpinionForOtherPeriod,
    Condition.EXPIRED: OpinionExpired,
    Condition.WITHDRAWN: OpinionWithdrawnMeanwhile,
    Condition.OBJECTION_OPEN: OpinionDisputed,
    Condition.SILENT_PAST_DUE: OpinionOverdue,
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition that failed, and how: ``detail`` is a Chinese sentence."""

    condition: Condition
    detail: str
