"""Lists: pages with signed tokens, NDJSON and CSV."""

import csv
import io
import json

from tests.api.town import Town


async def test_pages_follow_each_other_without_gap_or_repetition(town: Town) -> None:
    members = [await town.member(serial) for serial in range(1, 6)]
    head = await town.serving.log.head()
    path = f"/branches/{town.id('branch')}/members"
    found, query = [], "?page_size=2"
    while True:
        page = (await town.get("branch", path + query, head)).json()
        assert page["page_size"] == 2
        found += [item["member_id"] for item in page["items"]]
        if page["next_page_token"] is None:
            break
        query = f"?page_size=2&page_token={page['next_page_token']}"
    assert found == members


async def test_a_page_token_belongs_to_its_list_and_reader(town: Town) -> None:
    for serial in (1, 2):
        await town.member(serial)
    head = await town.serving.log.head()
    path = f"/branches/{town.id('branch')}/members"
    token = (await town.get("branch", f"{path}?page_size=1", head)).json()["next_page_token"]
    forged = ("A" if token[0] != "A" else "B") + token[1:]

    for name, question in (
        ("branch", f"{path}?page_token={forged}"),
        ("branch", f"{path}?page_token=é"),
        ("branch", f"{path}?registered=false&page_token={token}"),
        ("committee", f"{path}?page_token={token}"),
        ("branch", f"/audit-trail?page_token={token}"),
    ):
        answer = await town.get(name, question)
        assert answer.status_code == 422, question
        assert answer.json()["errors"][0]["parameter"] == "page_token"


async def test_a_list_is_taken_away_as_ndjson_or_csv(town: Town) -> None:
    await town.member(1, name="=1+1")
    await town.member(2)
    head = await town.serving.log.head()
    path = f"/branches/{town.id('branch')}/members"

    lines = await town.get("branch", path, head, Accept="application/x-ndjson")
    assert lines.headers["Content-Type"].startswith("application/x-ndjson")
    assert [json.loads(line)["member_no"] for line in lines.text.splitlines()] == [
        "QZ00001", "QZ00002",
    ]  # fmt: skip

    table = await town.get("branch", path, head, Accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["member_no"] for row in rows] == ["QZ00001", "QZ00002"]
    assert rows[0]["name"] == "'=1+1", "a spreadsheet must not take it for a formula"
