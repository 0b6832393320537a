"""办理月查: the branch confirms the prepared list, and settles what was found (R22)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.domain.branch_supervision import BranchSupervision, Discrepancy
from service.domain.event import SHANGHAI, Actor, Command, Selector, on
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    DiscrepancyResolvedAlready,
    DismissalNotFound,
    DismissalReason,
    InspectionConfirmed,
    MonthAlreadyInspected,
    Resolution,
    TalkMissing,
    TalkOutsideTerm,
    UnknownDiscrepancy,
)
from service.domain.membership import (
    BranchTransferAccepted,
    MemberEnrolled,
    Memberships,
    UnknownMember,
)
from service.domain.officer import Appointment, Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import OrganisationKind, OrganisationRegistered, Organisations
from service.domain.participation import Participations, UnknownParticipation
from service.domain.period import Month
from service.domain.registration import Registrations
from service.domain.separation import NotInOwnMatter


@dataclass(frozen=True)
class Finding:
    """Something about a member's record to be looked into."""

    discrepancy_id: str
    member_id: str
    kind: DiscrepancyKind
    participation_id: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class PreparedList:
    """What the record gives to look at, as of a position; `InspectionConfirmed` says the counts."""

    certificates: int
    entries: int
    unendorsed: int
    exempt: int
    findings: tuple[Finding, ...]
    as_of_position: int


@dataclass(kw_only=True)
class ConfirmInspection(Command):
    """月查完成: the whole month at once, by an officer of the branch (R22).

    Of the prepared list everything is recorded as found that is not dismissed with a reason; what
    an earlier inspection recorded or dismissed is left to it. ``found`` is what the branch adds.
    """

    inspection_id: str
    month: Month
    talks: Sequence[CommunityTalk]
    prepared: PreparedList
    found: Sequence[Finding] = ()
    dismissed: Sequence[tuple[str, DismissalReason]] = ()
    """Discrepancies of the prepared list, with the reason."""
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    supervision: BranchSupervision = field(init=False, default_factory=BranchSupervision)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    participations: Participations = field(init=False, default_factory=Participations)
    listed: dict[str, None] = field(init=False, default_factory=dict)
    """Everybody who ever was on the branch's roster."""
    names: dict[str, str] = field(init=False, default_factory=dict)
    """Of organisations."""

    def consistency_boundary(self) -> list[Selector]:
        branch_id = self.by.organisation_id
        boundary = [
            *self.officers.acting(self.by),
            Organisations.about(branch_id),
            BranchSupervision.about(branch_id),
            Selector([MemberEnrolled, BranchTransferAccepted], [f"branch:{branch_id}"]),
        ]
        talked = (talk.community_id for talk in self.talks)
        boundary += map(Organisations.about, dict.fromkeys((*talked, *self._concerned())))
        for member_id in self.listed:
            boundary += [Memberships.about(member_id), Registrations.about(member_id)]
        for finding in self.found:
            if finding.participation_id is not None:
                boundary.append(Participations.about(finding.participation_id))
        return boundary

    @on(MemberEnrolled)
    def _(self, member_id: str) -> None:
        self.listed[member_id] = None

    @on(BranchTransferAccepted)
    def _(self, member_id: str) -> None:
        self.listed[member_id] = None

    @on(OrganisationRegistered)
    def _(self, organisation_id: str, name: str) -> None:
        self.names[organisation_id] = name

    def execute(self) -> None:
        branch_id = self.by.organisation_id
        self.organisations.require(branch_id, OrganisationKind.BRANCH)
        appointment = self.officers.appointment(self.by)
        self.month.require_over(self.at, "/month")
        if self.month in self.supervision.inspected:
            raise MonthAlreadyInspected(f"{self.month.word}的月查已经完成。", "/month")
        self._require_talks()
        added = [*self._added()]
        dismissed = self._dismissed(appointment)
        prepared = self.prepared
        self.happened(
            InspectionConfirmed(
                inspection_id=self.inspection_id,
                branch_id=branch_id,
                month=str(self.month),
                certificates=prepared.certificates,
                entries=prepared.entries,
                unendorsed=prepared.unendorsed,
                exempt=prepared.exempt,
                talks=tuple(self.talks),
                as_of_position=prepared.as_of_position,
                confirmed_by=self.by.person,
                confirmed_by_person=appointment.person,
            )
        )
        for finding in (*self._open(), *added):
            self.happened(self._said(finding, dismissed.get(finding.discrepancy_id)))

    def _said(
        self, finding: Finding, reason: DismissalReason | None
    ) -> DiscrepancyFound | DiscrepancyDismissed:
        about: dict[str, Any] = {
            "discrepancy_id": finding.discrepancy_id,
            "inspection_id": self.inspection_id,
            "branch_id": self.by.organisation_id,
            "member_id": finding.member_id,
            "participation_id": finding.participation_id,
            "kind": finding.kind,
        }
        if reason is not None:
            return DiscrepancyDismissed(**about, reason_code=reason)
        return DiscrepancyFound(**about, note=finding.note)

    def _open(self) -> tuple[Finding, ...]:
        """What stands on the prepared list and no inspection has said anything about yet.

        Whoever has left the branch, or the record, since it was prepared is no longer its business.
        """
        return tuple(
            each
            for each in self.prepared.findings
            if self._own(each.member_id) and not self.supervision.answered(each.discrepancy_id)
        )

    def _own(self, member_id: str) -> bool:
        """Whether the member is of the branch."""
        return self.memberships.branches.get(member_id) == self.by.organisation_id

    def _concerned(self) -> dict[str, None]:
        """The communities where members of the branch are registered."""
        return {
            registration.community_id: None
            for member_id, registration in self.registrations.active.items()
            if self._own(member_id)
        }

    def _require_talks(self) -> None:
        today = self.at.astimezone(SHANGHAI).date()
        for row, talk in enumerate(self.talks):
            pointer = f"/talks/{row}"
            community = OrganisationKind.COMMUNITY
            self.organisations.require(talk.community_id, community, f"{pointer}/community_id")
            if not self.month.first_day <= talk.held_on <= today:
                raise TalkOutsideTerm(pointer=f"{pointer}/held_on")
            require_open_text(talk.note, f"{pointer}/note")
        talked = {each.community_id for each in self.talks}
        missing = [self.names[each] for each in self._concerned() if each not in talked]
        if missing:
            raise TalkMissing(f"尚未与{'、'.join(missing)}联系。", "/talks")

    def _added(self) -> Iterator[Finding]:
        """What the branch adds, each about a member of its own and, if any, a record of theirs."""
        for row, finding in enumerate(self.found):
            if not self._own(finding.member_id):
                raise UnknownMember(pointer=f"/found/{row}/member_id")
            if finding.participation_id is not None:
                known = self.participations.participations.get(finding.participation_id)
                if known is None or known.member_id != finding.member_id:
                    raise UnknownParticipation(pointer=f"/found/{row}/participation_id")
            yield finding

    def _dismissed(self, appointment: Appointment) -> dict[str, DismissalReason]:
        """The reason by discrepancy; refused for what is not on the list, or is about oneself."""
        listed = {each.discrepancy_id: each for each in self._open()}
        for row, (discrepancy_id, _) in enumerate(self.dismissed):
            pointer = f"/dismissed/{row}/discrepancy_id"
            if discrepancy_id not in listed:
                raise DismissalNotFound(pointer=pointer)
            member_id = listed[discrepancy_id].member_id
            _require_other(self.memberships, member_id, self.by, appointment, pointer)
        return dict(self.dismissed)


@dataclass(kw_only=True)
class ResolveDiscrepancy(Command):
    """处理差异: by an officer of the branch that found it, and not in one's own matter (R22)."""

    discrepancy_id: str
    resolution: Resolution
    note: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    found: Discrepancy | None = field(init=False, default=None)
    branch_id: str = field(init=False, default="")
    resolved: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            Selector(
                [DiscrepancyFound, DiscrepancyResolved], [f"discrepancy:{self.discrepancy_id}"]
            ),
            *self.officers.acting(self.by),
        ]
        if self.found is not None:
            boundary.append(Memberships.about(self.found.member_id))
        return boundary

    @on(DiscrepancyFound)
    def _(
        self, inspection_id: str, branch_id: str, member_id: str, participation_id: str | None
    ) -> None:
        self.found = Discrepancy(inspection_id, member_id, participation_id)
        self.branch_id = branch_id

    @on(DiscrepancyResolved)
    def _(self) -> None:
        self.resolved = True

    def execute(self) -> None:
        found = self.found
        if found is None or self.branch_id != self.by.organisation_id:
            raise UnknownDiscrepancy
        appointment = self.officers.appointment(self.by)
        if self.resolved:
            raise DiscrepancyResolvedAlready
        _require_other(self.memberships, found.member_id, self.by, appointment)
        self.happened(
            DiscrepancyResolved(
                discrepancy_id=self.discrepancy_id,
                branch_id=self.branch_id,
                member_id=found.member_id,
                participation_id=found.participation_id,
                resolution=self.resolution,
                note=self.note,
                resolved_by=self.by.person,
                resolved_by_person=appointment.person,
            )
        )


def _require_other(
    memberships: Memberships, member_id: str, by: Actor, appointment: Appointment, pointer: str = ""
) -> None:
    """Refused to the member the discrepancy is about: nobody clears themselves."""
    if by.person == member_id or memberships.persons.get(member_id) == appointment.person:
        raise NotInOwnMatter(pointer=pointer)
