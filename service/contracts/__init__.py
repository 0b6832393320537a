"""What other systems are built against, written down from the code into the folder contracts/.

The interface document, the problems and the glossary follow the code. What an event looks like in
the log is published once per version and frozen: contracts/published.json keeps the SHA-256 of
every schema and sample, so that a published version cannot change unnoticed.
"""

from service.contracts.folder import check, write
from service.contracts.unpublishable import Unpublishable

__all__ = ["Unpublishable", "check", "write"]
