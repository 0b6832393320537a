"""The gate: whether the community was heard before a member is decided on (R26, R27)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.stateful.model.deliberated import Consultation, Decision
from tests.stateful.model.town import Town

HALF_A_YEAR = timedelta(days=180)
REFUSED_AS = {
    "never_checked_in": "NeverCheckedInUnexplained",
    "no_opinion": "NoOpinion",
    "other_purpose": "OpinionForOtherPurpose",
    "other_period": "OpinionForOtherPeriod",
    "expired": "OpinionExpired",
    "withdrawn": "OpinionWithdrawnMeanwhile",
    "objection_open": "OpinionDisputed",
    "silent_past_due": "OpinionOverdue",
}


@dataclass
class Gate:
    """How it stands: what keeps it shut, what is said all the same, on what a decision rests."""

    shut: list[str] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    opinions: tuple[str, ...] = ()


def gate(town: Town, decision: Decision, today: date) -> Gate:
    """How the gate stands for a decision, overrides left aside."""
    member = decision.member
    if member not in town.checked_in:
        explained = town.explained.get(member)
        if explained is not None and today <= explained + HALF_A_YEAR:
            return Gate(notices=("never_checked_in",))
        return Gate(["never_checked_in"])
    about = {
        name: each
        for name, each in town.consultations.items()
        # A vetting is between the authority and the community (R27).
        if each.member == member and (each.purpose != "vetting" or each.asker == decision.authority)
    }
    fitting = {
        name: each
        for name, each in about.items()
        if (each.purpose, each.period) == (decision.purpose, decision.period)
    }
    standing = {name: each for name, each in fitting.items() if not each.withdrawn}
    opinions = [
        opinion
        for name in standing
        if (opinion := town.answer_to(name)) is not None and _is_valid(town, opinion, today)
    ]
    shut: list[str] = []
    if not opinions:
        shut.append(
            _why_none_counts(town, *list(standing.items())[-1], today)
            if standing
            else _heard_on_something_else(town, about, decision)
        )
    if any(town.is_disputed("opinion", name) for name in fitting):
        shut.append("objection_open")
    return Gate(shut, opinions=tuple(opinions))


def _is_valid(town: Town, opinion: str, today: date) -> bool:
    since = town.opinions[opinion].since
    return since is not None and today <= since + HALF_A_YEAR


def _why_none_counts(town: Town, name: str, known: Consultation, today: date) -> str:
    """Of the one asked last."""
    answers = [each for each in town.opinions.values() if each.consultation == name]
    if any(each.state == "counts" for each in answers):
        return "expired"
    if any(each.since is not None for each in answers):
        return "withdrawn"
    return "no_opinion" if today <= known.due else "silent_past_due"


def _heard_on_something_else(town: Town, about: dict[str, Consultation], decision: Decision) -> str:
    heard = {
        each.purpose
        for name, each in about.items()
        if town.answer_to(name) is not None and not each.withdrawn
    }
    if decision.purpose in heard:
        return "other_period"
    return "other_purpose" if heard else "no_opinion"
