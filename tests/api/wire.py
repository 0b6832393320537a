"""The application on a real socket, for tests in which the wire matters."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serves the application on a free port of this machine; gives its address."""
    # Named as TCP, so that asyncio switches Nagle's algorithm off as it does for its own sockets.
    with socket.socket(proto=socket.IPPROTO_TCP) as free:
        free.bind(("127.0.0.1", 0))
        # The application's own opening is done by the fixtures.
        config = uvicorn.Config(app, lifespan="off", access_log=False, log_level="warning")
        server = uvicorn.Server(config)
        # The socket listens already, so that a request that comes too early waits for the server.
        free.listen()
        task = asyncio.create_task(server.serve([free]))
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
