"""Every view, as the runner and the command line know them."""

from service.projections import (
    audit_trail,
    membership,
    off_duty_record,
    organisation_statistics,
    review_list,
    service_posts,
)
from service.projections.view import View

VIEWS: tuple[View, ...] = (
    membership.VIEW,
    off_duty_record.VIEW,
    service_posts.VIEW,
    organisation_statistics.VIEW,
    audit_trail.VIEW,
    review_list.VIEW,
)


def view_named(name: str) -> View:
    """The view of that name; raises KeyError."""
    return {view.name: view for view in VIEWS}[name]
