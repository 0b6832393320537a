"""Steps about certificates and registrations: R5, R6, R8 to R10."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.certificate import (
    IssueCertificate,
    RenewCertificate,
    WithdrawalReason,
    WithdrawCertificate,
)
from service.domain.certificate_report import ReportCertificateFull, ReportCertificateLost
from service.domain.registration import Basis, DeclineReason, DeregistrationReason
from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import DeregisterMember, RequestTransfer
from tests.domain.town import AT
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.signing_keys import certificate_stated
from tests.stateful.steps.signing import SigningSteps, when
from tests.stateful.steps.step import Steps, given


class CertificateSteps(SigningSteps):
    """Certificates in the members' hands."""

    @rule(member=NTH, number=NTH, signed=draws.SIGNED, who=WHO)
    def issue_certificate(self, member: int, number: int, signed: str, who: Who) -> None:
        town = self.world.town
        without = [each for each in town.branches if each not in town.valid]
        member_id = pick(list(town.branches), member, without)
        certificate_no, by = self.number(number), who.acting(self.branch_of(member_id))
        at = when(signed)
        stated = certificate_stated(
            town,
            by,
            at,
            number=certificate_no,
            member=member_id,
            replaces=town.latest.get(member_id),
        )
        self.decide(
            IssueCertificate(
                certificate_no=certificate_no,
                member_id=member_id,
                own=self.own(signed, by, stated),
                by=by,
                at=at,
            )
        )

    @given("holders")
    @rule(nth=NTH, number=NTH, signed=draws.SIGNED, who=WHO)
    def renew_certificate(self, nth: int, number: int, signed: str, who: Who) -> None:
        holders = self.world.town.holders
        ended = [each for each, whose in holders.items() if whose not in self.world.town.valid]
        certificate_no = pick(list(holders), nth, ended)
        member_id, new_number = holders.get(certificate_no, ""), self.number(number)
        by, at = who.acting(self.branch_of(member_id)), when(signed)
        stated = certificate_stated(
            self.world.town, by, at, number=new_number, member=member_id, replaces=certificate_no
        )
        self.decide(
            RenewCertificate(
                certificate_no=certificate_no,
                new_certificate_no=new_number,
                own=self.own(signed, by, stated),
                by=by,
                at=at,
            )
        )

    @given("holders")
    @rule(
        nth=NTH,
        how=st.sampled_from([ReportCertificateLost, ReportCertificateFull, WithdrawCertificate]),
        who=WHO,
    )
    def end_certificate(self, nth: int, how: type, who: Who) -> None:
        certificate_no = pick(
            list(self.world.town.holders), nth, list(self.world.town.valid.values())
        )
        member_id = self.world.town.holders.get(certificate_no, "")
        branch_id = self.branch_of(member_id)
        if how is ReportCertificateLost:
            by = who.acting(branch_id)
            self.decide(ReportCertificateLost(certificate_no=certificate_no, by=by, at=AT))
        elif how is ReportCertificateFull:
            by = who.acting(branch_id, self.community_of(member_id))
            self.decide(ReportCertificateFull(certificate_no=certificate_no, by=by, at=AT))
        else:
            reason = WithdrawalReason.LEFT
            by = who.acting(branch_id)
            self.decide(
                WithdrawCertificate(certificate_no=certificate_no, reason_code=reason, by=by, at=AT)
            )


class RegistrationSteps(Steps):
    """Members and the communities where they live."""

    @rule(
        member=NTH,
        community=NTH,
        certificate=st.integers(0, 9),
        basis=st.sampled_from([Basis.RESIDENCE, Basis.RESIDENCE, Basis.PAIRED_UNIT]),
        phone=draws.PHONE,
        specialities=draws.SPECIALITIES,
        who=WHO,
    )
    def register_member(
        self,
        member: int,
        community: int,
        certificate: int,
        basis: Basis,
        phone: str,
        specialities: tuple[str, ...],
        who: Who,
    ) -> None:
        town = self.world.town
        free = [each for each in town.valid if self.community_of(each) is None]
        member_id = pick(list(town.branches), member, free)
        community_id = self.organisation(["community"], community)
        shown = town.valid.get(member_id, "none")
        if certificate > 7:
            shown = pick(list(town.holders), certificate)
        self.decide(
            RegisterMember(
                registration_id=self.world.new("registration"),
                member_id=member_id,
                community_id=community_id,
                certificate_no=shown,
                residence="幸福路1号",
                phone=phone,
                specialities=specialities,
                basis=basis,
                by=who.acting(self.branch_of(member_id), community_id),
                at=AT,
            )
        )

    def asked(self, nth: int) -> tuple[str, str | None]:
        """A registration and the community that was asked; first those that wait."""
        known = self.world.town.registrations
        waiting = [each for each in known if known[each].state == "waiting"]
        registration_id = pick(list(known), nth, waiting)
        registration = known.get(registration_id)
        return registration_id, registration.community if registration else None

    def active(self) -> list[str]:
        """The registrations that communities accepted and that are not over."""
        known = self.world.town.registrations
        return [each for each in known if known[each].state == "active"]

    @given("registrations")
    @rule(nth=NTH, who=WHO)
    def accept_registration(self, nth: int, who: Who) -> None:
        registration_id, community_id = self.asked(nth)
        self.decide(
            AcceptRegistration(
                registration_id=registration_id,
                receipt_no="回执1",
                by=who.acting(community_id),
                at=AT,
            )
        )

    @given("registrations")
    @rule(nth=NTH, who=WHO)
    def decline_registration(self, nth: int, who: Who) -> None:
        registration_id, community_id = self.asked(nth)
        self.decide(
            DeclineRegistration(
                registration_id=registration_id,
                reason_code=DeclineReason.NOT_RESIDENT,
                by=who.acting(community_id),
                at=AT,
            )
        )

    @given("registrations")
    @rule(nth=NTH, community=NTH, phone=draws.PHONE, who=WHO)
    def request_transfer(self, nth: int, community: int, phone: str, who: Who) -> None:
        known = self.world.town.registrations
        old_id = pick(list(known), nth, self.active())
        old = known.get(old_id)
        community_id = self.organisation(["community"], community)
        may = (self.branch_of(old.member), old.community, community_id) if old else (community_id,)
        self.decide(
            RequestTransfer(
                registration_id=self.world.new("registration"),
                transferred_from=old_id,
                community_id=community_id,
                residence="幸福路2号",
                phone=phone,
                by=who.acting(*may),
                at=AT,
            )
        )

    @given("registrations")
    @rule(nth=NTH, who=WHO)
    def deregister_member(self, nth: int, who: Who) -> None:
        known = self.world.town.registrations
        registration_id = pick(list(known), nth, self.active())
        registration = known.get(registration_id)
        may = (self.branch_of(registration.member), registration.community) if registration else ()
        self.decide(
            DeregisterMember(
                registration_id=registration_id,
                reason_code=DeregistrationReason.LEFT,
                by=who.acting(*may),
                at=AT,
            )
        )
