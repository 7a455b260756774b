"""Who may ask the server anything: nobody without the token in the address, from another site, or with a body too large."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_BODY = 200_000
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src data:",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
    )
)  # fmt: skip
NOTEBOOKS = " http://localhost:* http://127.0.0.1:* https://localhost:*"
"""Pages of this machine that may hold the page in a frame, where one asked for it."""
REPORT_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'unsafe-inline'", "style-src 'unsafe-inline'", "img-src data: blob:", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'self'",
    )
)  # fmt: skip
"""Of pages that `corridor run` writes: they ask for nothing, and each names the scripts that may run in it."""
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Doors:
    """Under which names the server may be asked.

    A page of another site can make a browser ask any address by a name of its own (DNS rebinding); the name is then in the
    Host header. An address written in digits cannot be such a name.
    """

    host: str
    port: int
    framed: bool = False
    """Whether a page of this machine may hold the page in a frame."""

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Those of every answer."""
        policy = POLICY + NOTEBOOKS if self.framed else POLICY
        return ((b"content-security-policy", policy.encode()), *HEADERS)

    def admit(self, host_header: str) -> bool:
        """Whether a Host header names this server."""
        try:
            parts = urlsplit(f"//{host_header}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port or parts.username is not None:
            return False
        if is_loopback(self.host):
            return is_loopback(name)
        return name in {self.host.lower(), socket.gethostname().lower()} or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Lets through what the page asks, and answers 403 or 413 to everything else.

    Parameters
    ----------
    app
        What answers.
    doors
        Names of the server.
    token
        The first part of every path.
    """

    def __init__(self, app: App, doors: Doors, token: str):
        self.app, self.doors, self.token = app, doors, token

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused:
            await _refuse(send, refused, self.doors.headers)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                message["headers"] = [*own, *(h for h in self.doors.headers if h[0] not in dict(own))]
            await send(message)

        await self.app(scope, receive, with_headers)

    def _refusal(self, scope: Message) -> int:
        """The status of a refusal; 0 for none."""
        headers = {k.lower(): v.decode("latin-1") for k, v in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        given = scope["path"].split("/")[1] if scope["path"].count("/") else ""
        if not self.doors.admit(host) or not hmac.compare_digest(given.encode(), self.token.encode()):
            return 403
        if origin not in {None, f"http://{host}"}:
            return 403  # the page of another site asks
        if headers.get(b"sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return 0 if self._is_frame(scope, headers) else 403
        if scope["method"] not in {"GET", "HEAD"}:
            if headers.get(b"content-type", "").partition(";")[0].strip() != "application/json":
                return 403  # a form of another site cannot send this type without being asked for leave first
            length = headers.get(b"content-length", "")
            if not length.isdigit() or int(length) > MAX_BODY:
                return 413
        return 0

    def _is_frame(self, scope: Message, headers: Mapping[bytes, str]) -> bool:
        """Whether a notebook asks for the page, and for nothing else."""
        is_page = scope["method"] == "GET" and scope["path"] == f"/{self.token}/"
        return self.doors.framed and is_page and headers.get(b"sec-fetch-dest") == "iframe"


async def _refuse(send: Send, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
    words = {403: b"Forbidden", 413: b"Too large"}[status]
    own = [(b"content-type", b"text/plain"), (b"content-length", str(len(words)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": words})
