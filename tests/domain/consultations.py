"""A consultation about the town's member, and what may become of it, as commands and events."""

from datetime import date, datetime
from typing import Any

from service.data.calendars import published_calendars
from service.domain.consultation import RecusalGround
from service.domain.consulting import AskOpinion, WithdrawConsultation
from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import SERVICE, SHANGHAI, Command
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import Conduct, OpinionFigures
from service.domain.organisation import OrganisationKind
from service.domain.recusing import DeclareRecusal
from service.domain.reminding import EscalateConsultation, OrderReminder, RemindOfOpinion
from service.domain.replying import CountersignOpinion, GiveOpinion, WithdrawOpinion
from tests.domain.story import Story, given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    SETTLED,
    SUBDISTRICT,
    acting,
    appointed,
    organisation,
    person,
)

CONSULTATION, OPINION, OBJECTION = "consultation", "opinion", "objection"
FOREIGN_AUTHORITY = "foreign-authority"
DUE_ON = date(2026, 3, 11)
"""Five working days after the town's day."""
HERE = (
    *SETTLED,
    organisation(FOREIGN_AUTHORITY, OrganisationKind.PERSONNEL_AUTHORITY),
    *(
        appointed("chief", each)
        for each in (
            AUTHORITY,
            COMMITTEE,
            BRANCH,
            OTHER_BRANCH,
            FOREIGN_BRANCH,
            FOREIGN_AUTHORITY,
            SUBDISTRICT,
        )
    ),
    # Others under ids that the community gave out as well.
    *(appointed(each, SUBDISTRICT, of=f"{each}-above") for each in ("officer", "secretary")),
)
FIGURES = OpinionFigures(
    registered_since="2026-03-01",
    grade_a=2,
    grade_b=1,
    grade_c=0,
    grade_d=0,
    voluntary_minutes=300,
    duty_minutes=60,
    as_of_position=7,
)
GOOD: dict[str, Conduct] = dict.fromkeys(
    ("social_morality", "community_pledge", "bearing", "overall"), Conduct.GOOD
)


def on(day: str) -> datetime:
    """In the morning of this day."""
    return datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=SHANGHAI)


def ask(by: str = BRANCH, who: str = "chief", at: datetime = AT, **inputs: Any) -> AskOpinion:
    """The member's branch asks before the selection of 2026."""
    asked: dict[str, Any] = {
        "consultation_id": CONSULTATION,
        "member_id": LI,
        "purpose": DecisionPurpose.SELECTION,
        "period": "2026",
        "due_on": DUE_ON,
        "document_no": "琼中组发〔2026〕3号",
        "document_title": "机关党员进社区实施办法",
        "masked": False,
        "calendars": published_calendars(),
    }
    return AskOpinion(by=acting(by, who), at=at, **asked | inputs)


def order(
    day: str, by: str = BRANCH, who: str = "chief", consultation_id: str = CONSULTATION
) -> OrderReminder:
    """Whoever asked wants the community reminded."""
    return OrderReminder(by=acting(by, who), at=on(day), consultation_id=consultation_id)


def remind(day: str, number: int = 1, consultation_id: str = CONSULTATION) -> RemindOfOpinion:
    """The service reminds by itself."""
    return RemindOfOpinion(by=SERVICE, at=on(day), consultation_id=consultation_id, number=number)


def escalate(day: str, consultation_id: str = CONSULTATION) -> EscalateConsultation:
    """The service brings it before the subdistrict."""
    return EscalateConsultation(by=SERVICE, at=on(day), consultation_id=consultation_id)


ESCALATED = (remind("2026-03-12"), remind("2026-03-19", 2), escalate("2026-03-26"))
"""What the service does while nobody answers."""


def take_back(
    by: str = BRANCH, who: str = "chief", reason: str = "该同志已调离", **inputs: str
) -> WithdrawConsultation:
    """Whoever asked asks no more."""
    ids = {"consultation_id": CONSULTATION} | inputs
    return WithdrawConsultation(by=acting(by, who), at=AT, reason=reason, **ids)


def give(
    by: str = COMMUNITY, who: str = "officer", role: str = "responsible", **inputs: Any
) -> GiveOpinion:
    """The community's first signatory speaks well of the member."""
    said: dict[str, Any] = {
        "opinion_id": OPINION,
        "consultation_id": CONSULTATION,
        "figures": FIGURES,
        **GOOD,
    }
    return GiveOpinion(by=acting(by, who, role), at=AT, **said | inputs)


def countersign(
    by: str = COMMUNITY, who: str = "secretary", role: str = "responsible", **inputs: Any
) -> CountersignOpinion:
    """The second signatory signs the same."""
    signed: dict[str, Any] = {"opinion_id": OPINION, "at": AT}
    return CountersignOpinion(by=acting(by, who, role), **signed | inputs)


def withdraw(
    by: str = COMMUNITY,
    who: str = "secretary",
    role: str = "responsible",
    opinion_id: str = OPINION,
) -> WithdrawOpinion:
    """The community takes its word back."""
    return WithdrawOpinion(
        by=acting(by, who, role), at=AT, opinion_id=opinion_id, reason="所附情况有误"
    )


def recuse(
    officer_id: str = "officer",
    by: str = COMMUNITY,
    who: str = "",
    role: str = "responsible",
    consultation_id: str = CONSULTATION,
) -> DeclareRecusal:
    """An officer does not answer about the member; ``who`` says so, if not they themselves."""
    return DeclareRecusal(
        by=acting(by, who or officer_id, role),
        at=AT,
        consultation_id=consultation_id,
        officer_id=officer_id,
        ground=RecusalGround.RELATED,
    )


def objected(
    against: ObjectionSubject = ObjectionSubject.OPINION, objection_id: str = OBJECTION
) -> ObjectionRaised:
    """The member objects to what the community said."""
    return ObjectionRaised(
        objection_id=objection_id,
        member_id=LI,
        organisation_id=COMMUNITY,
        against=against,
        subject_id=CONSULTATION,
        against_event_id="event",
        notified_on=date(2026, 3, 4),
        raised_on=date(2026, 3, 5),
        answer_due_on=date(2026, 4, 4),
        text="与事实不符",
        on_paper=False,
        raised_by=LI,
    )


def answered(outcome: ObjectionOutcome, objection_id: str = OBJECTION) -> ObjectionAnswered:
    """The objection was answered."""
    return ObjectionAnswered(
        objection_id=objection_id,
        member_id=LI,
        organisation_id=COMMUNITY,
        answering_id=COMMUNITY,
        against=ObjectionSubject.OPINION,
        subject_id=CONSULTATION,
        outcome=outcome,
        text="经核实",
        answered_by="somebody-else",
        answered_by_person=person("somebody-else"),
    )


OBJECTION_WITHDRAWN = ObjectionWithdrawn(
    objection_id=OBJECTION,
    member_id=LI,
    organisation_id=COMMUNITY,
    against=ObjectionSubject.OPINION,
    subject_id=CONSULTATION,
    on_paper=False,
    withdrawn_by=LI,
)


def after(*commands: Command, story: Story | None = None) -> Story:
    """A story in which all of these were decided, one after another."""
    story = story or given(*HERE)
    for command in commands:
        story.when(command)
        assert story.rejection is None, (command, story.rejection)
    return story
