"""/docs and /openapi.json: complete, and without internet."""

import json
import re

from tests.api.town import Town


async def test_the_reference_page_needs_nothing_from_outside(town: Town) -> None:
    page = await town.http.get("/docs")
    assert page.status_code == 200
    assert not re.search(r"(https?:)?//", page.text.replace("<!DOCTYPE html>", ""))
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = await town.http.get(asset)
        assert answer.status_code == 200, asset
        assert answer.content


async def test_the_reference_page_runs_nothing_but_its_own_files(town: Town) -> None:
    page = await town.http.get("/docs")
    policy = dict(
        each.strip().split(" ", 1) for each in page.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert not re.search(r"<script(?! src=\"/docs/)|\son\w+=|javascript:", page.text)
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for asset in re.findall(r'src="([^"]+)"', page.text):
        kind = (await town.http.get(asset)).headers["Content-Type"]
        assert kind.startswith("text/javascript"), asset


async def test_the_document_tells_every_convention(town: Town) -> None:
    document = json.loads((await town.http.get("/openapi.json")).text)
    assert document["openapi"].startswith("3.1")
    operation = document["paths"]["/api/v1/registrations"]["post"]
    assert operation["security"] == [{"clientCredentials": ["registrations:write"]}]
    [key] = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
    assert key["required"] is True
    for status in ("400", "401", "403", "404", "409", "413", "415", "422", "503"):
        assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in json.dumps(document)


async def test_every_operation_and_tag_is_described(town: Town) -> None:
    document = json.loads((await town.http.get("/openapi.json")).text)
    tags = {tag["name"] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert set(operation["tags"]) <= tags, path
