"""What happens to a few members after they registered: they move, leave, lose the certificate."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from service.demonstration.city import City
from service.demonstration.residents import Resident, Stay
from service.demonstration.step import YEAR_END, Script, ident, officer, on, worked
from service.domain.branch_transfer import (
    AcceptBranchTransfer,
    BranchTransferRefusal,
    RefuseBranchTransfer,
    RequestBranchTransfer,
)
from service.domain.certificate import RenewCertificate, WithdrawalReason, WithdrawCertificate
from service.domain.certificate_report import ReportCertificateFull, ReportCertificateLost
from service.domain.registration import DeclineReason, DeregistrationReason
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import DeregisterMember, RequestTransfer

_SETTLED = timedelta(days=21)
"""How long before they go a member takes on nothing new: what is open is written down in time."""
_WEDNESDAYS = tuple(
    day for week in range(31) if worked((day := on(4, 8, 10, 30) + timedelta(weeks=week)).date())
)


class Moves:
    """Draws and tells what happens to a registered member."""

    def __init__(self, script: Script, city: City) -> None:
        self.script = script
        self.city = city

    def tell(self, resident: Resident, luck: Random, registered: datetime) -> None:
        """Adds to the script what happens to the member, which for most is nothing."""
        days = [day for day in _WEDNESDAYS if day > registered + timedelta(days=30)]
        draw = luck.random()
        if not days:
            return
        at = luck.choice(days)
        if draw < 0.025:
            self._move(resident, luck, at)
        elif draw < 0.033:
            self._leave(resident, luck, at)
        elif draw < 0.043:
            self._replace_certificate(resident, luck, at)
        elif draw < 0.05:
            self._change_branch(resident, luck, at)

    def _move(self, resident: Resident, luck: Random, at: datetime) -> None:
        target = (resident.community + luck.randrange(1, 7)) % len(self.city.communities)
        if target == resident.community:
            return
        new, key = self.city.communities[target], f"transfer/{resident.number}"
        self._settle(resident, at)
        self.script.add(
            key,
            RequestTransfer(
                by=officer(resident.branch.organisation_id),
                at=at,
                registration_id=ident(key),
                transferred_from=ident(f"registration/{resident.number}"),
                community_id=new.organisation_id,
                residence=new.place + resident.residence,
                phone=resident.person.phone,
            ),
        )
        answered, draw = at + timedelta(days=2), luck.random()
        if draw < 0.8:
            self.script.add(
                f"{key}/accepted",
                AcceptRegistration(
                    by=officer(new.organisation_id),
                    at=answered,
                    registration_id=ident(key),
                    receipt_no=f"HZ2026{resident.number:05}Z",
                ),
            )
            since = answered + timedelta(hours=1)
            resident.stays.append(Stay(target, since, YEAR_END))
        elif draw < 0.9:
            self.script.add(
                f"{key}/declined",
                DeclineRegistration(
                    by=officer(new.organisation_id),
                    at=answered,
                    registration_id=ident(key),
                    reason_code=DeclineReason.DETAILS_WRONG,
                    note="门牌号码与登记不符，请核对后重新申请。",
                ),
            )
            since = answered + timedelta(hours=1)
            resident.stays.append(Stay(resident.community, since, YEAR_END))
        # Else nobody has answered yet, and the old community stays responsible.

    def _leave(self, resident: Resident, luck: Random, at: datetime) -> None:
        self._settle(resident, at)
        retired = luck.random() < 0.5
        branch = officer(resident.branch.organisation_id)
        self.script.add(
            f"deregistration/{resident.number}",
            DeregisterMember(
                by=branch,
                at=at,
                registration_id=ident(f"registration/{resident.number}"),
                reason_code=DeregistrationReason.RETIRED if retired else DeregistrationReason.LEFT,
            ),
        )
        if luck.random() < 0.7:
            self.script.add(
                f"withdrawal/{resident.number}",
                WithdrawCertificate(
                    by=branch,
                    at=at + timedelta(minutes=10),
                    certificate_no=resident.certificate_no,
                    reason_code=WithdrawalReason.RETIRED if retired else WithdrawalReason.LEFT,
                ),
            )
            return
        # Those who keep the certificate come back after a while.
        back, key = at + timedelta(days=42), f"return/{resident.number}"
        home = self.city.communities[resident.community]
        self.script.add(
            key,
            RegisterMember(
                by=officer(home.organisation_id),
                at=back,
                registration_id=ident(key),
                member_id=resident.member_id,
                community_id=home.organisation_id,
                certificate_no=resident.certificate_no,
                residence=home.place + resident.residence,
                phone=resident.person.phone,
            ),
        )
        self.script.add(
            f"{key}/accepted",
            AcceptRegistration(
                by=officer(home.organisation_id),
                at=back + timedelta(hours=5),
                registration_id=ident(key),
                receipt_no=f"HZ2026{resident.number:05}F",
            ),
        )
        resident.stays.append(Stay(resident.community, back + timedelta(hours=6), YEAR_END))

    def _replace_certificate(self, resident: Resident, luck: Random, at: datetime) -> None:
        by = officer(resident.branch.organisation_id)
        report = ReportCertificateLost if luck.random() < 0.6 else ReportCertificateFull
        self.script.add(
            f"certificate-report/{resident.number}",
            report(by=by, at=at, certificate_no=resident.certificate_no),
        )
        self.script.add(
            f"certificate-renewal/{resident.number}",
            RenewCertificate(
                by=by,
                at=at + timedelta(hours=4),
                certificate_no=resident.certificate_no,
                new_certificate_no=resident.second_certificate_no,
            ),
        )

    def _change_branch(self, resident: Resident, luck: Random, at: datetime) -> None:
        others = [each for each in self.city.branches if each is not resident.branch]
        target, key = luck.choice(others), f"branch-transfer/{resident.number}"
        resident.changes_branch = True
        self.script.add(
            key,
            RequestBranchTransfer(
                by=officer(resident.branch.organisation_id),
                at=at + timedelta(hours=4),
                transfer_id=ident(key),
                member_id=resident.member_id,
                to_branch_id=target.organisation_id,
            ),
        )
        by, answered, draw = officer(target.organisation_id), at + timedelta(days=1), luck.random()
        if draw < 0.7:
            self.script.add(
                f"{key}/accepted", AcceptBranchTransfer(by=by, at=answered, transfer_id=ident(key))
            )
        elif draw < 0.9:
            self.script.add(
                f"{key}/refused",
                RefuseBranchTransfer(
                    by=by,
                    at=answered,
                    transfer_id=ident(key),
                    reason_code=BranchTransferRefusal.INCOMPLETE_PAPERS,
                ),
            )

    @staticmethod
    def _settle(resident: Resident, at: datetime) -> None:
        resident.stays[0] = replace(resident.stays[0], until=at - _SETTLED)
