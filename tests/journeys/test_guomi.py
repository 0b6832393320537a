"""The real service started with CRYPTO_PROFILE=guomi: it serves, verifies, and keeps its choice."""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx

from tests.journeys.service import ready, running, start

GUOMI = {"CRYPTO_PROFILE": "guomi"}
SMALL = ("--demo", "--demo-members", "60")


async def test_it_serves_verifies_and_keeps_its_choice(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    data = tmp_path / "data"
    async with running(data, unused_tcp_port, *SMALL, **GUOMI) as service:
        position = (await ready(service))["position"]
        branch, token = service.credentials("branch"), await service.token("branch")
        async with httpx.AsyncClient(base_url=service.place) as http:
            members = await http.get(
                f"/api/v1/branches/{branch['organisation_id']}/members",
                headers={"Authorization": f"Bearer {token}"},
            )
            assert members.json()["items"][0]["name"]
            async with asyncio.timeout(30):
                while True:
                    checkpoint = (await http.get("/api/v1/log/checkpoint")).text
                    # The service goes on by itself: it reminds of what is overdue.
                    if int(checkpoint.splitlines()[1]) >= position:
                        break
                    await asyncio.sleep(0.1)
        assert "\neighthours/sm3-root " in checkpoint
        assert checkpoint.count("— eighthours.local/log ") == 2
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "verify"),
            env={**os.environ, "DATA_DIR": str(data), "COLUMNS": "300", **GUOMI},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        assert "国密  SM3 树根，SM2 签名已验证" in said
        [looked] = re.findall(r"未见改动：第 1－(\d+) 条与检查点一致。", said)
        assert int(looked) >= position
    refused = await start(data, unused_tcp_port, CRYPTO_PROFILE="international")
    assert await refused.process.wait() == 1
    words = "密码算法在首次启动时选定，此后不得更改：该数据库选用的是国密算法"
    assert words in refused.said().replace("\n", "")
