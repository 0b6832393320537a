"""Steps about what members object to, and who answers: R39."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.event import SERVICE, Actor, Event
from service.domain.objecting import (
    AnswerObjection,
    EscalateObjection,
    RaiseObjection,
    Said,
    WithdrawObjection,
)
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.objection_subject import SAYING
from tests.domain.town import AUTHORITY, COMMITTEE, COMMUNITY
from tests.stateful import draws
from tests.stateful.draws import NOBODY, NTH, WHO, Who, pick
from tests.stateful.steps.deliberation import PASSES, DeliberationSteps
from tests.stateful.steps.step import given

_DAY = timedelta(days=1)
_ID = {subject: f"{subject.value}_id" for subject in ObjectionSubject} | {
    ObjectionSubject.OPINION: "consultation_id"
}
_BY = ("replying_id", "organisation_id", "community_id", "branch_id")
"""Where an event says whose word it is; the log itself knows who acted."""
SUBJECTS = st.sampled_from(
    [*ObjectionSubject, *[ObjectionSubject.OPINION, ObjectionSubject.DECISION] * 3]
)


class ObjectionSteps(DeliberationSteps):
    """A member objects, mostly on their own, and mostly to something that was said of them."""

    def said_last(self, against: ObjectionSubject) -> dict[tuple[str, str], Event]:
        """What said it last, by what it is about and about whom."""
        return {
            (data[_ID[against]], data["member_id"]): event
            for event in self.world.log.events
            if isinstance(event, SAYING[against])
            for data in [event.__dict__]
            if data["member_id"] is not None
        }

    def owing(self, event: Event) -> str:
        """The organisation whose word it is."""
        data = event.__dict__
        if event.event_type == "DisqualificationConcluded":
            return COMMITTEE
        return next(str(data[each]) for each in _BY if data.get(each))

    def objecting(self, member_id: str, who: Who, *, on_paper: bool) -> Actor:
        """The member, or somebody of their branch who takes it down."""
        branch = self.branch_of(member_id) or NOBODY
        if on_paper:
            return who.acting(branch, member=member_id)
        acting = who.acting(branch)
        person = NOBODY if who.person == "clerk" else member_id
        return Actor(organisation_id=acting.organisation_id, person=person, role="member")

    @rule(
        against=SUBJECTS,
        nth=NTH,
        disputed=draws.RARELY,
        days=st.sampled_from([0] * 6 + [1, 30, 30, 31, -1]),
        on_paper=draws.RARELY,
        passes=PASSES,
        who=WHO,
    )
    def raise_objection(
        self,
        *,
        against: ObjectionSubject,
        nth: int,
        disputed: bool,
        days: int,
        on_paper: bool,
        passes: int,
        who: Who,
    ) -> None:
        at, found = self.now(passes), self.said_last(against)
        before = {
            each.subject
            for each in self.world.town.objections.values()
            if each.against == against.value
        }
        likely = [each for each, _ in found if (each in before) is disputed]
        subject_id = pick([each for each, _ in found], nth, likely)
        about = {subject: (member, event) for (subject, member), event in found.items()}
        member_id, event = about.get(subject_id, (self.member(nth), None))
        self.decide(
            RaiseObjection(
                objection_id=self.world.new("objection"),
                member_id=member_id,
                against=against,
                subject_id=subject_id,
                said=Said(event.event_id, self.owing(event), at.date() - days * _DAY)
                if event
                else None,
                text="与事实不符",
                on_paper=on_paper,
                by=self.objecting(member_id, who, on_paper=on_paper),
                at=at,
            )
        )

    @given("objections")
    @rule(
        nth=NTH,
        is_open=st.sampled_from([True] * 5 + [False]),
        step=st.sampled_from(["withdraw"] + ["answer"] * 4 + ["escalate"] * 2),
        outcome=st.sampled_from(ObjectionOutcome),
        late=st.sampled_from([0, 1, 1]),
        on_paper=draws.RARELY,
        passes=PASSES,
        who=WHO,
    )
    def go_on_with_objection(
        self,
        *,
        nth: int,
        is_open: bool,
        step: str,
        outcome: ObjectionOutcome,
        late: int,
        on_paper: bool,
        passes: int,
        who: Who,
    ) -> None:
        town = self.world.town
        known = town.objections
        likely = [each for each in known if (known[each].state == "open") is is_open]
        objection_id = pick(list(known), nth, likely)
        found = known.get(objection_id)
        if step == "escalate":
            at = self.not_before(found.due + late * _DAY) if found else self.now()
            self.decide(EscalateObjection(objection_id=objection_id, by=SERVICE, at=at))
            return
        at = self.now(passes)
        if step == "withdraw":
            by = self.objecting(found.member if found else "", who, on_paper=on_paper)
            self.decide(
                WithdrawObjection(objection_id=objection_id, on_paper=on_paper, by=by, at=at)
            )
            return
        line = town.lines[found.organisation] if found else (COMMUNITY, AUTHORITY)
        self.decide(
            AnswerObjection(
                objection_id=objection_id,
                outcome=outcome,
                text="经查属实",
                by=who.acting(*line, member=found.member if found else ""),
                at=at,
            )
        )
