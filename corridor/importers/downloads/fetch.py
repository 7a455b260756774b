"""`corridor layers fetch`: files of public sources by pooch, checked, and kept whole or not at all.

Nothing is fetched but what is asked for by name. A file takes its name when its length and its published checksum,
where there is one, are right. Proxies of the environment are honoured (requests).
"""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import corridor
from corridor.core.containment import inside
from corridor.core.errors import CorridorError, LayerError, first_line, nearest
from corridor.core.output import locked, write_whole
from corridor.core.progress import Tell
from corridor.importers.entry.limits import MB
from corridor.schema.catalog import sha256

TABLE = Path(__file__).resolve().parents[1] / "tables" / "sources.csv"
FOLDER = "downloads"
PARTIAL = ".fetch-"
TIMEOUT_S = 30.0
TRIES = 3
REDIRECTS = 5
CHUNK = 1 << 18
ALLOWANCE = 3.0
"""Times its stated size that a file may have before it is refused."""
LEAST_LIMIT = 20 * MB
OSM = "osmnx"


@dataclass(frozen=True)
class Source:
    """A public source: where it is, under which terms, how large, and what to do with it then."""

    name: str
    title: str
    url: str
    file: str
    parts: tuple[str, ...]
    licence: str
    attribution: str
    size_mb: float
    sha256: str
    then: str
    confidence: str

    def urls(self, wanted: tuple[str, ...] = ()) -> dict[str, str]:
        """File names and addresses; of a source in parts those wanted, or all that the shipped study needs."""
        if not self.parts:
            return {self.file or urlsplit(self.url).path.rsplit("/", 1)[-1]: self.url}
        addresses = [self.url.replace("{part}", part) for part in wanted or self.parts]
        return {urlsplit(a).path.rsplit("/", 1)[-1]: a for a in addresses}

    @property
    def limit(self) -> int:
        """The most bytes that one of its files may have."""
        return int(max(self.size_mb * ALLOWANCE * MB, LEAST_LIMIT))


def sources(table: Path = TABLE) -> dict[str, Source]:
    """All declared sources by name."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    for row in rows:
        row |= {"parts": tuple(row["parts"].split()), "size_mb": float(row["size_mb"] or 0)}
    return {row["name"]: Source(**row) for row in rows}


def source_named(name: str, known: dict[str, Source]) -> Source:
    """A source by its name; raises with the nearest names."""
    if name not in known:
        hint = nearest(name, known)
        raise CorridorError.at("layers fetch", f"no source {name!r}", "one of " + ", ".join(known), hint)
    return known[name]


def fetch(
    folder: Path,
    source: Source,
    parts: tuple[str, ...] = (),
    again: bool = False,
    tell: Tell = lambda _: None,
) -> list[Path]:
    """Fetch a source's files into the study's ``downloads``; those that are there already are left alone.

    Beside each file is a ``NAME.json`` with its source, licence and checksum. Raises :class:`CorridorError` without a
    network, for an answer that is no file, for a wrong length or checksum; the study is then as it was.
    """
    if parts and not source.parts:
        raise CorridorError.at(
            "--part", f"given for {source.name}", "no --part: it is one file", "leave it out"
        )
    for part in parts:
        if not part.replace("_", "").isalnum():
            raise CorridorError.at("--part", repr(part), f"a name like {source.parts[0]}", "correct it")
    inside(folder, f"{FOLDER}/x")
    room = folder / FOLDER
    paths = []
    try:
        room.mkdir(exist_ok=True)
        with locked(room):
            for left_by_a_killed_run in room.glob(f"{PARTIAL}*"):
                shutil.rmtree(left_by_a_killed_run, ignore_errors=True)
            for name, url in source.urls(parts).items():
                path = inside(folder, f"{FOLDER}/{name}")
                if path.is_file() and not again:
                    tell(f"{name} is here already; --again fetches it anew")
                else:
                    _fetch_one(source, url, path, tell)
                paths.append(path)
    except OSError as error:
        what = f"could not be written ({error.strerror})"
        raise CorridorError.at(str(room), what, "room and permission to write", "free some space") from None
    return paths


def _fetch_one(source: Source, url: str, path: Path, tell: Tell) -> None:
    import pooch
    import requests

    tell(f"{source.title}: {path.name}" + (f", about {source.size_mb:,.0f} MB" if source.size_mb else ""))
    pooch.get_logger().setLevel("ERROR")
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=path.parent) as room:
        answer = _Answer(url, source, tell)
        store = pooch.create(
            room, "", registry={path.name: None}, urls={path.name: url}, retry_if_failed=TRIES - 1
        )
        try:
            got = Path(store.fetch(path.name, downloader=answer.save))
        except requests.exceptions.RequestException as error:
            raise CorridorError.at(
                _short(url), f"cannot be reached ({_reason(error)})", "a network",
                f"nothing was changed; try again with one, or get {url} elsewhere and add it with 'corridor layers add'",
            ) from None  # fmt: skip
        about = {
            "source": source.title, "url": url, "licence": source.licence, "attribution": source.attribution,
            "sha256": sha256(got), "bytes": got.stat().st_size, "hash_published": bool(source.sha256),
        }  # fmt: skip
        text = json.dumps(about, ensure_ascii=False, indent=1)
        write_whole(path.with_name(path.name + ".json"), text.encode())
        got.replace(path)


@dataclass
class _Answer:
    """What a server sends for one file: followed, measured and checked as pooch saves it."""

    url: str
    source: Source
    tell: Tell
    tries: int = 0
    redirects: int = 0
    got: int = 0
    told: float = field(default_factory=time.monotonic)
    _total: int = 0
    _response: Any = None

    def save(self, url: str, file: Any, store: Any) -> None:
        """Download to `file`, one try; raises what pooch tries again after, or :class:`CorridorError`."""
        import pooch
        import requests

        self.tries, self.redirects, self.got = self.tries + 1, 0, 0
        if self.tries > 1:
            self.tell(f"  it broke off; trying again ({self.tries} of {TRIES})")
        load = pooch.HTTPDownloader(
            progressbar=self, chunk_size=CHUNK, timeout=TIMEOUT_S, hooks={"response": self.follow},
            headers={"User-Agent": f"corridor/{corridor.__version__}", "Accept-Encoding": "identity"},
        )  # fmt: skip
        try:
            load(url, file, store)
        finally:
            if self._response is not None:  # a server is not kept waiting for what is not wanted
                self._response.close()
        short = self._total - Path(file).stat().st_size
        if short > 0:
            raise requests.exceptions.ConnectionError(f"{short:,} bytes short")
        digest = sha256(Path(file))
        if self.source.sha256 and digest != self.source.sha256:
            raise LayerError.at(
                urlsplit(url).path.rsplit("/", 1)[-1],
                f"has the hash {digest[:12]}...",
                f"{self.source.sha256[:12]}... as published",
                "it is another file, or was damaged on its way; fetch it again, or look at the source's page",
            )

    def follow(self, response: Any, **_: object) -> None:
        """Refuse an answer that is an error of ours, and redirects that are many, unsafe or leave the web."""
        self._response = response
        what = f"answers {response.status_code} {response.reason}"
        if response.is_redirect:
            self.redirects += 1
            before = urlsplit(response.url).scheme
            after = urlsplit(urljoin(response.url, response.headers["Location"])).scheme
            if self.redirects > REDIRECTS:
                what += ", an infinite loop of redirects"
            elif after in ("http", "https") and (before, after) != ("https", "http"):
                return
            else:
                what += f", sent on to {after}://"
        elif not 400 <= response.status_code < 500:
            return
        raise CorridorError.at(
            _short(self.url), what[:120], "the file",
            "it may have moved: look at the source's page, and add the file with 'corridor layers add'",
        )  # fmt: skip

    @property
    def total(self) -> int:
        """Bytes that the server announces; 0 where it does not."""
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = size
        self._check(size)

    def update(self, size: int) -> None:
        """Count bytes that have come, and say every two seconds how many."""
        self.got += size
        self._check(self.got - CHUNK)  # pooch counts whole chunks
        if time.monotonic() - self.told > 2:
            self.told = time.monotonic()
            self.tell(f"  {self.got / MB:,.0f} MB" + (f" of {self.total / MB:,.0f} MB" if self.total else ""))

    def reset(self) -> None:
        """Count anew, as pooch asks at the end."""
        self.got = 0

    def close(self) -> None:
        """Nothing is open."""

    def _check(self, size: int) -> None:
        if size > self.source.limit:
            most = f"at most {self.source.limit / MB:,.0f} MB"
            raise CorridorError.at(
                _short(self.url), f"is {size / MB:,.0f} MB or more", most, "look at the source's page"
            )


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _reason(error: BaseException) -> str:
    """Why a request failed: what the system said, or else the library."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return first_line(error)


def listing(known: dict[str, Source]) -> Iterator[str]:
    """A line for each source."""
    for s in known.values():
        size = "size by area"
        if s.size_mb:
            size = f"{s.size_mb:,.0f} MB" + (f" x {len(s.parts)}" if s.parts else "")
        yield f"{s.name}  [{size}]  {s.title}\n    {s.licence}; {s.url}"
