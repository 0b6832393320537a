"""先行程序: how the gate stands right now, from the log itself (R26)."""

from service.api.history import history
from service.api.serving import Serving
from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import SHANGHAI
from service.domain.gate import Gate, GateState
from service.domain.gate_condition import Condition
from service.projections.decision_words import condition_words
from service.projections.model import Answer


class GateObstacle(Answer):
    """一项未满足的条件。"""

    condition: Condition
    """条件代码。"""
    word: str
    """条件。"""
    detail: str
    """具体情况。"""
    overridden: bool
    """是否已经特批。"""


class GateShown(Answer):
    """征求社区意见的先行程序，今日的状态。"""

    state: GateState
    """状态：refused 不得作出结论，held 暂缓作出结论，open 可以作出结论；不计特批。"""
    state_word: str
    """状态名称。"""
    may_conclude: bool
    """可否作出结论：状态为可以作出结论，或者未满足的条件均已特批；任前考察另须考察材料已经固定、
    公示期满。"""
    obstacles: list[GateObstacle]
    """未满足的条件。"""
    notices: list[Condition]
    """作出结论时的提示。"""
    notices_words: list[str]
    """各项提示的名称。"""
    opinion_ids: list[str]
    """可以作为依据的社区意见。"""


async def gate_shown(
    serving: Serving,
    decision_id: str,
    member_id: str,
    purpose: DecisionPurpose,
    period: str,
    authority_id: str | None = None,
) -> GateShown:
    """How the gate stands today for a decision; ``authority_id`` is that of a vetting."""
    gate = Gate()
    for each in await history(serving.log, Gate.about(member_id)):
        each.event.mutate(gate)
    today = serving.clock().astimezone(SHANGHAI).date()
    verdict = gate.verdict(member_id, purpose, period, authority_id, today)
    overridden = gate.overrides.get(decision_id, {})
    return GateShown(
        state=verdict.state,
        state_word=verdict.state.word,
        may_conclude=all(each in overridden for each in verdict.conditions),
        obstacles=[
            GateObstacle(
                condition=each.condition,
                word=each.condition.word,
                detail=each.detail,
                overridden=each.condition in overridden,
            )
            for each in verdict.obstacles
        ],
        notices=list(verdict.notices),
        notices_words=condition_words(verdict.notices),
        opinion_ids=list(verdict.opinion_ids),
    )
