"""What a printed document consists of: a title, facts, numbered sections, tables, a code to scan.

All of it is plain text. It reaches the layout as data and is never part of its source, so that
nothing that somebody wrote can act as markup; marks are drawn by the layout and stand apart from
the text, so that nobody can write one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LONGEST_TEXT = 4_000
"""Characters of one text that are printed; it says where the rest is."""
MOST_ROWS = 2_000
"""Rows of one table that are printed; the same."""


class Mark(StrEnum):
    """What is drawn before an entry that is not simply as it stands there."""

    DISPUTED = "有异议"
    OVERRIDDEN = "特批"
    VOIDED = "已作废"
    WITHDRAWN = "已撤回"


def marks(**borne: bool) -> tuple[Mark, ...]:
    """Those of the marks, named in lower case, that an entry bears."""
    return tuple(mark for mark in Mark if borne.get(mark.name.lower()))


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with marks before it."""

    text: str
    marks: tuple[Mark, ...] = ()


Text = str | Cell


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of one's own, or somebody's."""

    text: Text


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are, two pairs a line; a long one has a line of its own."""

    pairs: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width as a share of the line, and whether it holds figures."""

    heading: str
    share: int
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings that are repeated on each page."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Text]]


Block = Paragraph | Facts | Table


@dataclass(frozen=True, slots=True)
class Section:
    """一、 with its blocks, and （一） inside it."""

    heading: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that holds ``content``, with lines of text beside it."""

    content: str
    beside: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a whole; ``made_on`` stands in the file, nothing else tells when it was made.

    ``running`` stands at the left and the right above every page.
    """

    title: str
    made_on: date
    running: tuple[str, str]
    facts: Facts
    sections: tuple[Section, ...]
    note: str = ""
    """What stands under the title, small."""
    code: Code | None = None
