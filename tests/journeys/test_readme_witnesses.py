"""The README's walk with three witnesses and an altered row is run as it stands there."""

import asyncio
import os
import random
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.service import running

ROOT = Path(__file__).parents[2]
SMALL = ("--demo", "--demo-members", "60")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
async def test_the_altered_row_in_the_readme(
    readme: str, tmp_path: Path, unused_tcp_port: int
) -> None:
    text = (ROOT / readme).read_text("utf-8")
    [witnesses] = re.findall(r"<!-- witnesses -->\n```bash\n(.*?)```", text, re.DOTALL)
    pattern = r"<!-- audit -->\n```bash\n(.*?)```\n\n```\n(.*?)```"
    [(audit, printed)] = re.findall(pattern, text, re.DOTALL)
    data = tmp_path / "data"
    # Three neighbouring ports that are rarely taken, as the walk has them.
    environment = {"DATA_DIR": str(data), "PORTS": str(random.randint(2000, 3200))}

    async def bash(commands: str) -> str:
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", commands),
            env={"PATH": "/usr/bin:/bin:/usr/local/bin"} | environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await shell.communicate()
        assert shell.returncode == 0, (output.decode(), errors.decode())
        return output.decode()

    try:
        async with running(data, unused_tcp_port, *SMALL) as service:
            environment["API"] = service.place
            await bash(f"({witnesses}) 2> /dev/null")
        async with running(data, unused_tcp_port, LOG_POLICY=str(data / "policy")):
            said = await bash(audit)
    finally:
        with suppress(FileNotFoundError):
            for pid in (data / "witnesses.pid").read_text("utf-8").split():
                os.kill(int(pid), signal.SIGTERM)
    assert plain(said) == plain(printed)


def plain(output: str) -> list[str]:
    """Without what depends on how many people the demo has, and on the machine.

    The service may have reminded of overdue work after the checkpoint was kept; verify says so.
    """
    lines = re.sub(r"\d+:\d\d:\d\d|\d+", "N", output).splitlines()
    return [re.sub(r"[━─ ]+", " ", line) for line in lines if not line.startswith("检查点之后另有")]
