"""What the views hold about one member, and would lose with them (R40)."""

from service.projections.catalogue import VIEWS
from service.projections.view import Pool


async def rows_about(pool: Pool, member_id: str) -> list[tuple[str, str, int]]:
    """View, table and number of rows, of each table that is purged when a member is erased."""
    found = []
    for view in VIEWS:
        for table in view.about_members:
            rows = await pool.fetchval(
                f"SELECT count(*) FROM views.{table.name} WHERE member_id = $1",  # noqa: S608 - names of our own tables
                member_id,
            )
            found.append((view.name, table.name, int(rows or 0)))
    return found
