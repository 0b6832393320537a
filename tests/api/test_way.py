"""The way of a request: edge, paths, route, arguments; without a service behind them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import BackgroundTasks, Cookie, Depends, FastAPI, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from service.api.app import create_app, routes
from service.api.arguments import UnknownDeclaration
from service.api.edge import Edge
from service.api.fields import Body, Id, WholeNumber
from service.api.metrics import Metrics
from service.api.paths import AmbiguousPaths, Paths
from service.api.route import Route

ID = "0197a0b2-0000-7000-8000-000000000001"
Answering = Callable[..., Awaitable[Any]]


class Named(Body):
    """What a route in these tests takes."""

    name: str


async def nothing() -> Response:
    return Response(b"nothing")


def served(path: str, function: Answering, method: str = "GET") -> httpx.AsyncClient:
    """Speaks to an edge with one route."""
    edge = Edge([Route(path, function, methods=[method])], Metrics())
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://eighthours")


def test_every_path_of_the_api_leads_to_its_route() -> None:
    paths = Paths(routes())
    for route in routes():
        expected = [f"value-of-{name}" for name in route.param_convertors]
        path = route.path_format.format(**dict(zip(route.param_convertors, expected, strict=True)))
        methods, values = paths.find(path)
        assert [methods[method] for method in route.methods] == [route]
        assert values == expected


@pytest.mark.parametrize("path", ["", "/", "/a", "/a/", "/a//c", "/a/1/c/", "/a/1/c/2", "/b/1/c"])
def test_a_path_that_is_none_leads_nowhere(path: str) -> None:
    assert Paths([Route("/a/{id}/c", nothing)]).find(path)[0] == {}


@pytest.mark.parametrize("other", ["/a/{other}", "/a/new"])
def test_two_routes_for_one_request_are_refused(other: str) -> None:
    with pytest.raises(AmbiguousPaths):
        Paths([Route("/a/{id}", nothing), Route(other, nothing)])


def test_a_path_may_end_in_whatever_follows() -> None:
    whole, below = Route("/t/{path:path}", nothing), Route("/t/below/{path:path}", nothing)
    paths = Paths([whole, below, Route("/t/fixed/c", nothing)])
    assert paths.find("/t/1/x001/234") == ({"GET": whole}, ["1/x001/234"])
    assert paths.find("/t/below/000/1") == ({"GET": below}, ["000/1"])
    assert paths.find("/t/fixed/d") == ({"GET": whole}, ["fixed/d"])
    assert paths.find("/t")[0] == {}
    with pytest.raises(AmbiguousPaths):
        Paths([whole, Route("/t/{rest:path}", nothing)])


async def test_everything_that_is_wrong_is_named_at_once() -> None:
    async def paged(size: Annotated[WholeNumber, Query()]) -> int:
        raise AssertionError(size)

    async def function(
        item: Id, body: Named, paged: Annotated[int, Depends(paged)], year: WholeNumber
    ) -> Response:
        raise AssertionError(item, body, paged, year)

    async with served("/items/{item}", function, "POST") as http:
        answer = await http.post("/items/x?size=-1", json={"nickname": "n"})

    assert answer.status_code == 422
    places = [each.get("parameter") or each["pointer"] for each in answer.json()["errors"]]
    assert places == ["size", "item", "year", "/name", "/nickname"]


async def test_a_function_gets_what_it_declares() -> None:
    async def twice(number: WholeNumber = 3) -> int:
        return 2 * number

    async def function(
        item: Id, body: Named, number: Annotated[int, Depends(twice)], other: WholeNumber = 7
    ) -> Named:
        return Named(name=f"{item} {body.name} {number} {other}")

    async with served("/items/{item}", function, "POST") as http:
        answer = await http.post(f"/items/{ID}?number=5", json={"name": "n"})
        without = await http.post(f"/items/{ID}?other=1", json={"name": "n"})

    assert answer.json() == {"name": f"{ID} n 10 7"}
    assert without.json() == {"name": f"{ID} n 6 1"}


async def with_cookie(session: Annotated[str, Cookie()]) -> None: ...
async def with_response(response: Response) -> None: ...
async def with_tasks(tasks: BackgroundTasks) -> None: ...
async def on_cookie(session: Annotated[None, Depends(with_cookie)]) -> None: ...
def in_a_thread() -> None: ...


@pytest.mark.parametrize(
    "function", [with_cookie, with_response, with_tasks, on_cookie, in_a_thread]
)
def test_what_nobody_would_pass_is_refused_when_the_route_is_made(function: Answering) -> None:
    with pytest.raises(UnknownDeclaration):
        Route("/items", function)


async def test_a_route_is_as_strict_when_the_framework_calls_it() -> None:
    app = FastAPI()
    app.router.routes.append(Route("/items", nothing))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
        assert (await http.get("/items")).status_code == 200
        assert (await http.get("/items?unknown=1")).status_code == 422


async def test_a_body_in_pieces_is_read_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"na', b"", b'me": "', "王".encode()[:1], "王".encode()[1:], b'"}'):
            yield piece

    async def function(body: Named) -> Named:
        return body

    async with served("/items", function, "POST") as http:
        answer = await http.post(
            "/items", content=pieces(), headers={"Content-Type": "application/json"}
        )
    assert answer.json() == {"name": "王"}


async def talk(function: Answering, *received: Message) -> list[Message]:
    """What the edge sends for a request to one route of which just this is received."""
    messages, sent = iter(received), list[Message]()

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    await Edge([Route("/", function, methods=["POST"])], Metrics())(scope, receive, send)
    return sent


async def test_a_caller_that_goes_away_gets_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def function(body: Named) -> None:
        raise AssertionError(body)

    part: Message = {"type": "http.request", "body": b"{", "more_body": True}
    assert await talk(function, part, {"type": "http.disconnect"}) == []
    assert "ERROR" not in caplog.text


async def test_an_answer_that_breaks_off_is_no_second_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b"line\n"
        raise ZeroDivisionError("469030199001010018")

    async def function() -> Response:
        return StreamingResponse(lines())

    sent = await talk(function, {"type": "http.request", "body": b"", "more_body": False})

    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    assert " failed: " in caplog.text
    assert "469030199001010018" not in caplog.text


async def test_the_figures_name_routes_and_never_what_was_in_a_path() -> None:
    metrics = Metrics()
    transport = httpx.ASGITransport(Edge([Route("/items/{item}", nothing)], metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
        for path in ("/items/469030199001010018", "/469030199001010018"):
            await http.get(path)
        await http.post("/items/469030199001010018")
    text = metrics.text(0, []).decode()
    assert 'method="GET",route="/items/{item}",status="200"} 1.0' in text
    assert 'method="POST",route="/items/{item}",status="405"} 1.0' in text
    assert 'method="GET",route="",status="404"} 1.0' in text
    assert "469030199001010018" not in text


def test_what_the_framework_serves_by_itself_is_off() -> None:
    """Every path that the document could name is ours, so that the edge knows it."""
    assert create_app().routes == routes()
