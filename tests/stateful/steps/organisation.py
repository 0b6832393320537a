"""Steps about organisations: place, codes, pairings, deadlines and hours (R1, R8, R11, R20)."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.area_code_reassignment import ReassignAreaCode
from service.domain.organisation import (
    CreditCodeException,
    OrganisationKind,
    RegisterOrganisation,
)
from service.domain.pairing import PairUnit
from service.domain.registration_deadline import SetRegistrationDeadline
from service.domain.working_schedule import (
    AdoptTimetable,
    WorkingHours,
)
from tests.domain.town import AT, acting
from tests.stateful import draws
from tests.stateful.draws import DAYS, NTH, RARELY, pick
from tests.stateful.model.organisations import STANDS_UNDER, UNITS
from tests.stateful.papers import Hours
from tests.stateful.steps.step import Steps

EXCEPTIONS = st.sampled_from(
    [
        None,
        CreditCodeException(reason="老证未换", evidence="照片"),
        CreditCodeException(reason=" ", evidence="照片"),
        CreditCodeException(reason="老证未换", evidence=""),
    ]
)


class OrganisationSteps(Steps):
    """Organisations, pairings, deadlines, timetables."""

    @rule(
        kind=st.sampled_from(OrganisationKind),
        parent=st.none() | NTH,
        area_code=draws.AREA_CODE,
        credit_code=draws.CREDIT_CODE,
        exception=EXCEPTIONS,
        again=RARELY,
    )
    def register_organisation(
        self,
        *,
        kind: OrganisationKind,
        parent: int | None,
        area_code: str,
        credit_code: str | None,
        exception: CreditCodeException | None,
        again: bool,
    ) -> None:
        known, kinds = list(self.world.town.kinds), self.world.town.kinds
        fitting = [each for each in known if kinds[each] in STANDS_UNDER[kind]]
        self.decide(
            RegisterOrganisation(
                organisation_id=known[0] if again else self.world.new("organisation"),
                name="某组织",
                kind=kind,
                parent_id=None if parent is None else pick(known, parent, fitting),
                district="琼中",
                area_code=area_code,
                credit_code=credit_code,
                credit_code_exception=exception,
                by=acting("authority"),
                at=AT,
            )
        )

    @rule(nth=NTH, area_code=draws.AREA_CODE, valid_from=DAYS)
    def reassign_area_code(self, nth: int, area_code: str, valid_from: date) -> None:
        self.decide(
            ReassignAreaCode(
                organisation_id=pick(list(self.world.town.kinds), nth),
                area_code=area_code,
                district="琼中",
                valid_from=valid_from,
                reason="区划调整",
                by=acting("authority"),
                at=AT,
            )
        )

    @rule(unit=NTH, community=NTH)
    def pair_unit(self, unit: int, community: int) -> None:
        organisation_id = self.organisation(UNITS, unit)
        self.decide(
            PairUnit(
                organisation_id=organisation_id,
                community_id=self.organisation(["community"], community),
                by=acting(organisation_id),
                at=AT,
            )
        )

    @rule(unit=NTH, deadline=draws.DEADLINES)
    def set_registration_deadline(self, unit: int, deadline: draws.Moment) -> None:
        organisation_id = self.organisation(UNITS, unit)
        self.decide(
            SetRegistrationDeadline(
                organisation_id=organisation_id,
                campaign="2026",
                deadline=deadline,
                by=acting(organisation_id),
                at=AT,
            )
        )

    @rule(branch=NTH, hours=draws.HOURS_OF_WORK, valid_from=DAYS)
    def adopt_timetable(self, branch: int, hours: Hours, valid_from: date) -> None:
        branch_id = self.organisation(["branch"], branch)
        self.decide(
            AdoptTimetable(
                branch_id=branch_id,
                valid_from=valid_from,
                hours=tuple(WorkingHours(starts_at=a, ends_at=b) for a, b in hours),
                by=acting(branch_id),
                at=AT,
            )
        )
