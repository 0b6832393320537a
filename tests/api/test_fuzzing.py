"""schemathesis over the whole API with all its checks, by HTTP on a loopback port.

No answer is a server error and none is undocumented, whatever is sent. Each operation gets what is
at the boundaries of its schema, and five requests at random (`EIGHTHOURS_FUZZED=200` for more).
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from fastapi import FastAPI

from service.api.scopes import Holder
from tests.api.clock import SettableClock
from tests.api.consulting import Consulting
from tests.api.deciding import opened
from tests.api.town import ENDORSER, OFFICER, Town
from tests.api.wire import listening

EXAMPLES = int(os.environ.get("EIGHTHOURS_FUZZED", "5"))

_CONFIG = """
[generation]
max-examples = {examples}

[checks.positive_data_acceptance]
# A rule may speak against a well-formed request (409), a view may be behind (425), and somebody
# who tries too often is slowed down (429).
expected-statuses = ["2xx", "401", "403", "404", "409", "425", "429"]

[checks.negative_data_rejection]
# A body that is too long is not read, whatever is wrong in it.
expected-statuses = ["400", "401", "403", "404", "405", "406", "413", "415", "422", "428"]
"""


async def test_no_server_error_and_no_undocumented_answer(
    town: Town, app: FastAPI, clock: SettableClock, tmp_path: Path
) -> None:
    clock.now = town.at("2026-11-24T12:00:00+08:00")
    member_id = await town.registered()
    activity_id = await town.activity("2026-11-24T09:00:00+08:00", "2026-11-24T11:00:00+08:00")
    participation_id, _ = await town.endorsed(
        member_id, "2026-03-04T16:00:00+08:00", "2026-03-04T18:30:00+08:00"
    )
    asking = Consulting(town, clock)
    consultation_id = await asking.asked(member_id)
    opinion_id = await asking.given(consultation_id)
    objection = await town.done(
        "branch",
        "/objections",
        {
            "member_id": member_id,
            "against": "participation",
            "subject_id": participation_id,
            "text": "与实际不符",
        },
    )
    vetting = await town.done(
        "authority",
        "/vettings",
        {
            "member_id": member_id,
            "period": "2021-03-01/2026-09-30",
            "team": [OFFICER["person"], ENDORSER["person"]],
        },
    )
    known = {
        "kinds": {name: client.caller.kind.value for name, client in town.clients.items()},
        "tokens": {name: town.token(name) for name in town.clients},
        "people": {
            holder.name: town.held_token("branch", holder, member_id)
            for holder in Holder
            if holder is not Holder.ORGANISATION
        },
        "ids": {
            "branch_id": town.id("branch"),
            "community_id": town.id("community"),
            "organisation_id": town.id("authority"),
            "committee_id": town.id("committee"),
            "member_id": member_id,
            "activity_id": activity_id,
            "participation_id": participation_id,
            "consultation_id": consultation_id,
            "opinion_id": opinion_id,
            "objection_id": objection["objection_id"],
            "decision_id": await opened(town, member_id, "appraisal"),
            "vetting_id": vetting["decision_id"],
        },
    }
    (tmp_path / "town.json").write_text(json.dumps(known))
    (tmp_path / "schemathesis.toml").write_text(_CONFIG.format(examples=EXAMPLES))
    root = Path(__file__).parents[2]
    async with listening(app) as address:
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", f"{address}/openapi.json", "--checks", "all", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--workers", "1", "--seed", "1"),
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(root),
                "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
                "EIGHTHOURS_FUZZED_TOWN": str(tmp_path / "town.json"),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-20_000:]
