"""办理任前考察: opened with a team, looked into, evidence frozen, made public (R29).

`concluding_vetting` concludes it.
"""

from dataclasses import dataclass, field
from datetime import date

from service.domain import working_days
from service.domain.decided import Decision, Decisions
from service.domain.decision import (
    DecisionAlreadyConcluded,
    DecisionAlreadyOpened,
)
from service.domain.decision_purpose import (
    DecisionPeriod,
    DecisionPurpose,
    period_word,
)
from service.domain.event import SHANGHAI, Actor, Command, Selector
from service.domain.membership import Memberships, UnknownMember
from service.domain.officer import Officers, register_of
from service.domain.open_text import require_open_text
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.period import PeriodNotOver
from service.domain.vetting import (
    EvidenceFrozen,
    FieldInquiryAdded,
    InquiryInTheFuture,
    MemberInTeam,
    NoticeInThePast,
    NotOfTheTeam,
    PublicNoticePosted,
    TeamNotAppointed,
    TeamTooSmall,
    VettingOpened,
    Vettings,
)
from service.domain.working_time import Calendars

NOTICE_WORKING_DAYS = 5
"""How many working days a public notice runs after the day on which it begins (R29)."""
_SMALLEST_TEAM = 2


@dataclass(kw_only=True)
class OpenVetting(Command):
    """启动任前考察: by a personnel authority above the member's branch, with a team (R29)."""

    decision_id: str
    member_id: str
    period: str
    team: tuple[str, ...]
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    decisions: Decisions = field(init=False, default_factory=Decisions)

    def consistency_boundary(self) -> list[Selector]:
        branch_id = self.memberships.branches.get(self.member_id)
        return [
            *self.officers.acting(self.by),
            *(register_of(self.by.organisation_id, each) for each in dict.fromkeys(self.team)),
            Memberships.about(self.member_id),
            Decisions.of(self.member_id),
            *(
                Organisations.about(each)
                for each in (self.by.organisation_id, branch_id)
                if each is not None
            ),
        ]

    def execute(self) -> None:
        organisation_id = self.by.organisation_id
        branch_id = self.memberships.branch_of(self.member_id, "/member_id")
        if organisation_id not in self.organisations.line_of(branch_id):
            raise UnknownMember(pointer="/member_id")
        self.organisations.require(organisation_id, OrganisationKind.PERSONNEL_AUTHORITY)
        opener = self.officers.appointment(self.by).person
        self._require_team(opener)
        if DecisionPeriod.parse(DecisionPurpose.VETTING, self.period).first > _day(self):
            raise PeriodNotOver(f"{period_word(self.period)}尚未开始。", "/period")
        if any(
            (each.member_id, each.authority_id, each.period)
            == (self.member_id, organisation_id, self.period)
            for each in self.decisions.known.values()
        ):
            raise DecisionAlreadyOpened
        self.happened(
            VettingOpened(
                decision_id=self.decision_id,
                member_id=self.member_id,
                organisation_id=organisation_id,
                period=self.period,
                team=tuple(dict.fromkeys(self.team)),
                opened_by=self.by.person,
                opened_by_person=opener,
            )
        )

    def _require_team(self, opener: str) -> None:
        """Refused unless the team is of two natural persons or more, and without the member."""
        persons = set[str]()
        for place, officer_id in enumerate(self.team):
            known = self.officers.appointed.get((self.by.organisation_id, officer_id))
            if known is None:
                raise TeamNotAppointed(pointer=f"/team/{place}")
            persons.add(known.person)
        if self.memberships.persons[self.member_id] in persons | {opener}:
            raise MemberInTeam(pointer="/team")
        if len(persons) < _SMALLEST_TEAM:
            raise TeamTooSmall(pointer="/team")


@dataclass(kw_only=True)
class AddFieldInquiry(Command):
    """实地了解: by members of the team, before the conclusion (R29)."""

    inquiry_id: str
    decision_id: str
    held_on: date
    inquirers: tuple[str, ...]
    interviewees: int
    findings: str
    officers: Officers = field(init=False, default_factory=Officers)
    decisions: Decisions = field(init=False, default_factory=Decisions)
    vettings: Vettings = field(init=False, default_factory=Vettings)

    def consistency_boundary(self) -> list[Selector]:
        return of_vetting(self.decision_id, self.by, self.officers)

    def execute(self) -> None:
        vetting = self.vettings.of_authority(self.decision_id, self.by.organisation_id)
        appointment = self.officers.appointment(self.by)
        require_undecided(self.decisions.known[self.decision_id])
        if not {self.by.person, *self.inquirers}.issubset(vetting.team):
            raise NotOfTheTeam(pointer="/inquirers")
        if self.held_on > _day(self):
            raise InquiryInTheFuture(pointer="/held_on")
        self.happened(
            FieldInquiryAdded(
                inquiry_id=self.inquiry_id,
                decision_id=self.decision_id,
                member_id=vetting.member_id,
                organisation_id=self.by.organisation_id,
                held_on=self.held_on,
                inquirers=tuple(dict.fromkeys(self.inquirers)),
                interviewees=self.interviewees,
                findings=self.findings,
                added_by=self.by.person,
                added_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class FreezeEvidence(Command):
    """固定考察材料: as of a signed checkpoint; again whenever there is more (R29).

    What the evidence comes to is computed outside, from the log up to the position, and anybody
    computes the same again.
    """

    evidence_id: str
    decision_id: str
    position: int
    checkpoint: str
    readings_up_to: int
    evidence_digest: str
    calendars: tuple[str, ...]
    opinion_ids: tuple[str, ...]
    officers: Officers = field(init=False, default_factory=Officers)
    vettings: Vettings = field(init=False, default_factory=Vettings)

    def consistency_boundary(self) -> list[Selector]:
        return [Vettings.about(self.decision_id), *self.officers.acting(self.by)]

    def execute(self) -> None:
        vetting = self.vettings.of_authority(self.decision_id, self.by.organisation_id)
        appointment = self.officers.appointment(self.by)
        self.happened(
            EvidenceFrozen(
                evidence_id=self.evidence_id,
                decision_id=self.decision_id,
                member_id=vetting.member_id,
                organisation_id=self.by.organisation_id,
                position=self.position,
                checkpoint=self.checkpoint,
                readings_up_to=self.readings_up_to,
                evidence_digest=self.evidence_digest,
                calendars=self.calendars,
                opinion_ids=self.opinion_ids,
                frozen_by=self.by.person,
                frozen_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class PostPublicNotice(Command):
    """任前公示: for five working days; of several that were posted the last one counts (R29).

    ``at`` is the moment it is recorded: nobody says afterwards that there had been one.
    """

    decision_id: str
    starts_on: date
    place: str
    published: Calendars
    officers: Officers = field(init=False, default_factory=Officers)
    decisions: Decisions = field(init=False, default_factory=Decisions)
    vettings: Vettings = field(init=False, default_factory=Vettings)

    def consistency_boundary(self) -> list[Selector]:
        return of_vetting(self.decision_id, self.by, self.officers)

    def execute(self) -> None:
        vetting = self.vettings.of_authority(self.decision_id, self.by.organisation_id)
        appointment = self.officers.appointment(self.by)
        require_undecided(self.decisions.known[self.decision_id])
        require_open_text(self.place, "/place")
        if self.starts_on < _day(self):
            raise NoticeInThePast(pointer="/starts_on")
        ends_on = working_days.after(self.published, self.starts_on, NOTICE_WORKING_DAYS)
        self.happened(
            PublicNoticePosted(
                decision_id=self.decision_id,
                member_id=vetting.member_id,
                organisation_id=self.by.organisation_id,
                starts_on=self.starts_on,
                ends_on=ends_on,
                calendars=working_days.citations(self.published, self.starts_on, ends_on),
                place=self.place,
                posted_by=self.by.person,
                posted_by_person=appointment.person,
            )
        )


def of_vetting(decision_id: str, by: Actor, officers: Officers) -> list[Selector]:
    """Selects how far a vetting has come, and who acts."""
    return [
        Vettings.about(decision_id),
        Decisions.about(decision_id),
        *officers.acting(by),
    ]


def require_undecided(decision: Decision) -> None:
    if decision.result is not None:
        raise DecisionAlreadyConcluded


def _day(command: Command) -> date:
    return command.at.astimezone(SHANGHAI).date()
