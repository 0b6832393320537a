"""The watch list through the API: seen from above only, closed by a person with a note."""

from tests.api.town import Town

NOTE = {"outcome": "explained", "note": "现场办公，当场核实。"}


async def test_it_is_seen_from_above_and_closed_by_a_person(town: Town) -> None:
    member_id = await town.registered()
    _, position = await town.endorsed(
        member_id, "2026-03-04T09:00:00+08:00", "2026-03-04T15:00:00+08:00"
    )
    path = f"/review-list?organisation_id={town.id('subdistrict')}"
    [item] = (await town.get("subdistrict", path, position)).json()["items"]
    assert (item["kind"], item["member_ids"], item["conclusion"]) == ("hasty", [member_id], None)
    # Whose conduct it is about does not read it, nor does anybody beside or elsewhere.
    assert (await town.get("community", path)).status_code == 403
    assert (await town.get("authority", path)).status_code == 404
    conclusion = f"/review-list/{item['review_id']}/conclusion"
    body = {"organisation_id": town.id("subdistrict"), **NOTE}
    foreign = {"organisation_id": town.id("foreign_subdistrict"), **NOTE}
    assert (await town.post("foreign_subdistrict", conclusion, foreign)).status_code == 404
    closed = await town.done("subdistrict", conclusion, body)
    [item] = (await town.get("subdistrict", path, closed["position"])).json()["items"]
    assert item["conclusion"]["note"] == NOTE["note"]
    again = await town.post("subdistrict", conclusion, body)
    assert again.json()["type"] == "urn:eighthours:problem:review-already-concluded"
