"""Opinions: two people sign, some keep out of it, and objecting makes none worse (R27, R39)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from service.domain.appointment import UnknownOfficer
from service.domain.consultation import (
    ConsultationIsWithdrawn,
    RecusalDeclared,
    RecusalGround,
    UnknownConsultation,
)
from service.domain.event import Command
from service.domain.officer import OfficerDismissed, OfficerNotAppointed
from service.domain.opinion import (
    AlreadyRecused,
    Conduct,
    OpinionByResponsiblePerson,
    OpinionCountersigned,
    OpinionGiven,
    OpinionIdTaken,
    OpinionIsWithdrawn,
    OpinionNotWaiting,
    OpinionReceived,
    OpinionThere,
    OpinionWithdrawn,
    RecusalByOther,
    RecusedAfterSigning,
    UnknownOpinion,
)
from service.domain.separation import NotInOwnMatter, OpinionSignedTwice, ReplierRecused
from service.domain.signed import text_digest
from service.domain.signing_key import OwnSignatureRequired, SignedOtherwise
from tests.domain.consultations import (
    ESCALATED,
    FIGURES,
    HERE,
    OPINION,
    after,
    ask,
    countersign,
    give,
    recuse,
    take_back,
    withdraw,
)
from tests.domain.story import Story, given
from tests.domain.test_signed import approved, signing
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    WANG,
    accepted,
    appointed,
    person,
)

POOR, FAIR, NO_BASIS = Conduct.POOR, Conduct.FAIR, Conduct.NO_BASIS
AXES = ("social_morality", "community_pledge", "bearing", "overall")
COUNTED = (ask(), give(), countersign())


def test_r27_two_people_sign_the_same_words() -> None:
    story = (
        after(ask())
        .when(give(comment="邻里称好", bearing=FAIR))
        .then(
            OpinionGiven,
            community_id=COMMUNITY,
            replying_id=COMMUNITY,
            member_id=LI,
            figures=FIGURES,
            bearing=FAIR,
            comment="邻里称好",
            replaces=None,
            given_by_person=person("officer"),
        )
    )
    (said,) = story.happened
    assert isinstance(said, OpinionGiven)
    assert said.comment_salt is not None
    assert said.comment_digest == text_digest("邻里称好", said.comment_salt)
    story.when(countersign()).then(OpinionCountersigned, OpinionReceived)
    signed, received = story.happened
    assert isinstance(signed, OpinionCountersigned)
    for field in (*AXES, "opinion_id", "consultation_id", "replying_id", "comment_digest"):
        assert getattr(signed, field) == getattr(said, field), field
    assert signed.countersigned_by_person == person("secretary")
    assert isinstance(received, OpinionReceived)
    assert (received.organisation_id, received.opinion_id) == (BRANCH, OPINION)


def test_an_opinion_counts_from_the_day_in_beijing_on_which_it_was_countersigned() -> None:
    at = datetime.fromisoformat("2026-03-05T16:30:00+00:00")
    story = after(ask(), give()).when(countersign(at=at))
    assert isinstance(story.happened[0], OpinionCountersigned)
    assert story.happened[0].countersigned_on == date(2026, 3, 6)


@pytest.mark.parametrize("axis", AXES)
def test_r27_no_basis_to_judge_may_be_said_of_each_axis(axis: str) -> None:
    story = after(ask()).when(give(**{axis: NO_BASIS})).then(OpinionGiven, **{axis: NO_BASIS})
    story.when(countersign()).then(OpinionCountersigned, OpinionReceived)


def test_r27_nobody_signs_twice() -> None:
    story = after(ask(), give())
    story.when(countersign(who="officer")).refused(OpinionSignedTwice)
    # Nor under another id: it is the person that counts.
    story.history.append(appointed("officer-again", of="officer"))
    story.when(countersign(who="officer-again")).refused(OpinionSignedTwice)


def test_r27_whoever_signed_what_was_withdrawn_signs_no_second_time_in_the_other_place() -> None:
    story = after(*COUNTED, withdraw(who="somebody-else"))
    story.when(give(who="secretary", opinion_id="new")).refused(OpinionSignedTwice)
    after(give(opinion_id="new"), story=story)
    story.when(countersign(who="officer", opinion_id="new")).refused(OpinionSignedTwice)
    story.when(countersign(opinion_id="new")).then(OpinionCountersigned, OpinionReceived)


SIGNING: dict[str, tuple[tuple[Command, ...], Callable[..., Command]]] = {
    "give": ((ask(),), give),
    "countersign": ((ask(), give()), countersign),
    "withdraw": (COUNTED, withdraw),
}
signing_acts = pytest.mark.parametrize(("before", "act"), SIGNING.values(), ids=SIGNING)


@signing_acts
def test_only_a_responsible_person_signs(before: tuple[Command, ...], act: Any) -> None:
    story = after(*before)
    story.when(act(who="clerk")).refused(OpinionByResponsiblePerson)
    story.when(act(who="somebody-else", role="officer")).refused(OpinionByResponsiblePerson)
    story.when(act(who="stranger")).refused(OfficerNotAppointed)
    story.when(act(who="somebody-else"))
    assert story.rejection is None


@signing_acts
def test_r27_the_member_has_no_word_in_it(before: tuple[Command, ...], act: Any) -> None:
    after(*before).when(act(who=LI)).refused(NotInOwnMatter)
    alias = given(*HERE, appointed("alias", of=LI))
    after(*before, story=alias).when(act(who="alias")).refused(NotInOwnMatter)


@signing_acts
def test_r27_whoever_recused_themselves_has_no_word_in_it(
    before: tuple[Command, ...], act: Any
) -> None:
    story = after(*before, recuse("somebody-else")).when(act(who="somebody-else"))
    story.refused(ReplierRecused)
    story.history.append(appointed("alias", of="somebody-else"))
    story.when(act(who="alias")).refused(ReplierRecused)


@signing_acts
def test_only_the_community_that_was_asked_answers(before: tuple[Command, ...], act: Any) -> None:
    unknown = UnknownConsultation if act is give else UnknownOpinion
    for by in (OTHER_COMMUNITY, SUBDISTRICT, BRANCH):
        after(*before).when(act(by, "officer")).refused(unknown)


def test_of_an_opinion_that_there_is_not() -> None:
    after(ask()).when(countersign()).refused(UnknownOpinion)
    after(ask()).when(withdraw()).refused(UnknownOpinion)
    given(*HERE).when(give()).refused(UnknownConsultation)


@signing_acts
def test_nothing_is_said_once_the_consultation_is_withdrawn(
    before: tuple[Command, ...], act: Any
) -> None:
    if act is not withdraw:
        after(*before, take_back()).when(act()).refused(ConsultationIsWithdrawn)
    else:
        after(ask(), give(), take_back()).when(act()).refused(ConsultationIsWithdrawn)


# One opinion at a time; what is taken back is replaced.


def test_r27_one_opinion_for_a_consultation() -> None:
    more = give(who="somebody-else", opinion_id="more")
    after(ask(), give()).when(more).refused(OpinionThere)
    after(*COUNTED).when(more).refused(OpinionThere)
    after(*COUNTED).when(countersign(who="somebody-else")).refused(OpinionNotWaiting)


@pytest.mark.parametrize("signatures", [1, 2])
def test_r18_an_opinion_is_replaced_by_events_only(signatures: int) -> None:
    story = after(ask(), *(give(), countersign())[:signatures])
    kind = (OpinionGiven, OpinionCountersigned)[signatures - 1]
    (said,) = (each for each in story.history if isinstance(each, kind))
    story.when(withdraw()).then(
        OpinionWithdrawn,
        opinion_id=OPINION,
        replying_id=COMMUNITY,
        corrects=said.event_id,
        reason="所附情况有误",
        withdrawn_by_person=person("secretary"),
    )
    story.when(withdraw()).refused(OpinionIsWithdrawn)
    story.when(countersign(who="somebody-else")).refused(OpinionNotWaiting)
    story.when(give(opinion_id="new", overall=POOR)).then(OpinionGiven, replaces=OPINION)
    after(countersign(opinion_id="new"), withdraw(opinion_id="new"), story=story)
    story.when(give(opinion_id="newest")).then(OpinionGiven, replaces="new")


# The subdistrict, once the community has kept silent.


def test_r26_after_escalation_the_subdistrict_may_answer_as_well() -> None:
    escalated = after(ask(), *ESCALATED)
    story = given(*escalated.history).when(give(SUBDISTRICT, "officer"))
    story.then(OpinionGiven, community_id=COMMUNITY, replying_id=SUBDISTRICT)
    # Two people of the same organisation, which both give out ids like "officer".
    story.when(countersign()).refused(UnknownOpinion)
    story.when(withdraw()).refused(UnknownOpinion)
    story.when(countersign(SUBDISTRICT, "chief")).then(OpinionCountersigned, OpinionReceived)
    given(*escalated.history).when(give()).then(OpinionGiven, replying_id=COMMUNITY)


def test_one_signature_in_the_community_does_not_stop_the_subdistrict() -> None:
    above = give(SUBDISTRICT, "secretary", opinion_id="above")
    story = after(ask(), give(), *ESCALATED, above)
    story.when(give(SUBDISTRICT, "chief", opinion_id="more")).refused(OpinionThere)
    after(countersign(SUBDISTRICT, "officer", opinion_id="above"), story=story)
    story.when(countersign()).refused(OpinionThere)
    after(withdraw(SUBDISTRICT, "chief", opinion_id="above"), story=story)
    story.when(countersign()).then(OpinionCountersigned, OpinionReceived)


def test_ids_of_another_organisation_are_other_people() -> None:
    story = after(ask(), recuse("secretary"), *ESCALATED)
    story.when(give(SUBDISTRICT, "secretary")).then(OpinionGiven)


# Recusal.


def test_r27_an_officer_recuses_themselves_once() -> None:
    story = (
        after(ask())
        .when(recuse("clerk", role="officer"))
        .then(
            RecusalDeclared,
            officer_id="clerk",
            ground=RecusalGround.RELATED,
            officer_person=person("clerk"),
            declared_by="clerk",
            declared_by_person=person("clerk"),
        )
    )
    story.when(recuse("clerk")).refused(AlreadyRecused, pointer="/officer_id")


def test_r27_a_responsible_person_declares_it_for_another() -> None:
    story = after(ask())
    story.when(recuse("officer", who="clerk")).refused(RecusalByOther)
    story.when(recuse("officer", who="secretary", role="officer")).refused(RecusalByOther)
    story.when(recuse("officer", who="stranger")).refused(OfficerNotAppointed)
    story.when(recuse("nobody", who="secretary")).refused(UnknownOfficer, pointer="/officer_id")
    story.when(recuse("officer", who="secretary")).then(
        RecusalDeclared,
        officer_person=person("officer"),
        declared_by_person=person("secretary"),
    )


def test_a_dismissed_officer_is_no_officer_any_more() -> None:
    dismissed = OfficerDismissed(organisation_id=COMMUNITY, officer_id="officer")
    story = after(ask(), story=given(*HERE, dismissed))
    story.when(recuse("officer", who="secretary")).refused(UnknownOfficer)


def test_recusal_is_of_those_who_may_answer_what_is_still_asked() -> None:
    given(*HERE).when(recuse()).refused(UnknownConsultation)
    after(ask()).when(recuse(by=OTHER_COMMUNITY)).refused(UnknownConsultation)
    after(ask()).when(recuse(by=SUBDISTRICT)).refused(UnknownConsultation)
    after(ask(), take_back()).when(recuse()).refused(ConsultationIsWithdrawn)
    after(ask(), *ESCALATED).when(recuse("chief", SUBDISTRICT)).then(RecusalDeclared)


@pytest.mark.parametrize("who", ["officer", "secretary"])
def test_whoever_signed_is_not_recused_afterwards(who: str) -> None:
    """The database keeps a signature and a recusal apart in either order; asked anew, they are
    recused from the start."""
    after(*COUNTED).when(recuse(who)).refused(RecusedAfterSigning, pointer="/officer_id")
    after(*COUNTED, withdraw()).when(recuse(who)).refused(RecusedAfterSigning)


# The organisation's own key.


def own(story: Story, command: Any) -> Any:
    """The command with the organisation's own signature over what it leads to."""
    tried = after(command, story=given(*story.history))
    return replace(command, own=signing(tried.happened[0], command))


def test_r17_an_organisation_with_a_key_of_its_own_signs_both_times() -> None:
    unsigned = after(ask())
    story = given(*unsigned.history, approved())
    story.when(give()).refused(OwnSignatureRequired, pointer="/signature")
    first = own(unsigned, give(comment="邻里称好"))
    story.when(replace(first, overall=FAIR)).refused(SignedOtherwise, pointer="/signature")
    story.when(first).then(OpinionGiven, signature=first.own.jws)
    unsigned.history += story.happened
    story.when(countersign()).refused(OwnSignatureRequired, pointer="/signature")
    second = own(unsigned, countersign())
    story.when(replace(second, by=replace(second.by, person="somebody-else"))).refused(
        SignedOtherwise
    )
    story.when(second).then(OpinionCountersigned, OpinionReceived)
    assert isinstance(story.happened[0], OpinionCountersigned)
    assert story.happened[0].signature == second.own.jws


def test_r17_what_was_signed_once_is_not_recorded_twice() -> None:
    unsigned = after(ask())
    signature = own(unsigned, give())
    story = after(signature, withdraw(), story=given(*unsigned.history, approved()))
    story.when(signature).refused(OpinionIdTaken, pointer="/signature")
    # Nor in another consultation, or about somebody else.
    after(ask(consultation_id="another", period="2025"), story=story)
    story.when(replace(signature, consultation_id="another")).refused(OpinionIdTaken)
    elsewhere = after(
        ask(OTHER_BRANCH, member_id=WANG, consultation_id="of-wang"),
        story=given(*HERE, accepted(WANG)),
    )
    of_wang = own(elsewhere, give(consultation_id="of-wang"))
    story.history += elsewhere.history[len(HERE) :]
    story.when(of_wang).refused(OpinionIdTaken, pointer="/signature")
    story.when(replace(of_wang, opinion_id="free")).refused(SignedOtherwise)
