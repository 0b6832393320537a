"""What steps towards decisions share: a time that only goes on, and a local document."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import Actor
from tests.domain.town import AT, AUTHORITY, BRANCH
from tests.stateful.draws import Who
from tests.stateful.steps.step import Steps

PASSES = st.sampled_from([0] * 12 + [1, 1, 7, 9, 31, 181])
"""How many days pass before something is done: an opinion counts for 180."""
PURPOSES = st.sampled_from([*[*DecisionPurpose][:3] * 2, DecisionPurpose.VETTING])
VETTED = "2021-03-01/2026-03-01"
OTHERWISE = {
    "last year": ("2025", "2020-01-01/2026-01-01"),
    "ahead": ("2031", "2031-01-01/2031-12-31"),
    "another kind": (VETTED, "2026"),
    "reversed": ("26", "2026-03-01/2021-03-01"),
}
PERIODS = st.sampled_from(["this"] * 10 + list(OTHERWISE))


def period_of(purpose: DecisionPurpose, which: str) -> str:
    """How a period is written for a purpose: this one, or one that is mostly wrong."""
    is_vetting = purpose is DecisionPurpose.VETTING
    return OTHERWISE.get(which, (str(AT.year), VETTED))[is_vetting]


class DeliberationSteps(Steps):
    """From the question to the decision, and what is objected to."""

    def now(self, passes: int = 0) -> datetime:
        """So many days after what was done last."""
        self.world.made["days of deliberation"] += passes
        return AT + timedelta(days=self.world.made["days of deliberation"])

    def not_before(self, day: date) -> datetime:
        """That day, or today if it has passed."""
        return self.now(max(0, (day - self.now().date()).days))

    def line_of(self, decision_id: str) -> tuple[str, ...]:
        """Who decides, and who stands above: the authority of a vetting, else the branch."""
        known = self.world.town.decisions.get(decision_id)
        if known is None:
            return (BRANCH,)
        decides = known.authority or self.branch_of(known.member)
        return self.world.town.lines.get(decides or "", (AUTHORITY,))

    def deciding(self, decision_id: str, who: Who) -> Actor:
        """Somebody of those."""
        known = self.world.town.decisions.get(decision_id)
        return who.acting(*self.line_of(decision_id), member=known.member if known else "")
