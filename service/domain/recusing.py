"""回避: whoever is related to the member, or supervised by them, does not answer (R27)."""

from dataclasses import dataclass, field

from service.domain.appointment import UnknownOfficer
from service.domain.consultation import RecusalDeclared, RecusalGround
from service.domain.consultation_standing import Consultations
from service.domain.event import Command, Selector
from service.domain.officer import OfficerRole, Officers, register_of
from service.domain.opinion import AlreadyRecused, RecusalByOther, RecusedAfterSigning
from service.domain.opinion_standing import Opinions
from service.domain.separation import Act


@dataclass(kw_only=True)
class DeclareRecusal(Command):
    """回避: for oneself, or by a responsible person for another officer of theirs (R27)."""

    consultation_id: str
    officer_id: str
    ground: RecusalGround
    officers: Officers = field(init=False, default_factory=Officers)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Consultations.about(self.consultation_id),
            Opinions.about(self.consultation_id),
            *self.officers.acting(self.by),
            register_of(self.by.organisation_id, self.officer_id),
        ]

    def execute(self) -> None:
        known = self.consultations.put_to(self.by.organisation_id, self.consultation_id)
        declaring = self.officers.appointment(self.by)
        responsible = declaring.role is OfficerRole.RESPONSIBLE and self.by.responsible
        if self.officer_id != self.by.person and not responsible:
            raise RecusalByOther
        recused = self.officers.appointed.get((self.by.organisation_id, self.officer_id))
        if recused is None:
            raise UnknownOfficer(pointer="/officer_id")
        done = self.opinions.done[self.consultation_id]
        if recused.person in done[Act.RECUSED]:
            raise AlreadyRecused(pointer="/officer_id")
        if recused.person in done[Act.OPINION_SIGNED] | done[Act.OPINION_COUNTERSIGNED]:
            raise RecusedAfterSigning(pointer="/officer_id")
        self.happened(
            RecusalDeclared(
                consultation_id=self.consultation_id,
                member_id=known.member_id,
                community_id=known.community_id,
                officer_id=self.officer_id,
                ground=self.ground,
                officer_person=recused.person,
                declared_by=self.by.person,
                declared_by_person=declaring.person,
            )
        )
