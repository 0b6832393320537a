"""Role models: nominated, agreed, publicised; any other order is refused (R33)."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.event import Command
from service.domain.membership import UnknownMember
from service.domain.officer import OfficerNotAppointed, OfficerRole
from service.domain.open_text import PersonalDataInOpenText
from service.domain.publicising import (
    AgreeToRoleModel,
    NominateRoleModel,
    PubliciseRoleModel,
    RefuseRoleModel,
)
from service.domain.role_model import (
    AlreadyNominated,
    AlreadyPublicised,
    NominationAnswered,
    RoleModelAgreed,
    RoleModelByResponsiblePerson,
    RoleModelNominated,
    RoleModelNotAgreed,
    RoleModelPublicised,
    RoleModelRefused,
    UnknownRoleModel,
)
from service.domain.separation import AgreedByNominator, NotInOwnMatter
from tests.domain.story import Story, given
from tests.domain.test_consequence import ERASED
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    PHONE,
    SETTLED,
    WANG,
    acting,
    appointed,
    person,
)

UNITS = (AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, FOREIGN_BRANCH)
HERE = (*SETTLED, *(appointed("chief", unit) for unit in UNITS))
MODEL = "role-model"


def nominate(by: str = COMMUNITY, who: str = "officer", **inputs: Any) -> NominateRoleModel:
    more = {"role_model_id": MODEL, "member_id": LI, "deeds": "三年如一日照看邻居"}
    return NominateRoleModel(by=acting(by, who), at=AT, **{**more, **inputs})


def agree(by: str = BRANCH, who: str = "chief") -> AgreeToRoleModel:
    return AgreeToRoleModel(by=acting(by, who), at=AT, role_model_id=MODEL)


def refuse(by: str = BRANCH, who: str = "chief") -> RefuseRoleModel:
    return RefuseRoleModel(by=acting(by, who), at=AT, role_model_id=MODEL, reason="事迹尚待核实")


def publicise(by: str = COMMUNITY, who: str = "officer", **inputs: Any) -> PubliciseRoleModel:
    more = {"role_model_id": MODEL, "channel": "社区宣传栏"}
    return PubliciseRoleModel(by=acting(by, who), at=AT, **{**more, **inputs})


def after(*commands: Command) -> Story:
    story = given(*HERE)
    for command in commands:
        story.when(command)
        assert story.rejection is None
    return story


def test_nominated_then_agreed_then_publicised() -> None:
    story = after()
    story.when(nominate()).then(
        RoleModelNominated,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        nominated_by_person=person("officer"),
    )
    story.when(agree()).then(RoleModelAgreed, branch_id=BRANCH, agreed_by_person=person("chief"))
    story.when(publicise()).then(RoleModelPublicised, channel="社区宣传栏", member_id=LI)


def test_any_other_order_is_refused() -> None:
    after().when(agree()).refused(UnknownRoleModel)
    after().when(refuse()).refused(UnknownRoleModel)
    after().when(publicise()).refused(UnknownRoleModel)
    after(nominate()).when(publicise()).refused(RoleModelNotAgreed)
    after(nominate(), refuse()).when(publicise()).refused(RoleModelNotAgreed)
    after(nominate(), agree(), publicise()).when(publicise()).refused(AlreadyPublicised)
    for answer in (agree(), refuse()):
        for again in (agree(), refuse()):
            after(nominate(), answer).when(again).refused(NominationAnswered)
    after(nominate(), agree(), publicise()).when(agree()).refused(NominationAnswered)


def test_one_nomination_at_a_time() -> None:
    again = nominate(role_model_id="again")
    after(nominate()).when(again).refused(AlreadyNominated, pointer="/member_id")
    after(nominate(), agree()).when(again).refused(AlreadyNominated)
    after(nominate(), refuse()).when(again).then(RoleModelNominated)
    after(nominate(), agree(), publicise()).when(again).then(RoleModelNominated)


def test_the_community_of_the_registration_nominates() -> None:
    after().when(nominate(OTHER_COMMUNITY)).refused(UnknownMember, pointer="/member_id")
    after().when(nominate(member_id=WANG)).refused(UnknownMember)
    after().when(nominate(BRANCH, "chief")).refused(UnknownMember)


def test_the_agency_agrees_and_nobody_else() -> None:
    for by in (BRANCH, COMMITTEE, AUTHORITY):
        after(nominate()).when(agree(by)).then(RoleModelAgreed, branch_id=BRANCH)
        after(nominate()).when(refuse(by)).then(RoleModelRefused, reason="事迹尚待核实")
    for by in (OTHER_BRANCH, FOREIGN_BRANCH, COMMUNITY):
        after(nominate()).when(agree(by)).refused(UnknownRoleModel)
        after(nominate()).when(refuse(by)).refused(UnknownRoleModel)


def test_the_nominating_community_publicises() -> None:
    for by in (OTHER_COMMUNITY, BRANCH):
        after(nominate(), agree()).when(publicise(by)).refused(UnknownRoleModel)


def test_the_nominator_does_not_agree() -> None:
    """Whoever holds offices in both is one person all the same."""
    both = (appointed("both", COMMUNITY), appointed("other-id", BRANCH, of="both"))
    story = given(*HERE, *both).when(nominate(who="both"))
    story.when(agree(who="other-id")).refused(AgreedByNominator)
    story.when(agree()).then(RoleModelAgreed)
    story.when(publicise(who="both")).then(RoleModelPublicised)
    # An id that two organisations gave out is two people.
    namesake = (appointed("officer", BRANCH, of="namesake"),)
    given(*HERE, *namesake).when(nominate()).when(agree(who="officer")).then(RoleModelAgreed)


def test_nobody_makes_themselves_a_role_model() -> None:
    own = (appointed("account-7", COMMUNITY, of=LI), appointed("account-7", BRANCH, of=LI))
    for who in (LI, "account-7"):
        given(*HERE, *own).when(nominate(who=who)).refused(NotInOwnMatter)
        given(*HERE, *own).when(nominate()).when(agree()).when(publicise(who=who)).refused(
            NotInOwnMatter
        )
    given(*HERE, *own).when(nominate()).when(agree(who="account-7")).refused(NotInOwnMatter)


def test_it_takes_a_responsible_person() -> None:
    clerk = appointed("clerk", BRANCH, OfficerRole.OFFICER)
    steps: list[tuple[tuple[Command, ...], Any]] = [
        ((), nominate()),
        ((nominate(),), agree()),
        ((nominate(),), refuse()),
        ((nominate(), agree()), publicise()),
    ]
    for before, step in steps:
        organisation_id = step.by.organisation_id
        story = after(*before)
        story.history.append(clerk)
        for by in (acting(organisation_id, "clerk"), replace(step.by, role="officer")):
            story.when(replace(step, by=by)).refused(RoleModelByResponsiblePerson)
        story.when(replace(step, by=acting(organisation_id, "nobody"))).refused(OfficerNotAppointed)


def test_where_it_was_made_known_names_nobody() -> None:
    story = after(nominate(), agree()).when(publicise(channel=f"电话{PHONE}"))
    story.refused(PersonalDataInOpenText, pointer="/channel")


@pytest.mark.parametrize(
    "step", [agree(), refuse(), publicise()], ids=lambda step: type(step).__name__
)
def test_nothing_more_happens_about_an_erased_member(step: Command) -> None:
    story = (
        after(nominate())
        if not isinstance(step, PubliciseRoleModel)
        else after(nominate(), agree())
    )
    story.history.append(ERASED)
    story.when(step)
    assert isinstance(story.rejection, UnknownRoleModel | UnknownMember)
