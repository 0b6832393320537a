"""One measurement in a process of its own, so that no contender inherits another's threads.

``python -m tests.benchmarks.child MODULE FUNCTION JSON`` calls the function with the arguments and
prints what it returns; `measured` is the parent's side of it.
"""

import cProfile
import importlib
import json
import os
import pstats
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from tests.benchmarks.measuring import Figures, running_profile

_MARK = "figures: "
_PATIENCE = 3600.0

_Function = tuple[str, int, str]
_Row = tuple[int, int, float, float, dict[_Function, tuple[int, int, float, float]]]


class MeasurementFailed(RuntimeError):
    """A contender could not be measured; the message ends with what it said."""


def measured(function: Callable[..., Figures], *, profiled: bool = False, **args: Any) -> Figures:
    """What the function returns in a fresh process; `profile` tells where the time went."""
    command = [sys.executable, "-m", "tests.benchmarks.child", function.__module__]
    command += [function.__name__, json.dumps(args)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        env={**os.environ, "EIGHTHOURS_PROFILE": "1" if profiled else ""},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not lines:
        raise MeasurementFailed(f"{function.__name__}: {(done.stderr or done.stdout)[-1500:]}")
    found: Figures = json.loads(lines[-1].removeprefix(_MARK))
    return found


def memory_megabytes(what: str = "VmRSS") -> float:
    """What this process holds (VmHWM: held at most); NaN where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = [line.split()[1] for line in lines if line.startswith(f"{what}:")]
    return int(found[0]) / 1024 if found else float("nan")


def hot_spots(profile: cProfile.Profile, number: int = 12) -> list[str]:
    """The shares of the packages in all time, then the functions with the most of their own.

    By the processor's clock: waiting is no work. What extension modules do that call themselves
    (uvloop, asyncpg) counts for the function below them.
    """
    stats: dict[_Function, _Row] = getattr(pstats.Stats(profile), "stats")  # noqa: B009
    total = sum(own for _, _, own, _, _ in stats.values()) or 1.0
    packages: dict[str, float] = defaultdict(float)
    for place, (_, _, own, _, callers) in stats.items():
        if place[0] == "~" and callers:
            # What is built in belongs to whoever calls it.
            for caller, (_, _, part, _) in callers.items():
                packages[_package(caller[0])] += part
        else:
            packages[_package(place[0])] += own
    largest = sorted(packages.items(), key=lambda item: -item[1])[:8]
    hottest = sorted(stats.items(), key=lambda item: -item[1][2])[:number]
    return [
        ", ".join(f"{name} {share / total:.0%}" for name, share in largest),
        *(
            f"{own / total:5.1%} {_short(*place)} ({calls:,} calls)"
            for place, (calls, _, own, _, _) in hottest
        ),
    ]


def _package(file: str) -> str:
    """The room of the service, or the package, that a file belongs to."""
    parts = file.split("/")
    for root in ("site-packages", "service"):
        if root in parts[:-1]:
            inside = parts[parts.index(root) + 1 :]
            name = inside[0].removesuffix(".py")
            return name if root == "site-packages" else f"service.{name}"
    return "benchmarks" if "benchmarks" in parts else "Python"


def _short(file: str, line: int, name: str) -> str:
    if file == "~":
        return name
    parts = file.split("/")
    return f"{'/'.join(parts[-2:])}:{line} {name}"


def _main() -> None:
    module, name, arguments = sys.argv[1:]
    function = getattr(importlib.import_module(module), name)
    profile = cProfile.Profile(thread_time) if os.environ.get("EIGHTHOURS_PROFILE") else None
    begun = perf_counter()
    if profile is not None:
        running_profile.append(profile)
        profile.enable()
    found: Figures = function(**json.loads(arguments))
    if profile is not None:
        profile.disable()
        found.setdefault("profile", hot_spots(profile))
    used = resource.getrusage(resource.RUSAGE_SELF)
    found.setdefault("cpu", (used.ru_utime + used.ru_stime) / (perf_counter() - begun))
    found.setdefault("memory_mb", memory_megabytes("VmHWM"))
    sys.stdout.write(f"\n{_MARK}{json.dumps(found)}\n")


if __name__ == "__main__":
    _main()
