"""The gate: it refuses, holds or opens exactly as R26 says, and says which condition failed."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import Event, Rejection
from service.domain.gate import (
    EXPLANATION_VALID_FOR,
    OPINION_VALID_FOR,
    Gate,
    GateState,
    Verdict,
    require_open,
)
from service.domain.gate_condition import (
    Condition,
    NeverCheckedInUnexplained,
    NoOpinion,
    OpinionDisputed,
    OpinionExpired,
    OpinionForOtherPeriod,
    OpinionForOtherPurpose,
    OpinionOverdue,
    OpinionWithdrawnMeanwhile,
)
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.opinion import Conduct
from service.domain.registration import DeregistrationReason, MemberDeregistered
from tests.domain.hearing import (
    DUE,
    ESCALATED,
    HEARD,
    OPINION,
    answered,
    asked_no_more,
    consulted,
    explained,
    given_up,
    objected,
    reminded,
    settled,
    taken_back,
)
from tests.domain.town import AUTHORITY, BRANCH, LI, REGISTRATION, WANG, accepted

BEFORE_DUE, AFTER_DUE = DUE - timedelta(days=2), DUE + timedelta(days=1)
SELECTION, APPRAISAL, ASSESSMENT, VETTING = DecisionPurpose
TERM = "2021-03-01/2026-09-30"


def verdict(
    *history: Event,
    on: date = BEFORE_DUE,
    purpose: DecisionPurpose = SELECTION,
    period: str = "2026",
    authority_id: str | None = None,
    member_id: str = LI,
) -> Verdict:
    gate = Gate()
    for event in history:
        assert type(event) in Gate.projected_types
        event.mutate(gate)
    return gate.verdict(member_id, purpose, period, authority_id, on)


HERE = accepted()
ASKED, ANSWERED = consulted(), answered()
OPEN = (HERE, ASKED, ANSWERED)

CASES: dict[str, tuple[tuple[Event, ...], date, GateState, Condition | None, Any, str]] = {
    "never checked in": (
        (), BEFORE_DUE, GateState.REFUSED, Condition.NEVER_CHECKED_IN, NeverCheckedInUnexplained,
        "该党员从未到社区报到，所在支部须作出书面说明并提出意见。",
    ),
    "never asked": (
        (HERE,), BEFORE_DUE, GateState.REFUSED, Condition.NO_OPINION, NoOpinion,
        "尚未就2026年度的评先评优征求社区党组织意见。",
    ),
    "asked and not yet due": (
        (HERE, ASKED), DUE, GateState.REFUSED, Condition.NO_OPINION, NoOpinion,
        "社区党组织尚未答复，答复期限为2026年12月1日。",
    ),
    "the question was taken back": (
        (*OPEN, asked_no_more()), BEFORE_DUE, GateState.REFUSED, Condition.NO_OPINION, NoOpinion,
        "尚未就2026年度的评先评优征求社区党组织意见。",
    ),
    "another purpose": (
        (HERE, consulted(purpose=APPRAISAL), ANSWERED), BEFORE_DUE, GateState.REFUSED,
        Condition.OTHER_PURPOSE, OpinionForOtherPurpose,
        "尚未就2026年度的评先评优征求社区党组织意见，已有的意见是为民主评议征求的。",
    ),
    "another period": (
        (HERE, consulted(period="2025"), ANSWERED), BEFORE_DUE, GateState.REFUSED,
        Condition.OTHER_PERIOD, OpinionForOtherPeriod,
        "尚未就2026年度的评先评优征求社区党组织意见，已有的意见针对2025年度。",
    ),
    "expired": (
        OPEN, HEARD + OPINION_VALID_FOR + timedelta(days=1), GateState.REFUSED, Condition.EXPIRED,
        OpinionExpired, "社区意见的有效期至2027年5月19日为止，须重新征求。",
    ),
    "withdrawn": (
        (*OPEN, taken_back()), BEFORE_DUE, GateState.REFUSED, Condition.WITHDRAWN,
        OpinionWithdrawnMeanwhile, "社区党组织已撤回意见，尚未重新出具。",
    ),
    "an objection is undecided": (
        (*OPEN, objected()), BEFORE_DUE, GateState.HELD, Condition.OBJECTION_OPEN, OpinionDisputed,
        "党员对社区意见提出的异议尚未答复。",
    ),
    "silent past due": (
        (HERE, ASKED), AFTER_DUE, GateState.HELD, Condition.SILENT_PAST_DUE, OpinionOverdue,
        "社区党组织逾期未答复，答复期限为2026年12月1日，尚未催办。",
    ),
    "silent, reminded twice and escalated": (
        (HERE, ASKED, reminded(1), reminded(2), ESCALATED), date(2026, 12, 17), GateState.HELD,
        Condition.SILENT_PAST_DUE, OpinionOverdue,
        "社区党组织逾期未答复，答复期限为2026年12月1日，已催办2次，已提请上级党组织督办。",
    ),
    "answered": (OPEN, BEFORE_DUE, GateState.OPEN, None, None, ""),
    "answered after the due day": (OPEN, AFTER_DUE, GateState.OPEN, None, None, ""),
    "on its last day": (OPEN, HEARD + OPINION_VALID_FOR, GateState.OPEN, None, None, ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("history", "on", "state", "condition", "refusal", "detail"), CASES.values(), ids=CASES
)
def test_each_case_of_the_rule(
    history: tuple[Event, ...],
    on: date,
    state: GateState,
    condition: Condition | None,
    refusal: type[Rejection] | None,
    detail: str,
) -> None:
    found = verdict(*history, on=on)
    assert found.state is state
    assert found.conditions == (() if condition is None else (condition,))
    if refusal is None:
        assert require_open(found, {}).opinion_ids == (OPINION,)
        return
    assert [each.detail for each in found.obstacles] == [detail]
    with pytest.raises(refusal) as refused:
        require_open(found, {})
    assert type(refused.value) is refusal
    assert refused.value.detail == detail


def test_every_condition_is_refused_by_a_class_of_its_own() -> None:
    assert len({each.refusal for each in Condition}) == len(Condition)
    assert {each for _, _, _, each, _, _ in CASES.values()} == {*Condition, None}
    assert all(each.refusal.rule == "R26" and each.word for each in Condition)
    held = {each for each in Condition if each.holds}
    assert held == {Condition.OBJECTION_OPEN, Condition.SILENT_PAST_DUE}


def test_whoever_left_the_community_was_heard_about_before() -> None:
    gone = MemberDeregistered(
        registration_id=REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id="community",
        reason_code=DeregistrationReason.LEFT,
    )
    assert type(gone) not in Gate.projected_types
    assert verdict(HERE).conditions == (Condition.NO_OPINION,)
    assert verdict(accepted(WANG, registration_id="r2")).conditions == (Condition.NEVER_CHECKED_IN,)


@pytest.mark.parametrize(("late", "state"), [(0, GateState.OPEN), (1, GateState.REFUSED)])
def test_an_explanation_opens_with_a_notice_for_a_while(late: int, state: GateState) -> None:
    on = HEARD + EXPLANATION_VALID_FOR + timedelta(days=late)
    found = verdict(explained(), on=on)
    assert found.state is state
    assert found.notices == (() if late else (Condition.NEVER_CHECKED_IN,))
    if not late:
        assert require_open(found, {}).notices == ("never_checked_in",)
        return
    assert "2026年11月20日的说明已超过有效期" in found.obstacles[0].detail
    again = verdict(explained(), explained(explained_on=on), on=on)
    assert again.state is GateState.OPEN


def test_an_explanation_stands_in_nobodys_place_who_checked_in() -> None:
    assert verdict(explained(), HERE).conditions == (Condition.NO_OPINION,)
    assert verdict(explained(member_id=WANG)).conditions == (Condition.NEVER_CHECKED_IN,)


def test_what_an_opinion_says_never_decides() -> None:
    """Neither the worst nor one that finds no basis to judge shuts the gate (R27, R28)."""
    for axis, overall in product(Conduct, Conduct):
        said = answered(social_morality=axis, community_pledge=axis, bearing=axis, overall=overall)
        assert verdict(HERE, ASKED, said) == verdict(*OPEN)


def test_a_vetting_counts_only_what_its_authority_asked() -> None:
    of_authority = consulted(
        "of-authority", purpose=VETTING, period=TERM, organisation_id=AUTHORITY, masked=True
    )
    said = answered("said", "of-authority")

    def of_vetting(*history: Event, authority_id: str = AUTHORITY) -> Verdict:
        return verdict(HERE, *history, purpose=VETTING, period=TERM, authority_id=authority_id)

    assert of_vetting(of_authority, said).opinion_ids == ("said",)
    other = of_vetting(of_authority, said, authority_id="other-authority")
    assert other.conditions == (Condition.NO_OPINION,)
    assert of_vetting(ASKED, ANSWERED).conditions == (Condition.OTHER_PURPOSE,)
    shorter = consulted(
        "of-authority", purpose=VETTING, period="2024-01-01/2026-09-30", organisation_id=AUTHORITY
    )
    assert of_vetting(shorter, said).conditions == (Condition.OTHER_PERIOD,)


@pytest.mark.parametrize("period", ["2026", TERM])
def test_no_other_gate_tells_that_there_is_a_vetting(period: str) -> None:
    """Not even that of a decision which the same authority concludes: its branch sees it (R27)."""
    vetting = consulted("secret", purpose=VETTING, period=period, organisation_id=AUTHORITY)
    found = verdict(HERE, vetting, answered("said", "secret"), objected(subject_id="secret"))
    assert found == verdict(HERE)
    assert verdict(*OPEN, vetting, objected(subject_id="secret")) == verdict(*OPEN)


def test_of_several_consultations_any_opinion_that_counts_opens() -> None:
    again = consulted("again", due_on=DUE + timedelta(days=30))
    assert verdict(*OPEN, again).opinion_ids == (OPINION,)
    assert verdict(*OPEN, again, answered("second", "again")).opinion_ids == (OPINION, "second")
    after = HEARD + OPINION_VALID_FOR + timedelta(days=1)
    # What was asked last says why there is none.
    late = consulted("again", due_on=after)
    assert verdict(*OPEN, late, on=after).conditions == (Condition.NO_OPINION,)
    assert verdict(HERE, ASKED, asked_no_more(), again).conditions == (Condition.NO_OPINION,)


def test_a_replacing_opinion_opens_again() -> None:
    replaced = (*OPEN, taken_back(), answered("second"))
    assert verdict(*replaced).opinion_ids == ("second",)
    # Withdrawn before a second person signed: nothing had counted.
    assert verdict(HERE, ASKED, taken_back()).conditions == (Condition.NO_OPINION,)


def test_objecting_only_holds() -> None:
    objection = objected()
    for end in (settled(objection), given_up(objection)):
        assert verdict(*OPEN, objection, end) == verdict(*OPEN)
    for outcome in ObjectionOutcome:
        assert verdict(*OPEN, objection, settled(objection, outcome)).state is GateState.OPEN
    for elsewhere in (
        objected(subject_id="another"),
        objected(ObjectionSubject.DECISION),
        objected(member_id=WANG),
    ):
        assert verdict(*OPEN, elsewhere) == verdict(*OPEN)
        assert verdict(*OPEN, elsewhere, settled(elsewhere), given_up(elsewhere)).obstacles == ()


def test_asking_again_does_not_get_round_an_objection() -> None:
    again = (consulted("again"), answered("second", "again"))
    for former in ((), (taken_back(),), (asked_no_more(),)):
        found = verdict(*OPEN, objected(), *former, *again)
        assert found.conditions == (Condition.OBJECTION_OPEN,)
        assert found.state is GateState.HELD


def test_what_refuses_comes_before_what_holds() -> None:
    found = verdict(*OPEN, objected(), taken_back())
    assert found.conditions == (Condition.WITHDRAWN, Condition.OBJECTION_OPEN)
    assert found.state is GateState.REFUSED
    with pytest.raises(OpinionWithdrawnMeanwhile):
        require_open(found, {})
    with pytest.raises(OpinionDisputed):
        require_open(found, {"withdrawn": "o1"})
    passage = require_open(found, {"withdrawn": "o1", "objection_open": "o1", "expired": "o2"})
    assert passage.overridden == ("withdrawn", "objection_open")
    assert passage.override_ids == ("o1",)
    assert passage.opinion_ids == ()


def test_an_override_that_was_not_needed_is_not_said_to_be() -> None:
    passage = require_open(verdict(*OPEN), {"no_opinion": "o1"})
    assert (passage.overridden, passage.override_ids) == ((), ())


def test_members_are_kept_apart() -> None:
    other = (
        accepted(WANG, registration_id="r2"),
        consulted("of-wang", member_id=WANG),
        answered("said", "of-wang", member_id=WANG),
    )
    assert verdict(*OPEN, *other, objected(subject_id="of-wang", member_id=WANG)) == verdict(*OPEN)
    assert verdict(*OPEN, *other, objected(), member_id=WANG).opinion_ids == ("said",)
    assert verdict(*other, member_id=WANG).state is GateState.OPEN
