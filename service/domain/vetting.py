"""任前考察: before a promotion the personnel authority gathers what there is (R29)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar

from service.domain.decision import DecisionId
from service.domain.event import (
    AssessmentText,
    Event,
    Fact,
    MemberId,
    OrganisationId,
    Rejection,
    Tag,
    on,
)

EvidenceId = Annotated[str, Tag("evidence")]


class VettingOpened(Event, type="VettingOpened"):
    """启动任前考察: by the personnel authority, with a team of at least two (R29).

    No branch is named: a vetting is known to the authority, and to the member.
    """

    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    period: str
    team: tuple[str, ...]
    """Officers of the authority, by id."""
    opened_by: str
    opened_by_person: str


class FieldInquiryAdded(Event, type="FieldInquiryAdded"):
    """实地了解: what members of the team learnt on the spot (R29).

    ``interviewees`` counts those they talked with; the findings name nobody and are sealed.
    """

    inquiry_id: Annotated[str, Tag("inquiry")]
    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    held_on: date
    inquirers: tuple[str, ...]
    interviewees: int
    findings: AssessmentText
    added_by: str
    added_by_person: str


class EvidenceFrozen(Event, type="EvidenceFrozen"):
    """固定考察材料: all that the log holds about the member up to a position (R29).

    ``position`` is the size of the signed ``checkpoint`` (a C2SP note with its cosignatures),
    ``readings_up_to`` the number of the last reading that is included, ``evidence_digest`` the
    SHA-256 of the evidence in its canonical form: opened again it is the same, byte for byte.
    ``calendars`` cite by which calendars working time was told; the evidence is always made by just
    these. ``opinion_ids`` are the countersigned opinions that are in it.
    """

    evidence_id: EvidenceId
    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    position: int
    checkpoint: str
    readings_up_to: int
    evidence_digest: str
    calendars: tuple[str, ...]
    opinion_ids: tuple[str, ...]
    frozen_by: str
    frozen_by_person: str


class PublicNoticePosted(Event, type="PublicNoticePosted"):
    """任前公示: five working days, counted from the day after it begins (R29).

    ``calendars`` cite by which calendar the working days were counted.
    """

    decision_id: DecisionId
    member_id: MemberId
    organisation_id: OrganisationId
    starts_on: date
    ends_on: date
    calendars: tuple[str, ...]
    place: str
    posted_by: str
    posted_by_person: str


class UnknownVetting(Rejection):
    """没有这项任前考察，或者不由贵单位办理。"""

    status = 404


class TeamTooSmall(Rejection):
    """考察组须有至少两名不同的人员。"""

    rule = "R29"


class TeamNotAppointed(Rejection):
    """考察组成员须为贵单位任命的人员。"""

    rule = "R29"


class MemberInTeam(Rejection):
    """考察对象本人不得参加考察组，也不得启动对自己的考察。"""

    rule = "R29"


class NotOfTheTeam(Rejection):
    """实地了解须由考察组成员进行和记录。"""

    rule = "R29"


class InquiryInTheFuture(Rejection):
    """实地了解的日期不得晚于记录之日。"""

    rule = "R29"


class NoticeInThePast(Rejection):
    """任前公示不得始于已过去的日期。"""

    rule = "R29"


class EvidenceNotFrozen(Rejection):
    """尚未固定考察材料，不能作出考察结论。"""

    rule = "R29"


class OpinionNotInEvidence(Rejection):
    """作为依据的社区意见不在固定的考察材料之中，须重新固定考察材料。"""

    rule = "R29"


class NoticeNotPosted(Rejection):
    """尚未进行任前公示，不能作出考察结论。"""

    rule = "R29"


class NoticeNotOver(Rejection):
    """任前公示尚未期满，不能作出考察结论。"""

    rule = "R29"


@dataclass
class Vetting:
    """How far a vetting has come; whether it is concluded is known of every decision."""

    member_id: str
    organisation_id: str
    team: tuple[str, ...]
    opinions_frozen: frozenset[str] | None = None
    """The opinions in the evidence that was frozen last; None before the first time."""
    notice_ends_on: date | None = None
    """Of the public notice that was posted last."""

    def require_ready(self, opinion_ids: Collection[str], today: date) -> None:
        """Refused before the evidence is frozen, with what the conclusion rests on in it, and the
        public notice is over."""
        if self.opinions_frozen is None:
            raise EvidenceNotFrozen
        if self.notice_ends_on is None:
            raise NoticeNotPosted
        if today <= self.notice_ends_on:
            ends_on = self.notice_ends_on
            raise NoticeNotOver(f"任前公示至{ends_on.year}年{ends_on.month}月{ends_on.day}日止。")
        if not self.opinions_frozen.issuperset(opinion_ids):
            raise OpinionNotInEvidence


@dataclass
class Vettings(Fact):
    """Who vets whom, and what is done of it."""

    subject: ClassVar[str] = "decision"
    known: dict[str, Vetting] = field(default_factory=dict)

    @on(VettingOpened)
    def _(
        self, decision_id: str, member_id: str, organisation_id: str, team: tuple[str, ...]
    ) -> None:
        self.known[decision_id] = Vetting(member_id, organisation_id, team)

    @on(EvidenceFrozen)
    def _(self, decision_id: str, opinion_ids: tuple[str, ...]) -> None:
        self.known[decision_id].opinions_frozen = frozenset(opinion_ids)

    @on(PublicNoticePosted)
    def _(self, decision_id: str, ends_on: date) -> None:
        self.known[decision_id].notice_ends_on = ends_on

    def of_authority(self, decision_id: str, organisation_id: str) -> Vetting:
        """A vetting; refused to everybody but the authority that opened it."""
        known = self.known.get(decision_id)
        if known is None or known.organisation_id != organisation_id:
            raise UnknownVetting
        return known
