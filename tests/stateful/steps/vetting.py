"""Steps about vettings: a team, evidence, a public notice, the conclusion: R29."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.data.calendars import published_calendars
from service.domain.concluding_vetting import ConcludeVetting
from service.domain.decision_purpose import DecisionPurpose
from service.domain.examining import (
    AddFieldInquiry,
    FreezeEvidence,
    OpenVetting,
    PostPublicNotice,
)
from tests.domain.town import AUTHORITY, COMMITTEE
from tests.stateful import draws
from tests.stateful.draws import NOBODY, NTH, WHO, Who, pick
from tests.stateful.steps.decision import RESULT, DecisionSteps
from tests.stateful.steps.deliberation import PASSES, PERIODS, period_of
from tests.stateful.steps.step import given

_DAY = timedelta(days=1)
TEAMS = st.sampled_from(
    [("officer", "clerk")] * 5
    + [
        ("officer", "secretary", "clerk"),
        ("officer", "officer"),
        ("officer", NOBODY),
        ("officer", "member-2"),
        (),
    ]
)


class VettingSteps(DecisionSteps):
    """What a personnel authority does before a promotion."""

    @rule(
        member=NTH,
        period=PERIODS,
        team=TEAMS,
        authority=st.sampled_from([AUTHORITY] * 8 + [COMMITTEE]),
        passes=PASSES,
        who=WHO,
    )
    def open_vetting(
        self,
        *,
        member: int,
        period: str,
        team: tuple[str, ...],
        authority: str,
        passes: int,
        who: Who,
    ) -> None:
        self.decide(
            OpenVetting(
                decision_id=self.world.new("decision"),
                member_id=self.member(member),
                period=period_of(DecisionPurpose.VETTING, period),
                team=team,
                by=who.acting(authority),
                at=self.now(passes),
            )
        )

    def vetting(self, nth: int, *, concluded: bool) -> str:
        """One of the vettings; mostly one that is not concluded, or is; rarely a decision."""
        town = self.world.town
        likely = [
            each for each in town.vettings if (town.decisions[each].result is not None) is concluded
        ]
        return pick(list(town.decisions), nth, likely)

    def opinions(self, decision_id: str) -> tuple[str, ...]:
        """What counts of all that was said about the member."""
        town = self.world.town
        known = town.decisions.get(decision_id)
        return tuple(
            opinion
            for opinion, each in town.opinions.items()
            if known is not None
            and each.state == "counts"
            and town.consultations[each.consultation].member == known.member
        )

    @given("vettings")
    @rule(
        nth=NTH,
        concluded=draws.RARELY,
        inquirers=st.sampled_from([("officer",)] * 3 + [("officer", "deputy")]),
        ago=st.sampled_from([0, 0, 3, -1]),
        who=WHO,
    )
    def add_field_inquiry(
        self, *, nth: int, concluded: bool, inquirers: tuple[str, ...], ago: int, who: Who
    ) -> None:
        at = self.now()
        self.decide(
            AddFieldInquiry(
                inquiry_id=self.world.new("inquiry"),
                decision_id=self.vetting(nth, concluded=concluded),
                held_on=at.date() - ago * _DAY,
                inquirers=inquirers,
                interviewees=3,
                findings="群众反映良好",
                by=who.acting(AUTHORITY),
                at=at,
            )
        )

    @given("vettings")
    @rule(
        nth=NTH,
        freezes=st.booleans(),
        overlooked=draws.RARELY,
        concluded=draws.RARELY,
        starts_in=st.sampled_from([0, 0, 0, 1, -1, 300]),
        place=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def prepare_conclusion(
        self,
        *,
        nth: int,
        freezes: bool,
        overlooked: bool,
        concluded: bool,
        starts_in: int,
        place: str,
        who: Who,
    ) -> None:
        decision_id, at = self.vetting(nth, concluded=concluded), self.now()
        if freezes:
            self.decide(
                FreezeEvidence(
                    evidence_id=self.world.new("evidence"),
                    decision_id=decision_id,
                    position=len(self.world.log.events),
                    checkpoint="checkpoint",
                    readings_up_to=self.world.town.sealed,
                    evidence_digest="00",
                    calendars=(),
                    opinion_ids=() if overlooked else self.opinions(decision_id),
                    by=who.acting(AUTHORITY),
                    at=at,
                )
            )
            return
        self.decide(
            PostPublicNotice(
                decision_id=decision_id,
                starts_on=at.date() + starts_in * _DAY,
                place=place,
                published=published_calendars(),
                by=who.acting(AUTHORITY),
                at=at,
            )
        )

    @given("vettings")
    @rule(
        nth=NTH,
        concluded=draws.RARELY,
        result=RESULT,
        of_any=draws.RARELY,
        after=st.sampled_from([1, 1, 0, 0]),
        document_no=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def conclude_vetting(
        self,
        *,
        nth: int,
        concluded: bool,
        result: int,
        of_any: bool,
        after: int,
        document_no: str,
        who: Who,
    ) -> None:
        decision_id = self.vetting(nth, concluded=concluded)
        known = self.world.town.vettings.get(decision_id)
        until = known.public_until if known else None
        self.decide(
            ConcludeVetting(
                decision_id=decision_id,
                result=self.result(decision_id, result, of_any=of_any),
                document_no=document_no,
                reason="经集体研究",
                by=who.acting(AUTHORITY),
                at=self.now() if until is None else self.not_before(until + after * _DAY),
            )
        )
