"""The running service: demo data on the first start if wished, then the API until it is stopped."""

import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn
import uvloop
from rich.console import Console
from rich.logging import RichHandler

from service import demonstration
from service.api.app import create_app
from service.api.openid import Provider
from service.api.serving import Serving
from service.data.bases import configured_bases
from service.data.calendars import published_calendars
from service.eventstore import EventLog, system_clock
from service.installation import Installation
from service.printing.fonts import PrintFonts
from service.printing.press import Press
from service.settings import Settings
from service.trust.crypto.profile import GUOMI
from service.trust.transparency.policy import Policy
from service.trust.transparency.publisher import Publishing
from service.trust.transparency.signer import SignerPlace
from service.trust.transparency.witnesses import witnessed_by

CREDENTIALS = "demo-credentials.json"


def run(settings: Settings, installed: Installation, console: Console, *, demo: int) -> None:
    """Serves until SIGINT or SIGTERM; raises PortTaken, UnusablePolicy.

    ``demo`` is for how many members of the district the demonstration is loaded, 0 for none.
    """
    policy = Policy() if settings.log_policy is None else Policy.load(settings.log_policy)
    # Before anything that takes time: a second copy on the same port should learn it at once.
    listening = listen(settings.listen_host, settings.port)
    with listening:
        credentials = None
        if demo:
            credentials = uvloop.run(prepare_demo(settings, installed, console, demo))
        logging.basicConfig(
            level=logging.WARNING,
            format="%(message)s",
            handlers=[RichHandler(console=console, show_path=False)],
        )
        over_tls = (settings.public_url or "").startswith("https://")
        app = create_app(lambda: _opened(settings, installed, policy), over_tls=over_tls)
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            # A request line may hold what should not be in a log; the events say who did what.
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        place = f"http://{settings.listen_host}:{listening.getsockname()[1]}"
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has shut down
            _Server(config, console, place, credentials).run(sockets=[listening])
        console.print("已停止。")


async def prepare_demo(
    settings: Settings, installed: Installation, console: Console, members: int
) -> Path | None:
    """Loads the demo into an empty log, or goes on with a load that was interrupted.

    Returns where the credentials of the demo clients are; None for a log that holds other facts.
    """
    async with EventLog.open(installed.app_url, installed.master) as log:
        if await log.head() and not await demonstration.begun(log):
            console.print("日志中已有数据，不装入演示数据。")
            return None
        loaded = await demonstration.complete(log)
    if not loaded:
        await demonstration.load(
            installed.app_url, installed.master, system_clock, console, members
        )
    path = settings.data_dir / CREDENTIALS
    await demonstration.write_credentials(path, installed.app_url, installed.master, members)
    return path


@asynccontextmanager
async def _opened(
    settings: Settings, installed: Installation, policy: Policy
) -> AsyncIterator[Serving]:
    guomi = installed.master.profile is GUOMI
    signer = SignerPlace(settings.log_signer_dir, settings.log_origin, guomi)
    calendars = published_calendars(settings.calendar_dir)
    bases = configured_bases(settings.basis_dir)
    press = Press(
        PrintFonts(
            _names(settings.print_fonts),
            _names(settings.print_title_fonts),
            settings.print_font_dir,
        )
    )
    async with (
        witnessed_by(policy) as witnesses,
        Serving.on(
            installed.app_url,
            installed.master,
            calendars,
            publishing=Publishing(signer, witnesses),
            provider=_provider(settings),
            supervising=True,
        ) as serving,
    ):
        yield replace(
            serving,
            bases=bases,
            press=press,
            policy=policy,
            signer_folder=signer.folder,
        )


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def _provider(settings: Settings) -> Provider | None:
    if (
        settings.oidc_issuer is None
        or settings.oidc_client_id is None
        or settings.oidc_client_secret is None
        or settings.public_url is None
    ):
        return None
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.public_url,
    )


class _Server(uvicorn.Server):
    """Says where to look once it listens."""

    def __init__(
        self, config: uvicorn.Config, console: Console, place: str, credentials: Path | None
    ) -> None:
        super().__init__(config)
        self._console = console
        self._place = place
        self._credentials = credentials

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _welcome(self._console, self._place, self._credentials)


def _welcome(console: Console, place: str, credentials: Path | None) -> None:
    console.print()
    console.print("[bold]八小时外[/bold] 已启动，按 Ctrl-C 停止。")
    console.print(f"  接口说明  {place}/docs")
    console.print(f"  运行状态  {place}/readyz")
    if credentials is None:
        console.print("  登录      用 eighthours clients add 新增客户端，取得 client_id 与密钥")
        return
    console.print(f"  登录      演示客户端的凭据在 {credentials}")
    branch = next(
        each for each in json.loads(credentials.read_text("utf-8")) if each["kind"] == "branch"
    )
    console.print(f"  试一试    （{branch['organisation_name']}的党员）")
    token = (
        f"curl -s -u {branch['client_id']}:{branch['client_secret']}"
        f" -d grant_type=client_credentials {place}/oauth/token"
    )
    read = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'"
    # Not wrapped: it is there to be copied.
    console.print(
        f'curl -s -H "Authorization: Bearer $({token} | {read})"'
        f" {place}/api/v1/branches/{branch['organisation_id']}/members",
        soft_wrap=True,
        markup=False,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to this address. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        words = f"端口 {port} 不可用（{error.strerror}）：请另选端口（PORT 或 --port）。"
        raise PortTaken(words) from error
    return listening


class PortTaken(OSError):
    """端口不可用"""
