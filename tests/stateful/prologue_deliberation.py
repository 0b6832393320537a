"""What was asked, said, decided and objected to before the steps begin."""

from collections.abc import Iterator
from datetime import date, timedelta

from service.domain.concluding_vetting import ConcludeVetting
from service.domain.consultation import RecusalGround
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import SERVICE, Command
from service.domain.objection import ObjectionSubject
from service.domain.opinion import Conduct
from service.domain.recusing import DeclareRecusal
from service.domain.reminding import RemindOfOpinion
from service.domain.replying import WithdrawOpinion
from tests.domain.town import (
    AT,
    AUTHORITY,
    COMMITTEE,
    COMMUNITY,
    OTHER_COMMUNITY,
    acting,
)
from tests.stateful.deliberating import (
    DUE_ON,
    authorised,
    concluded,
    consultation_asked,
    countersigned,
    frozen,
    objected,
    opened,
    opinion_given,
    overridden,
    posted,
    upheld,
    vetting_opened,
)
from tests.stateful.world import World

SELECTION, APPRAISAL, ASSESSMENT, VETTING = DecisionPurpose
_DAY = timedelta(days=1)
_MEMBER = "member-1"


def deliberation(world: World) -> Iterator[Command]:
    """Somebody who is vetted, somebody who objects, and communities that are silent."""
    yield from _objecting(world)
    yield from _silent(world)
    yield from _vetted(world)
    yield consultation_asked(world, _MEMBER, APPRAISAL, year=AT.year - 1)
    yield opened(world, _MEMBER, APPRAISAL, AT.year - 1)
    world.made["days of deliberation"] = 15


def _vetted(world: World) -> Iterator[Command]:
    """Each as far as it takes to be refused for another reason, and one that is concluded."""
    yield consultation_asked(world, _MEMBER, VETTING, masked=True)
    yield opinion_given(world, Conduct.GOOD)
    yield countersigned(world)
    # Nothing of it is frozen, or not the opinion, or there is no notice, or it is not over.
    yield vetting_opened(world, "member-2")
    yield authorised(world)
    yield vetting_opened(world, "member-2", "2016-01-01/2020-12-31")
    yield authorised(world)
    yield frozen(world)
    yield vetting_opened(world, _MEMBER)
    yield frozen(world)
    yield posted(world, AT.date())
    yield vetting_opened(world, "member-3")
    yield authorised(world)
    yield frozen(world)
    yield posted(world, AT.date() + 13 * _DAY)
    yield vetting_opened(world, "member-5")
    yield authorised(world)
    yield frozen(world)
    yield posted(world, AT.date())
    decision_id, at = f"decision-{world.made['decision']}", AT + 8 * _DAY
    yield ConcludeVetting(
        decision_id=decision_id,
        result=DecisionResult.DEFERRED,
        document_no="情况属实，共谈3次",
        reason="经集体研究",
        by=acting(AUTHORITY),
        at=at,
    )
    yield objected(world, "member-5", ObjectionSubject.DECISION, decision_id, AUTHORITY)


def _objecting(world: World) -> Iterator[Command]:
    """To an opinion and to decisions; some of it upheld, some not answered."""
    member_id = "member-2"
    # The opinion was taken back after the objection; another one must not be worse.
    yield consultation_asked(world, member_id, APPRAISAL)
    yield opinion_given(world, Conduct.FAIR)
    yield countersigned(world)
    of_opinion = f"consultation-{world.made['consultation']}"
    yield objected(world, member_id, ObjectionSubject.OPINION, of_opinion, COMMUNITY)
    yield upheld(world, acting(COMMUNITY, "deputy"))
    opinion_id = f"opinion-{world.made['opinion']}"
    yield WithdrawOpinion(opinion_id=opinion_id, reason="情况有变", by=acting(COMMUNITY), at=AT)
    yield opened(world, member_id, APPRAISAL)
    # The member is selected, and objects; nothing came of that yet.
    yield consultation_asked(world, member_id, SELECTION)
    yield opinion_given(world, Conduct.POOR)
    yield countersigned(world)
    yield opened(world, member_id, SELECTION)
    yield concluded(world, DecisionResult.SELECTED)
    decision_id = f"decision-{world.made['decision']}"
    yield objected(world, member_id, ObjectionSubject.DECISION, decision_id, COMMITTEE)
    # What was decided on another one may be revised.
    yield opened(world, _MEMBER, ASSESSMENT)
    yield overridden(world, acting(COMMITTEE))
    yield concluded(world, DecisionResult.COMPETENT)
    decision_id = f"decision-{world.made['decision']}"
    yield objected(world, _MEMBER, ObjectionSubject.DECISION, decision_id, COMMITTEE)
    yield upheld(world, acting(COMMITTEE, "deputy"))


def _silent(world: World) -> Iterator[Command]:
    """Opinions that are disputed, lack their second signature, or that nobody gives."""
    member_id = "member-3"
    yield consultation_asked(world, member_id, ASSESSMENT, masked=True)
    yield opinion_given(world, Conduct.GOOD, OTHER_COMMUNITY)
    yield countersigned(world, OTHER_COMMUNITY)
    yield opened(world, member_id, ASSESSMENT)
    disputed = f"consultation-{world.made['consultation']}"
    yield objected(world, member_id, ObjectionSubject.OPINION, disputed, OTHER_COMMUNITY)
    yield consultation_asked(world, member_id, APPRAISAL, year=AT.year - 1)
    yield opinion_given(world, Conduct.GOOD, OTHER_COMMUNITY)
    yield countersigned(world, OTHER_COMMUNITY)
    yield opened(world, member_id, APPRAISAL, AT.year - 2)
    yield opened(world, "member-2", ASSESSMENT, AT.year - 1)
    yield consultation_asked(world, member_id, SELECTION)
    yield opinion_given(world, Conduct.GOOD, OTHER_COMMUNITY)
    yield consultation_asked(world, "member-2", ASSESSMENT, due_on=date(2026, 4, 10))
    yield consultation_asked(world, _MEMBER, APPRAISAL)
    consultation_id = f"consultation-{world.made['consultation']}"
    yield DeclareRecusal(
        consultation_id=consultation_id,
        officer_id="deputy",
        ground=RecusalGround.SUPERVISED,
        by=acting(COMMUNITY),
        at=AT,
    )
    for number, days in ((1, 1), (2, 8)):
        at = AT.replace(month=DUE_ON.month, day=DUE_ON.day) + days * _DAY
        yield RemindOfOpinion(consultation_id=consultation_id, number=number, by=SERVICE, at=at)
