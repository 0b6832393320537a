"""The fonts documents are set in: those the service is told of, and one that comes with it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from typst import Fonts

from service.printing.coverage import covered

BUNDLED = "Noto Sans CJK SC"
"""Its design is that of 黑体, and it comes in every weight."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class PrintFonts:
    """Names of fonts, in the order of preference: the first that there is, is taken.

    For running text 仿宋, for titles 小标宋 is customary; neither may be given away with a program.
    They are looked for in ``folder`` and among the fonts of the machine.
    """

    text: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    folder: Path | None = None

    @cached_property
    def found(self) -> Fonts:
        """The fonts there are; the machine's only if some are named."""
        folders: list[Path] = [Path(str(files("manimgx_fonts_cjk")))]
        if self.folder is not None:
            folders.append(self.folder)
        named = bool(self.text or self.title)
        return Fonts(include_system_fonts=named, include_embedded_fonts=False, font_paths=folders)

    def chosen(self) -> dict[str, list[str]]:
        """The families of running text and of titles; what one lacks the next stands in for."""
        families = set(self.found.families())
        text = [*_first(self.text, families), BUNDLED]
        return {"text": text, "title": [*_first(self.title, families), *text]}

    def shown(self, families: Sequence[str]) -> frozenset[int]:
        """The code points that one of these families has a glyph for."""
        files = {
            (each.path, each.index)
            for each in self.found.fonts()
            if each.family in families and each.path is not None
        }
        return frozenset[int]().union(*(covered(Path(path), index) for path, index in files))


def _first(names: Sequence[str], families: set[str]) -> list[str]:
    for name in names:
        if name in families:
            return [name]
    if names:
        _LOGGER.warning("未找到字体 %s，改用 %s。", "、".join(names), BUNDLED)
    return []
