"""Objecting never worsens the outcome: no later opinion is worse than the one objected to (R39)."""

from itertools import product
from typing import Any

import pytest

from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import Event
from service.domain.objection import ObjectionOutcome, ObjectionSubject, WorseAfterObjection
from service.domain.opinion import (
    Conduct,
    OpinionCountersigned,
    OpinionGiven,
    OpinionReceived,
)
from service.domain.opinion_standing import Views
from tests.domain.consultations import (
    OBJECTION_WITHDRAWN,
    OPINION,
    after,
    answered,
    ask,
    countersign,
    give,
    objected,
    withdraw,
)
from tests.domain.story import Story
from tests.domain.town import (
    LI,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    REGISTRATION,
    accepted,
    moving,
)

POOR, FAIR, GOOD, NO_BASIS = Conduct.POOR, Conduct.FAIR, Conduct.GOOD, Conduct.NO_BASIS
AXES = ("social_morality", "community_pledge", "bearing", "overall")
COUNTED = (ask(), give(), countersign())


def rated(throughout: Conduct, /, **more: Conduct) -> dict[str, Conduct]:
    return {**dict.fromkeys(AXES, throughout), **more}


def replaced_by(after_all: dict[str, Any], *events: Event) -> Story:
    """The community takes back its opinion, which is fair throughout, and gives another one."""
    story = after(ask(), give(**rated(FAIR)), countersign())
    story.history += events
    after(withdraw(), story=story)
    return story.when(give(opinion_id="new", **after_all))


@pytest.mark.parametrize(
    "events",
    [
        (objected(),),
        (objected(), answered(ObjectionOutcome.UPHELD)),
        (objected(), answered(ObjectionOutcome.PARTLY)),
        (objected(), answered(ObjectionOutcome.REJECTED), objected(objection_id="second")),
    ],
    ids=["open", "upheld", "partly", "rejected and objected to again"],
)
@pytest.mark.parametrize("axis", AXES)
def test_r39_after_an_objection_no_opinion_is_worse_than_before(
    axis: str, events: tuple[Event, ...]
) -> None:
    replaced_by(rated(GOOD, **{axis: POOR}), *events).refused(WorseAfterObjection)
    for result in (FAIR, GOOD, NO_BASIS):
        replaced_by(rated(FAIR, **{axis: result}), *events).then(OpinionGiven, replaces=OPINION)


@pytest.mark.parametrize(
    "events",
    [
        (),
        (objected(), answered(ObjectionOutcome.REJECTED)),
        (objected(), OBJECTION_WITHDRAWN),
        (objected(ObjectionSubject.DECISION),),
    ],
    ids=["none", "rejected", "withdrawn", "against something else"],
)
def test_without_an_objection_that_stands_an_opinion_may_be_worse(
    events: tuple[Event, ...],
) -> None:
    replaced_by(rated(POOR), *events).then(OpinionGiven, replaces=OPINION)


def test_r39_it_says_on_what_it_would_be_worse() -> None:
    story = replaced_by(rated(FAIR, community_pledge=POOR, overall=POOR), objected())
    assert story.rejection is not None
    assert story.rejection.detail == "党员已提出异议，社区公约、总体评价不得低于原意见。"


def test_r39_an_objection_raised_between_the_two_signatures_counts() -> None:
    story = replaced_by(rated(POOR)).then(OpinionGiven)
    story.history.append(objected())
    story.when(countersign(opinion_id="new")).refused(WorseAfterObjection)
    # What one person said did not count: nothing is measured by it.
    after(withdraw(opinion_id="new"), give(opinion_id="newest", **rated(FAIR)), story=story)
    story.when(countersign(opinion_id="newest")).then(OpinionCountersigned, OpinionReceived)


def test_r39_nor_is_it_worse_in_two_steps() -> None:
    """To say that there is no basis, and then something worse, is one step and another."""
    story = replaced_by(rated(NO_BASIS), objected()).then(OpinionGiven)
    after(countersign(opinion_id="new"), withdraw(opinion_id="new"), story=story)
    story.when(give(opinion_id="newest", **rated(POOR))).refused(WorseAfterObjection)
    story.when(give(opinion_id="newest", **rated(FAIR))).then(OpinionGiven)


def test_r39_nor_worse_than_what_was_put_right_meanwhile() -> None:
    story = replaced_by(rated(GOOD), objected(), answered(ObjectionOutcome.UPHELD))
    after(countersign(opinion_id="new"), withdraw(opinion_id="new"), story=story)
    story.when(give(opinion_id="newest", **rated(FAIR))).refused(WorseAfterObjection)
    story.when(give(opinion_id="newest", **rated(GOOD))).then(OpinionGiven)


def test_what_was_said_before_the_opinion_objected_to_limits_nothing() -> None:
    story = after(*COUNTED, withdraw(), give(opinion_id="new", **rated(FAIR)))
    after(countersign(opinion_id="new"), story=story)
    story.history.append(objected())
    after(withdraw(opinion_id="new"), story=story)
    story.when(give(opinion_id="newest", **rated(FAIR))).then(OpinionGiven)


def asked_anew(story: Story, **inputs: Any) -> Story:
    return after(ask(consultation_id="another", **inputs), story=story)


def test_r39_nor_by_asking_the_same_again() -> None:
    story = after(ask(), give(**rated(FAIR)), countersign())
    story.history.append(objected())
    asked_anew(story, masked=True)
    ids = {"consultation_id": "another", "opinion_id": "new"}
    story.when(give(**ids, **rated(POOR))).refused(WorseAfterObjection)
    story.when(give(**ids, **rated(FAIR))).then(OpinionGiven, replaces=None)


@pytest.mark.parametrize(
    "other", [{"purpose": DecisionPurpose.APPRAISAL}, {"period": "2025"}], ids=str
)
def test_another_question_has_an_answer_of_its_own(other: dict[str, Any]) -> None:
    story = after(ask(), give(**rated(FAIR)), countersign())
    story.history.append(objected())
    asked_anew(story, **other)
    story.when(give(consultation_id="another", opinion_id="new", **rated(POOR))).then(OpinionGiven)


def test_another_community_has_a_word_of_its_own() -> None:
    """It must not even learn what was said elsewhere."""
    story = after(ask(), give(**rated(FAIR)), countersign())
    moved = accepted(LI, OTHER_COMMUNITY, OTHER_REGISTRATION, REGISTRATION)
    story.history += (objected(), moving(), moved)
    asked_anew(story)
    elsewhere = give(OTHER_COMMUNITY, consultation_id="another", opinion_id="new", **rated(POOR))
    story.when(elsewhere).then(OpinionGiven)


@pytest.mark.parametrize(("now", "before"), [*product(Conduct, Conduct)])
def test_the_order_of_what_may_be_said(now: Conduct, before: Conduct) -> None:
    worse = {(FAIR, GOOD), (POOR, GOOD), (POOR, FAIR), (POOR, NO_BASIS)}
    same = Views(GOOD, GOOD, GOOD, before)
    found = same._replace(overall=now).worse_than(same)
    assert found == (["总体评价"] if (now, before) in worse else [])
