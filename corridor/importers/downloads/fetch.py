"""`corridor layers fetch`: files of public sources, resumed where they broke off, checked, and kept whole or not at all.

Nothing is fetched but what is asked for by name. A file on its way is ``NAME.part``; it takes its name when its length
and its published hash, where there is one, are right. Proxies of the environment are honoured (urllib).
"""

from __future__ import annotations

import csv
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import corridor
from corridor.core.containment import inside
from corridor.core.errors import CorridorError, LayerError, nearest
from corridor.core.output import locked, write_whole
from corridor.core.progress import Tell
from corridor.importers.entry.limits import MB
from corridor.schema.catalog import sha256

TABLE = Path(__file__).resolve().parents[1] / "tables" / "sources.csv"
FOLDER = "downloads"
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


def sources(table: Path = TABLE) -> dict[str, Source]:
    """All declared sources by name."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        row["name"]: Source(
            row["name"],
            row["title"],
            row["url"],
            row["file"],
            tuple(row["parts"].split()),
            row["licence"],
            row["attribution"],
            float(row["size_mb"] or 0),
            row["sha256"],
            row["then"],
            row["confidence"],
        )
        for row in rows
    }


def source_named(name: str, known: dict[str, Source]) -> Source:
    """A source by its name; raises with the nearest names."""
    if name not in known:
        raise CorridorError.at(
            "layers fetch", f"no source {name!r}", "one of " + ", ".join(known), nearest(name, known)
        )
    return known[name]


def fetch(
    folder: Path,
    source: Source,
    parts: tuple[str, ...] = (),
    again: bool = False,
    tell: Tell = lambda _: None,
) -> list[Path]:
    """Fetch a source's files into the study's ``downloads``; those that are there already are left alone.

    Beside each file stands what it is and where it is from (``NAME.json``). Raises :class:`CorridorError` without a
    network, for an answer that is no file, for a wrong length or hash; the study is then as it was.
    """
    if parts and not source.parts:
        raise CorridorError.at(
            "--part", f"given for {source.name}", "no --part: it is one file", "leave it out"
        )
    for part in parts:
        if not part.replace("_", "").isalnum():
            raise CorridorError.at(
                "--part",
                repr(part),
                f"a name like {source.parts[0] if source.parts else 'none'}",
                "correct it",
            )
    inside(folder, f"{FOLDER}/x")
    room = folder / FOLDER
    paths = []
    try:
        room.mkdir(exist_ok=True)
        with locked(room):
            for name, url in source.urls(parts).items():
                path = inside(folder, f"{FOLDER}/{name}")
                for begun in (f"{name}.part", f"{name}.part.mark"):
                    inside(folder, f"{FOLDER}/{begun}")
                if path.is_file() and not again:
                    tell(f"{name} is here already; --again fetches it anew")
                else:
                    _fetch_one(source, url, path, tell)
                paths.append(path)
    except OSError as error:
        raise CorridorError.at(
            str(room),
            f"could not be written ({error.strerror})",
            "room and permission to write",
            "free some space",
        ) from None
    return paths


def _fetch_one(source: Source, url: str, path: Path, tell: Tell) -> None:
    tell(f"{source.title}: {path.name}" + (f", about {source.size_mb:,.0f} MB" if source.size_mb else ""))
    part = path.with_name(path.name + ".part")
    limit = int(max(source.size_mb * ALLOWANCE * MB, LEAST_LIMIT))
    download(url, part, limit, tell)
    digest = sha256(part)
    if source.sha256 and digest != source.sha256:
        part.unlink()
        _state(part).unlink(missing_ok=True)
        raise LayerError.at(
            path.name,
            f"has the hash {digest[:12]}...",
            f"{source.sha256[:12]}... as published",
            "it is another file, or was damaged on its way; fetch it again, or look at the source's page",
        )
    about = {
        "source": source.title,
        "url": url,
        "licence": source.licence,
        "attribution": source.attribution,
        "sha256": digest,
        "bytes": part.stat().st_size,
        "hash_published": bool(source.sha256),
    }
    write_whole(path.with_name(path.name + ".json"), json.dumps(about, ensure_ascii=False, indent=1).encode())
    part.replace(path)
    _state(part).unlink(missing_ok=True)


def download(url: str, part: Path, limit: int, tell: Tell = lambda _: None, pause_s: float = 1.0) -> None:
    """Fetch an address into `part`, going on where an earlier try broke off if the file there is still the same.

    Tries three times; what has come is kept for the next run. Raises :class:`CorridorError` with a plain message.
    """
    fault: Exception | None = None
    for attempt in range(TRIES):
        if attempt:
            assert fault is not None
            tell(f"  {_reason(fault)}; trying again ({attempt + 1} of {TRIES})")
            time.sleep(pause_s * attempt)
        try:
            _download(url, part, limit, tell)
            return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500:
                raise _refused(url, error) from None
            fault = error
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            fault = error
    assert fault is not None
    have = part.stat().st_size if part.is_file() else 0
    if have:
        raise CorridorError.at(
            _short(url),
            f"broke off {TRIES} times ({_reason(fault)})",
            "a network that holds",
            f"run it again: it goes on after the {have / MB:,.1f} MB that are here",
        )
    raise CorridorError.at(
        _short(url),
        f"cannot be reached ({_reason(fault)})",
        "a network",
        f"nothing was changed; try again with one, or get {url} elsewhere and add it with 'corridor layers add'",
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """A few redirects, to web addresses alone, never from a safe to an open line."""

    max_redirections = REDIRECTS
    max_repeats = 2

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in ("http", "https") or (before == "https" and after == "http"):
            raise urllib.error.HTTPError(newurl, code, f"sent on to {after}://", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str, part: Path, limit: int, tell: Tell) -> None:
    have = part.stat().st_size if part.is_file() else 0
    mark = _read_state(part) if have else ""
    headers = {"User-Agent": f"corridor/{corridor.__version__}", "Accept-Encoding": "identity"}
    if have and mark:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    opener = urllib.request.build_opener(_Redirects())
    try:
        answer = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        error.close()  # what is here is longer than what is there: another file
        part.unlink()
        _state(part).unlink(missing_ok=True)
        answer = opener.open(
            urllib.request.Request(
                url, headers={k: v for k, v in headers.items() if k not in ("Range", "If-Range")}
            ),
            timeout=TIMEOUT_S,
        )
        have = 0
    with answer:
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(
            f"bytes {have}-"
        )
        start = have if resumed else 0
        stated = answer.headers.get("Content-Length")
        whole = start + int(stated) if stated and stated.isdigit() else None
        if whole is not None and whole > limit:
            raise _too_large(url, whole, limit)
        if not resumed:
            write_whole(_state(part), _mark_of(answer).encode())
        _receive(answer, part, start, whole, limit, url, tell)


def _receive(
    answer: Any, part: Path, start: int, whole: int | None, limit: int, url: str, tell: Tell
) -> None:
    got, told = start, time.monotonic()
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        while chunk := answer.read(CHUNK):
            got += len(chunk)
            if got > limit:
                raise _too_large(url, got, limit)
            stream.write(chunk)
            if time.monotonic() - told > 2:
                told = time.monotonic()
                tell(f"  {got / MB:,.0f} MB" + (f" of {whole / MB:,.0f} MB" if whole else ""))
        stream.truncate()
    if whole is not None and got < whole:
        raise http.client.IncompleteRead(b"", whole - got)


def _state(part: Path) -> Path:
    return part.with_name(part.name + ".mark")


def _mark_of(answer: Any) -> str:
    """What tells whether a file at the source is still the same: its entity tag if it is a strong one, else its date."""
    tag = answer.headers.get("ETag", "")
    return str(tag) if tag and not tag.startswith("W/") else str(answer.headers.get("Last-Modified", ""))


def _read_state(part: Path) -> str:
    path = _state(part)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _refused(url: str, error: urllib.error.HTTPError) -> CorridorError:
    what = f"answers {error.code} {str(error.reason).splitlines()[0][:100]}"
    return CorridorError.at(
        _short(url),
        what,
        "the file",
        "it may have moved: look at the source's page, and add the file with 'corridor layers add'",
    )


def _too_large(url: str, size: int, limit: int) -> CorridorError:
    return CorridorError.at(
        _short(url),
        f"is {size / MB:,.0f} MB or more",
        f"at most {limit / MB:,.0f} MB",
        "look at the source's page",
    )


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _reason(error: BaseException) -> str:
    if isinstance(error, http.client.IncompleteRead):
        return f"{error.expected or 0:,} bytes short"
    inner = getattr(error, "reason", None) or error
    return (getattr(inner, "strerror", None) or str(inner) or type(inner).__name__).splitlines()[0][:100]


def listing(known: dict[str, Source]) -> Iterator[str]:
    """A line for each source."""
    for s in known.values():
        size = (
            f"{s.size_mb:,.0f} MB" + (f" x {len(s.parts)}" if s.parts else "")
            if s.size_mb
            else "size by area"
        )
        yield f"{s.name}  [{size}]  {s.title}\n    {s.licence}; {s.url}"
