"""What commands print. Control characters in data are escaped, and no markup in data is interpreted.

A terminal gets tables that fit it and a progress bar; a file or a pipe gets the same tables as plain text of any width.
"""

from __future__ import annotations

import codecs
import datetime as dt
import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from corridor.core.errors import CorridorError
from corridor.core.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType
    from rich.text import Text

_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of control characters: they move the cursor, reverse text, break a line, or are invisible."""
_ESCAPES = "corridor.escapes"
"""Name of the way in which letters that an encoding lacks are written."""
_ANY_WIDTH = 10_000


def shown(text: str) -> str:
    """A text with its control characters as escapes; line feeds stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if c != "\n" and unicodedata.category(c) in _OBEYED else c for c in text)


def _escape(sign: str) -> str:
    """As JSON and YAML write it too: their readers take it back."""
    return json.dumps(sign)[1:-1] if ord(sign) != 0x7F else "\\u007f"


def escape_what_does_not_fit() -> None:
    """Let streams whose encoding lacks a letter write its escape: a pipe on Windows may know Western letters only."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPES)


def _escapes(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    return "".join(map(_escape, fault.object[fault.start : fault.end])), fault.end


codecs.register_error(_ESCAPES, _escapes)


def _fits(text: str) -> bool:
    """Whether stdout can write each letter as it is."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def echo(said: object, err: bool = False) -> None:
    """Print a text, or anything that has one, with a line feed."""
    click.echo(shown(str(said)), err=err)


def echo_error(error: CorridorError) -> None:
    """Print the problems of an input error on stderr, a line each."""
    echo(f"{type(error).__name__}:", err=True)
    for problem in error.problems:
        echo(f"- {problem}", err=True)


def echo_json(data: Any, sort_keys: bool = False) -> None:
    """Print plain data as JSON, whose reader gets the texts as they are."""
    echo(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=sort_keys))


def echo_yaml(data: Any) -> None:
    """Print plain data as YAML, whose reader gets the texts as they are."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes each text that is shown with escapes, since YAML reads escapes in double quotes alone."""

    def text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        quoted = shown(text) != text or not _fits(text)
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)

    Dumper.add_representer(str, text)
    echo(yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=110))


def table(
    rows: Iterable[Sequence[object]], align: str, head: Sequence[object] = (), indent: int = 0
) -> RenderableType:
    """Rows of cells as a table without lines; `align` has a letter for each column, l or r."""
    from rich.padding import Padding
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(head), header_style="bold")
    for n, side in enumerate(align):
        made.add_column(_text(head[n]) if head else "", justify="right" if side == "r" else "left")
    for row in rows:
        made.add_row(*map(_text, row))
    return Padding(made, (0, 0, 0, indent), expand=False)


def frame_table(frame: pd.DataFrame, index: bool = True) -> RenderableType:
    """A frame of cells as a table, its numbers to the right under their headings."""
    rows = frame.itertuples(index=index, name=None)
    return table(rows, "l" * index + "r" * len(frame.columns), [*([""] * index), *frame.columns])


def cells(numbers: pd.Series | pd.DataFrame, pattern: str, unknown: str) -> Any:
    """Numbers of a column or of a frame as the pattern writes them, and `unknown` where there is none."""
    return numbers.map(pattern.format).where(numbers.notna(), unknown)


def echo_parts(*parts: object) -> None:
    """Print texts and tables, one below the other: as wide as the terminal, or plain."""
    click.echo(rendered(parts, sys.stdout.isatty()))


def columns(most: int) -> int:
    """Columns that a sentence may take: those of the terminal, if there is one, and `most` otherwise."""
    from rich.console import Console

    return min(most, Console().width) if sys.stdout.isatty() else most


def rendered(parts: Iterable[object], on_terminal: bool = False) -> str:
    """Texts and tables as :func:`echo_parts` prints them on a terminal, or into a file."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(width=None if on_terminal else _ANY_WIDTH, force_terminal=on_terminal)
    wide = console.options.update(width=_ANY_WIDTH)
    with console.capture() as caught:
        for part in parts:
            shown_part: Any = _text(part) if isinstance(part, str) else part
            least = Measurement.get(console, wide, shown_part).minimum  # no number is cut
            console.print(shown_part, width=max(console.width, least), crop=False)
    return "\n".join(line.rstrip() for line in caught.get().splitlines())


def _text(value: object) -> Text:
    from rich.text import Text

    return Text(shown(str(value)))


@contextmanager
def progress(label: str, quiet: bool) -> Iterator[Progress]:
    """Report progress on stderr: a bar with the time left on a terminal, a line for each step elsewhere."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _bar(label) as tell:
            yield tell
    else:
        yield lambda step, done, total: _line(label, step, done, total)


def _line(label: str, step: str, done: int, total: int) -> None:
    if total <= 100 or done % (total // 20) == 0:
        echo(f"{label} {done + 1}/{total} {step}", err=True)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    from rich import progress as parts
    from rich.console import Console
    from rich.table import Column

    class TimeLeft(parts.ProgressColumn):
        """At the pace since the work began: steps take minutes, and several may begin at once."""

        def render(self, task: parts.Task) -> Text:
            if not task.completed or not task.total or task.elapsed is None:
                return _text("-:--:--")
            left_s = task.elapsed * (task.total - task.completed) / task.completed
            return _text(dt.timedelta(seconds=round(left_s)))

    step_column = Column(no_wrap=True, overflow="ellipsis")
    columns = (
        parts.TextColumn("{task.description}", markup=False),
        parts.BarColumn(bar_width=24),
        parts.MofNCompleteColumn(),
        TimeLeft(),
        parts.TextColumn("{task.fields[step]}", markup=False, table_column=step_column),
    )
    with parts.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None, step="")

        def tell(step: str, done: int, total: int) -> None:
            if done < bar.tasks[0].completed:  # other work begins, at a pace of its own
                bar.reset(task)
            bar.update(task, completed=done, total=total, step=shown(step).replace("\n", " "))

        yield tell
        bar.update(task, completed=bar.tasks[0].total or 0, step="done")
