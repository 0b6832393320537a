"""When members are at work: timetables, leave, shifts (R20)."""

from datetime import datetime
from itertools import combinations

from service.domain.working_schedule import AdoptTimetable, ApproveLeave, AssignShifts
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Town
from tests.stateful.papers import HOURS


def _lasts_a_minute(starts: datetime, ends: datetime) -> bool:
    return ends.replace(second=0) > starts.replace(second=0)


@predicts(AdoptTimetable)
def adopt_timetable(town: Town, command: AdoptTimetable) -> Prediction:
    """Of proper hours (R20)."""
    hours = tuple((each.starts_at, each.ends_at) for each in command.hours)
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(command.branch_id) != "branch",
        MalformedTimetable=not HOURS[hours],
    ):
        return wrong
    town.timetables.setdefault(command.branch_id, []).append((command.valid_from, hours))
    return happens("TimetableAdopted", branch_id=command.branch_id)


@predicts(ApproveLeave)
def approve_leave(town: Town, command: ApproveLeave) -> Prediction:
    """By the member's branch (R20)."""
    branch = town.branches.get(command.member_id)
    if branch is None or branch != command.by.organisation_id:
        return refused("UnknownMember")
    if not _lasts_a_minute(command.starts_at, command.ends_at):
        return refused("LeaveWithoutDuration")
    town.leaves.setdefault(command.member_id, []).append((command.starts_at, command.ends_at))
    return happens("LeaveApproved", branch_id=branch)


@predicts(AssignShifts)
def assign_shifts(town: Town, command: AssignShifts) -> Prediction:
    """By the member's branch; nobody is on duty twice at once (R20)."""
    branch = town.branches.get(command.member_id)
    if branch is None or branch != command.by.organisation_id:
        return refused("UnknownMember")
    assigned = town.shifts.get(command.member_id, [])
    shifts = [(each.starts_at, each.ends_at) for each in command.shifts]
    if wrong := broken(
        NoShifts=not shifts,
        ShiftWithoutDuration=not all(_lasts_a_minute(*each) for each in shifts),
        ShiftsOverlap=any(
            max(one[0], other[0]) < min(one[1], other[1])
            for one, other in combinations([*assigned, *shifts], 2)
        ),
    ):
        return wrong
    town.shifts[command.member_id] = [*assigned, *shifts]
    return happens("ShiftsAssigned", branch_id=branch)
