"""The source's tenth document: a county bureau's 19 members, nine posts and 31 claims.

Its activities, its registration on 16 January and the visit on 10 February are the document's;
who took part in what is made up.
"""

from datetime import timedelta

from service.demonstration import data
from service.demonstration.officers import appoint
from service.demonstration.people import Hash, Person, enrolment, invent
from service.demonstration.step import Script, chance, ident, local, officer
from service.domain.certificate import IssueCertificate
from service.domain.certificate_number import certificate_number
from service.domain.claim import ClaimPost
from service.domain.claim_answer import ConfirmClaim
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.domain.pairing import PairUnit
from service.domain.registration_answer import AcceptRegistration
from service.domain.registration_request import RegisterMember
from service.domain.roster import PublishRoster
from service.domain.service_post import OpenServicePost
from service.domain.working_schedule import AdoptTimetable, WorkingHours

AUTHORITY = ident("organisation", "county", "authority")
COMMITTEE = ident("organisation", "county", "committee")
BRANCH = ident("organisation", "county", "branch")
SUBDISTRICT = ident("organisation", "county", "subdistrict")
COMMUNITY = ident("organisation", "county", "community")


def member_id(number: int) -> str:
    """A member of the bureau, by number from 1."""
    return ident("member", "bureau", number)


PROTAGONIST = member_id(1)
"""The member whose record shows the most: what `eighthours demo` prints."""


class Bureau:
    """Tells the bureau's part of the story."""

    def __init__(self, script: Script, seed: int) -> None:
        self.data = data.bureau()
        self.script = script
        self.seed = seed
        self.registered_at = local(self.data.registration)
        self.people: list[Person] = [
            invent(chance(seed, "bureau", number), self.data.area_code, number, name)
            for number, name in enumerate(self.data.members, start=1)
        ]

    @property
    def members(self) -> list[str]:
        """The members' ids, in the order of their numbers."""
        return [member_id(number) for number in range(1, len(self.people) + 1)]

    def tell(self, hashed: Hash) -> None:
        """Adds everything to the script."""
        self._organise(hashed)
        self._enrol(hashed)
        self._register()
        self._claim()

    def _organise(self, hashed: Hash) -> None:
        places = [
            (AUTHORITY, self.data.personnel_authority, OrganisationKind.PERSONNEL_AUTHORITY, None),
            (COMMITTEE, self.data.agency_committee, OrganisationKind.AGENCY_COMMITTEE, AUTHORITY),
            (BRANCH, self.data.branch, OrganisationKind.BRANCH, COMMITTEE),
            (SUBDISTRICT, self.data.subdistrict, OrganisationKind.SUBDISTRICT, AUTHORITY),
            (COMMUNITY, self.data.community, OrganisationKind.COMMUNITY, SUBDISTRICT),
        ]
        at = local("2025-12-08T09:00")
        for number, (organisation_id, name, kind, parent_id) in enumerate(places):
            community = kind is OrganisationKind.COMMUNITY
            self.script.add(
                f"organisation/{organisation_id}",
                RegisterOrganisation(
                    by=officer(AUTHORITY),
                    at=at + timedelta(minutes=number),
                    organisation_id=organisation_id,
                    name=name,
                    kind=kind,
                    parent_id=parent_id,
                    district=self.data.county,
                    area_code=self.data.community_area_code if community else self.data.area_code,
                ),
            )
        placed = [(here, parent_id, kind) for here, _, kind, parent_id in places]
        appoint(self.script, placed, at + timedelta(hours=6), hashed, self.seed)

    def _enrol(self, hashed: Hash) -> None:
        by, at = officer(BRANCH), local("2026-01-08T09:30")
        self.script.add(
            "bureau/timetable",
            AdoptTimetable(
                by=by,
                at=at,
                branch_id=BRANCH,
                valid_from=local("2026-01-01T00:00").date(),
                hours=(
                    WorkingHours(starts_at="08:30", ends_at="12:00"),
                    WorkingHours(starts_at="14:30", ends_at="17:30"),
                ),
            ),
        )
        self.script.add(
            "bureau/roster",
            PublishRoster(
                by=by,
                at=at,
                branch_id=BRANCH,
                stated_head_count=len(self.people),
                enrolments=tuple(
                    enrolment(person, member_id(number), f"4701{number:05}", hashed)
                    for number, person in enumerate(self.people, start=1)
                ),
            ),
        )
        self.script.add(
            "bureau/pairing",
            PairUnit(
                by=by,
                at=at + timedelta(minutes=20),
                organisation_id=BRANCH,
                community_id=COMMUNITY,
                projects=("文艺下乡", "全民阅读", "公益电影放映"),
            ),
        )
        for number in range(1, len(self.people) + 1):
            self.script.add(
                f"bureau/certificate/{number}",
                IssueCertificate(
                    by=by,
                    at=at + timedelta(minutes=30, seconds=20 * number),
                    certificate_no=self._certificate(number),
                    member_id=member_id(number),
                ),
            )

    def _certificate(self, number: int) -> str:
        return certificate_number(self.data.area_code, 2026, number)

    def _register(self) -> None:
        by, at = officer(COMMUNITY), self.registered_at
        for number, person in enumerate(self.people, start=1):
            registration_id = ident("registration", "bureau", number)
            self.script.add(
                f"bureau/registration/{number}",
                RegisterMember(
                    by=by,
                    at=at + timedelta(minutes=number),
                    registration_id=registration_id,
                    member_id=member_id(number),
                    community_id=COMMUNITY,
                    certificate_no=self._certificate(number),
                    residence=f"{self.data.community_name}{number % 6 + 1}栋{number}室",
                    phone=person.phone,
                    specialities=("文艺",) if number % 3 else ("体育",),
                    service_intentions=("文体活动", "走访慰问"),
                ),
            )
            self.script.add(
                f"bureau/acceptance/{number}",
                AcceptRegistration(
                    by=by,
                    at=at + timedelta(minutes=90, seconds=20 * number),
                    registration_id=registration_id,
                    receipt_no=f"BH2026{number:04}",
                ),
            )

    def _claim(self) -> None:
        by, at = officer(COMMUNITY), self.registered_at + timedelta(hours=6)
        for number, post in enumerate(self.data.posts, start=1):
            post_id = ident("post", "bureau", number)
            self.script.add(
                f"bureau/post/{number}",
                OpenServicePost(
                    by=by,
                    at=at,
                    service_post_id=post_id,
                    community_id=COMMUNITY,
                    title=post.title,
                    category=post.category,
                    slots=len(post.claimed_by),
                ),
            )
            for claimant in post.claimed_by:
                claim_id = ident("claim", "bureau", number, claimant)
                self.script.add(
                    f"bureau/claim/{number}/{claimant}",
                    ClaimPost(
                        by=officer(BRANCH),
                        at=at + timedelta(days=3, seconds=20 * claimant),
                        claim_id=claim_id,
                        service_post_id=post_id,
                        member_id=member_id(claimant),
                    ),
                )
                self.script.add(
                    f"bureau/claim-confirmation/{number}/{claimant}",
                    ConfirmClaim(by=by, at=at + timedelta(days=4), claim_id=claim_id),
                )
