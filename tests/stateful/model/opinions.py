"""The community's word: signed by two, taken back, never worse after an objection (R27, R39)."""

from datetime import datetime
from hashlib import sha256
from hmac import new

from service.domain.event import Actor
from service.domain.opinion import OpinionFigures
from service.domain.replying import CountersignOpinion, GiveOpinion, WithdrawOpinion
from tests.stateful.model.consultations import happen, put_to
from tests.stateful.model.deliberated import Consultation, Opinion, Views
from tests.stateful.model.inspections import is_the_member, not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.signing_keys import signed_wrongly, stated
from tests.stateful.model.town import Town

AXES = ("social_morality", "community_pledge", "bearing", "overall")
_AS_GOOD_AS: dict[str, set[str]] = {
    "good": {"good", "no_basis"},
    "fair": {"good", "fair", "no_basis"},
    "poor": {"good", "fair", "poor", "no_basis"},
    "no_basis": {"good", "fair", "no_basis"},
}
"""What is not worse for the member; to find no basis never counts against them (R27)."""


def opinion_stated(
    town: Town,
    by: Actor,
    at: datetime,
    *,
    opinion: str,
    consultation: str,
    figures: OpinionFigures,
    views: Views,
    comment: str | None = None,
    salt: str | None = None,
) -> dict[str, object]:
    """What the first person signs: of a comment only what nobody can read back."""
    known = town.consultations.get(consultation)
    data = {
        **_said(opinion, consultation, known, by, views),
        "figures": figures.model_dump(mode="json"),
        "comment_digest": _digest(comment, salt),
        "replaces": _last_taken_back(town, consultation),
        "given_by": by.person,
    }
    return stated("OpinionGiven", 1, by, at, data)


def countersignature_stated(
    town: Town, by: Actor, at: datetime, *, opinion: str
) -> dict[str, object]:
    """What the second person signs: the same words."""
    given = town.opinions.get(opinion)
    if given is None:
        return {}
    data = {
        **_said(
            opinion,
            given.consultation,
            town.consultations[given.consultation],
            by,
            given.views,
        ),
        "comment_digest": given.digest,
        "countersigned_on": at.date().isoformat(),
        "countersigned_by": by.person,
    }
    return stated("OpinionCountersigned", 1, by, at, data)


def _said(
    opinion: str, consultation: str, known: Consultation | None, by: Actor, views: Views
) -> dict[str, object]:
    return {
        "opinion_id": opinion,
        "consultation_id": consultation,
        "member_id": known and known.member,
        "community_id": known and known.community,
        "replying_id": by.organisation_id,
        **dict(zip(AXES, views, strict=True)),
    }


def _digest(comment: str | None, salt: str | None) -> str | None:
    if comment is None:
        return None
    return new((salt or "").encode(), comment.encode(), sha256).hexdigest()


def _last_taken_back(town: Town, consultation: str) -> str | None:
    gone = [
        name
        for name, each in town.opinions.items()
        if (each.consultation, each.state) == (consultation, "withdrawn")
    ]
    return gone[-1] if gone else None


def _barred(town: Town, by: Actor, known: Consultation) -> dict[str, bool]:
    """What speaks against this person's word about this member (R27)."""
    person = _person(town, by)
    return {
        "ConsultationIsWithdrawn": known.withdrawn,
        "OfficerNotAppointed": not_appointed(town, by),
        "OpinionByResponsiblePerson": is_not_responsible(town, by),
        "NotInOwnMatter": is_the_member(town, by, known.member),
        "ReplierRecused": person in known.recused,
    }


def _person(town: Town, by: Actor) -> str:
    officer = town.officers.get((by.organisation_id, by.person))
    return officer.person if officer else ""


def _worse(town: Town, known: Consultation, views: Views) -> bool:
    """Whether it is worse than what the member objected to, or than what came in its place.

    However often the same is asked of the same community; unless the objection was rejected, or
    nothing of it is left. Whatever is masked may be the same (R27).
    """
    limits: list[Views] = []
    for each in town.objections.values():
        if each.against != "opinion" or each.state in {"rejected", "withdrawn"}:
            continue
        other = town.consultations[each.subject]
        same = other.masked or known.masked or _question(other) == _question(known)
        if same and (other.member, other.community) == (known.member, known.community):
            limits += other.said[each.first :]
    return any(
        now not in _AS_GOOD_AS[before]
        for limit in limits
        for now, before in zip(views, limit, strict=True)
    )


def _question(known: Consultation) -> tuple[str, str, str]:
    return known.asker, known.purpose, known.period


@predicts(GiveOpinion)
def give_opinion(town: Town, command: GiveOpinion) -> Prediction:
    """By a responsible person; one opinion of an organisation at a time (R27)."""
    by, own = command.by, command.own
    known = put_to(town, by, command.consultation_id)
    if known is None:
        return refused("UnknownConsultation")
    views = (
        command.social_morality.value,
        command.community_pledge.value,
        command.bearing.value,
        command.overall.value,
    )
    said = opinion_stated(
        town,
        by,
        command.at,
        opinion=command.opinion_id,
        consultation=command.consultation_id,
        figures=command.figures,
        views=views,
        comment=command.comment,
        salt=own.salt if own else None,
    )
    if wrong := broken(
        **_barred(town, by, known),
        OpinionSignedTwice=_person(town, by) in known.countersigners,
        OpinionIdTaken=own is not None and command.opinion_id in town.opinions,
        OpinionThere=town.answer_to(command.consultation_id) is not None
        or any(
            (each.consultation, each.replying, each.state)
            == (command.consultation_id, by.organisation_id, "waiting")
            for each in town.opinions.values()
        ),
        WorseAfterObjection=_worse(town, known, views),
        **signed_wrongly(town, by, command.at, own, said),
    ):
        return wrong
    replaces = _last_taken_back(town, command.consultation_id)
    known.signers.add(_person(town, by))
    town.opinions[command.opinion_id] = Opinion(
        command.consultation_id,
        by.organisation_id,
        views,
        _digest(command.comment, own.salt if own else None),
    )
    return happens(
        "OpinionGiven",
        member_id=known.member,
        community_id=known.community,
        replying_id=by.organisation_id,
        figures=command.figures,
        replaces=replaces,
        comment=command.comment,
        signature=own and own.jws,
    )


def _own_opinion(town: Town, by: Actor, opinion_id: str) -> tuple[Opinion, Consultation] | None:
    opinion = town.opinions.get(opinion_id)
    if opinion is None or opinion.replying != by.organisation_id:
        return None
    return opinion, town.consultations[opinion.consultation]


@predicts(CountersignOpinion)
def countersign_opinion(town: Town, command: CountersignOpinion) -> Prediction:
    """By another person than any who signed first; from this day on it counts (R27)."""
    by, own = command.by, command.own
    if (found := _own_opinion(town, by, command.opinion_id)) is None:
        return refused("UnknownOpinion")
    opinion, known = found
    said = countersignature_stated(town, by, command.at, opinion=command.opinion_id)
    if wrong := broken(
        **_barred(town, by, known),
        OpinionSignedTwice=_person(town, by) in known.signers,
        OpinionNotWaiting=opinion.state != "waiting",
        OpinionThere=town.answer_to(opinion.consultation) is not None,
        WorseAfterObjection=_worse(town, known, opinion.views),
        **signed_wrongly(town, by, command.at, own, said),
    ):
        return wrong
    opinion.state, opinion.since = "counts", command.at.date()
    known.countersigners.add(_person(town, by))
    known.said.append(opinion.views)
    about: dict[str, object] = {
        "opinion_id": command.opinion_id,
        "consultation_id": opinion.consultation,
        "member_id": known.member,
    }
    words = dict(zip(AXES, opinion.views, strict=True))
    return happen(
        (
            "OpinionCountersigned",
            {
                **about,
                **words,
                "replying_id": opinion.replying,
                "countersigned_on": opinion.since,
                "signature": own and own.jws,
            },
        ),
        ("OpinionReceived", {**about, "organisation_id": known.asker}),
    )


@predicts(WithdrawOpinion)
def withdraw_opinion(town: Town, command: WithdrawOpinion) -> Prediction:
    """By a responsible person who is not to keep out of it; it counts no more (R18, R27)."""
    if (found := _own_opinion(town, command.by, command.opinion_id)) is None:
        return refused("UnknownOpinion")
    opinion, known = found
    if wrong := broken(
        **_barred(town, command.by, known),
        OpinionIsWithdrawn=opinion.state == "withdrawn",
    ):
        return wrong
    opinion.state = "withdrawn"
    return happens("OpinionWithdrawn", member_id=known.member, replying_id=opinion.replying)
