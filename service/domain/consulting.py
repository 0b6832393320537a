"""办理征求意见: the community is asked, and asked no more (R26).

Everything has two sides (`consultation.py`): what the asking organisation does, and what the
service lets the community know of it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from service.domain.consultation import (
    AlreadyAsked,
    AskedByOther,
    ConsultationAsked,
    ConsultationWithdrawn,
    DueNotOnWorkingDay,
    DueTooLate,
    DueTooSoon,
    NeverCheckedIn,
    OpinionRequestCancelled,
    OpinionRequested,
    PeriodNotBegun,
)
from service.domain.consultation_standing import Consultations, Question
from service.domain.decision_purpose import DecisionPeriod, DecisionPurpose
from service.domain.event import SHANGHAI, Command, Selector, on
from service.domain.membership import Memberships, UnknownMember
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.opinion_standing import Opinions, require_unanswered
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.registration import RegistrationAccepted
from service.domain.working_days import after, is_working_day
from service.domain.working_time import Calendars

WORKING_DAYS_AT_LEAST = 3
"""How many working days a community has at least to answer (ours)."""
DAYS_AT_MOST = 60
"""After how many days an answer is due at the latest (ours)."""


@dataclass(kw_only=True)
class AskOpinion(Command):
    """征求意见: by the member's branch, or before a vetting by a personnel authority over it (R26).

    Asked is the community the member is registered with, or was last. ``due_on`` is a working day;
    ``document_no`` and ``document_title`` are those of the local document it rests on.
    """

    consultation_id: str
    member_id: str
    purpose: DecisionPurpose
    period: str
    due_on: date
    document_no: str
    document_title: str
    masked: bool
    calendars: Calendars
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)
    community_id: str | None = field(init=False, default=None)
    """Where the member checked in last."""

    def consistency_boundary(self) -> list[Selector]:
        branch_id = self.memberships.branches.get(self.member_id)
        return [
            *self.officers.acting(self.by),
            Memberships.about(self.member_id),
            Selector([RegistrationAccepted], [f"member:{self.member_id}"]),
            Consultations.of(self.member_id),
            Opinions.of(self.member_id),
            *([] if branch_id is None else [Organisations.about(branch_id)]),
            Organisations.about(self.by.organisation_id),
        ]

    @on(RegistrationAccepted)
    def _(self, community_id: str) -> None:
        self.community_id = community_id

    def execute(self) -> None:
        self._require_asker()
        person = self.officers.appointment(self.by).person
        today = self.at.astimezone(SHANGHAI).date()
        if DecisionPeriod.parse(self.purpose, self.period).first > today:
            raise PeriodNotBegun(pointer="/period")
        if self.community_id is None:
            raise NeverCheckedIn(pointer="/member_id")
        self._require_due(today)
        self._require_not_open()
        self.happened(
            ConsultationAsked(
                consultation_id=self.consultation_id,
                member_id=self.member_id,
                organisation_id=self.by.organisation_id,
                to_community_id=self.community_id,
                purpose=self.purpose,
                period=self.period,
                due_on=self.due_on,
                document_no=self.document_no,
                document_title=self.document_title,
                masked=self.masked,
                asked_by=self.by.person,
                asked_by_person=person,
            )
        )
        self.happened(
            OpinionRequested(
                consultation_id=self.consultation_id,
                member_id=self.member_id,
                community_id=self.community_id,
                due_on=self.due_on,
                masked=self.masked,
                asking_id=None if self.masked else self.by.organisation_id,
                purpose=None if self.masked else self.purpose,
                period=None if self.masked else self.period,
                document_no=None if self.masked else self.document_no,
                document_title=None if self.masked else self.document_title,
            )
        )

    def _require_asker(self) -> None:
        asking_id = self.by.organisation_id
        branch_id = self.memberships.branch_of(self.member_id, "/member_id")
        kind = self.organisations.kinds.get(asking_id)
        above = asking_id in self.organisations.line_of(branch_id)
        authority = above and kind is OrganisationKind.PERSONNEL_AUTHORITY
        if asking_id != branch_id and not authority:
            raise UnknownMember(pointer="/member_id")
        if authority is not (self.purpose is DecisionPurpose.VETTING):
            raise AskedByOther(pointer="/purpose")

    def _require_due(self, today: date) -> None:
        # First, so that a day far ahead is not refused for want of a calendar.
        if self.due_on > today + timedelta(days=DAYS_AT_MOST):
            raise DueTooLate(pointer="/due_on")
        if self.due_on < after(self.calendars, today, WORKING_DAYS_AT_LEAST):
            raise DueTooSoon(pointer="/due_on")
        if not is_working_day(self.calendars, self.due_on):
            raise DueNotOnWorkingDay(pointer="/due_on")

    def _require_not_open(self) -> None:
        question = Question(self.by.organisation_id, self.member_id, self.purpose, self.period)
        for each in self.consultations.known.values():
            if each.question != question or each.withdrawn:
                continue
            if self.opinions.in_force(each.consultation_id) is None:
                raise AlreadyAsked


@dataclass(kw_only=True)
class WithdrawConsultation(Command):
    """撤回征求意见: by whoever asked, with a reason, while no opinion counts (R26, R27)."""

    consultation_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Consultations.about(self.consultation_id),
            Opinions.about(self.consultation_id),
            *self.officers.acting(self.by),
        ]

    def execute(self) -> None:
        known = self.consultations.asked_by(self.by.organisation_id, self.consultation_id)
        person = self.officers.appointment(self.by).person
        require_unanswered(known, self.opinions)
        require_open_text(self.reason, "/reason")
        self.happened(
            ConsultationWithdrawn(
                consultation_id=self.consultation_id,
                member_id=known.member_id,
                organisation_id=self.by.organisation_id,
                corrects=known.event_id,
                reason=self.reason,
                withdrawn_by=self.by.person,
                withdrawn_by_person=person,
            )
        )
        self.happened(
            OpinionRequestCancelled(
                consultation_id=self.consultation_id,
                member_id=known.member_id,
                community_id=known.community_id,
            )
        )
