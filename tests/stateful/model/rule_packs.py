"""Rule packs, adopted and repealed: what is over keeps its rules (R34)."""

from datetime import date, datetime

from service.domain.event import Actor
from service.domain.rule_pack_adoption import AdoptRulePack, RepealRulePack
from tests.stateful.model.inspections import not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.supervised import Pack
from tests.stateful.model.town import Town
from tests.stateful.packs import PACKS
from tests.stateful.papers import OPEN_TEXTS


def is_not_responsible(town: Town, by: Actor) -> bool:
    """Whether somebody is appointed, but not as a responsible person or does not act as one."""
    officer = town.officers.get((by.organisation_id, by.person))
    return officer is not None and {officer.role, by.role} != {"responsible"}


def _meet(one: Pack, other: Pack) -> bool:
    """Whether there is a day that lies in both."""
    ends = [each.ends for each in (one, other) if each.ends is not None]
    return max(one.starts, other.starts) < min(ends, default=date.max)


def _reaches_back(day: date, at: datetime) -> bool:
    return day.year < at.year


@predicts(AdoptRulePack)
def adopt_rule_pack(town: Town, command: AdoptRulePack) -> Prediction:
    """By a responsible person, one of a code at a time, and for no year that is over (R34)."""
    by, pack = command.by, command.pack
    adopted = Pack(by.organisation_id, pack.code, pack.valid_from, pack.valid_to)
    fault = PACKS[pack]
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, by),
        DecidedByResponsiblePerson=is_not_responsible(town, by),
        PackReachesBack=_reaches_back(pack.valid_from, command.at),
        PackOverlaps=any(
            (each.organisation, each.code) == (adopted.organisation, adopted.code)
            and _meet(each, adopted)
            for each in town.packs.values()
        ),
        **({fault: True} if fault else {}),
    ):
        return wrong
    town.packs[command.pack_id] = adopted
    return happens("RulePackAdopted", organisation_id=by.organisation_id, pack=pack)


@predicts(RepealRulePack)
def repeal_rule_pack(town: Town, command: RepealRulePack) -> Prediction:
    """Once, by whoever adopted it, from a day of its validity on that is not in a past year."""
    known = town.packs.get(command.pack_id)
    if known is None or known.organisation != command.by.organisation_id:
        return refused("UnknownPack")
    ends = command.valid_to
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        DecidedByResponsiblePerson=is_not_responsible(town, command.by),
        PackAlreadyRepealed=known.repealed,
        PersonalDataInOpenText=not OPEN_TEXTS[command.reason],
        RepealOutsideValidity=ends < known.starts
        or (known.ends is not None and ends >= known.ends),
        PackReachesBack=_reaches_back(ends, command.at),
    ):
        return wrong
    known.ends, known.repealed = ends, True
    return happens("RulePackRepealed", organisation_id=known.organisation, valid_to=ends)
