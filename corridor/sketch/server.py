"""The local server: a page, and what it asks. Every path begins with the token; no path names a file of the client's choice."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridor.core.errors import AssetError, CorridorError, Problem, RequestError
from corridor.schema.text import all_visible
from corridor.sketch.desk import Desk
from corridor.sketch.drawing import read_drawing
from corridor.sketch.guard import REPORT_POLICY, App, Doors, Guard, is_loopback
from corridor.sketch.ideas import slug
from corridor.sketch.page import STATIC, page, shared_page, static
from corridor.sketch.refusal import said
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.web.html import json_for_script

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

Post = Callable[[dict[str, Any]], Any]
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

    html = page(sketcher)

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

    def fixed(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def give(_: Request) -> Response:
            kind = "text/javascript" if name.endswith(".js") else "text/css"
            return Response(static(name), media_type=kind)

        return give

    def asked(work: Post) -> Callable[[Request], Awaitable[Response]]:
        async def give(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            try:
                return told(await run_in_threadpool(work, _mapping(await request.body())))
            except RequestError as error:
                return told({"problems": said(error)}, 400)
            except CorridorError as error:
                return told({"problems": said(error)})

        return give

    at, posts = f"/{server.token}", _posts(sketcher, desk, reports)
    routes = [Route(f"{at}/", show), Route(f"{at}/ground.json", base)]
    routes.append(Route(f"{at}/reports/{{idea}}/{{name:path}}", report))
    routes += [Route(f"{at}/{name}", fixed(name)) for name in STATIC]
    routes += [Route(f"{at}/{name}", asked(work), methods=["POST"]) for name, work in posts.items()]
    return Guard(Starlette(routes=routes), Doors(server.host, server.port, server.framed), server.token)


def _posts(sketcher: Sketcher, desk: Desk, reports: Reports) -> Mapping[str, Post]:
    """What the page may ask, by the end of its address; each takes the mapping that it sends."""
    ideas = reports.ideas

    def score(body: dict[str, Any]) -> Any:
        browser, number = _of(body, "browser", str), _of(body, "number", int)
        return desk.score(browser, number, _of(body, "drawing", dict), _of(body, "hour", str))

    def refined(body: dict[str, Any]) -> Any:
        return desk.refined(_of(body, "browser", str), _of(body, "number", int))

    def save(body: dict[str, Any]) -> Any:
        drawing = read_drawing(_of(body, "drawing", dict))
        sketcher.scenario(drawing)  # what would not be scored is not saved either
        return {"idea": ideas.save(drawing, sketcher.setting, _of(body, "revision", str))}

    def opened(body: dict[str, Any]) -> Any:
        drawing, revision = ideas.open(_of(body, "id", str), sketcher.setting)
        return {"drawing": drawing.model_dump(mode="json"), "revision": revision}

    def row(body: dict[str, Any]) -> Any:
        drawing, revision = ideas.open(_of(body, "id", str), sketcher.setting)
        return {"row": desk.row(drawing, _of(body, "hour", str)), "revision": revision}

    def share(body: dict[str, Any]) -> Any:
        shared = desk.shared(_of(body, "browser", str), _of(body, "number", int))
        if shared is None:
            return {"stale": True}
        name = slug(shared.drawing.title) or shared.drawing.id
        html = shared_page(sketcher, json.loads(desk.ground.result()), shared)
        return {"name": f"{name}.html", "html": html}

    return {
        "score": score, "refined": refined, "save": save, "open": opened, "row": row, "share": share,
        "ideas": lambda _: {"ideas": ideas.all()},
        "report": lambda body: {"report": reports.start(_of(body, "id", str))},
        "reports": lambda _: {"reports": reports.all()},
    }  # fmt: skip


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
        raise _refused("is not JSON") from None
    if not isinstance(found, dict):
        raise _refused("is not a mapping")
    return found


def _of(body: dict[str, Any], key: str, kind: type) -> Any:
    value = body.get(key)
    too_long = isinstance(value, str) and len(value) > 200
    if not isinstance(value, kind) or isinstance(value, bool) or too_long:
        raise _refused(f"{key} is {value!r}"[:120])
    return value


def _refused(what: str) -> RequestError:
    return RequestError([Problem("request", what, "what the page sends", "load the page again")])
