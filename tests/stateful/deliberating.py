"""Commands of a decision as the prologues give them, each about what was begun last."""

from datetime import date

from service.data.calendars import published_calendars
from service.domain.consulting import AskOpinion
from service.domain.deciding import ConcludeDecision, OpenDecision, OverrideGate
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import Actor
from service.domain.examining import FreezeEvidence, OpenVetting, PostPublicNotice
from service.domain.objecting import AnswerObjection, RaiseObjection, Said
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.opinion import Conduct
from service.domain.replying import CountersignOpinion, GiveOpinion
from service.domain.signed import OwnSignature
from tests.domain.town import (
    AT,
    AUTHORITY,
    COMMITTEE,
    COMMUNITY,
    acting,
)
from tests.stateful.model.opinions import countersignature_stated, opinion_stated
from tests.stateful.model.signing_keys import canonical, counting
from tests.stateful.steps.deliberation import VETTED
from tests.stateful.steps.opinion import FIGURES
from tests.stateful.world import World

DUE_ON = date(2026, 3, 11)


def consultation_asked(
    world: World,
    member_id: str,
    purpose: DecisionPurpose,
    *,
    year: int = AT.year,
    due_on: date = DUE_ON,
    masked: bool = False,
) -> AskOpinion:
    """The branch's question, or before a vetting the authority's."""
    is_vetting = purpose is DecisionPurpose.VETTING
    return AskOpinion(
        consultation_id=world.new("consultation"),
        member_id=member_id,
        purpose=purpose,
        period=VETTED if is_vetting else str(year),
        due_on=due_on,
        document_no="琼中组发〔2026〕3号",
        document_title="机关党员进社区实施办法",
        masked=masked,
        calendars=published_calendars(),
        by=acting(AUTHORITY if is_vetting else world.town.branches[member_id]),
        at=AT,
    )


def opinion_given(world: World, view: Conduct, community_id: str = COMMUNITY) -> GiveOpinion:
    """The first signature of the answer to what was asked last."""
    opinion_id, by = world.new("opinion"), acting(community_id)
    consultation_id = f"consultation-{world.made['consultation']}"
    said = opinion_stated(
        world.town,
        by,
        AT,
        opinion=opinion_id,
        consultation=consultation_id,
        figures=FIGURES,
        views=(view.value, view.value, view.value, view.value),
    )
    return GiveOpinion(
        opinion_id=opinion_id,
        consultation_id=consultation_id,
        figures=FIGURES,
        social_morality=view,
        community_pledge=view,
        bearing=view,
        overall=view,
        own=_own(world, by, said),
        by=by,
        at=AT,
    )


def countersigned(world: World, community_id: str = COMMUNITY) -> CountersignOpinion:
    """The second signature of the opinion that was given last."""
    opinion_id, by = f"opinion-{world.made['opinion']}", acting(community_id, "secretary")
    said = countersignature_stated(world.town, by, AT, opinion=opinion_id)
    return CountersignOpinion(opinion_id=opinion_id, own=_own(world, by, said), by=by, at=AT)


def _own(world: World, by: Actor, said: dict[str, object]) -> OwnSignature | None:
    keys = counting(world.town, by.organisation_id, AT)
    if not keys:
        return None
    return OwnSignature(f"signed-with-{keys[0]}..", keys[0], canonical(said), AT)


def opened(
    world: World, member_id: str, purpose: DecisionPurpose, year: int = AT.year
) -> OpenDecision:
    """The branch begins."""
    return OpenDecision(
        decision_id=world.new("decision"),
        member_id=member_id,
        purpose=purpose,
        period=str(year),
        by=acting(world.town.branches[member_id]),
        at=AT,
    )


def overridden(world: World, by: Actor) -> OverrideGate:
    """What was opened last may be concluded by anybody else."""
    return OverrideGate(
        override_id=world.new("override"),
        decision_id=f"decision-{world.made['decision']}",
        reason="救灾期间",
        by=by,
        at=AT,
    )


def concluded(world: World, result: DecisionResult) -> ConcludeDecision:
    """What was opened last."""
    return ConcludeDecision(
        decision_id=f"decision-{world.made['decision']}",
        result=result,
        document_no="情况属实，共谈3次",
        reason="经大会表决",
        by=acting(COMMITTEE, "secretary"),
        at=AT,
    )


def objected(
    world: World, member_id: str, against: ObjectionSubject, subject_id: str, owing: str
) -> RaiseObjection:
    """To the last event there is."""
    return RaiseObjection(
        objection_id=world.new("objection"),
        member_id=member_id,
        against=against,
        subject_id=subject_id,
        said=Said(_last(world, against, member_id), owing, AT.date()),
        text="与事实不符",
        by=acting(world.town.branches[member_id], member_id, "member"),
        at=AT,
    )


def _last(world: World, against: ObjectionSubject, member_id: str) -> str:
    said = {
        ObjectionSubject.OPINION: "OpinionCountersigned",
        ObjectionSubject.DECISION: "DecisionConcluded",
        ObjectionSubject.PARTICIPATION: "ParticipationRecorded",
    }[against]
    about = f"member:{member_id}"
    return [
        each.event_id
        for each in world.log.events
        if each.event_type == said and about in each.tags()
    ][-1]


def upheld(world: World, answering: Actor) -> AnswerObjection:
    """What was objected to last."""
    return AnswerObjection(
        objection_id=f"objection-{world.made['objection']}",
        outcome=ObjectionOutcome.UPHELD,
        text="经查属实",
        by=answering,
        at=AT,
    )


def vetting_opened(world: World, member_id: str, period: str = VETTED) -> OpenVetting:
    """By two people of the authority."""
    return OpenVetting(
        decision_id=world.new("decision"),
        member_id=member_id,
        period=period,
        team=("officer", "clerk"),
        by=acting(AUTHORITY),
        at=AT,
    )


def authorised(world: World) -> OverrideGate:
    """By the authority itself, so that somebody else of it concludes the vetting."""
    return overridden(world, acting(AUTHORITY, "secretary"))


def frozen(world: World) -> FreezeEvidence:
    """All there is, but for the opinions."""
    return FreezeEvidence(
        evidence_id=world.new("evidence"),
        decision_id=f"decision-{world.made['decision']}",
        position=len(world.log.events),
        checkpoint="checkpoint",
        readings_up_to=0,
        evidence_digest="00",
        calendars=(),
        opinion_ids=(),
        by=acting(AUTHORITY),
        at=AT,
    )


def posted(world: World, starts_on: date) -> PostPublicNotice:
    """Of the vetting that was opened last."""
    return PostPublicNotice(
        decision_id=f"decision-{world.made['decision']}",
        starts_on=starts_on,
        place="公示栏",
        published=published_calendars(),
        by=acting(AUTHORITY),
        at=AT,
    )
