"""The invented evidence as pictures, to look at: `python -m tests.printing.looking FOLDER`."""

import sys
from pathlib import Path

from service.printing.evidence import evidence_document
from service.printing.press import Press
from tests.printing.invented import FROZEN, PURPOSES, evidence


def main(folder: Path) -> None:
    """Writes one PNG for each page."""
    document = evidence_document(evidence(), FROZEN, PURPOSES)
    pages = Press()._compiled(document, {"format": "png", "ppi": 100})
    for number, page in enumerate(pages, 1):
        (folder / f"{number:02d}.png").write_bytes(page)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
