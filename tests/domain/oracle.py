"""Asks the Cedar policies who may do what: an answer the domain had no part in."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import cedarpy

POLICIES = Path(__file__).with_name("separation.cedar").read_text("utf-8")
_REFUSALS = [
    (re.findall(r'@refusal\("([^"]+)"\)\s*$', before) or [None])[-1]
    for before in re.split(r"^(?:permit|forbid)\b", POLICIES, flags=re.MULTILINE)[:-1]
]
"""The refusal each policy stands for, in their order; None for those that permit."""
_GROUPS = {
    "record": "ActOnEntry",
    "correct": "ActOnEntry",
    "void": "ActOnEntry",
    "endorse": "Answer",
    "decline": "Answer",
    "revoke": "ActOnEntry",
    "sign": "SignOpinion",
    "countersign": "SignOpinion",
    "give_feedback": "ActOnMember",
    "conclude": "ActOnMember",
    "nominate": "ActOnMember",
    "agree": "ActOnMember",
    "publicise": "ActOnMember",
    "answer_objection": "ActOnMember",
}


@dataclass(frozen=True)
class Account:
    """An officer id in an organisation: who it is, and as what they are appointed, if they are."""

    name: str
    person: str
    organisation: str
    role: str | None


@dataclass(frozen=True)
class Held:
    """What somebody was let do, and by whom."""

    giver: Account
    starts: datetime
    ends: datetime


@dataclass
class Facts:
    """What is true of the matter."""

    community: str = ""
    member: str = ""
    recorders: set[str] = field(default_factory=set)
    answerers: set[str] = field(default_factory=set)
    branches: tuple[str, ...] = ()
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What stands above each organisation, the nearest first."""
    proposer: str = ""
    signers: set[str] = field(default_factory=set)
    countersigners: set[str] = field(default_factory=set)
    recused: set[str] = field(default_factory=set)
    nominator: str = ""
    spoke: set[str] = field(default_factory=set)
    """Whoever endorsed, declined, signed, concluded or gave feedback."""


@dataclass(frozen=True)
class Verdict:
    """Whether it is allowed, and which refusals speak against it."""

    allowed: bool
    refusals: frozenset[str]


def asked(
    action: str, who: Account, claims: str, at: datetime, facts: Facts, held: Held | None = None
) -> Verdict:
    """What the policies say."""
    context: dict[str, Any] = {"claims": claims, "at": int(at.timestamp())}
    accounts = [who]
    if held is not None:
        accounts.append(held.giver)
        context["delegation"] = {
            "giver": _ref("Account", held.giver.name),
            "starts": int(held.starts.timestamp()),
            "ends": int(held.ends.timestamp()),
        }
    result = cedarpy.is_authorized(
        {
            "principal": f'Account::"{who.name}"',
            "action": f'Action::"{action}"',
            "resource": 'Matter::"it"',
            "context": context,
        },
        POLICIES,
        [*map(_account, accounts), *_actions(), _matter(facts), *_organisations(facts)],
    )
    assert not result.diagnostics.errors, result.diagnostics.errors
    reasons = [int(each.removeprefix("policy")) for each in result.diagnostics.reasons]
    refusals = frozenset(code for each in reasons if (code := _REFUSALS[each]))
    return Verdict(result.decision is cedarpy.Decision.Allow, refusals)


def _ref(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


def _entity(kind: str, name: str, attrs: dict[str, Any], *parents: str) -> dict[str, Any]:
    of = "Action" if kind == "Action" else "Organisation"
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attrs,
        "parents": [{"type": of, "id": each} for each in parents],
    }


def _account(who: Account) -> dict[str, Any]:
    role = {} if who.role is None else {"role": who.role}
    organisation = _ref("Organisation", who.organisation)
    return _entity(
        "Account", who.name, {"person": who.person, "organisation": organisation, **role}
    )


def _actions() -> list[dict[str, Any]]:
    entries = [_entity("Action", name, {}, group) for name, group in _GROUPS.items()]
    # Who endorses or declines answers; taking a word back is no answer to the record.
    return [*entries, _entity("Action", "Answer", {}, "ActOnEntry")]


def _matter(facts: Facts) -> dict[str, Any]:
    return _entity(
        "Matter",
        "it",
        {
            "community": _ref("Organisation", facts.community),
            "organisation": _ref("Organisation", facts.community),
            "member": facts.member,
            "recorders": sorted(facts.recorders),
            "answerers": sorted(facts.answerers),
            "branches": [_ref("Organisation", each) for each in facts.branches],
            "proposer": facts.proposer,
            "signers": sorted(facts.signers),
            "countersigners": sorted(facts.countersigners),
            "recused": sorted(facts.recused),
            "nominator": facts.nominator,
            "spoke": sorted(facts.spoke),
        },
        *facts.branches,
    )


def _organisations(facts: Facts) -> list[dict[str, Any]]:
    return [_entity("Organisation", each, {}, *above) for each, above in facts.lines.items()]
