"""The model: what domain.md says, in plain dictionaries and sets, one module per capability.

It knows the commands by what is asked in them and predicts by itself what they come to; it never
asks the domain. Where several rules are broken at once the order in which they are noticed is
nobody's business, so it names them all. That somebody may not even know of a thing comes first.
"""

from tests.stateful.model import (
    accounts,
    activities,
    attendance,
    certificates,
    consequences,
    consultations,
    decisions,
    endorsements,
    erasures,
    inspections,
    objections,
    officers,
    opinions,
    organisations,
    participations,
    posts,
    registrations,
    reports,
    reviews,
    role_models,
    roster,
    rule_packs,
    schedules,
    signing_keys,
    vettings,
)
from tests.stateful.model.prediction import Prediction, predict
from tests.stateful.model.town import Town

__all__ = ["RULES", "Prediction", "Town", "predict"]

RULES = (
    organisations,
    accounts,
    officers,
    signing_keys,
    roster,
    schedules,
    certificates,
    registrations,
    posts,
    activities,
    attendance,
    participations,
    endorsements,
    inspections,
    reports,
    rule_packs,
    consultations,
    opinions,
    decisions,
    vettings,
    objections,
    consequences,
    role_models,
    erasures,
    reviews,
)
