"""Vettings: a team, what it learnt, evidence, a public notice, and the conclusion (R26, R29)."""

from service.domain.concluding_vetting import ConcludeVetting
from service.domain.event import Actor
from service.domain.examining import (
    AddFieldInquiry,
    FreezeEvidence,
    OpenVetting,
    PostPublicNotice,
)
from tests.stateful.model.decision_periods import wrong_period
from tests.stateful.model.decisions import concluded, concluding, person_of
from tests.stateful.model.deliberated import Decision, Vetting
from tests.stateful.model.gate import gate
from tests.stateful.model.inspections import not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Town
from tests.stateful.model.working_days import working_day_after
from tests.stateful.papers import OPEN_TEXTS

FIVE_WORKING_DAYS = 5


@predicts(OpenVetting)
def open_vetting(town: Town, command: OpenVetting) -> Prediction:
    """By an authority above the branch, with two others than the member, once a period (R29)."""
    by, member = command.by, command.member_id
    authority = by.organisation_id
    if authority not in town.lines.get(town.branches.get(member, ""), ()):
        return refused("UnknownMember")
    officers = [town.officers.get((authority, each)) for each in command.team]
    team = {each.person for each in officers if each is not None}
    if wrong := broken(
        UnknownOrganisation=town.kinds[authority] != "personnel_authority",
        OfficerNotAppointed=not_appointed(town, by),
        TeamNotAppointed=None in officers,
        TeamTooSmall=len(team) < 2,
        MemberInTeam=town.natural[member] in {*team, person_of(town, by)},
        DecisionAlreadyOpened=any(
            (each.member, each.authority, each.period) == (member, authority, command.period)
            for each in town.decisions.values()
        ),
        **wrong_period("vetting", command.period, command.at.date(), ahead="PeriodNotOver"),
    ):
        return wrong
    town.decisions[command.decision_id] = Decision(member, "vetting", command.period, authority)
    town.vettings[command.decision_id] = Vetting(command.team)
    return happens("VettingOpened", member_id=member, organisation_id=authority)


def _of_authority(town: Town, by: Actor, decision_id: str) -> tuple[Decision, Vetting] | None:
    vetting = town.vettings.get(decision_id)
    if vetting is None or town.decisions[decision_id].authority != by.organisation_id:
        return None
    return town.decisions[decision_id], vetting


@predicts(AddFieldInquiry)
def add_field_inquiry(town: Town, command: AddFieldInquiry) -> Prediction:
    """By those of the team, of what they have done, until it is concluded (R29)."""
    if (found := _of_authority(town, command.by, command.decision_id)) is None:
        return refused("UnknownVetting")
    decision, vetting = found
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        DecisionAlreadyConcluded=decision.result is not None,
        NotOfTheTeam=not {command.by.person, *command.inquirers} <= set(vetting.team),
        InquiryInTheFuture=command.held_on > command.at.date(),
    ):
        return wrong
    return happens("FieldInquiryAdded", member_id=decision.member)


@predicts(FreezeEvidence)
def freeze_evidence(town: Town, command: FreezeEvidence) -> Prediction:
    """As often as there is more; what is frozen last counts (R29)."""
    if (found := _of_authority(town, command.by, command.decision_id)) is None:
        return refused("UnknownVetting")
    decision, vetting = found
    if not_appointed(town, command.by):
        return refused("OfficerNotAppointed")
    vetting.frozen = command.opinion_ids
    return happens("EvidenceFrozen", member_id=decision.member, opinion_ids=command.opinion_ids)


@predicts(PostPublicNotice)
def post_public_notice(town: Town, command: PostPublicNotice) -> Prediction:
    """For five working days after the day it begins, which is not over (R29)."""
    if (found := _of_authority(town, command.by, command.decision_id)) is None:
        return refused("UnknownVetting")
    decision, vetting = found
    until = working_day_after(command.starts_on, FIVE_WORKING_DAYS)
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        DecisionAlreadyConcluded=decision.result is not None,
        PersonalDataInOpenText=not OPEN_TEXTS[command.place],
        NoticeInThePast=command.starts_on < command.at.date(),
        CalendarNotPublished=until is None,
    ):
        return wrong
    vetting.public_until = until
    return happens("PublicNoticePosted", member_id=decision.member, ends_on=until)


@predicts(ConcludeVetting)
def conclude_vetting(town: Town, command: ConcludeVetting) -> Prediction:
    """Behind the gate, what it rests on being frozen, and the public notice over (R26, R29)."""
    by, today = command.by, command.at.date()
    found = _of_authority(town, by, command.decision_id)
    if found is None or not town.branches[found[0].member]:
        return refused("UnknownVetting")
    decision, vetting = found
    stands, result = gate(town, decision, today), command.result.value
    if wrong := broken(
        **concluding(town, by, decision, result, command.document_no, stands),
        EvidenceNotFrozen=vetting.frozen is None,
        OpinionNotInEvidence=vetting.frozen is not None
        and not set(stands.opinions) <= set(vetting.frozen),
        NoticeNotPosted=vetting.public_until is None,
        NoticeNotOver=vetting.public_until is not None and today <= vetting.public_until,
    ):
        return wrong
    return happens("DecisionConcluded", **concluded(town, by, decision, result, stands))
