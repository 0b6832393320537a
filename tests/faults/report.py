"""The results as JSON and as a table in Markdown; what is done already when a run goes on."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.outcome import WITHIN, Outcome

RESULTS = Path(__file__).with_name("results")
_UNFINISHED = RESULTS / "unfinished.json"


def keep(done: dict[str, Outcome]) -> None:
    """Remembers the parts that are done, so that a run that was stopped can go on."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({name: asdict(outcome) for name, outcome in done.items()}, indent=2)
    _UNFINISHED.write_text(text + "\n", encoding="utf-8")


def kept() -> dict[str, Outcome]:
    """The parts that a stopped run had done."""
    if not _UNFINISHED.exists():
        return {}
    document = json.loads(_UNFINISHED.read_text("utf-8"))
    return {name: Outcome(**fields) for name, fields in document.items()}


def forget() -> None:
    """The next run begins anew."""
    _UNFINISHED.unlink(missing_ok=True)


def write(machine: str, outcomes: Iterable[Outcome]) -> None:
    """Both files."""
    RESULTS.mkdir(exist_ok=True)
    outcomes = list(outcomes)
    document: dict[str, Any] = {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine,
        "faults": [asdict(each) | {"held": each.held} for each in outcomes],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (RESULTS / "full.json").write_text(text, encoding="utf-8")
    (RESULTS / "full.md").write_text(
        f"{document['when']}: {machine}.\n\n{markdown(outcomes)}", encoding="utf-8"
    )


def markdown(outcomes: Iterable[Outcome]) -> str:
    """The table."""
    lines = [
        "| | times | acknowledged | asked again | views = rebuild | median / longest recovery | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    notes: list[str] = []
    for each in outcomes:
        cells = row(each)
        lines.append(f"| {' | '.join(cells)} |")
        notes += [f"{each.fault}: {note}." for note in (*each.notes, *each.wrong[:10])]
    explained = (
        "Recovery: from the moment the database accepts connections (or the fault is over) until"
        " /readyz says yes, every view follows and a new write is acknowledged; at most"
        f" {WITHIN:.0f} s."
    )
    return "\n".join([*lines, "", explained, *(f"\n{note}" for note in notes)]) + "\n"


def row(outcome: Outcome) -> tuple[str, ...]:
    """A line of the table."""
    if outcome.skipped:
        return (outcome.fault, "", "", "", "", "", f"not possible here: {outcome.skipped}")
    return (
        outcome.fault,
        f"{outcome.times:,}",
        f"{outcome.acknowledged:,}",
        f"{outcome.retried:,}",
        f"{outcome.views_compared:,}" if outcome.views_compared else "",
        outcome.recovery(),
        verdict(outcome),
    )


def verdict(outcome: Outcome) -> str:
    """What it comes to."""
    if outcome.fault.startswith("control"):
        found = "; ".join(outcome.wrong)
        return f"noticed: {found}" if outcome.wrong else "**nothing was lost: the run is void**"
    return "held" if outcome.held else "**did not hold**"
