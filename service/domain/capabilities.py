"""Every capability module, imported so that all its events are known by their type."""

from service.domain import (
    activity,
    attendance,
    certificate,
    endorsement,
    organisation,
    participation,
    registration,
    roster,
    service_post,
)

CAPABILITIES = (
    organisation,
    roster,
    certificate,
    registration,
    service_post,
    activity,
    attendance,
    participation,
    endorsement,
)
