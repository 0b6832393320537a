"""Separation of duties: the domain and an oracle of another make agree on thousands of cases."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from service.domain.activity import ActivityKind
from service.domain.endorsement import (
    AlreadyEndorsed,
    EndorsementDeclineReason,
    EndorsementNotInForce,
    Performance,
)
from service.domain.endorsing import DeclineEndorsement, EndorseParticipation, RevokeEndorsement
from service.domain.event import Actor, Command, Event, Rejection
from service.domain.membership import BranchTransferAccepted
from service.domain.officer import (
    DelegatedDuty,
    DelegationEnded,
    DutyDelegated,
    OfficerAppointed,
    OfficerDismissed,
    OfficerNotAppointed,
    OfficerRole,
    OnlyResponsiblePerson,
)
from service.domain.opinion import OpinionByResponsiblePerson
from service.domain.organisation import PARENTS, OrganisationKind
from service.domain.participation import ParticipationIsVoided
from service.domain.recording import CorrectParticipation, RecordParticipation, VoidParticipation
from service.domain.separation import MATRIX, REFUSALS, Act, require_apart
from service.domain.signing_key import SigningKeyProposed
from service.domain.signing_key_approval import ApproveSigningKey
from tests.domain.clean_up import AFTER, HOUR, STARTS
from tests.domain.consultations import HERE, after, ask, countersign, give, recuse, withdraw
from tests.domain.oracle import Account, Facts, Held, Verdict, asked
from tests.domain.story import Story
from tests.domain.town import (
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    accepted,
    appointed,
    enrolled,
    issued,
    organisation,
    person,
    registered,
)

CASES = 4_000
DAY = timedelta(days=1)
LINES = ("apart",) * 8 + ("above", "below", "former")
DUTY = {
    "record": DelegatedDuty.RECORDING,
    "correct": DelegatedDuty.RECORDING,
    "void": DelegatedDuty.RECORDING,
    "endorse": DelegatedDuty.ENDORSING,
    "decline": DelegatedDuty.ENDORSING,
    "revoke": DelegatedDuty.ENDORSING,
}
AFTERWARDS = (AlreadyEndorsed, EndorsementNotInForce)
"""Refusals that come once it is settled that this person may act."""
UNAPPOINTED = {OfficerNotAppointed, OnlyResponsiblePerson, OpinionByResponsiblePerson}


class Scene:
    """A community with officers of whom some are the member or one another, and one entry."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.at = AFTER
        self.accounts: dict[str, Account] = {}
        self.held: dict[tuple[str, DelegatedDuty], Held] = {}
        self.facts = Facts(community=COMMUNITY, member=self.chance.choice("pqrst"))
        self.entries = self.endorsements = 0
        self.story = Story(*self._organisations(), *self._member())
        for number in range(6):
            # Two accounts of one person are nothing that can be had today; the log may hold some.
            self.appoint(f"account-{number}", self.chance.choice("pqrst"))
        self.put("record", self._anybody())

    def _organisations(self) -> list[Event]:
        line = self.chance.choice(LINES)
        lines: dict[str, tuple[str, ...]] = {
            BRANCH: ("committee", "authority"),
            OTHER_BRANCH: ("committee", "authority"),
            COMMUNITY: ("subdistrict",),
        }
        if line == "above":
            lines[BRANCH] = (COMMUNITY, "subdistrict")
        elif line == "below":
            lines[COMMUNITY] = (BRANCH, "committee", "authority")
        elif line == "former":
            lines[OTHER_BRANCH] = ("committee", COMMUNITY)
        self.facts.lines = lines
        kinds = {COMMUNITY: OrganisationKind.COMMUNITY}
        return [
            organisation(each, kinds.get(each, OrganisationKind.BRANCH), *above)
            for each, above in lines.items()
        ]

    def _member(self) -> list[Event]:
        first = self.chance.choice([BRANCH, OTHER_BRANCH])
        events: list[Event] = [
            enrolled(LI, first).model_copy(update={"person": self.facts.member}),
            issued(),
            registered(),
            accepted(),
        ]
        self.facts.branches = (first,)
        if first == OTHER_BRANCH or self.chance.random() < 0.3:
            moved = {"branch_id": first, "to_branch_id": BRANCH}
            events.append(BranchTransferAccepted(transfer_id="t", member_id=LI, **moved))
            self.facts.branches = (first, BRANCH)
        return events

    def appoint(self, name: str, person: str) -> None:
        role = self.chance.choice([OfficerRole.RESPONSIBLE] * 3 + [OfficerRole.OFFICER])
        self.accounts[name] = Account(name, person, COMMUNITY, role.value)
        self.story.history.append(
            OfficerAppointed(organisation_id=COMMUNITY, officer_id=name, person=person, role=role)
        )

    def _anybody(self) -> Account:
        stranger = Account("stranger", "stranger", COMMUNITY, None)
        return self.chance.choice([*self.accounts.values(), *self.accounts.values(), stranger])

    def change_the_register(self) -> None:
        """Somebody is dismissed, appointed anew, or let do a duty."""
        draw, name = self.chance.random(), self.chance.choice(list(self.accounts))
        who = self.accounts[name]
        if draw < 0.15 and who.role is not None:
            self.story.history.append(OfficerDismissed(organisation_id=COMMUNITY, officer_id=name))
            self.accounts[name] = Account(name, who.person, COMMUNITY, None)
            self.held = {
                (holder, duty): held
                for (holder, duty), held in self.held.items()
                if name not in {holder, held.giver.name}
            }
        elif draw < 0.3 and who.role is None:
            self.appoint(name, who.person)
        elif who.role == "officer":
            self._delegate(name, self.chance.choice(list(DelegatedDuty)))

    def _delegate(self, name: str, duty: DelegatedDuty) -> None:
        givers = [each for each in self.accounts.values() if each.role == "responsible"]
        if (name, duty) in self.held:
            ended = {"organisation_id": COMMUNITY, "officer_id": name}
            self.story.history.append(DelegationEnded(delegation_id=f"{name}/{duty}", **ended))
            del self.held[name, duty]
        elif givers:
            held = Held(self.chance.choice(givers), self.at, self.at + 20 * DAY)
            self.held[name, duty] = held
            self.story.history.append(
                DutyDelegated(
                    delegation_id=f"{name}/{duty}",
                    organisation_id=COMMUNITY,
                    officer_id=name,
                    duty=duty,
                    starts_at=held.starts,
                    ends_at=held.ends,
                    delegated_by=held.giver.name,
                )
            )

    def put(self, act: str, who: Account) -> tuple[Verdict, Rejection | None]:
        """Puts an act to both; what the domain lets happen is true from then on."""
        self.at += self.chance.random() * 3 * DAY
        claims = self.chance.choice(["responsible"] * 4 + ["officer"])
        held = self.held.get((who.name, DUTY[act]))
        verdict = asked(act, who, claims, self.at, self._seen(act), held)
        by = Actor(COMMUNITY, who.name, claims)
        rejection = self.story.when(self._command(act, by)).rejection
        if rejection is None:
            own = who.role == "responsible" and claims == "responsible"
            persons = {who.person} if own or held is None else {who.person, held.giver.person}
            self._happened(act, persons)
        return verdict, rejection

    def _seen(self, act: str) -> Facts:
        new = Facts(self.facts.community, self.facts.member, lines=self.facts.lines)
        return new if act == "record" else self.facts

    def _command(self, act: str, by: Actor) -> Command:
        entry: dict[str, Any] = {"participation_id": f"entry-{self.entries}"}
        time: dict[str, Any] = {"starts_at": STARTS, "ends_at": STARTS + HOUR}
        what: dict[str, Any] = {"content": "走访", "ledger": "voluntary", "by": by, "at": self.at}
        if act == "record":
            starts_at = STARTS + self.entries * DAY
            return RecordParticipation(
                participation_id=f"entry-{self.entries + 1}",
                community_id=COMMUNITY,
                member_id=LI,
                kind=ActivityKind.OWN,
                starts_at=starts_at,
                ends_at=starts_at + HOUR,
                **what,
            )
        if act == "correct":
            return CorrectParticipation(**entry, **time, **what, reason="有误")
        if act == "void":
            return VoidParticipation(**entry, by=by, at=self.at, reason="有误")
        if act == "endorse":
            number = f"endorsement-{self.endorsements + 1}"
            word: dict[str, Any] = {"endorsement_id": number, "performance": Performance.GOOD}
            return EndorseParticipation(**entry, **word, by=by, at=self.at)
        if act == "decline":
            reason = EndorsementDeclineReason.OTHER
            return DeclineEndorsement(**entry, reason_code=reason, by=by, at=self.at)
        number = f"endorsement-{self.endorsements}"
        return RevokeEndorsement(endorsement_id=number, reason="有误", by=by, at=self.at)

    def _happened(self, act: str, persons: set[str]) -> None:
        if act == "record":
            self.entries += 1
            self.facts.recorders, self.facts.answerers = set(persons), set()
        elif act == "correct":
            self.facts.recorders |= persons
        elif act in {"endorse", "decline"}:
            self.facts.answerers |= persons
            self.endorsements += act == "endorse"

    def next(self) -> tuple[str, Verdict, Rejection | None]:
        """One more case."""
        while self.chance.random() < 0.4:
            self.change_the_register()
        acts = (
            ["record"] if not self.entries else [*DUTY, "endorse", "decline", "correct", "revoke"]
        )
        if not self.endorsements:
            acts = [each for each in acts if each != "revoke"]
        act = self.chance.choice(acts)
        who = self._anybody()
        verdict, rejection = self.put(act, who)
        if act == "void" and rejection is None:
            self.put("record", self._anybody())
        return act, verdict, rejection


def agree(verdict: Verdict, refused: Rejection | None, case: object) -> str:
    """Fails unless the domain says what the oracle says; returns what both said."""
    if refused is None or isinstance(refused, AFTERWARDS):
        assert verdict.allowed, (case, verdict)
        return "allowed"
    assert not verdict.allowed, (case, refused.code())
    if verdict.refusals and type(refused) not in UNAPPOINTED:
        assert refused.code() in verdict.refusals, (case, refused.code(), verdict)
        return refused.code()
    assert type(refused) in UNAPPOINTED, (case, refused.code(), verdict)
    return "not entitled"


def test_the_domain_and_cedar_agree_on_every_case() -> None:
    said: Counter[str] = Counter()
    seed = 0
    while sum(said.values()) < CASES:
        seed += 1
        scene = Scene(seed)
        for _ in range(12):
            act, verdict, rejection = scene.next()
            if rejection is not None and rejection.status == 404:
                continue
            if isinstance(rejection, ParticipationIsVoided):
                break
            said[agree(verdict, rejection, (seed, act))] += 1
    assert sum(said.values()) >= CASES
    assert said["allowed"] > 500, said
    for code in ("not-in-own-matter", "endorsed-by-recorder", "corrected-by-endorser"):
        assert said[code] >= 30, said
    assert said["endorsed-within-own-line"] > 20, said


def test_the_domain_and_cedar_agree_on_who_approves_a_key() -> None:
    said: Counter[str] = Counter()
    for seed in range(300):
        chance, names = Random(seed), ["x", "y", "z"]
        persons = {name: chance.choice("pqr") for name in names}
        roles = {name: chance.choice(list(OfficerRole)) for name in names}
        proposer, approver = chance.choice(names), chance.choice(names)
        proposed = SigningKeyProposed(
            signing_key_id="key",
            organisation_id=COMMUNITY,
            public_key="x",
            proof="p",
            valid_until=AFTER + 365 * DAY,
            proposed_by=proposer,
            proposed_by_person=persons[proposer],
        )
        officers = [
            OfficerAppointed(
                organisation_id=COMMUNITY, officer_id=name, person=persons[name], role=roles[name]
            )
            for name in names
        ]
        who = Account(approver, persons[approver], COMMUNITY, roles[approver].value)
        facts = Facts(community=COMMUNITY, proposer=persons[proposer])
        verdict = asked("approve_key", who, "responsible", AFTER, facts)
        by = Actor(COMMUNITY, approver)
        story = Story(*officers, proposed).when(
            ApproveSigningKey(by=by, at=AFTER, signing_key_id="key")
        )
        said[agree(verdict, story.rejection, (seed, "approve"))] += 1
    assert min(said[each] for each in ("allowed", "key-approved-by-proposer")) > 30, said


def test_the_domain_and_cedar_agree_on_who_signs_an_opinion() -> None:
    said: Counter[tuple[str, str]] = Counter()
    for seed in range(500):
        chance, names = Random(seed), ["v", "w", "x", "y", "z"]
        roles = [OfficerRole.RESPONSIBLE] * 4 + [OfficerRole.OFFICER]
        officers = [
            appointed(name, COMMUNITY, chance.choice(roles), of=chance.choice(["a", "b", "c", LI]))
            for name in names
        ]
        accounts = [Account(o.officer_id, o.person, COMMUNITY, o.role.value) for o in officers]
        facts = Facts(community=COMMUNITY, member=person(LI))
        story = after(ask(), story=Story(*HERE, *officers))
        if chance.random() < 0.5:
            who = chance.choice(accounts)
            after(recuse(who.name), story=story)
            facts.recused.add(who.person)
        # The second opinion takes the place of the first, which two others have signed.
        for opinion_id in ("first", "second"):
            for act, command in (("sign", give), ("countersign", countersign)):
                who, claims = (
                    chance.choice(accounts),
                    chance.choice(["responsible"] * 4 + ["officer"]),
                )
                verdict = asked(act, who, claims, AFTER, facts)
                story.when(command(COMMUNITY, who.name, claims, opinion_id=opinion_id))
                said[act, agree(verdict, story.rejection, (seed, act))] += 1
                if story.rejection is not None:
                    break
                (facts.signers if act == "sign" else facts.countersigners).add(who.person)
            else:
                after(withdraw(opinion_id=opinion_id), story=story)
                continue
            break
    for act in ("sign", "countersign"):
        for code in ("allowed", "not-in-own-matter", "replier-recused", "opinion-signed-twice"):
            assert said[act, code] >= 5, said


ON_A_MEMBER = {
    Act.FEEDBACK_GIVEN: "give_feedback",
    Act.CONCLUDED: "conclude",
    Act.NOMINATED: "nominate",
    Act.AGREED: "agree",
    Act.PUBLICISED: "publicise",
}


@pytest.mark.parametrize("person", ["member", "nominator", "both", "neither"])
@pytest.mark.parametrize("act", ON_A_MEMBER)
def test_the_matrix_and_cedar_agree_on_acts_about_a_member(act: Act, person: str) -> None:
    member, nominator = ("both", "both") if person == "both" else ("member", "nominator")
    who, facts = Account("x", person, COMMUNITY, None), Facts(member=member, nominator=nominator)
    verdict = asked(ON_A_MEMBER[act], who, "responsible", AFTER, facts)
    done = {Act.SERVED: {member}, Act.NOMINATED: {nominator}}
    if verdict.allowed:
        require_apart(act, frozenset({person}), done)
        return
    with pytest.raises(Rejection) as refused:
        require_apart(act, frozenset({person}), done)
    assert refused.value.code() in verdict.refusals


JUDGED = sorted(
    row.earlier for row in MATRIX if row.act is Act.OBJECTION_ANSWERED and row.earlier != "served"
)
"""What somebody did on a matter that an objection may be about."""


@pytest.mark.parametrize("person", ["member", "spoke", "recorder", "nobody"])
@pytest.mark.parametrize("earlier", JUDGED)
def test_the_matrix_and_cedar_agree_on_who_answers_an_objection(earlier: Act, person: str) -> None:
    who = Account("x", person, COMMUNITY, None)
    facts = Facts(member="member", recorders={"recorder"}, spoke={"spoke"})
    verdict = asked("answer_objection", who, "responsible", AFTER, facts)
    done = {Act.SERVED: {"member"}, Act.RECORDED: {"recorder"}, earlier: {"spoke"}}
    assert verdict.allowed == (person in {"recorder", "nobody"})
    if verdict.allowed:
        require_apart(Act.OBJECTION_ANSWERED, frozenset({person}), done)
        return
    with pytest.raises(Rejection) as refused:
        require_apart(Act.OBJECTION_ANSWERED, frozenset({person}), done)
    assert verdict.refusals == {refused.value.code()}


def test_every_refusal_of_the_matrix_has_a_policy() -> None:
    told = {row.refusal.code() for row in MATRIX} | {"endorsed-within-own-line"}
    assert told == set(REFUSALS)


def test_the_tree_has_no_place_for_a_community_in_a_branchs_line() -> None:
    """What the rule about lines forbids cannot even be registered today (R1)."""
    community, branch = OrganisationKind.COMMUNITY, OrganisationKind.BRANCH
    assert all({community, branch}.isdisjoint(above) for above in PARENTS.values())
