"""Steps about what communities are asked before a decision, and how they are reminded: R26, R27."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.data.calendars import published_calendars
from service.domain.consultation import RecusalGround
from service.domain.consulting import AskOpinion, WithdrawConsultation
from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import SERVICE
from service.domain.recusing import DeclareRecusal
from service.domain.reminding import EscalateConsultation, OrderReminder, RemindOfOpinion
from tests.domain.town import AUTHORITY, BRANCH
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.deliberated import Consultation
from tests.stateful.model.working_days import is_published, is_worked
from tests.stateful.steps.deliberation import (
    PASSES,
    PERIODS,
    PURPOSES,
    DeliberationSteps,
    period_of,
)
from tests.stateful.steps.step import given

_DAY = timedelta(days=1)
DUE_IN = st.sampled_from([6] * 6 + [0, 2, 5, 5, 59, 61, 61, 330])


class ConsultationSteps(DeliberationSteps):
    """Whoever asks, and what becomes of it until somebody answers."""

    def due(self, today: date, days: int, *, as_it_is: bool) -> date:
        """So many days from now, or on the next day that is worked."""
        day = today + days * _DAY
        while not as_it_is and is_published(day) and not is_worked(day):
            day += _DAY
        return day

    @rule(
        nth=NTH,
        about=st.sampled_from(["a decision"] * 2 + ["anything"]),
        purpose=PURPOSES,
        period=PERIODS,
        days=DUE_IN,
        as_it_is=st.sampled_from([False, False, True]),
        masked=st.booleans(),
        passes=PASSES,
        who=WHO,
    )
    def ask_opinion(
        self,
        *,
        nth: int,
        about: str,
        purpose: DecisionPurpose,
        period: str,
        days: int,
        as_it_is: bool,
        masked: bool,
        passes: int,
        who: Who,
    ) -> None:
        at, town = self.now(passes), self.world.town
        member_id, of = self.member(nth), period_of(purpose, period)
        decision = town.decisions.get(pick(list(town.decisions), nth))
        if about == "a decision" and decision is not None:
            member_id, of = decision.member, decision.period
            purpose = DecisionPurpose(decision.purpose)
        is_vetting = purpose is DecisionPurpose.VETTING
        asking = AUTHORITY if is_vetting else self.branch_of(member_id) or BRANCH
        self.decide(
            AskOpinion(
                consultation_id=self.world.new("consultation"),
                member_id=member_id,
                purpose=purpose,
                period=of,
                due_on=self.due(at.date(), days, as_it_is=as_it_is),
                document_no="琼中组发〔2026〕3号",
                document_title="机关党员进社区实施办法",
                masked=masked,
                calendars=published_calendars(),
                by=who.acting(asking),
                at=at,
            )
        )

    def consultation(self, nth: int, state: str) -> tuple[str, Consultation | None]:
        """One of the consultations, mostly one in this state."""
        town = self.world.town
        known = town.consultations
        likely = [
            each
            for each, it in known.items()
            if {
                "withdrawn": it.withdrawn,
                "answered": town.answer_to(each) is not None,
                "escalated": it.escalated_to is not None and town.answer_to(each) is None,
                "reminded": bool(it.reminders)
                and town.answer_to(each) is None
                and not it.withdrawn,
                "open": not it.withdrawn and town.answer_to(each) is None,
            }[state]
        ]
        found_id = pick(list(known), nth, likely)
        return found_id, known.get(found_id)

    @given("consultations")
    @rule(
        nth=NTH,
        state=st.sampled_from(["open"] * 4 + ["reminded"] * 6 + ["escalated", "withdrawn"]),
        step=st.sampled_from(["order", "remind", "remind", "escalate", "escalate"]),
        late=st.sampled_from([0, 1, 1, 1]),
        again=st.sampled_from([0, 6, 7, 7, 7]),
        number=st.sampled_from([1] * 5 + [0, 2, 3]),
        who=WHO,
    )
    def remind_of_opinion(
        self, *, nth: int, state: str, step: str, late: int, again: int, number: int, who: Who
    ) -> None:
        consultation_id, known = self.consultation(nth, state)
        at = self.now()
        if known is not None:
            at = self.not_before(known.due + late * _DAY)
            if known.reminders:
                at = self.not_before(known.reminders[-1] + again * _DAY)
        reminded = len(known.reminders) if known else 0
        if step == "order":
            by = who.acting(known.asker if known else BRANCH)
            self.decide(OrderReminder(consultation_id=consultation_id, by=by, at=at))
        elif step == "remind":
            self.decide(
                RemindOfOpinion(
                    consultation_id=consultation_id, number=reminded + number, by=SERVICE, at=at
                )
            )
        else:
            self.decide(EscalateConsultation(consultation_id=consultation_id, by=SERVICE, at=at))

    @given("consultations")
    @rule(
        nth=NTH,
        state=st.sampled_from(["open"] * 5 + ["answered", "withdrawn", "escalated"]),
        withdraws=st.booleans(),
        officer_id=st.sampled_from(
            ["themselves"] * 3 + ["deputy"] * 2 + ["officer", "secretary", draws.NOBODY]
        ),
        reason=draws.OPEN_TEXT.filter(bool),
        who=WHO,
    )
    def leave_consultation(
        self,
        *,
        nth: int,
        state: str,
        withdraws: bool,
        officer_id: str,
        reason: str,
        who: Who,
    ) -> None:
        consultation_id, known = self.consultation(nth, state)
        if withdraws:
            by = who.acting(known.asker if known else BRANCH)
            self.decide(
                WithdrawConsultation(
                    consultation_id=consultation_id, reason=reason, by=by, at=self.now()
                )
            )
            return
        may = (known.escalated_to, known.community) if known else (BRANCH,)
        by = who.acting(*may, member=known.member if known else "")
        self.decide(
            DeclareRecusal(
                consultation_id=consultation_id,
                officer_id=by.person if officer_id == "themselves" else officer_id,
                ground=RecusalGround.RELATED,
                by=by,
                at=self.now(),
            )
        )
