"""How the district's members come to their communities: rosters, certificates, registrations.

What becomes of a member is drawn once: at most one of the things that happen to few (moved, left,
declined at first, certificate lost, …), so that the members' stories do not get into each other's
way. Changes of registration and certificate happen on Wednesdays between 10:30 and 16:00, when no
community writes entries.
"""

from datetime import datetime, timedelta
from random import Random

from service.demonstration.city import City
from service.demonstration.moves import Moves
from service.demonstration.people import INTENTIONS, Hash, enrolment
from service.demonstration.residents import Resident, Stay
from service.demonstration.step import YEAR_END, Script, chance, ident, officer, on
from service.domain.certificate import IssueCertificate
from service.domain.exemption import EndExemption, ExemptionReason, ExemptMember
from service.domain.registration import Basis, DeclineReason
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.roster import PublishRoster

_EXEMPT = 100 / 1300
_NEVER = 0.022
_LATE = 0.035
_DECLINED_FIRST = 0.015
_WITHOUT_COMMUNITY = 0.03

# Days on which the branches go to register together, and those of the members who come late.
_DAYS = (
    (1, 13), (1, 15), (1, 20), (1, 22), (1, 27), (1, 29), (2, 3), (2, 5), (3, 10), (3, 12),
    (3, 17), (3, 24), (4, 14), (4, 21), (5, 12), (5, 19), (6, 9), (6, 16), (6, 23), (6, 30),
)  # fmt: skip
_LATE_DAYS = ((7, 7), (7, 14), (8, 11), (9, 8), (10, 13), (11, 17))


class Arrivals:
    """Tells how everybody arrives; fills in the members' stays."""

    def __init__(self, script: Script, city: City, people: list[Resident]) -> None:
        self.script = script
        self.city = city
        self.people = people
        self.moves = Moves(script, city)

    def tell(self, hashed: Hash) -> None:
        """Adds everything to the script."""
        self._enrol(hashed)
        for resident in self.people:
            luck = chance(self.city.seed, "fate", resident.number)
            self._issue(resident)
            fate = luck.random()
            if fate < _EXEMPT:
                self._exempt(resident, luck)
                if luck.random() < 0.25:
                    self._arrive(resident, luck)
            elif fate > _EXEMPT + _NEVER:
                registered = self._arrive(resident, luck)
                self.moves.tell(resident, luck, registered)

    def _enrol(self, hashed: Hash) -> None:
        for number, branch in enumerate(self.city.branches):
            listed = [each for each in self.people if each.branch is branch]
            self.script.add(
                f"roster/{branch.organisation_id}",
                PublishRoster(
                    by=officer(branch.organisation_id),
                    at=on(1, 7, 9, 0) + timedelta(minutes=2 * number),
                    branch_id=branch.organisation_id,
                    stated_head_count=len(listed) + (number % 16 == 15),
                    difference_explained="一名同志的组织关系正在转入。",
                    enrolments=tuple(
                        enrolment(each.person, each.member_id, each.member_no, hashed)
                        for each in listed
                    ),
                ),
            )

    def _issue(self, resident: Resident) -> None:
        self.script.add(
            f"certificate/{resident.number}",
            IssueCertificate(
                by=officer(resident.branch.organisation_id),
                at=on(1, 9, 9, 0) + timedelta(seconds=10 * resident.number),
                certificate_no=resident.certificate_no,
                member_id=resident.member_id,
            ),
        )

    def _exempt(self, resident: Resident, luck: Random) -> None:
        reason, days = self._exemption(resident, luck)
        starts = on(1, 12, 10, 0) + timedelta(days=7 * luck.randrange(12))
        exemption_id = ident("exemption", resident.number)
        by = officer(resident.branch.organisation_id)
        self.script.add(
            f"exemption/{resident.number}",
            ExemptMember(
                by=by,
                at=starts + timedelta(seconds=30 * (resident.number % 20)),
                exemption_id=exemption_id,
                member_id=resident.member_id,
                reason_code=reason,
                starts_on=starts.date(),
                ends_on=(starts + timedelta(days=days)).date(),
            ),
        )
        ended = on(9, 2, 15, 0)
        if luck.random() < 0.06 and ended < starts + timedelta(days=days):
            self.script.add(
                f"exemption-end/{resident.number}",
                EndExemption(
                    by=by,
                    at=ended,
                    exemption_id=exemption_id,
                    ended_on=ended.date() - timedelta(days=1),
                    reason="提前返岗，恢复参加社区活动。",
                ),
            )

    @staticmethod
    def _exemption(resident: Resident, luck: Random) -> tuple[ExemptionReason, int]:
        born = resident.person.born.year
        if resident.person.woman and born >= 1986 and luck.random() < 0.6:
            return ExemptionReason.PREGNANCY, 300
        if born <= 1970 and luck.random() < 0.7:
            return ExemptionReason.OLD_AGE, 700
        reasons = [
            ExemptionReason.ILLNESS,
            ExemptionReason.SECONDMENT,
            ExemptionReason.LONG_LEAVE,
            ExemptionReason.ABROAD,
            ExemptionReason.NO_COMMUNITY,
        ]
        return luck.choices(reasons, (4, 5, 1, 1, 2))[0], luck.choice((180, 365, 365, 700))

    def _arrive(self, resident: Resident, luck: Random) -> datetime:
        """The member registers and is accepted; returns when."""
        basis = Basis.RESIDENCE
        if luck.random() < _WITHOUT_COMMUNITY:
            basis, resident.community = Basis.PAIRED_UNIT, resident.branch.paired_with
        at = self._day(resident, luck) + timedelta(seconds=20 * (resident.number % 60))
        key = f"registration/{resident.number}"
        if luck.random() < _DECLINED_FIRST:
            elsewhere = (resident.community + 1) % len(self.city.communities)
            self._register(f"{key}/first", resident, elsewhere, at, Basis.RESIDENCE)
            self.script.add(
                f"{key}/declined",
                DeclineRegistration(
                    by=officer(self.city.communities[elsewhere].organisation_id),
                    at=at.replace(hour=16, minute=0),
                    registration_id=ident(f"{key}/first"),
                    reason_code=DeclineReason.NOT_RESIDENT,
                    note="经上门核实，住址属于相邻社区。",
                ),
            )
            at += timedelta(days=2)
        self._register(key, resident, resident.community, at, basis)
        accepted = at.replace(hour=16, minute=0) + timedelta(seconds=20 * (resident.number % 60))
        self.script.add(
            f"acceptance/{resident.number}",
            AcceptRegistration(
                by=officer(self.city.communities[resident.community].organisation_id),
                at=accepted,
                registration_id=ident(key),
                receipt_no=f"HZ2026{resident.number:05}",
            ),
        )
        resident.stays.append(Stay(resident.community, accepted + timedelta(hours=1), YEAR_END))
        return accepted

    def _day(self, resident: Resident, luck: Random) -> datetime:
        if luck.random() < _LATE:
            return on(*luck.choice(_LATE_DAYS), 9, 0)
        # Most of a branch come on its own first day, the others on any later one.
        first = chance(self.city.seed, "day", resident.branch.organisation_id).randrange(10)
        place = first if luck.random() < 0.7 else luck.randrange(first, len(_DAYS))
        return on(*_DAYS[place], 9, 0)

    def _register(
        self, key: str, resident: Resident, community: int, at: datetime, basis: Basis
    ) -> None:
        luck = chance(self.city.seed, "intentions", resident.number)
        place = self.city.communities[community]
        residence = place.place if basis is Basis.RESIDENCE else "单位宿舍"
        self.script.add(
            key,
            RegisterMember(
                by=officer(place.organisation_id),
                at=at,
                registration_id=ident(key),
                member_id=resident.member_id,
                community_id=place.organisation_id,
                certificate_no=resident.certificate_no,
                residence=residence + resident.residence,
                phone=resident.person.phone,
                specialities=resident.person.specialities,
                service_intentions=tuple(luck.sample(INTENTIONS, 2)),
                basis=basis,
            ),
        )
