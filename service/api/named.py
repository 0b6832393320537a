"""What is said about members, under their number and name, opened and written down as read."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.api.reads import Read
from service.projections import membership
from service.projections.view import Seen
from service.trust.keyring import LawfulReading

_NOBODY: Mapping[str, str | None] = {"member_no": None, "name": None}
"""Stands for a member whom the reader does not see."""


class Named(BaseModel):
    """党员的编号和姓名。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    member_no: str | None
    """党员编号。"""
    name: str | None
    """姓名。"""


async def opened(
    read: Read,
    items: Sequence[BaseModel],
    as_of_position: int,
    *,
    names: "Seen | None" = None,
    lawful: LawfulReading | None = None,
) -> list[dict[str, Any]]:
    """Items about members with their texts opened; one reading for each member they are about.

    ``names`` is as whom the members' numbers and names are looked up and put beside the items;
    None where the reader is told no names.
    """
    shown = [item.model_dump(mode="json") for item in items]
    about: dict[str, list[dict[str, Any]]] = {}
    for item in shown:
        about.setdefault(item["member_id"], []).append(item)
    if names is not None:
        known = await membership.members_named(names, about.keys())
        for item in shown:
            item.update(known.get(item["member_id"], _NOBODY))
    opening = [(member_id, {"items": theirs}) for member_id, theirs in about.items()]
    await read.serving.opener.members(read.occasion(as_of_position, lawful), opening)
    return shown
