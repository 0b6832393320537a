"""Role models: nominated by the community, agreed by the unit, then publicised (R33)."""

from service.domain.publicising import (
    AgreeToRoleModel,
    NominateRoleModel,
    PubliciseRoleModel,
    RefuseRoleModel,
)
from tests.stateful.model.inspections import is_the_member, not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.supervised import RoleModel
from tests.stateful.model.town import Town
from tests.stateful.papers import OPEN_TEXTS


@predicts(NominateRoleModel)
def nominate_role_model(town: Town, command: NominateRoleModel) -> Prediction:
    """Of its own registered members, one nomination of each at a time (R33)."""
    by, member = command.by, command.member_id
    community = by.organisation_id
    if stranger := town.stranger(community, community, member):
        return refused(stranger)
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, by),
        RoleModelByResponsiblePerson=is_not_responsible(town, by),
        NotInOwnMatter=is_the_member(town, by, member),
        AlreadyNominated=any(
            (each.member, each.community) == (member, community)
            and each.state in {"nominated", "agreed"}
            for each in town.role_models.values()
        ),
    ):
        return wrong
    person = town.officers[community, by.person].person
    town.role_models[command.role_model_id] = RoleModel(member, community, person)
    return happens(
        "RoleModelNominated",
        branch_id=town.branches[member],
        community_id=community,
        nominated_by_person=person,
    )


def _asked(town: Town, command: AgreeToRoleModel | RefuseRoleModel) -> RoleModel | None:
    """The nomination, if the member's branch acts or one above it."""
    known = town.role_models.get(command.role_model_id)
    if known is None:
        return None
    line = town.lines.get(town.branches[known.member], ())
    return known if command.by.organisation_id in line else None


def _named(town: Town, known: RoleModel) -> dict[str, object]:
    return {
        "member_id": known.member,
        "branch_id": town.branches[known.member],
        "community_id": known.community,
    }


@predicts(AgreeToRoleModel)
def agree_to_role_model(town: Town, command: AgreeToRoleModel) -> Prediction:
    """For the unit, by another person than the one who nominated (R33)."""
    known = _asked(town, command)
    if known is None:
        return refused("UnknownRoleModel")
    officer = town.officers.get((command.by.organisation_id, command.by.person))
    if wrong := broken(
        NominationAnswered=known.state != "nominated",
        OfficerNotAppointed=officer is None,
        RoleModelByResponsiblePerson=is_not_responsible(town, command.by),
        NotInOwnMatter=is_the_member(town, command.by, known.member),
        AgreedByNominator=officer is not None and officer.person == known.nominator,
    ):
        return wrong
    known.state = "agreed"
    return happens("RoleModelAgreed", **_named(town, known))


@predicts(RefuseRoleModel)
def refuse_role_model(town: Town, command: RefuseRoleModel) -> Prediction:
    """For the unit, with a reason; then it is over (R33)."""
    known = _asked(town, command)
    if known is None:
        return refused("UnknownRoleModel")
    if wrong := broken(
        NominationAnswered=known.state != "nominated",
        OfficerNotAppointed=not_appointed(town, command.by),
        RoleModelByResponsiblePerson=is_not_responsible(town, command.by),
    ):
        return wrong
    known.state = "refused"
    return happens("RoleModelRefused", **_named(town, known), reason=command.reason)


@predicts(PubliciseRoleModel)
def publicise_role_model(town: Town, command: PubliciseRoleModel) -> Prediction:
    """By the community that nominated, once the unit agreed (R33)."""
    known = town.role_models.get(command.role_model_id)
    if known is None or known.community != command.by.organisation_id:
        return refused("UnknownRoleModel")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        RoleModelByResponsiblePerson=is_not_responsible(town, command.by),
        NotInOwnMatter=is_the_member(town, command.by, known.member),
        AlreadyPublicised=known.state == "publicised",
        RoleModelNotAgreed=known.state in {"nominated", "refused"},
        PersonalDataInOpenText=not OPEN_TEXTS[command.channel],
    ):
        return wrong
    known.state = "publicised"
    return happens("RoleModelPublicised", **_named(town, known))
