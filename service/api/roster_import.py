"""名册导入: a whole roster from a file; what is bad is listed by row and column."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Json
from starlette.responses import JSONResponse, Response

from service.api.access import acting_for
from service.api.fields import ActingOfficer, Id, WholeNumber, YesOrNo
from service.api.history import learn
from service.api.problems import Refusal
from service.api.roster_file import RosterFile, Row, RowFault, read
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Recorded, Write, writes
from service.domain.event import Command, Event, Rejection, Selector
from service.domain.membership import MemberEnrolled
from service.domain.roster import PublishRoster, RosterRowsRefused

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["名册"])


class RosterRowsBad(Refusal):
    """名册文件中有不能导入的行，全部未导入。"""

    status = 422


class RosterFileRefused(Rejection):
    """名册文件不能导入。"""

    status = 422


class RefuseRoster(Command):
    """Decides nothing but that nothing happens, unless the request was decided before."""

    def consistency_boundary(self) -> list[Selector]:
        """It rests on no event."""
        return []

    def execute(self) -> None:
        """Refused."""
        raise RosterFileRefused


class RosterReport(BaseModel):
    """试导入的结果：没有导入任何一行。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rows: int
    """文件中的行数，不含表头和空行。"""
    good_rows: int
    """可以导入的行数。"""
    faults: list[RowFault]
    """逐行逐列列出的错误。"""


class RosterImported(Recorded):
    """名册已导入并公布。"""

    member_ids: list[str]
    """新入册的党员，依行的次序。"""


@router.post(
    "/branches/{branch_id}/roster-imports",
    status_code=201,
    response_model=RosterImported,
    responses={200: {"model": RosterReport, "description": "试导入的结果"}},
    summary="名册导入",
)
async def import_roster(  # noqa: PLR0913 - the parts of one form
    branch_id: Id,
    write: Annotated[Write, writes(Scope.ROSTER_WRITE)],
    file: Annotated[UploadFile, File(description=".xlsx，或 UTF-8、GB18030 编码的 .csv")],
    *,
    dry_run: Annotated[YesOrNo, Query(description="只检查，列出全部错误，不导入。")] = False,
    accept_good_rows: Annotated[
        YesOrNo, Query(description="有错误的行不导入，其余的导入。")
    ] = False,
    stated_head_count: Annotated[WholeNumber | None, Form(description="填报的党员总数。")] = None,
    difference_explained: Annotated[
        str | None, Form(max_length=2000, description="人数不一致的原因。")
    ] = None,
    acting_officer: Annotated[
        Json[ActingOfficer | None] | None, Form(description="办理人，JSON 对象。")
    ] = None,
) -> Response:
    """列：党员编号、姓名、公民身份号码、联系电话、特长（以顿号分隔，可无）。

    有一行不能导入的，全部不导入，除非指明导入其余的行。
    """
    acting_for(write.caller, branch_id)
    # Unpacking and parsing would hold up everybody else's requests.
    table = await asyncio.to_thread(read, await file.read())
    at = write.serving.clock()
    by = write.by_officer(acting_officer)
    log = write.serving.log
    enrolments = {row.number: row.entry.enrolment(log.keyring) for row in table.rows}

    def publishing(rows: Sequence[Row]) -> PublishRoster:
        return PublishRoster(
            by=by,
            at=at,
            branch_id=branch_id,
            stated_head_count=len(rows) if stated_head_count is None else stated_head_count,
            # A file without a total is one part of a roster; the list as it then stands counts.
            difference_explained=difference_explained
            or ("分批导入，未填报总数" if stated_head_count is None else None),
            enrolments=tuple(enrolments[row.number] for row in rows),
        )

    rejections: Sequence[Rejection]
    if dry_run or table.faults:
        rejections = (await learn(log, publishing(table.rows))).faults()
    else:
        try:
            # Nearly always every row is good; looking first would be half the work of deciding.
            return await write.decide(publishing(table.rows), _answer)
        except RosterRowsRefused as refused:
            rejections = refused.faults
    faults = [*table.faults, *_row_faults(rejections, table)]
    bad = {fault.row for fault in faults}
    good = [row for row in table.rows if row.number not in bad]
    if dry_run:
        report = RosterReport(
            rows=len(good) + len(bad),
            good_rows=len(good),
            faults=sorted(faults, key=lambda fault: fault.row),
        )
        return JSONResponse(report.model_dump())
    if faults and not (accept_good_rows and good):
        try:
            # The first answer, where this is a repetition: by now its rows are all there.
            return await write.decide(RefuseRoster(by=by, at=at), _answer)
        except RosterFileRefused:
            raise RosterRowsBad(
                f"共 {len(bad)} 行有误，全部未导入。",
                faults=[fault.model_dump() for fault in faults],
            ) from None
    return await write.decide(publishing(good), _answer)


def _answer(events: Sequence[Event]) -> dict[str, Any]:
    return {"member_ids": [e.member_id for e in events if isinstance(e, MemberEnrolled)]}


def _row_faults(rejections: Sequence[Rejection], table: RosterFile) -> list[RowFault]:
    """The domain's faults, whose pointers count enrolments, by the file's rows and columns."""
    found = []
    for rejection in rejections:
        _, _, place, name = rejection.pointer.split("/")
        found.append(
            RowFault(
                row=table.rows[int(place)].number,
                column=table.headings.get(name, name),
                code=rejection.code(),
                detail=rejection.detail,
            )
        )
    return found
