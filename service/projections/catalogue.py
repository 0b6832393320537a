"""Every view, as the runner and the command line know them."""

from service.projections import (
    audit_trail,
    consequences,
    consultations,
    decisions,
    inspections,
    membership,
    notices,
    objections,
    off_duty_record,
    organisation_statistics,
    quarterly_feedback,
    reports,
    review_list,
    role_models,
    rule_packs,
    service_posts,
    supervision_board,
    vettings,
)
from service.projections.view import View

VIEWS: tuple[View, ...] = (
    membership.VIEW,
    off_duty_record.VIEW,
    service_posts.VIEW,
    organisation_statistics.VIEW,
    audit_trail.VIEW,
    review_list.VIEW,
    inspections.VIEW,
    quarterly_feedback.VIEW,
    rule_packs.VIEW,
    reports.VIEW,
    supervision_board.VIEW,
    notices.VIEW,
    consequences.VIEW,
    role_models.VIEW,
    objections.VIEW,
    consultations.VIEW,
    decisions.VIEW,
    vettings.VIEW,
)


def view_named(name: str) -> View:
    """The view of that name; raises KeyError."""
    return {view.name: view for view in VIEWS}[name]
