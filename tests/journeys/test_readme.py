"""The README's walk is run as it stands there, against the real service."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.journeys.service import running

ROOT = Path(__file__).parents[2]
SMALL = ("--demo", "--demo-members", "60")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
async def test_the_walk_in_the_readme(readme: str, tmp_path: Path, unused_tcp_port: int) -> None:
    text = (ROOT / readme).read_text("utf-8")
    walks = re.findall(r"<!-- walk -->\n```bash\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    [(commands, printed)] = walks
    async with running(tmp_path / "data", unused_tcp_port, *SMALL) as service:
        shell = await asyncio.create_subprocess_exec(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            commands,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "API": service.place}
            | {"DATA_DIR": str(service.data)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await shell.communicate()
    assert shell.returncode == 0, (output.decode(), errors.decode())
    # The receipt's number is a new one each time.
    receipt = re.compile(r"HZ\d{8}-[0-9A-F]{10}")
    assert receipt.sub("HZ", output.decode()) == receipt.sub("HZ", printed)
