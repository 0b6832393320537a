"""Steps about erasing members, and about sealing who read what (R40)."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.erasing import CancelErasure, ConfirmErasure, EraseSubject, RequestErasure
from service.domain.erasure import LegalBasis
from service.domain.event import Actor
from service.domain.reading_seal import SealReadings
from tests.domain.town import AT, BRANCH
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.steps.step import Steps, given

DOCUMENT_NO = st.sampled_from(
    ["琼组发〔2026〕12号"] * 6 + ["琼组发[2026]12号", "〔2026〕12号", "琼组发〔2026〕12号。"]
)
AROUND = st.sampled_from([timedelta(0)] * 3 + [timedelta(seconds=-1), timedelta(days=1)])
"""How long after the window closes, or before."""


class ErasureSteps(Steps):
    """One asks, another confirms, somebody thinks better of it, the service erases."""

    def line(self, branch: str | None) -> tuple[str, ...]:
        """The branch and what stands above it."""
        return self.world.town.lines.get(branch or "", ())

    @rule(member=NTH, document_no=DOCUMENT_NO, who=WHO)
    def request_erasure(self, member: int, document_no: str, who: Who) -> None:
        everybody = self.world.town.branches
        likely = [each for each, branch in everybody.items() if branch == BRANCH]
        member_id = pick(list(everybody), member, likely)
        self.decide(
            RequestErasure(
                erasure_id=self.world.new("erasure"),
                member_id=member_id,
                legal_basis=LegalBasis.CONSENT_WITHDRAWN,
                document_no=document_no,
                by=who.acting(*self.line(self.branch_of(member_id)), member=member_id),
                at=AT,
            )
        )

    @given("erasures")
    @rule(
        nth=NTH,
        state=st.sampled_from(["asked", "confirmed", "confirmed"]),
        step=st.sampled_from(["confirm", "cancel", "cancel", "erase"]),
        around=AROUND,
        who=WHO,
    )
    def go_on_with_erasure(
        self, *, nth: int, state: str, step: str, around: timedelta, who: Who
    ) -> None:
        known = self.world.town.erasures
        likely = [each for each in known if known[each].state == state]
        erasure_id = pick(list(known), nth, likely)
        erasure = known.get(erasure_id)
        line = self.line(erasure.branch) if erasure else ()
        by = who.acting(*line, member=erasure.member if erasure else "")
        at = (erasure.due if erasure and erasure.due else AT) + around
        if step == "confirm":
            self.decide(ConfirmErasure(erasure_id=erasure_id, by=by, at=AT))
        elif step == "cancel":
            self.decide(CancelErasure(erasure_id=erasure_id, by=by, at=at))
        else:
            fingerprints = ("identity:00",)
            self.decide(
                EraseSubject(erasure_id=erasure_id, key_fingerprints=fingerprints, by=by, at=at)
            )

    @rule(after=st.sampled_from([1] * 6 + [0, 2, -2]), number=st.sampled_from([3, 1, 1, 0]))
    def seal_readings(self, after: int, number: int) -> None:
        first = max(1, self.world.town.sealed + after)
        self.decide(
            SealReadings(
                first=first,
                last=first + number - 1,
                readings_digest="00",
                by=Actor(organisation_id="", person="sealing", role="system"),
                at=AT,
            )
        )
