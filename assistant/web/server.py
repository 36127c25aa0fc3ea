"""Serves the console in the daemon's own loop: HTTP and WebSockets on one port."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

import assistant
from assistant.events import Notice
from assistant.metrics import CONTENT_TYPE
from assistant.password import Password, is_this_machine, origin
from assistant.web import health, house, live, now, schedule, talk, turns
from assistant.web.guard import Guard
from assistant.web.login import SESSIONS_FILE, Browsers, Tries
from assistant.web.parts import Parts
from assistant.web.refused import PROBLEMS, speak_in_sentences
from assistant.web.talk import LARGEST_FRAME

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"

GOODBYE_SECONDS = 1
"""How long requests under way may take when the assistant ends."""

MOST_CONNECTIONS = 400


class Page(StaticFiles):
    """The page's files, asked for anew each time by their ETag: after an upgrade nobody sees the old page."""

    def file_response(self, *arguments: object, **named: object) -> Response:
        response: Response = super().file_response(*arguments, **named)  # type: ignore[arg-type]
        response.headers["cache-control"] = "no-cache"
        return response


def application(
    parts: Parts, password: Password, happening: live.Live, static: Path, clock: Callable[[], float]
) -> Guard:
    """All routes behind the guard."""
    app = FastAPI(
        title="mimo-assistant", version=assistant.__version__, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", responses=PROBLEMS,
        description="The console's API. See docs/console.md.",
    )  # fmt: skip
    browsers = Browsers(parts.state / SESSIONS_FILE, password.fingerprint)
    guard = Guard(app, parts.config.console, password, browsers)
    parts.metrics.gauge("consoles", "Open pages.", lambda: happening.open)
    parts.metrics.gauge("devices", "Entities that the house has announced.", lambda: len(parts.home.entities()))
    speak_in_sentences(app)
    app.include_router(now.login_routes(parts, password, browsers, Tries(clock), happening, guard))
    app.include_router(now.routes(parts, happening))
    app.include_router(live.routes(happening))
    app.include_router(turns.routes(parts))
    app.include_router(house.routes(parts, happening))
    app.include_router(schedule.routes(parts, happening))
    app.include_router(health.routes(parts))
    app.include_router(talk.routes(parts))
    _add_page(app, parts, static)
    return guard


def _add_page(app: FastAPI, parts: Parts, static: Path) -> None:
    @app.get("/healthz", tags=["health"])
    async def alive() -> dict[str, bool]:
        """The daemon lives; it says nothing of the house."""
        return {"ok": True}

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """For Prometheus; from another machine with the session or `Authorization: Bearer` console.metrics_token."""
        return Response(parts.metrics.text(), media_type=CONTENT_TYPE)

    files = Page(directory=static, check_dir=False)

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return await files.get_response("index.html", request.scope)

    app.mount("/static", files, name="static")


class _Server(uvicorn.Server):
    """The daemon hears signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    parts: Parts, password: Password, static: Path = STATIC, clock: Callable[[], float] = time.monotonic
) -> None:
    """Until cancelled. Where the port is taken or the certificate is none, that is said and the rest goes on."""
    settings = parts.config.console
    happening = live.Live(parts)
    try:
        config = _configuration(parts, application(parts, password, happening, static, clock))
        listening = _listening(settings.host, settings.port)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        parts.events.tell(Notice(f"No console at {settings.host} port {settings.port}: {reason}. The rest works on."))
        return
    parts.events.tell(Notice(f"The console is at {origin(settings)}."))
    if password.needed and settings.tls_cert is None and not _is_private(settings.host, settings.public_origin):
        parts.events.tell(Notice("The console has no certificate (console.tls_cert): the password crosses the network "
                                 "as it is typed, and phones do not lend it their microphone."))  # fmt: skip
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(happening.keep_telling(), name="tell the consoles")
        tasks.create_task(happening.keep_told(), name="tell of the house")
        tasks.create_task(schedule.keep_told(parts.schedule, happening), name="tell of the schedule")
        await _run(_Server(config), listening)


async def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Until cancelled; then whoever is connected is told so and hung up on."""
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="console http")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await asyncio.wait([serving], timeout=GOODBYE_SECONDS + 1)
        listening.close()


def _configuration(parts: Parts, guard: Guard) -> uvicorn.Config:
    settings = parts.config.console
    config = uvicorn.Config(
        guard, http="h11", ws="websockets-sansio", lifespan="off", log_config=None,
        access_log=False, server_header=False, proxy_headers=False, ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False, limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=15,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
    )  # fmt: skip
    config.load()
    return config


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = family == socket.AF_INET6 and host == "::"
    listening = socket.create_server((host, port), family=family, dualstack_ipv6=both)
    # What is accepted inherits it; without, each answer's body waits some 40 ms for the head's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _is_private(host: str, public_origin: str | None) -> bool:
    return is_this_machine(host) or (public_origin or "").startswith("https:")
