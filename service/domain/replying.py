"""出具意见: the community's word, given, countersigned and taken back (R27)."""

from dataclasses import dataclass, field
from itertools import chain

from service.domain.consultation_standing import Consultation, Consultations
from service.domain.event import SHANGHAI, Command, Selector
from service.domain.membership import Memberships
from service.domain.objection import WorseAfterObjection
from service.domain.officer import OfficerRole, Officers
from service.domain.opinion import (
    Conduct,
    OpinionByResponsiblePerson,
    OpinionCountersigned,
    OpinionFigures,
    OpinionGiven,
    OpinionIdTaken,
    OpinionIsWithdrawn,
    OpinionNotWaiting,
    OpinionReceived,
    OpinionThere,
    OpinionWithdrawn,
    UnknownOpinion,
)
from service.domain.opinion_standing import Opinion, Opinions, Views
from service.domain.separation import Act, require_apart
from service.domain.signed import OwnSignature, salted
from service.domain.signing_key import SigningKeys

_SIGNING = (Act.RECUSED, Act.OPINION_SIGNED, Act.OPINION_COUNTERSIGNED)


@dataclass(kw_only=True)
class GiveOpinion(Command):
    """出具意见: by the first of two responsible persons of the organisation that replies (R27).

    ``figures`` are what the record holds of the member, as of a position. Where an opinion of this
    consultation was taken back, the new one replaces it.
    """

    opinion_id: str
    consultation_id: str
    figures: OpinionFigures
    social_morality: Conduct
    community_pledge: Conduct
    bearing: Conduct
    overall: Conduct
    comment: str | None = None
    own: OwnSignature | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        # What was signed once is not recorded twice.
        signed = [_under(self.opinion_id)] if self.own else []
        return [*_answering(self, self.consultation_id), *signed]

    def execute(self) -> None:
        known = self.consultations.put_to(self.by.organisation_id, self.consultation_id)
        person = _signatory(self, Act.OPINION_SIGNED, known, *_SIGNING)
        if self.own is not None and self.opinion_id in self.opinions.known:
            raise OpinionIdTaken(pointer="/signature")
        if self.opinions.in_force(self.consultation_id) is not None or self.opinions.is_waiting(
            self.consultation_id, self.by.organisation_id
        ):
            raise OpinionThere
        views = Views(self.social_morality, self.community_pledge, self.bearing, self.overall)
        _require_not_worse(self, known, views)
        comment_salt, comment_digest = salted(self.comment, self.own)
        event = OpinionGiven(
            opinion_id=self.opinion_id,
            consultation_id=self.consultation_id,
            member_id=known.member_id,
            community_id=known.community_id,
            replying_id=self.by.organisation_id,
            figures=self.figures,
            social_morality=self.social_morality,
            community_pledge=self.community_pledge,
            bearing=self.bearing,
            overall=self.overall,
            comment=self.comment,
            comment_salt=comment_salt,
            comment_digest=comment_digest,
            replaces=self.opinions.withdrawn_last(self.consultation_id),
            given_by=self.by.person,
            given_by_person=person,
        )
        self.happened(self.signing_keys.signed(event, self.by, self.at, self.own))


@dataclass(kw_only=True)
class CountersignOpinion(Command):
    """会签意见: by another responsible person of the same organisation; now it counts (R27)."""

    opinion_id: str
    own: OwnSignature | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        found = self.opinions.known.get(self.opinion_id)
        answering = [] if found is None else _answering(self, found.consultation_id)
        return [_under(self.opinion_id), *answering]

    def execute(self) -> None:
        opinion, known = _own_opinion(self)
        person = _signatory(self, Act.OPINION_COUNTERSIGNED, known, *_SIGNING)
        if opinion.counted or opinion.withdrawn:
            raise OpinionNotWaiting
        if self.opinions.in_force(known.consultation_id) is not None:
            raise OpinionThere
        # An objection may have come since the first signature.
        _require_not_worse(self, known, opinion.views)
        event = OpinionCountersigned(
            opinion_id=self.opinion_id,
            consultation_id=known.consultation_id,
            member_id=known.member_id,
            community_id=known.community_id,
            replying_id=opinion.replying_id,
            **opinion.views._asdict(),
            comment_digest=opinion.comment_digest,
            countersigned_on=self.at.astimezone(SHANGHAI).date(),
            countersigned_by=self.by.person,
            countersigned_by_person=person,
        )
        self.happened(self.signing_keys.signed(event, self.by, self.at, self.own))
        self.happened(
            OpinionReceived(
                opinion_id=self.opinion_id,
                consultation_id=known.consultation_id,
                member_id=known.member_id,
                organisation_id=known.question.asking_id,
            )
        )


@dataclass(kw_only=True)
class WithdrawOpinion(Command):
    """撤回意见: by somebody who might have signed it, with a reason (R18, R27)."""

    opinion_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        found = self.opinions.known.get(self.opinion_id)
        standing = [] if found is None else _standing(found.consultation_id)
        return [
            _under(self.opinion_id),
            *standing,
            *self.officers.acting(self.by),
            *(Memberships.about(each.member_id) for each in self.consultations.known.values()),
        ]

    def execute(self) -> None:
        opinion, known = _own_opinion(self)
        # To take a word back is not for whoever may not give it.
        person = _signatory(self, Act.OPINION_SIGNED, known, Act.RECUSED)
        if opinion.withdrawn:
            raise OpinionIsWithdrawn
        self.happened(
            OpinionWithdrawn(
                opinion_id=self.opinion_id,
                consultation_id=known.consultation_id,
                member_id=known.member_id,
                community_id=known.community_id,
                replying_id=opinion.replying_id,
                corrects=opinion.event_id,
                reason=self.reason,
                withdrawn_by=self.by.person,
                withdrawn_by_person=person,
            )
        )


def _standing(consultation_id: str) -> list[Selector]:
    """Selects the consultation and its opinions."""
    return [Consultations.about(consultation_id), Opinions.about(consultation_id)]


def _under(opinion_id: str) -> Selector:
    """Selects the opinion of this id."""
    return Selector([OpinionGiven], [f"opinion:{opinion_id}"])


def _answering(command: GiveOpinion | CountersignOpinion, consultation_id: str) -> list[Selector]:
    """Selects the consultation, who acts, with which keys and, once it is known whom it is about,
    all that was ever asked and said about them: what they objected to is none of these alone."""
    boundary = [
        *_standing(consultation_id),
        *command.officers.acting(command.by),
        SigningKeys.about(command.by.organisation_id),
    ]
    if known := command.consultations.known.get(consultation_id):
        of = known.member_id
        boundary += [Memberships.about(of), Consultations.of(of), Opinions.of(of)]
    return boundary


def _signatory(
    command: GiveOpinion | CountersignOpinion | WithdrawOpinion,
    act: Act,
    known: Consultation,
    *earlier: Act,
) -> str:
    """The natural person who acts; refused unless they are a responsible person, and by what they
    did before of ``earlier``, or because they are the member."""
    appointment = command.officers.appointment(command.by)
    if appointment.role is not OfficerRole.RESPONSIBLE or not command.by.responsible:
        raise OpinionByResponsiblePerson
    signed = command.opinions.done[known.consultation_id]
    done = {each: signed[each] for each in earlier}
    served = known.member_id, command.memberships.persons.get(known.member_id)
    identities = frozenset({command.by.person, appointment.person})
    require_apart(act, identities, {**done, Act.SERVED: served})
    return appointment.person


def _own_opinion(command: CountersignOpinion | WithdrawOpinion) -> tuple[Opinion, Consultation]:
    """The opinion and what it answers; refused unless it is this organisation's own."""
    opinion = command.opinions.known.get(command.opinion_id)
    if opinion is None or opinion.replying_id != command.by.organisation_id:
        raise UnknownOpinion
    return opinion, command.consultations.put_to(opinion.replying_id, opinion.consultation_id)


def _require_not_worse(
    command: GiveOpinion | CountersignOpinion, known: Consultation, views: Views
) -> None:
    """Refused if it is worse than what the member objected to, be the question asked anew or not.

    Objecting never worsens the outcome (R39); an objection that was rejected or withdrawn limits
    nothing any more.
    """
    alike = [
        each.consultation_id
        for each in command.consultations.known.values()
        if each.seems_like(known)
    ]
    for before in chain.from_iterable(map(command.opinions.limits, alike)):
        if axes := views.worse_than(before):
            raise WorseAfterObjection(f"党员已提出异议，{'、'.join(axes)}不得低于原意见。")
