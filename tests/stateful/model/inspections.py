"""Monthly inspections and what they find, visits, and feedback from communities (R22, R25)."""

from service.domain.community_visit import RecordVisit
from service.domain.event import Actor
from service.domain.feedback import GiveFeedback
from service.domain.inspecting import ConfirmInspection, Finding, ResolveDiscrepancy
from tests.stateful.model.officers import not_responsible
from tests.stateful.model.organisations import UNITS
from tests.stateful.model.periods import first_day, is_over, months
from tests.stateful.model.prediction import (
    Expected,
    Prediction,
    broken,
    happens,
    predicts,
    refused,
)
from tests.stateful.model.supervised import Discrepancy
from tests.stateful.model.town import ERASED, Town
from tests.stateful.papers import OPEN_TEXTS


def not_appointed(town: Town, by: Actor) -> bool:
    """Whether the register of the organisation that acts does not know who acts."""
    return (by.organisation_id, by.person) not in town.officers


def is_the_member(town: Town, by: Actor, member: str | None) -> bool:
    """Whether somebody appointed has to do with their own matter."""
    officer = town.officers.get((by.organisation_id, by.person))
    own = member is not None and member in town.natural
    return (
        own
        and officer is not None
        and (by.person == member or officer.person == town.natural[member or ""])
    )


def _still_to_say(town: Town, command: ConfirmInspection) -> list[Finding]:
    """What stands on the prepared list about the branch's members and nobody said a word of."""
    branch = command.by.organisation_id
    return [
        each
        for each in command.prepared.findings
        if town.branches.get(each.member_id) == branch
        and each.discrepancy_id not in town.discrepancies
        and (branch, each.discrepancy_id) not in town.passed_over
    ]


@predicts(ConfirmInspection)
def confirm_inspection(town: Town, command: ConfirmInspection) -> Prediction:
    """Once a month, when it is over and every community was talked to (R22)."""
    by, month = command.by, str(command.month)
    branch = by.organisation_id
    own = [member for member, of in town.branches.items() if of == branch]
    talked = {each.community_id for each in command.talks}
    listed = {each.discrepancy_id: each for each in _still_to_say(town, command)}
    dismissed = dict(command.dismissed)
    wrong_records = (town.participations.get(each.participation_id or "") for each in command.found)
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(branch) != "branch"
        or any(town.kinds.get(each) != "community" for each in talked),
        OfficerNotAppointed=not_appointed(town, by),
        PeriodNotOver=not is_over(month, command.at),
        MonthAlreadyInspected=(branch, month) in town.inspected,
        TalkOutsideTerm=any(
            not first_day(month) <= each.held_on <= command.at.date() for each in command.talks
        ),
        PersonalDataInOpenText=not all(OPEN_TEXTS[each.note] for each in command.talks),
        TalkMissing=not {town.community_of(each) for each in own} - {None} <= talked,
        UnknownMember=any(each.member_id not in own for each in command.found),
        UnknownParticipation=any(
            each.participation_id is not None
            and (record is None or record.member != each.member_id)
            for each, record in zip(command.found, wrong_records, strict=True)
        ),
        DismissalNotFound=not dismissed.keys() <= listed.keys(),
        NotInOwnMatter=any(
            is_the_member(town, by, listed[each].member_id) for each in dismissed if each in listed
        ),
    ):
        return wrong
    town.inspected[branch, month] = len(command.talks)
    events: list[Expected] = [
        (
            "InspectionConfirmed",
            {"branch_id": branch, "month": month, "talks": tuple(command.talks)},
        )
    ]
    for each in (*listed.values(), *command.found):
        about: dict[str, object] = {
            "discrepancy_id": each.discrepancy_id,
            "branch_id": branch,
            "member_id": each.member_id,
            "kind": each.kind,
        }
        if each.discrepancy_id in dismissed:
            town.passed_over.add((branch, each.discrepancy_id))
            events.append(("DiscrepancyDismissed", about))
        else:
            town.discrepancies[each.discrepancy_id] = Discrepancy(branch, month, each.member_id)
            events.append(("DiscrepancyFound", {**about, "note": each.note}))
    return Prediction(events=tuple(events))


@predicts(ResolveDiscrepancy)
def resolve_discrepancy(town: Town, command: ResolveDiscrepancy) -> Prediction:
    """Once, by the branch that found it, and nobody clears themselves (R22)."""
    found = town.discrepancies.get(command.discrepancy_id)
    if found is None or found.branch != command.by.organisation_id:
        return refused("UnknownDiscrepancy")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        DiscrepancyResolvedAlready=found.resolved,
        NotInOwnMatter=is_the_member(town, command.by, found.member),
    ):
        return wrong
    found.resolved = True
    return happens(
        "DiscrepancyResolved", member_id=found.member, branch_id=found.branch, note=command.note
    )


@predicts(RecordVisit)
def record_visit(town: Town, command: RecordVisit) -> Prediction:
    """By a unit, one a day to one community, when it took place (R25)."""
    unit, visit = command.by.organisation_id, (command.community_id, command.visited_on)
    kind = town.kinds.get(unit)
    if wrong := broken(
        UnknownOrganisation=kind not in UNITS
        or town.kinds.get(command.community_id) != "community",
        OfficerNotAppointed=not_appointed(town, command.by),
        PersonalDataInOpenText=not OPEN_TEXTS[command.note],
        VisitAhead=command.visited_on > command.at.date(),
        VisitAlreadyRecorded=(unit, *visit) in town.visits,
    ):
        return wrong
    town.visits.add((unit, *visit))
    return happens(
        "CommunityVisited", organisation_id=unit, branch_id=unit if kind == "branch" else None
    )


@predicts(GiveFeedback)
def give_feedback(town: Town, command: GiveFeedback) -> Prediction:
    """A list of the community's members or none, once a quarter, not of oneself (R25)."""
    by, community, quarter = command.by, command.community_id, str(command.quarter)
    if wrong := broken(PeriodNotOver=not is_over(quarter, command.at), **not_responsible(town, by)):
        return wrong
    named = [each.member_id for each in command.feedback]
    at_fault = {
        f"/feedback/{row}/member_id"
        for row, member in enumerate(named)
        if member in named[:row]
        or town.stranger(by.organisation_id, community, member) is not None
        or town.branches[member] == ERASED
        or is_the_member(town, by, member)
        or (community, member, quarter) in town.feedback
    }
    if at_fault:
        return Prediction(refusals=frozenset({"FeedbackListRefused"}), rows=frozenset(at_fault))
    events: list[Expected] = []
    for each in command.feedback:
        town.feedback.add((community, each.member_id, quarter))
        town.judged("feedback", each.feedback_id, town.officers[community, by.person].person)
        said: dict[str, object] = {
            "member_id": each.member_id,
            "branch_id": town.branches[each.member_id],
            "quarter": quarter,
            "given_by": by.person,
        }
        events.append(("QuarterlyFeedbackGiven", said))
    return Prediction(events=tuple(events))


def supervision_counted(town: Town, branch: str, quarter: str) -> dict[str, int]:
    """What the branch's supervision came to in a quarter (R23)."""
    inspected = [each for each in months(quarter) if (branch, each) in town.inspected]
    found = [
        each
        for each in town.discrepancies.values()
        if each.branch == branch and each.month in inspected
    ]
    return {
        "inspections": len(inspected),
        "talks": sum(town.inspected[branch, each] for each in inspected),
        "visits": sum(
            unit == branch and f"{day:%Y-%m}" in months(quarter) for unit, _, day in town.visits
        ),
        "discrepancies": len(found),
        # Of an erased member nobody is left to ask.
        "discrepancies_open": sum(
            not each.resolved and town.branches[each.member] != ERASED for each in found
        ),
    }
