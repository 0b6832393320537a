"""The folder contracts/ as a whole: written from the code, or compared with it."""

from collections.abc import Mapping
from pathlib import Path

from service.api import openapi
from service.api.app import create_app
from service.contracts import glossary, publication, rejections, words
from service.contracts.unpublishable import CodeTaken, WordMissing


def write(folder: Path) -> list[Path]:
    """Brings the folder up to date and returns the files that changed.

    Published samples are never written again. Raises `Unpublishable` and writes nothing when the
    code is not ready or a published event version would change. Not to be called from a running
    event loop: sealing the samples needs one of its own.
    """
    rejections.require_own_codes()
    if missing := words.missing():
        raise WordMissing("\n".join(missing))
    changed = publication.publish(folder)
    for name, text in _documents(publication.read(folder)).items():
        if publication.replace(folder / name, text.encode()):
            changed.append(folder / name)
    return changed


def check(folder: Path) -> list[str]:
    """Every difference between the folder and the code, as a sentence; none when it is current."""
    try:
        rejections.require_own_codes()
    except CodeTaken as clash:
        return [str(clash)]
    if missing := words.missing():
        return missing
    differences = publication.differences(folder)
    for name, text in _documents(publication.read(folder)).items():
        if publication.content(folder / name) != text.encode():
            differences.append(f"{folder / name} {publication.OUTDATED}")
    return differences


def _documents(published: Mapping[str, publication.Published]) -> dict[str, str]:
    app = create_app()
    return {
        "openapi.json": openapi.text(app),
        "rejections.json": rejections.text(),
        "glossary.md": glossary.text(published),
    }
