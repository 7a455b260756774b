"""The local server: a page, and what it asks. Every path begins with the token; no path names a file of the client's choice."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from corridor.core.errors import AssetError, CorridorError, Problem, RequestError
from corridor.schema.text import all_visible
from corridor.sketch.desk import Desk
from corridor.sketch.drawing import read_drawing
from corridor.sketch.guard import REPORT_POLICY, App, Doors, Guard, is_loopback
from corridor.sketch.ideas import Ideas, slug
from corridor.sketch.page import STATIC, Static, page, shared_page
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.web.html import json_for_script

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

NEEDS = "pip install 'corridor[sketch]'"


@dataclass(frozen=True)
class Server:
    """Where the server listens, and under which token."""

    listening: socket.socket
    host: str
    token: str
    framed: bool = False
    """Whether a page of this machine (a notebook) may hold it in a frame."""

    @property
    def port(self) -> int:
        """The port."""
        return int(self.listening.getsockname()[1])

    @property
    def address(self) -> str:
        """What to open in a browser."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}/{self.token}/"


def listen(host: str = "127.0.0.1", port: int = 0, token: str = "") -> Server:
    """Open the port.

    Parameters
    ----------
    host
        Address to listen on.
    port
        The port; 0 for any that is free.
    token
        The secret part of the address; one is drawn where none is given.

    Raises
    ------
    CorridorError
        Where others than this machine could reach the server and no token is given, and where the port cannot be had.
    """
    if not is_loopback(host) and not token:
        what, expected = "would be reached from other machines", "a secret of your own with --token"
        raise CorridorError.at(f"--host {host}", what, expected, "give --token, or leave out --host")
    if token and (len(token) < 16 or not token.replace("-", "").replace("_", "").isalnum()):
        expected = "16 letters, digits, '-' or '_' at least"
        raise CorridorError.at("--token", f"{len(token)} characters", expected, "make it longer")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(64)  # a browser that opens the page at once waits until it is answered
    except OSError as error:
        listening.close()
        what, remedy = f"cannot be opened ({error.strerror})", "choose another --port"
        raise CorridorError.at(f"{host}:{port}", what, "a free port", remedy) from None
    return Server(listening, host, token or secrets.token_urlsafe(24))


def application(sketcher: Sketcher, desk: Desk, reports: Reports, server: Server) -> App:
    """What answers the page.

    Parameters
    ----------
    sketcher, desk
        The study in memory, and what answers drawings on it.
    reports
        Writes reports of the folder of ideas, the only place that is written.
    server
        Where it listens.

    Raises
    ------
    AssetError
        Where the server's libraries are not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.responses import FileResponse, HTMLResponse, Response
        from starlette.routing import Route
    except ImportError:
        what = "its libraries starlette and uvicorn are not installed"
        raise AssetError.at("corridor sketch", what, "the extra 'sketch'", NEEDS) from None

    def told(value: Any, status: int = 200) -> Response:
        return Response(json_for_script(all_visible(value)), status, media_type="application/json")

    html, ideas = page(sketcher), reports.ideas

    async def show(_: Request) -> Response:
        return HTMLResponse(html)

    async def base(_: Request) -> Response:
        return Response(await asyncio.wrap_future(desk.ground), media_type="application/json")

    async def report(request: Request) -> Response:
        path = reports.file(request.path_params["idea"], request.path_params["name"])
        if path is None:
            return Response("Not found", 404, media_type="text/plain")
        headers = {"content-security-policy": REPORT_POLICY} if path.suffix == ".html" else {}
        return FileResponse(path, headers=headers)

    def fixed(static: Static) -> Callable[[Request], Awaitable[Response]]:
        async def give(_: Request) -> Response:
            return Response(static.text(), media_type=static.kind)

        return give

    def asked(work: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def give(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            try:
                return told(await run_in_threadpool(work, _mapping(await request.body())))
            except RequestError as error:
                return told({"problems": [str(p) for p in error.problems]}, 400)
            except CorridorError as error:
                return told({"problems": [str(p) for p in error.problems]})

        return give

    at = f"/{server.token}"
    posts: dict[str, Callable[[dict[str, Any]], Any]] = {
        "score": partial(_score, desk),
        "refined": partial(_refined, desk),
        "ideas": partial(_all, ideas),
        "save": partial(_save, sketcher, ideas),
        "open": partial(_open, sketcher, ideas),
        "report": partial(_report, reports),
        "reports": partial(_reports, reports),
        "row": partial(_row, sketcher, desk, ideas),
        "share": partial(_share, sketcher, desk),
    }
    routes = [Route(f"{at}/", show), Route(f"{at}/ground.json", base)]
    routes.append(Route(f"{at}/reports/{{idea}}/{{name:path}}", report))
    routes += [Route(f"{at}/{static.name}", fixed(static)) for static in STATIC]
    routes += [Route(f"{at}/{name}", asked(work), methods=["POST"]) for name, work in posts.items()]
    return Guard(Starlette(routes=routes), Doors(server.host, server.port, server.framed), server.token)


def serve(app: App, server: Server) -> None:
    """Answer until Ctrl+C."""
    with suppress(KeyboardInterrupt):
        waiter(app).run(sockets=[server.listening])


def waiter(app: App) -> uvicorn.Server:
    """The server of a program's own thread; its `run` answers until `should_exit` is set."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none"
        )
    )


def _mapping(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(
            [Problem("request", "is not JSON", "what the page sends", "load the page again")]
        ) from None
    if not isinstance(found, dict):
        raise RequestError(
            [Problem("request", "is not a mapping", "what the page sends", "load the page again")]
        )
    return found


def _of(body: dict[str, Any], key: str, kind: type) -> Any:
    value = body.get(key)
    if (
        not isinstance(value, kind)
        or isinstance(value, bool)
        or (isinstance(value, str) and len(value) > 200)
    ):
        what, remedy = f"{key} is {value!r}"[:120], "load the page again"
        raise RequestError([Problem("request", what, "what the page sends", remedy)])
    return value


def _score(desk: Desk, body: dict[str, Any]) -> Any:
    return desk.score(
        _of(body, "browser", str),
        _of(body, "number", int),
        _of(body, "drawing", dict),
        _of(body, "hour", str),
    )


def _refined(desk: Desk, body: dict[str, Any]) -> Any:
    return desk.refined(_of(body, "browser", str), _of(body, "number", int))


def _all(ideas: Ideas, _: dict[str, Any]) -> Any:
    return {"ideas": ideas.all()}


def _save(sketcher: Sketcher, ideas: Ideas, body: dict[str, Any]) -> Any:
    drawing = read_drawing(_of(body, "drawing", dict))
    sketcher.scenario(drawing)  # what would not be scored is not saved either
    return {"idea": ideas.save(drawing, sketcher.setting, _of(body, "revision", str))}


def _row(sketcher: Sketcher, desk: Desk, ideas: Ideas, body: dict[str, Any]) -> Any:
    drawing, revision = ideas.open(_of(body, "id", str), sketcher.setting)
    return {"row": desk.row(drawing, _of(body, "hour", str)), "revision": revision}


def _share(sketcher: Sketcher, desk: Desk, body: dict[str, Any]) -> Any:
    shared = desk.shared(_of(body, "browser", str), _of(body, "number", int))
    if shared is None:
        return {"stale": True}
    name = slug(shared.drawing.title) or shared.drawing.id
    return {"name": f"{name}.html", "html": shared_page(sketcher, json.loads(desk.ground.result()), shared)}


def _report(reports: Reports, body: dict[str, Any]) -> Any:
    return {"report": reports.start(_of(body, "id", str))}


def _reports(reports: Reports, _: dict[str, Any]) -> Any:
    return {"reports": reports.all()}


def _open(sketcher: Sketcher, ideas: Ideas, body: dict[str, Any]) -> Any:
    idea_id = _of(body, "id", str)
    drawing, revision = ideas.open(idea_id, sketcher.setting)
    return {"drawing": drawing.model_dump(mode="json"), "revision": revision}
