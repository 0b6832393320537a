"""Steps about members: rosters, moves, exemptions, leave and shifts (R2 to R4, R20)."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.branch_transfer import (
    AcceptBranchTransfer,
    BranchTransferRefusal,
    RefuseBranchTransfer,
    RequestBranchTransfer,
)
from service.domain.exemption import EndExemption, ExemptionReason, ExemptMember
from service.domain.roster import EnrolMember, Enrolment, PublishRoster
from service.domain.working_schedule import (
    ApproveLeave,
    AssignShifts,
    DutyShift,
    LeaveReason,
)
from tests.domain.town import AT, acting, person
from tests.stateful import draws
from tests.stateful.draws import DAYS, NTH, RARELY, WHO, Who, Window, pick
from tests.stateful.model.town import ERASED
from tests.stateful.steps.step import Steps, given


class RosterSteps(Steps):
    """Members on rosters, on the way between them, and what their branch says of them."""

    def enrolment(
        self, id_number: str, phone: str, specialities: tuple[str, ...], taken: str
    ) -> Enrolment:
        """Somebody new; rarely with a number or of a person that is listed already."""
        member_id = self.world.new("member")
        numbers = sorted(self.world.town.member_nos)
        persons = sorted(self.world.town.persons)
        whose = persons[-1] if taken == "person" else person(member_id)
        if taken == "erased":
            whose = self.erased_person() or whose
        return Enrolment(
            member_id=member_id,
            member_no=numbers[-1] if taken == "number" else f"no-{member_id}",
            person=whose,
            name=f"name of {member_id}",
            id_number=id_number,
            phone=phone,
            specialities=specialities,
        )

    def erased_person(self) -> str | None:
        """Somebody who was erased and may be listed again, as somebody new."""
        town = self.world.town
        erased = [each for each, branch in town.branches.items() if branch == ERASED]
        return town.natural[erased[-1]] if erased else None

    @rule(
        branch=NTH,
        id_number=draws.ID_NUMBER,
        phone=draws.PHONE,
        specialities=draws.SPECIALITIES,
        taken=draws.TAKEN,
    )
    def enrol_member(
        self,
        branch: int,
        id_number: str,
        phone: str,
        specialities: tuple[str, ...],
        taken: str,
    ) -> None:
        branch_id = self.organisation(["branch"], branch)
        row = self.enrolment(id_number, phone, specialities, taken)
        command = EnrolMember(branch_id=branch_id, by=acting(branch_id), at=AT, **vars(row))
        self.decide(command)

    @rule(
        branch=NTH,
        rows=st.lists(
            st.tuples(draws.ID_NUMBER, draws.PHONE, draws.SPECIALITIES, draws.TAKEN), max_size=2
        ),
        off_by=st.sampled_from([0, 0, 0, 1, -1]),
        explained=st.sampled_from([None, None, "一人在途", " "]),
        twice=RARELY,
    )
    def publish_roster(
        self,
        *,
        branch: int,
        rows: list[tuple[str, str, tuple[str, ...], str]],
        off_by: int,
        explained: str | None,
        twice: bool,
    ) -> None:
        branch_id = self.organisation(["branch"], branch)
        enrolments = [self.enrolment(*row) for row in rows]
        if twice:
            enrolments += enrolments[:1]
        listed = list(self.world.town.branches.values()).count(branch_id) + len(enrolments)
        self.decide(
            PublishRoster(
                branch_id=branch_id,
                stated_head_count=listed + off_by,
                difference_explained=explained,
                enrolments=tuple(enrolments),
                by=acting(branch_id),
                at=AT,
            )
        )

    @rule(member=NTH, to_branch=NTH, who=WHO)
    def request_branch_transfer(self, member: int, to_branch: int, who: Who) -> None:
        member_id = self.member(member)
        self.decide(
            RequestBranchTransfer(
                transfer_id=self.world.new("transfer"),
                member_id=member_id,
                to_branch_id=self.organisation(["branch"], to_branch),
                by=who.acting(self.branch_of(member_id)),
                at=AT,
            )
        )

    @given("transfers")
    @rule(nth=NTH, accepts=st.sampled_from([True, True, False]), who=WHO)
    def answer_branch_transfer(self, *, nth: int, accepts: bool, who: Who) -> None:
        town = self.world.town
        transfers = town.transfers
        waiting = [each for each in transfers if not transfers[each].answered]
        transfer_id = pick(list(transfers), nth, waiting)
        target = transfers[transfer_id].target if transfer_id in transfers else None
        by = who.acting(target)
        if accepts:
            self.decide(AcceptBranchTransfer(transfer_id=transfer_id, by=by, at=AT))
        else:
            reason = BranchTransferRefusal.NOT_ARRIVED
            self.decide(
                RefuseBranchTransfer(transfer_id=transfer_id, reason_code=reason, by=by, at=AT)
            )

    @rule(member=NTH, first=DAYS, days=st.integers(-1, 5), who=WHO)
    def exempt_member(self, member: int, first: date, days: int, who: Who) -> None:
        member_id = self.member(member)
        self.decide(
            ExemptMember(
                exemption_id=self.world.new("exemption"),
                member_id=member_id,
                reason_code=ExemptionReason.ILLNESS,
                starts_on=first,
                ends_on=first + timedelta(days=days),
                by=who.acting(self.branch_of(member_id)),
                at=AT,
            )
        )

    @given("exemptions")
    @rule(nth=NTH, after=st.integers(-2, 5), who=WHO)
    def end_exemption(self, nth: int, after: int, who: Who) -> None:
        exemptions = self.world.town.exemptions
        exemption_id = pick(list(exemptions), nth)
        exemption = exemptions.get(exemption_id)
        first = exemption.first if exemption else AT.date()
        self.decide(
            EndExemption(
                exemption_id=exemption_id,
                ended_on=first + timedelta(days=after),
                reason="病愈",
                by=who.acting(self.branch_of(exemption.member) if exemption else None),
                at=AT,
            )
        )

    @rule(member=NTH, interval=draws.INTERVALS, who=WHO)
    def approve_leave(self, member: int, interval: Window, who: Who) -> None:
        member_id = self.member(member)
        self.decide(
            ApproveLeave(
                leave_id=self.world.new("leave"),
                member_id=member_id,
                starts_at=interval[0],
                ends_at=interval[1],
                reason_code=LeaveReason.ANNUAL,
                by=who.acting(self.branch_of(member_id)),
                at=AT,
            )
        )

    @rule(member=NTH, intervals=st.lists(draws.INTERVALS, max_size=2), who=WHO)
    def assign_shifts(self, member: int, intervals: list[Window], who: Who) -> None:
        member_id = self.member(member)
        self.decide(
            AssignShifts(
                member_id=member_id,
                shifts=tuple(DutyShift(starts_at=a, ends_at=b) for a, b in intervals),
                by=who.acting(self.branch_of(member_id)),
                at=AT,
            )
        )
