"""`eighthours witness`: a witness served until it is stopped, and what its keepers need to know."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.logging import RichHandler

from service.eventstore import system_clock
from service.server import listen
from service.trust.transparency.signed_note import Ed25519Verifier, Key
from service.trust.transparency.witness import Witness
from service.trust.transparency.witness_server import configuration


def log_key(text: str) -> Key:
    """A log's public key, given as text or as the file that holds it.

    Raises MalformedKey, OSError.
    """
    path = Path(text)
    # A key contains what few file names do; a file that is named and absent should be told.
    key = Key.parse(text if text.count("+") >= 2 and not path.exists() else path.read_text("utf-8"))
    return Ed25519Verifier(key).key


def run(
    console: Console, folder: Path, name: str, logs: Sequence[Key], address: tuple[str, int]
) -> None:
    """Serves until SIGINT or SIGTERM. Raises UnusableWitness, PortTaken, OSError."""
    host, port = address
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_path=False)],
    )
    with Witness.opened(folder, name, logs, system_clock) as witness, listen(host, port) as at:
        place = f"http://{host}:{at.getsockname()[1]}"
        console.print(f"[bold]见证 {name}[/bold] 已启动，按 Ctrl-C 停止。")
        for each in witness.logs:
            console.print(f"  见证日志  {each.last.origin}，已见证到第 {each.last.size} 条")
            console.print(f"  检查点    {place}/{each.file.stem}/checkpoint", soft_wrap=True)
        console.print("  写入信任策略（名称自定）：")
        console.print(f"witness {folder.name} {witness.key} {place}", soft_wrap=True, markup=False)
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has shut down
            uvicorn.Server(configuration(witness)).run(sockets=[at])
    console.print("已停止。")
