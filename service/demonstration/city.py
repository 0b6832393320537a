"""The source's fifth document: the organisations of a district's agencies and of a whole city."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from service.demonstration import data
from service.demonstration.officers import appoint
from service.demonstration.people import Hash
from service.demonstration.step import Script, chance, ident, local, officer, on
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.domain.pairing import PairUnit
from service.domain.registration_deadline import SetRegistrationDeadline
from service.domain.working_schedule import AdoptTimetable, WorkingHours

MEMBERS = 1300
"""How many in-service members the source's district has."""
_PER_PLACE = 20
"""Members to a branch, and to a community, where the district is made smaller."""

AUTHORITY = ident("organisation", "city", "authority")
_WINTER = (("08:30", "12:00"), ("13:30", "17:30"))
_SUMMER = (("08:30", "12:00"), ("14:30", "18:00"))


@dataclass(frozen=True)
class Community:
    """A community of the city."""

    organisation_id: str
    place: str
    name: str
    subdistrict_id: str
    subdistrict_name: str
    area_code: str
    at_home: bool
    """Whether it lies in the district of the agencies."""


@dataclass(frozen=True)
class Branch:
    """A branch of the district's agencies."""

    organisation_id: str
    name: str
    committee_id: str
    on_duty: bool
    paired_with: int
    """Index of the community it is paired with."""


@dataclass(frozen=True)
class Area:
    """Where an organisation is."""

    name: str
    code: str


@dataclass(frozen=True)
class Place:
    """An organisation and its place in the tree."""

    organisation_id: str
    name: str
    kind: OrganisationKind
    parent_id: str | None
    area: Area
    area_code: str = ""
    """Where it is longer than that of the area."""


class City:
    """The tree of organisations; a smaller one for fewer members, with the same shape."""

    def __init__(self, members: int, seed: int) -> None:
        self.data = data.district()
        self.seed = seed
        self.members = members
        self.authorities = {
            each.name: ident("organisation", "authority", each.name) for each in self.data.districts
        }
        wanted = max(3, -(-members // _PER_PLACE))
        self.communities = self._communities()[:wanted]
        self.branches = self._branches()[: max(2, wanted)]

    @property
    def home_authority(self) -> str:
        """The personnel authority of the district whose agencies these are."""
        return self.authorities[self.data.home]

    @staticmethod
    def authority_name(district: str) -> str:
        """The personnel authority of a district."""
        return f"中共{district}委组织部"

    def _communities(self) -> list[Community]:
        """One of each district in turn, so that also the first few lie in different districts."""
        rows = [
            [
                Community(
                    organisation_id=ident("organisation", "community", name),
                    place=f"{district.name}{subdistrict.name}{name}社区",
                    name=f"中共{name}社区委员会",
                    subdistrict_id=ident("organisation", "subdistrict", subdistrict.name),
                    subdistrict_name=f"中共{subdistrict.name}工作委员会",
                    area_code=f"{district.area_code}{street:03}{number:03}",
                    at_home=district.name == self.data.home,
                )
                for street, subdistrict in enumerate(district.subdistricts, start=1)
                for number, name in enumerate(subdistrict.communities, start=1)
            ]
            for district in self.data.districts
        ]
        return [each for turn in zip_longest(*rows) for each in turn if each is not None]

    def _branches(self) -> list[Branch]:
        found: list[Branch] = []
        for place in range(8):
            for committee in self.data.committees:
                name = committee.branches[place]
                number = len(found)
                found.append(
                    Branch(
                        organisation_id=ident("organisation", "branch", name),
                        name=name,
                        committee_id=ident("organisation", "committee", committee.name),
                        on_duty=committee.on_duty,
                        paired_with=chance(self.seed, "pairing", number).randrange(
                            len(self.communities)
                        ),
                    )
                )
        return found

    def tell(self, script: Script, hashed: Hash) -> None:
        """Adds the organisations and their officers, the deadline, the pairings and the timetables
        to the script."""
        self._organise(script, hashed)
        script.add(
            "deadline",
            SetRegistrationDeadline(
                by=officer(self.home_authority),
                at=local("2025-12-25T10:00"),
                organisation_id=self.home_authority,
                campaign=self.data.campaign,
                deadline=local(self.data.deadline),
            ),
        )
        for number, branch in enumerate(self.branches):
            by = officer(branch.organisation_id)
            script.add(
                f"pairing/{branch.organisation_id}",
                PairUnit(
                    by=by,
                    at=on(1, 6, 10, 0) + timedelta(seconds=40 * number),
                    organisation_id=branch.organisation_id,
                    community_id=self.communities[branch.paired_with].organisation_id,
                    projects=("政策宣讲进社区", "结对帮困"),
                ),
            )
            # Every tenth branch has none: the hours that are then assumed are shown as such.
            if number % 10 != 9:
                self._adopt(script, branch, local("2025-12-26T15:00"), on(1, 1), _WINTER)
                self._adopt(script, branch, on(4, 24, 15, 0), on(5, 1), _SUMMER)
                self._adopt(script, branch, on(9, 25, 15, 0), on(10, 1), _WINTER)

    def _organise(self, script: Script, hashed: Hash) -> None:
        at, top = local("2025-12-09T09:00"), self.data.personnel_authority
        places = [
            Place(AUTHORITY, top, OrganisationKind.PERSONNEL_AUTHORITY, None, self._city),
            *self._authorities(),
            *self._receiving(),
            *self._sending(),
        ]
        for number, place in enumerate(places):
            script.add(
                f"organisation/{place.organisation_id}",
                RegisterOrganisation(
                    by=officer(AUTHORITY),
                    at=at + timedelta(minutes=number),
                    organisation_id=place.organisation_id,
                    name=place.name,
                    kind=place.kind,
                    parent_id=place.parent_id,
                    district=place.area.name,
                    area_code=place.area_code or place.area.code,
                ),
            )
        placed = [(each.organisation_id, each.parent_id, each.kind) for each in places]
        appoint(script, placed, at + timedelta(days=1), hashed, self.seed)

    @property
    def _city(self) -> Area:
        return Area(self.data.city, self.data.area_code)

    def _authorities(self) -> Iterator[Place]:
        kind = OrganisationKind.PERSONNEL_AUTHORITY
        for each in self.data.districts:
            name, area = self.authority_name(each.name), Area(each.name, each.area_code)
            yield Place(self.authorities[each.name], name, kind, AUTHORITY, area)

    def _receiving(self) -> Iterator[Place]:
        """Every subdistrict, and the communities that are used."""
        for each in self.data.districts:
            area, above = Area(each.name, each.area_code), self.authorities[each.name]
            for subdistrict in each.subdistricts:
                here = ident("organisation", "subdistrict", subdistrict.name)
                name = f"中共{subdistrict.name}工作委员会"
                yield Place(here, name, OrganisationKind.SUBDISTRICT, above, area)
        areas = {each.area_code: Area(each.name, each.area_code) for each in self.data.districts}
        for community in self.communities:
            yield Place(
                community.organisation_id,
                community.name,
                OrganisationKind.COMMUNITY,
                community.subdistrict_id,
                areas[community.area_code[:6]],
                community.area_code,
            )

    def _sending(self) -> Iterator[Place]:
        """The committees that are used, and the branches."""
        area = next(
            Area(each.name, each.area_code)
            for each in self.data.districts
            if each.name == self.data.home
        )
        used = {branch.committee_id for branch in self.branches}
        for committee in self.data.committees:
            here = ident("organisation", "committee", committee.name)
            if here in used:
                kind, above = OrganisationKind.AGENCY_COMMITTEE, self.home_authority
                yield Place(here, committee.name, kind, above, area)
        for branch in self.branches:
            kind, above = OrganisationKind.BRANCH, branch.committee_id
            yield Place(branch.organisation_id, branch.name, kind, above, area)

    @staticmethod
    def _adopt(
        script: Script,
        branch: Branch,
        at: datetime,
        valid_from: datetime,
        hours: tuple[tuple[str, str], ...],
    ) -> None:
        script.add(
            f"timetable/{branch.organisation_id}/{valid_from:%m%d}",
            AdoptTimetable(
                by=officer(branch.organisation_id),
                at=at,
                branch_id=branch.organisation_id,
                valid_from=valid_from.date(),
                hours=tuple(WorkingHours(starts_at=start, ends_at=end) for start, end in hours),
            ),
        )
