"""A roster as a file: .xlsx or .csv (UTF-8 or GB18030), read into rows or told what is wrong.

Faults name the row and column as the spreadsheet shows them, never what stands there.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from service.api.fields import Body, Number, ShortText
from service.api.problems import InvalidRequest
from service.api.validation import words
from service.api.writes import new_id
from service.domain.roster import Enrolment
from service.trust.keyring import KeyRing

MOST_ROWS = 5000
"""More in one file is more than one decision should hold."""
_UNPACKED = 64 * 1024 * 1024
"""Bytes an .xlsx may unpack to."""
_COLUMNS = {
    "member_no": ("党员编号", "编号"),
    "name": ("姓名",),
    "id_number": ("公民身份号码", "身份证号码", "身份证号"),
    "phone": ("联系电话", "手机号码", "手机", "电话"),
    "specialities": ("特长",),
}
_REQUIRED = ("member_no", "name", "id_number", "phone")
_EXACT = 10**15
"""Beyond this a spreadsheet's number has lost digits."""


class RowFault(BaseModel):
    """一处错误。"""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    row: int
    """行号，与表格软件所示一致；表头为第 1 行。"""
    column: str
    """列名。"""
    code: str
    detail: str


class RosterEntry(Body):
    """A member as a row says; whether the numbers are right is the domain's to say, row by row."""

    member_no: Number
    name: ShortText
    id_number: ShortText
    phone: ShortText
    specialities: Annotated[list[ShortText], Field(max_length=20)] = Field(default=[])

    def enrolment(self, keyring: KeyRing) -> Enrolment:
        """The entry with a new member id, and the person as a keyed hash."""
        return Enrolment(
            member_id=new_id(),
            member_no=self.member_no,
            person=keyring.person_hash(self.id_number),
            name=self.name,
            id_number=self.id_number,
            phone=self.phone,
            specialities=tuple(self.specialities),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be read."""

    number: int
    entry: RosterEntry


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file holds: the rows that can be read and the faults of the others."""

    headings: dict[str, str]
    """The file's own heading by field."""
    rows: list[Row]
    faults: list[RowFault]


def read(content: bytes) -> RosterFile:
    """Reads a file; InvalidRequest when it is no roster at all."""
    table = list(_table(content))
    if not table:
        raise InvalidRequest("文件是空的。")
    headings = _headings([str(cell).strip() for cell in table[0]])
    body = [(number, cells) for number, cells in enumerate(table[1:], start=2) if any(cells)]
    if len(body) > MOST_ROWS:
        raise InvalidRequest(f"一次至多导入 {MOST_ROWS} 行。")
    rows: list[Row] = []
    faults: list[RowFault] = []
    names = {name: heading for heading, (name, _) in headings.items()}
    places = list(headings.values())
    for number, cells in body:
        entry, found = _entry(number, cells, places, names)
        faults += found
        if entry is not None:
            rows.append(Row(number, entry))
    return RosterFile(names, rows, faults)


def _table(content: bytes) -> Iterator[Sequence[Any]]:
    if content.startswith(b"PK\x03\x04"):
        yield from _xlsx(content)
        return
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            yield from csv.reader(io.StringIO(text, newline=""), strict=True)
        except csv.Error:
            raise InvalidRequest("不是有效的 CSV 文件。") from None
        return
    raise InvalidRequest("须为 .xlsx 文件，或 UTF-8、GB18030 编码的 .csv 文件。")


def _xlsx(content: bytes) -> list[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _UNPACKED:
                raise InvalidRequest("文件解压后过大。")
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise InvalidRequest("不是有效的 .xlsx 文件。") from None


def _headings(cells: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Field and place by heading; InvalidRequest if a column is missing or there twice."""
    found: dict[str, tuple[str, int]] = {}
    seen: set[str] = set()
    for place, heading in enumerate(cells):
        for name, headings in _COLUMNS.items():
            if heading == name or heading in headings:
                if name in seen:
                    raise InvalidRequest(f"有两列都是{headings[0]}。")
                seen.add(name)
                found[heading] = (name, place)
    if missing := [_COLUMNS[name][0] for name in _REQUIRED if name not in seen]:
        raise InvalidRequest(f"缺少列：{'、'.join(missing)}。")
    return found


def _entry(
    number: int, cells: Sequence[Any], places: Sequence[tuple[str, int]], columns: dict[str, str]
) -> tuple[RosterEntry | None, list[RowFault]]:
    """The row's entry or its faults; ``columns`` has the file's heading of each field."""
    fields: dict[str, Any] = {}
    faults: list[RowFault] = []
    for name, place in places:
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, float) and abs(cell) >= _EXACT:
            detail = "以数字保存，末几位已丢失，请改为文本格式"
            faults.append(RowFault(row=number, column=columns[name], code="number", detail=detail))
        elif text := _text(cell):
            fields[name] = _listed(text) if name == "specialities" else text
    try:
        entry = RosterEntry.model_validate(fields)
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            name = str(each["loc"][0])
            # A cell whose number lost digits has been told of; that it is missing is our doing.
            if name in fields or columns[name] not in {fault.column for fault in faults}:
                kind = str(each["type"])
                faults.append(
                    RowFault(row=number, column=columns[name], code=kind, detail=words(kind, each))
                )
        return None, faults
    return (None, faults) if faults else (entry, [])


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _listed(text: str) -> list[str]:
    for separator in ",，;；/":
        text = text.replace(separator, "、")
    return [word.strip() for word in text.split("、") if word.strip()]
