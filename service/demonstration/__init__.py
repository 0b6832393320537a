"""The demonstration: a bureau of 19 members and a district of 1,300, with a year of activity.

Everything in it is decided by the same commands as real facts are; see `loading` for its clock.
"""

from service.demonstration.city import MEMBERS
from service.demonstration.credentials import write_credentials
from service.demonstration.loading import DemonstrationFault, begun, complete, load
from service.demonstration.showing import show

__all__ = [
    "MEMBERS",
    "DemonstrationFault",
    "begun",
    "complete",
    "load",
    "show",
    "write_credentials",
]
