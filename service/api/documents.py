"""Reports, consolidations, symposiums and summaries as they are read: one, or a list of them."""

from collections.abc import Iterable
from typing import Any, TypeVar

from starlette.responses import Response

from service.api.pages import Paging
from service.api.problems import ResourceNotFound
from service.api.reads import Read
from service.domain.report_figures import Difference, ReportFigures
from service.projections import reports_answer
from service.projections.model import Answer
from service.projections.reports import VIEW
from service.projections.reports_answer import DocumentPage, Kind
from service.projections.reports_model import DifferenceShown, FiguresShown

Document = TypeVar("Document", bound=Answer)


class Recomputation(Answer):
    """按冻结时的日志位置重新计算的结果。"""

    as_of_position: int
    """数字截至的日志位置。"""
    equal: bool
    """重新计算的数字与所报的是否完全一致。"""
    differences: list[DifferenceShown]
    """不一致的数字：before 为所报，after 为重新计算。"""
    figures: FiguresShown
    """重新计算的数字。"""


def recomputation(
    position: int, figures: ReportFigures, found: Iterable[Difference]
) -> dict[str, Any]:
    """The fields of a `Recomputation`."""
    differing = [each.model_dump(mode="json") for each in found]
    return {
        "as_of_position": position,
        "equal": not differing,
        "differences": differing,
        "figures": figures.model_dump(mode="json"),
    }


async def listed(
    read: Read,
    paging: Paging,
    kind: Kind[Document],
    organisation_id: str,
    period: str | None,
) -> Response:
    """The documents of an organisation, the caller's own or below it, and of all under it."""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW)

    async def fetch(after: int, limit: int) -> DocumentPage[Document]:
        return await reports_answer.under(
            read.sight, kind, organisation_id, period, after=after, limit=limit
        )

    async def present(page: DocumentPage[Document]) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in page.items]

    return await paging.answer(fetch, present, kind.shown)


async def shown(read: Read, kind: Kind[Document], document_id: str) -> tuple[Document, int]:
    """One document of the caller's own or of an organisation below; ResourceNotFound."""
    await read.fresh(VIEW)
    found = await reports_answer.find(read.sight, kind, document_id)
    if found is None:
        await read.certain(VIEW)
        found = await reports_answer.find(read.sight, kind, document_id)
    if found is None:
        raise ResourceNotFound
    await read.serving.places.sees_any(read.caller, getattr(found[0], kind.owner))
    return found
