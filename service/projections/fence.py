"""The second fence around what is said about members: row-level security of the views.

Who may read what is decided in `service/api/places.py`. Should a query forget to ask, the database
shows it no row: questions are asked as a role of its own, `READER`, which sees of each table what
its policy lets through. A policy compares the organisations a row belongs to with those whose sight
the transaction has (`SEEING`: ids with commas between), and with what stands below these in the
tree (`log.lines`). A transaction that names none sees nothing.

The application's own role owns the tables and passes the fence: it builds, rebuilds and compares
them. A policy is made with its table, so a table that is built anew and swapped in has it as well.
"""

from service.eventstore.connection import READER

__all__ = ["READER", "SEEING", "SUFFIX", "anybody", "belonging", "of_member", "of_oneself"]

SEEING = "eighthours.organisations"
"""The setting that says whose sight a transaction has."""

SUFFIX = "{suffix}"
"""Stands in a policy for what the names of its build's tables end with."""


def belonging(*organisations: str) -> str:
    """The policy of a table by the organisations of its row, each an SQL expression for an id."""
    return " OR ".join(
        # One lookup for a few rows, one pass over what stands below for many: PostgreSQL chooses.
        "EXISTS (SELECT FROM log.lines l"
        f" WHERE l.organisation_id = {each} AND l.above = ANY (log.seeing()))"
        for each in organisations
    )


def of_member(table: str, own: str) -> str:
    """The policy of a table whose rows are seen by whoever sees their member's row in another."""
    return (
        f"EXISTS (SELECT FROM views.{table}{SUFFIX} m WHERE m.member_id = {own}{SUFFIX}.member_id)"
    )


def of_oneself(table: str) -> str:
    """The policy that lets a member see their own rows, who then is whose sight one has.

    It is narrower than `of_member`: whoever the member comes in for does not see them.
    """
    return f"{table}{SUFFIX}.member_id = ANY (log.seeing())"


def anybody() -> str:
    """The policy of a table whose rows concern many: a transaction must say whose sight it has."""
    return "log.seeing() <> '{}'"
