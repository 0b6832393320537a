"""Sets documents: one compiler, kept warm, in a thread of its own.

The same document gives the same bytes, in every process: no clock, no chance, no machine's name.
It is PDF/A-2u, the form for keeping: fonts inside, all text extractable, and a glyph that is
missing would be an error.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from typst import Compiler

from service.printing.document import Document
from service.printing.fonts import PrintFonts
from service.printing.manuscript import manuscript

_LAYOUT = Path(__file__).with_name("layout.typ").read_bytes()
_PDF: dict[str, Any] = {"format": "pdf", "pdf_standards": "a-2u", "pdf_tags": False}
# The compiler remembers what it worked out for so many documents, up to 90 MB for a large one. In
# the next, which is about somebody else, hardly anything of it is met again.
_REMEMBERED = 11
MOST_WAITING = 16
"""Documents that wait for the one that is being made; the next one is turned away."""


class PressBusy(RuntimeError):
    """正在印制的文件较多，请稍后重试"""


class Press:
    """Makes PDF files. One is enough for a process; it opens nothing before its first document."""

    def __init__(self, fonts: PrintFonts | None = None) -> None:
        self._fonts = fonts or PrintFonts()
        self._one_at_a_time = Lock()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")

    async def printed(self, document: Document) -> bytes:
        """The document as PDF, made off the event loop; PressBusy if too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise PressBusy
        self._waiting += 1
        try:
            running = asyncio.get_running_loop()
            return await running.run_in_executor(self._thread, self.pdf, document)
        finally:
            self._waiting -= 1

    def pdf(self, document: Document) -> bytes:
        """The document as PDF; for whoever is in a thread of their own already."""
        made: bytes = self._compiled(document, _PDF)
        return made

    def _compiled(self, document: Document, form: dict[str, Any]) -> Any:
        with self._one_at_a_time:
            compiler, fonts, shown = self._warm
            said = json.dumps(manuscript(document, shown), ensure_ascii=False)
            made = compiler.compile(_LAYOUT, sys_inputs={"document": said, "fonts": fonts}, **form)
            for _ in range(_REMEMBERED):
                compiler.compile(b"", sys_inputs=None, format="pdf")
        return made

    @cached_property
    def _warm(self) -> tuple[Compiler, str, frozenset[int]]:
        """The compiler, the families it sets in, and the characters these can show."""
        chosen = self._fonts.chosen()
        compiler = Compiler(_LAYOUT, font_paths=self._fonts.found, ignore_system_fonts=True)
        return compiler, json.dumps(chosen), self._fonts.shown(chosen["text"])
