"""Debian's Firefox, driven by WebDriver BiDi: the protocol that it speaks itself, so that no driver is needed besides."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

from websockets.sync.client import ClientConnection, connect

ARGUMENTS = ("--headless", "--no-remote", "--remote-debugging-port", "0")


class Firefox:
    """One window of a running Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, count(1)
        self.faults: list[str] = []
        """What pages wrote to the console as an error, and exceptions that nothing caught."""
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._window = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **params: object) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.faults.append(message["params"]["text"])
            elif message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, address: str, width: int, height: int) -> None:
        self._ask(
            "browsingContext.setViewport", context=self._window, viewport={"width": width, "height": height}
        )
        for url in (
            "about:blank",
            address,
        ):  # an address that differs in its fragment alone would not be loaded anew
            self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The text, number or truth of an expression, once it is settled."""
        found = self._ask(
            "script.evaluate",
            expression=expression,
            target={"context": self._window},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return found["result"].get("value")


@contextmanager
def running(program: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox with a profile of its own, and end it."""
    command = [program, *ARGUMENTS, "--profile", str(profile)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            late = Timer(
                60, process.kill
            )  # what cannot start says nothing, and would be waited for without end
            late.start()
            said = (re.search(r"WebDriver BiDi listening on (ws://\S+)", line) for line in process.stderr)
            address = next(found[1] for found in said if found)
            late.cancel()
            with connect(f"{address}/session", max_size=None, compression=None) as socket:
                yield Firefox(socket)
        finally:
            process.kill()
