"""Steps about rule packs and what follows from them for members and units: R28, R31, R34."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.concluding import ConcludeCommendation, ConcludeDisqualification
from service.domain.consequence import DismissalReason, Grounds, Measured, Outcome, Subject
from service.domain.dismissing import DismissProposal
from service.domain.event import Actor
from service.domain.proposing import Finding, ProposeConsequences
from service.domain.revoking import RevokeCommendation, RevokeDisqualification
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_adoption import AdoptRulePack, RepealRulePack
from tests.domain.town import AT, AUTHORITY, BRANCH, COMMITTEE
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.supervised import Conclusion, Proposal
from tests.stateful.packs import SOUND, UNSOUND
from tests.stateful.steps.step import Steps, given

MEASURED = (Measured(rule_id="hours", measured="49小时59分", required="50小时", passed=False),)
YEARS = st.sampled_from([AT.year] * 5 + [AT.year - 1, AT.year + 1])


class RulePackSteps(Steps):
    """By which rules a year is judged."""

    @rule(
        organisation=st.sampled_from([AUTHORITY, COMMITTEE, COMMITTEE]),
        pack=st.sampled_from([*SOUND, *SOUND, *UNSOUND]),
        who=WHO,
    )
    def adopt_rule_pack(self, organisation: str, pack: RulePack, who: Who) -> None:
        self.decide(
            AdoptRulePack(
                pack_id=self.world.new("pack"), pack=pack, by=who.acting(organisation), at=AT
            )
        )

    @given("packs")
    @rule(
        nth=NTH,
        again=st.booleans(),
        ends=st.sampled_from(
            [date(2026, 7, 1), date(2026, 1, 1), date(2027, 1, 1), date(2025, 12, 31)]
        ),
        reason=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def repeal_rule_pack(self, *, nth: int, again: bool, ends: date, reason: str, who: Who) -> None:
        known = self.world.town.packs
        likely = [each for each in known if known[each].repealed is again]
        pack_id = pick(list(known), nth, likely)
        by = who.acting(known[pack_id].organisation if pack_id in known else None)
        self.decide(RepealRulePack(pack_id=pack_id, valid_to=ends, reason=reason, by=by, at=AT))


class ConsequenceSteps(Steps):
    """What is proposed, concluded and taken back."""

    def answering(self, known: Proposal | Conclusion | None, who: Who) -> Actor:
        """Somebody who answers for the member or unit: of its line, for a unit above it."""
        if known is None:
            return who.acting(BRANCH)
        lines = self.world.town.lines
        if known.member is None:
            return who.acting(*(lines.get(known.unit or "", ())[1:] or (AUTHORITY,)))
        line = lines.get(self.branch_of(known.member) or "", ())
        return who.acting(*line, member=known.member)

    @rule(
        members=st.lists(NTH, max_size=2, unique=True),
        units=st.sampled_from([(), (BRANCH,), (COMMITTEE, BRANCH)]),
        left=draws.RARELY,
        outcome=st.sampled_from(Outcome),
        year=YEARS,
        who=WHO,
    )
    def propose(
        self,
        *,
        members: list[int],
        units: tuple[str, ...],
        left: bool,
        outcome: Outcome,
        year: int,
        who: Who,
    ) -> None:
        named = [self.member(nth) for nth in members]
        findings = [
            Finding(
                subject=Subject(member_id=member, organisation_id=unit),
                branch_id=BRANCH if left and member else branch,
                outcome=outcome,
                pack_id="pack-1",
                document_no="示例组〔2026〕1号",
                measured=MEASURED,
                cause_event_ids=("adoption",),
            )
            for member, unit, branch in (
                *((each, None, self.branch_of(each) or BRANCH) for each in dict.fromkeys(named)),
                *((None, each, None) for each in units),
            )
        ]
        self.decide(
            ProposeConsequences(
                year=year,
                findings=findings,
                as_of_position=len(self.world.log.events),
                by=who.acting(COMMITTEE, BRANCH),
                at=AT,
            )
        )

    def proposal(self, nth: int, outcome: str, *, again: bool = False) -> str:
        """One of the proposals, mostly an open one of this outcome, or one that was answered."""
        known = self.world.town.proposals
        likely = [
            each
            for each, it in known.items()
            if it.answered is again and (again or it.outcome == outcome)
        ]
        return pick(list(known), nth, likely)

    @given("proposals")
    @rule(
        nth=NTH,
        outcome=st.sampled_from(Outcome),
        again=st.booleans(),
        reason=draws.OPEN_TEXT,
        who=WHO,
    )
    def dismiss_proposal(
        self, *, nth: int, outcome: Outcome, again: bool, reason: str | None, who: Who
    ) -> None:
        proposal_id = self.proposal(nth, outcome.value, again=again)
        self.decide(
            DismissProposal(
                proposal_id=proposal_id,
                reason_code=DismissalReason.GOOD_CAUSE,
                reason=reason,
                by=self.answering(self.world.town.proposals.get(proposal_id), who),
                at=AT,
            )
        )

    @rule(
        commends=st.booleans(),
        proposal=st.none() | st.none() | NTH,
        member=NTH,
        again=st.booleans(),
        unit=st.sampled_from([None] * 4 + [BRANCH, COMMITTEE, draws.NOBODY]),
        year=YEARS,
        stated=st.sampled_from(["all"] * 6 + ["no document", "no cause"]),
        fitting=st.sampled_from([True] * 4 + [False]),
        title=st.sampled_from(["先进党员"] * 6 + ["详询13800000000"]),
        reason=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def conclude(
        self,
        *,
        commends: bool,
        proposal: int | None,
        member: int,
        again: bool,
        unit: str | None,
        year: int,
        stated: str,
        fitting: bool,
        title: str,
        reason: str,
        who: Who,
    ) -> None:
        town = self.world.town
        proposal_id, grounds = None, None
        if proposal is not None and town.proposals:
            proposal_id = self.proposal(
                proposal, "recommended" if commends is fitting else "ineligible"
            )
            by = self.answering(town.proposals.get(proposal_id), who)
        else:
            concluded = (*town.commendations.values(), *town.disqualifications.values())
            standing = [each for each in concluded if again and not each.revoked]
            likely = [each.member for each in standing if each.member is not None]
            if commends and not again:
                selected = [
                    each.member for each in town.decisions.values() if each.result == "selected"
                ]
                likely = list(dict.fromkeys(selected))
            member_id = pick(list(town.branches), member, likely) if unit is None else None
            grounds = Grounds(
                subject=Subject(member_id, unit),
                year=year,
                document_no=" " if stated == "no document" else "示例组〔2026〕1号",
                cause_event_ids=() if stated == "no cause" else ("event",),
            )
            by = self.answering(Conclusion(member_id, unit, year), who)
        if commends:
            self.decide(
                ConcludeCommendation(
                    commendation_id=self.world.new("commendation"),
                    title=title,
                    reason=reason,
                    proposal_id=proposal_id,
                    stated=grounds,
                    by=by,
                    at=AT,
                )
            )
        else:
            self.decide(
                ConcludeDisqualification(
                    disqualification_id=self.world.new("disqualification"),
                    reason=reason,
                    proposal_id=proposal_id,
                    stated=grounds,
                    by=by,
                    at=AT,
                )
            )

    @rule(
        nth=NTH,
        commended=st.booleans(),
        again=st.booleans(),
        reason=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def revoke_conclusion(
        self, *, nth: int, commended: bool, again: bool, reason: str, who: Who
    ) -> None:
        town = self.world.town
        known = town.commendations if commended else town.disqualifications
        likely = [each for each in known if known[each].revoked is again]
        found_id = pick(list(known), nth, likely)
        by = self.answering(known.get(found_id), who)
        if commended:
            self.decide(RevokeCommendation(commendation_id=found_id, reason=reason, by=by, at=AT))
        else:
            self.decide(
                RevokeDisqualification(disqualification_id=found_id, reason=reason, by=by, at=AT)
            )
