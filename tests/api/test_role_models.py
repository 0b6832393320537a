"""Role models over HTTP: nominated, agreed, publicised, in this order (R33)."""

from tests.api.test_consequences import listed, refusal
from tests.api.town import Town

DEEDS = "三年如一日照看独居老人"


async def nominated(town: Town) -> tuple[str, str]:
    """A member whom the community nominated; and the role model's id."""
    member_id = await town.registered()
    body = {"member_id": member_id, "deeds": DEEDS}
    return member_id, (await town.done("community", "/role-models", body))["role_model_id"]


async def test_nominated_then_agreed_then_publicised(town: Town) -> None:
    member_id, role_model_id = await nominated(town)
    publicity = f"/role-models/{role_model_id}/publicity"
    channel = {"channel": "社区宣传栏"}
    early = await town.post("community", publicity, channel)
    assert refusal(early)[:2] == (409, "role-model-not-agreed")
    await town.done("branch", f"/role-models/{role_model_id}/agreement")
    await town.done("community", publicity, channel)
    for name in ("branch", "committee", "community", "subdistrict"):
        [shown] = await listed(town, "role-models", name)
        assert (shown["member_id"], shown["deeds"]) == (member_id, DEEDS)
        assert (shown["stage"], shown["stage_word"]) == ("publicised", "已宣传")
        assert (shown["agreed_by"], shown["channel"]) == ("officer-1", "社区宣传栏")
    again = await town.post("community", publicity, channel)
    assert refusal(again)[:2] == (409, "already-publicised")


async def test_what_the_agency_refused_is_not_publicised(town: Town) -> None:
    _, role_model_id = await nominated(town)
    await town.done("committee", f"/role-models/{role_model_id}/refusal", {"reason": "待核实"})
    answer = await town.post("branch", f"/role-models/{role_model_id}/agreement", {})
    assert refusal(answer)[:2] == (409, "nomination-answered")
    path = f"/role-models/{role_model_id}/publicity"
    answer = await town.post("community", path, {"channel": "社区宣传栏"})
    assert refusal(answer)[:2] == (409, "role-model-not-agreed")
    [shown] = await listed(town, "role-models", "community", stage="refused")
    assert shown["refusal"]["reason"] == "待核实"
    assert await listed(town, "role-models", "community", stage="publicised") == []


async def test_each_step_belongs_to_its_side(town: Town) -> None:
    member_id, role_model_id = await nominated(town)
    body = {"member_id": member_id, "deeds": DEEDS}
    assert (await town.post("branch", "/role-models", body)).status_code == 403
    answer = await town.post("other_community", "/role-models", body)
    assert refusal(answer) == (404, "unknown-member", "/member_id")
    answer = await town.post("community", "/role-models", body)
    assert refusal(answer) == (409, "already-nominated", "/member_id")
    for name in ("other_branch", "foreign_branch", "other_community", "community"):
        path = f"/role-models/{role_model_id}/agreement"
        assert refusal(await town.post(name, path, {}))[:2] == (404, "unknown-role-model")
    for name in ("other_branch", "foreign_branch", "other_community"):
        assert await listed(town, "role-models", name) == []
