"""What the data files of the demonstration hold (service/data/demo)."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from service.domain.activity import ActivityKind
from service.domain.endorsement import Performance
from service.domain.inspection import Resolution, TalkOutcome
from service.domain.participation import Ledger
from service.domain.period import Task
from service.domain.rule_pack import RulePack

D = TypeVar("D", bound="Data")


class Data(BaseModel):
    """A part of a data file; unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Data):
    """A data file: where it comes from, what of it is invented and when it is valid."""

    source: str
    validity: str


class Names(Sourced):
    """names.json: characters from which names are put together."""

    surnames: str
    first: str
    second: str


class BureauPost(Data):
    """A post and the numbers (from 1) of the members who claim it."""

    title: str
    category: str
    claimed_by: tuple[int, ...]


class BureauActivity(Data):
    """One of the activities the document lists; ``share`` of the members take part (percent)."""

    title: str
    starts_at: str
    ends_at: str
    place: str
    category: str
    content: str
    kind: ActivityKind
    ledger: Ledger
    attendance: Literal["qr", "roll_call", "none"]
    share: int
    risky: bool


class BureauOwn(Data):
    """Something a member did by themselves."""

    member: int
    starts_at: str
    ends_at: str
    category: str
    content: str
    recorded_at: str
    endorsed_at: str


class BureauCorrection(Data):
    """A correction of one member's participation in an activity."""

    member: int
    activity: str
    ends_at: str
    reason: str
    corrected_at: str
    endorsed_at: str


class BureauLeave(Data):
    """Approved leave of a member."""

    member: int
    starts_at: str
    ends_at: str


class Bureau(Sourced):
    """bureau.json: the source's tenth document."""

    county: str
    area_code: str
    community_area_code: str
    personnel_authority: str
    agency_committee: str
    branch: str
    subdistrict: str
    community: str
    community_name: str
    registration: str
    members: tuple[str, ...]
    posts: tuple[BureauPost, ...]
    activities: tuple[BureauActivity, ...]
    own: tuple[BureauOwn, ...]
    correction: BureauCorrection
    leave: BureauLeave


class SubdistrictData(Data):
    """A subdistrict and its communities."""

    name: str
    communities: tuple[str, ...]


class DistrictData(Data):
    """A district of the city."""

    name: str
    area_code: str
    subdistricts: tuple[SubdistrictData, ...]


class CommitteeData(Data):
    """An agency committee and its branches; ``on_duty``: some of their members work shifts."""

    name: str
    on_duty: bool
    branches: tuple[str, ...]


class ActivityData(Data):
    """An activity a community may hold, in which months; ``unit``: also with a unit."""

    title: str
    category: str
    content: str
    months: tuple[int, ...]
    risky: bool
    unit: bool


class OwnData(Data):
    """What a member may do by themselves."""

    category: str
    content: str


class PostData(Data):
    """A post a community may open."""

    title: str
    category: str
    slots: int
    specialities: tuple[str, ...]


class District(Sourced):
    """district.json: the source's fifth document."""

    city: str
    area_code: str
    personnel_authority: str
    home: str
    campaign: str
    deadline: str
    districts: tuple[DistrictData, ...]
    committees: tuple[CommitteeData, ...]
    activities: tuple[ActivityData, ...]
    own: tuple[OwnData, ...]
    posts: tuple[PostData, ...]


class ExceptionData(Data):
    """What is not done on its usual day; ``done_on`` None: never."""

    branch: int | None
    """Number of the branch from 1; None for the committee itself."""
    task: Task
    period: str
    done_on: date | None


class SymposiumData(Data):
    """What is written down of each symposium."""

    attendees: int
    conclusions: str


class IneligibleData(Data):
    """What is said when a proposal of ineligibility is answered."""

    disqualification: str
    dismissal: str


class CommendationData(Data):
    """As what, and why, a member is commended."""

    title: str
    reason: str


class SelectionData(Data):
    """What the community says of whoever is to be selected, and why they are."""

    comment: str
    reason: str


class RoleModelData(Data):
    """What a role model did, and where it is made known."""

    deeds: str
    channel: str


class Supervision(Sourced):
    """supervision.json: how one agency committee of the district is supervised."""

    adopted: tuple[str, ...]
    """The shipped rule packs that the district adopts."""
    exceptions: tuple[ExceptionData, ...]
    talk_notes: dict[TalkOutcome, str]
    visit_notes: tuple[str, ...]
    resolution_notes: dict[Resolution, str]
    feedback: dict[Performance, tuple[str, ...]]
    reports: tuple[str, ...]
    consolidation: str
    symposium: SymposiumData
    summaries: tuple[str, ...]
    ineligible: IneligibleData
    selection: SelectionData
    commendation: CommendationData
    role_model: RoleModelData
    pack: RulePack
    """The committee's own, which goes before the district's of the same code."""


def _read(name: str, kind: type[D]) -> D:
    return kind.model_validate_json((files("service.data") / "demo" / name).read_bytes())


@cache
def bureau() -> Bureau:
    """The source's tenth document."""
    return _read("bureau.json", Bureau)


@cache
def district() -> District:
    """The source's fifth document."""
    return _read("district.json", District)


@cache
def supervision() -> Supervision:
    """The source's fifth document once more: 月查、季报、半年一总结."""
    return _read("supervision.json", Supervision)


@cache
def names() -> Names:
    """Characters for invented names."""
    return _read("names.json", Names)
