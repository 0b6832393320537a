"""A document as data for the layout: what cannot be shown is named, what is too long is cut."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from unicodedata import category, east_asian_width

import segno

from service.printing.document import (
    LONGEST_TEXT,
    MOST_ROWS,
    Block,
    Cell,
    Code,
    Document,
    Facts,
    Section,
    Table,
    Text,
)

# They choose a form of the character before them, as in some names, and need no glyph themselves.
_SELECTORS = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
_NARROW = 14
"""As many full-width characters fit beside a second pair of facts."""


_WHOLE = 400
"""A row in which no text is longer stays on one page; more might not fit on one."""


def manuscript(document: Document, shown: frozenset[int]) -> dict[str, Any]:
    """The document in JSON's terms; ``shown`` are the code points there are glyphs for."""
    return _Writing(shown).document(document)


class _Writing:
    def __init__(self, shown: frozenset[int]) -> None:
        self._plain = (shown | _SELECTORS | {ord("\n")}) - _unseen(shown)

    def document(self, document: Document) -> dict[str, Any]:
        return {
            "title": self.text(document.title),
            "made_on": document.made_on.isoformat(),
            "running": [self.text(each) for each in document.running],
            "note": self.text(document.note),
            "facts": self.block(document.facts),
            "sections": [self.section(each) for each in document.sections],
            "code": document.code and self.code(document.code),
        }

    def section(self, section: Section) -> dict[str, Any]:
        return {
            "heading": self.text(section.heading),
            "blocks": [self.block(each) for each in section.blocks],
            "sections": [self.section(each) for each in section.sections],
        }

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, Facts):
            return {"kind": "facts", "pairs": self.pairs(block.pairs)}
        if isinstance(block, Table):
            columns = [
                {"heading": self.text(each.heading), "share": each.share, "figures": each.figures}
                for each in block.columns
            ]
            rows = [[self.cell(each) for each in row] for row in block.rows[:MOST_ROWS]]
            left = max(0, len(block.rows) - MOST_ROWS)
            return {"kind": "table", "columns": columns, "rows": rows, "left": left}
        return {"kind": "paragraph", "text": self.cell(block.text)}

    def code(self, code: Code) -> dict[str, Any]:
        return {"picture": _picture(code.content), "beside": self.pairs(code.beside)}

    def pairs(self, pairs: Sequence[tuple[str, Text]]) -> list[tuple[str, dict[str, Any]]]:
        return [(self.text(name), self.cell(value)) for name, value in pairs]

    def cell(self, given: Text) -> dict[str, Any]:
        cell = Cell(given) if isinstance(given, str) else given
        text = self.text(cell.text)
        long = "\n" in text or _width(text) + 4 * len(cell.marks) > _NARROW
        return {
            "text": text,
            "marks": [each.value for each in cell.marks],
            "long": long,
            "breakable": len(text) > _WHOLE,
        }

    def text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            text = f"{text[:LONGEST_TEXT]}……（共 {len(text)} 字，其余见电子材料）"
        text = text.replace("\r\n", "\n").replace("\t", " ")
        strange = set(map(ord, text)) - self._plain
        return text.translate({each: f"〔U+{each:04X}〕" for each in strange}) if strange else text


def _unseen(shown: frozenset[int]) -> set[int]:
    """What shows nothing and yet changes how what stands around it is read or told apart."""
    return {each for each in shown if category(chr(each)) in {"Cc", "Cf", "Zl", "Zp"}} - {0x0A}


def _width(text: str) -> float:
    return sum(1 if east_asian_width(each) in "WFA" else 0.55 for each in text)


def _picture(content: str) -> str:
    """The QR code as SVG: the same for the same content."""
    drawn = BytesIO()
    code = segno.make(content, error="m", micro=False)
    code.save(drawn, kind="svg", border=2, xmldecl=False, nl=False)
    return drawn.getvalue().decode("ascii")
