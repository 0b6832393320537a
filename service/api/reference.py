"""The reference page /docs, without internet: its assets are in an installed package."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from service.api import openapi
from service.api.route import Route

router = APIRouter(route_class=Route, include_in_schema=False)

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon.png": "image/png",
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>八小时外 · 接口参考</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# validatorUrl: none, or the page would ask an outside service about our document.
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)
_KEPT = {"Cache-Control": "public, max-age=86400"}


@router.get("/openapi.json")
async def document(request: Request) -> Response:
    """The OpenAPI document."""
    app: Any = request.app
    return Response(openapi.text(app), media_type="application/json")


@router.get("/docs")
async def page() -> HTMLResponse:
    """The reference page."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    """What starts the page; a file of its own, so that no inline script need be allowed."""
    return Response(_START, media_type="text/javascript; charset=utf-8", headers=_KEPT)


@router.get("/docs/swagger-ui-bundle.js")
@router.get("/docs/swagger-ui.css")
@router.get("/docs/favicon.png")
async def asset(request: Request) -> Response:
    """A file of the package."""
    name = request.url.path.rpartition("/")[2]
    content = (files("fastapi_offline") / "static" / name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers=_KEPT)
