"""What a person concluded on an item of the watch list."""

from service.domain.review import ConcludeReview
from tests.stateful.model.prediction import Prediction, broken, happens, predicts
from tests.stateful.model.town import Town


@predicts(ConcludeReview)
def conclude_review(town: Town, command: ConcludeReview) -> Prediction:
    """Once, by a responsible person."""
    officer = town.officers.get((command.by.organisation_id, command.by.person))
    if wrong := broken(
        OfficerNotAppointed=officer is None,
        OnlyResponsiblePerson=officer is not None
        and "responsible" not in {officer.role} & {command.by.role},
        ReviewAlreadyConcluded=command.review_id in town.concluded,
    ):
        return wrong
    town.concluded.add(command.review_id)
    return happens("ReviewConcluded", concluded_by=command.by.person)
