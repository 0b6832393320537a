"""办理先进典型: nominated, agreed, publicised, in this order and by whom it belongs to (R33)."""

from dataclasses import dataclass, field

from service.domain.event import Actor, Command, Selector
from service.domain.membership import Memberships
from service.domain.officer import OfficerRole, Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import Organisations
from service.domain.registration import Registrations
from service.domain.responsibility import require_registered_here
from service.domain.role_model import (
    AlreadyNominated,
    AlreadyPublicised,
    NominationAnswered,
    RoleModel,
    RoleModelAgreed,
    RoleModelByResponsiblePerson,
    RoleModelNominated,
    RoleModelNotAgreed,
    RoleModelPublicised,
    RoleModelRefused,
    RoleModels,
    Stage,
    UnknownRoleModel,
)
from service.domain.separation import Act, require_apart


@dataclass(kw_only=True)
class NominateRoleModel(Command):
    """推荐先进典型: by the community where the member is registered, one at a time (R33)."""

    role_model_id: str
    member_id: str
    deeds: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    role_models: RoleModels = field(init=False, default_factory=RoleModels)

    def consistency_boundary(self) -> list[Selector]:
        member, community = f"member:{self.member_id}", f"community:{self.by.organisation_id}"
        return [
            *self.officers.acting(self.by),
            Memberships.about(self.member_id),
            Registrations.about(self.member_id),
            Selector(RoleModels.projected_types, [member, community]),
        ]

    def execute(self) -> None:
        community_id = self.by.organisation_id
        require_registered_here(self.registrations, self.by, community_id, self.member_id)
        branch_id = self.memberships.branch_of(self.member_id, "/member_id")
        person = _responsible(self.officers, self.by)
        served = self.member_id, self.memberships.persons[self.member_id]
        require_apart(Act.NOMINATED, frozenset({self.by.person, person}), {Act.SERVED: served})
        if not all(each.stage.over for each in self.role_models.known.values()):
            raise AlreadyNominated(pointer="/member_id")
        self.happened(
            RoleModelNominated(
                role_model_id=self.role_model_id,
                member_id=self.member_id,
                branch_id=branch_id,
                community_id=community_id,
                deeds=self.deeds,
                nominated_by=self.by.person,
                nominated_by_person=person,
            )
        )


@dataclass(kw_only=True)
class AgreeToRoleModel(Command):
    """同意先进典型: by the member's branch or above it, and another person than nominated (R33)."""

    role_model_id: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    role_models: RoleModels = field(init=False, default_factory=RoleModels)

    def consistency_boundary(self) -> list[Selector]:
        return _of_the_agency(self)

    def execute(self) -> None:
        known, branch_id = _answerable(self)
        person = _responsible(self.officers, self.by)
        served = known.member_id, self.memberships.persons[known.member_id]
        identities = frozenset({self.by.person, person})
        require_apart(Act.AGREED, identities, {**known.done, Act.SERVED: served})
        self.happened(
            RoleModelAgreed(
                role_model_id=self.role_model_id,
                member_id=known.member_id,
                branch_id=branch_id,
                community_id=known.community_id,
                agreed_by=self.by.person,
                agreed_by_person=person,
            )
        )


@dataclass(kw_only=True)
class RefuseRoleModel(Command):
    """不同意先进典型: by whoever might have agreed, with a reason (R33)."""

    role_model_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    role_models: RoleModels = field(init=False, default_factory=RoleModels)

    def consistency_boundary(self) -> list[Selector]:
        return _of_the_agency(self)

    def execute(self) -> None:
        known, branch_id = _answerable(self)
        self.happened(
            RoleModelRefused(
                role_model_id=self.role_model_id,
                member_id=known.member_id,
                branch_id=branch_id,
                community_id=known.community_id,
                reason=self.reason,
                refused_by=self.by.person,
                refused_by_person=_responsible(self.officers, self.by),
            )
        )


@dataclass(kw_only=True)
class PubliciseRoleModel(Command):
    """宣传先进典型: by the community that nominated, only once the agency agreed (R33)."""

    role_model_id: str
    channel: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    role_models: RoleModels = field(init=False, default_factory=RoleModels)

    def consistency_boundary(self) -> list[Selector]:
        return [
            RoleModels.about(self.role_model_id),
            *self.officers.acting(self.by),
            *(Memberships.about(each.member_id) for each in self.role_models.known.values()),
        ]

    def execute(self) -> None:
        known = self.role_models.known.get(self.role_model_id)
        if known is None or known.community_id != self.by.organisation_id:
            raise UnknownRoleModel
        branch_id = self.memberships.branch_of(known.member_id)
        person = _responsible(self.officers, self.by)
        served = known.member_id, self.memberships.persons[known.member_id]
        require_apart(Act.PUBLICISED, frozenset({self.by.person, person}), {Act.SERVED: served})
        if known.stage is Stage.PUBLICISED:
            raise AlreadyPublicised
        if known.stage is not Stage.AGREED:
            raise RoleModelNotAgreed
        require_open_text(self.channel, "/channel")
        self.happened(
            RoleModelPublicised(
                role_model_id=self.role_model_id,
                member_id=known.member_id,
                branch_id=branch_id,
                community_id=known.community_id,
                channel=self.channel,
                publicised_by=self.by.person,
                publicised_by_person=person,
            )
        )


def _responsible(officers: Officers, by: Actor) -> str:
    """The natural person who acts; refused unless they are a responsible person."""
    appointment = officers.appointment(by)
    if appointment.role is not OfficerRole.RESPONSIBLE or not by.responsible:
        raise RoleModelByResponsiblePerson
    return appointment.person


def _of_the_agency(command: AgreeToRoleModel | RefuseRoleModel) -> list[Selector]:
    """Selects the nomination, who acts and, once it is learnt, where the member belongs."""
    boundary = [RoleModels.about(command.role_model_id), *command.officers.acting(command.by)]
    for known in command.role_models.known.values():
        boundary.append(Memberships.about(known.member_id))
        if branch_id := command.memberships.branches.get(known.member_id):
            boundary.append(Organisations.about(branch_id))
    return boundary


def _answerable(command: AgreeToRoleModel | RefuseRoleModel) -> tuple[RoleModel, str]:
    """The nomination and the member's branch; refused to whoever is not of its line, and once it
    was answered."""
    known = command.role_models.known.get(command.role_model_id)
    if known is None:
        raise UnknownRoleModel
    branch_id = command.memberships.branches.get(known.member_id)
    if branch_id is None or (
        command.by.organisation_id not in command.organisations.line_of(branch_id)
    ):
        raise UnknownRoleModel
    if known.stage is not Stage.NOMINATED:
        raise NominationAnswered
    return known, branch_id
