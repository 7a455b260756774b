"""The pages for readers: every link leads somewhere, every command that they show exists with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from corridor.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "maps" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
READERS = ("write_a_scenario", "bring_a_layer", "bring_a_network", "read_the_results", "embed_a_map")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _anchors(page: Path) -> set[str]:
    """Headings as a page of GitHub names them in its address: small letters, no punctuation, hyphens."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def _dead_links(page: Path) -> list[str]:
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    return dead


def _shown(text: str) -> list[str]:
    """Commands in blocks of a page, joined where a backslash carries them on."""
    blocks = re.findall(r"^ *```(?:sh)?\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [p for p in parts if re.match(r"(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?corridor ", p)]


def _words(command: str) -> list[str]:
    words = shlex.split(command, comments=True)
    return words[next(n for n, word in enumerate(words) if word.endswith("corridor")) + 1 :]


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None, loosely: bool) -> None:  # fmt: skip
    """Read the words as the command line does, and run nothing; `loosely`: what is missing is not missed."""
    if not isinstance(command, click.Group) and not loosely:
        command.make_context(name, words, parent=parent)
        return
    context = click.Context(command, parent=parent, info_name=name, **command.context_settings)
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    if rest and isinstance(command, click.Group):
        found = command.get_command(context, rest[0])
        assert found is not None, f"no command {rest[0]!r}"
        _parse(found, rest[0], rest[1:], context, loosely)


def test_each_kind_of_reader_has_a_page_and_the_list_of_pages_is_whole() -> None:
    assert [r for r in READERS if not (ROOT / "docs" / f"{r}.md").is_file()] == []
    listed = set(re.findall(r"\]\((\w+\.md)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.name for page in PAGES if page.parent.name == "docs"} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert _dead_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_shown_on_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`(corridor [^`|]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for command, loosely in [*((c, False) for c in _shown(text)), *((" ".join(c.split()), True) for c in inline)]:  # fmt: skip
        try:
            _parse(main, "corridor", _words(command), None, loosely)
        except (click.ClickException, AssertionError) as error:
            pytest.fail(f"{command}: {error}")


def test_the_readme_shows_every_command_that_makes_something() -> None:
    shown = [_words(c) for c in _shown((ROOT / "README.md").read_text(encoding="utf-8"))]
    named = {next(w for w in words if w in main.commands) for words in shown}
    assert named == set(main.commands) - {"story"}  # the story has a page of its own


def test_a_wrong_command_and_a_dead_link_are_seen(tmp_path: Path) -> None:
    with pytest.raises(click.NoSuchOption):
        _parse(main, "corridor", _words("corridor compare --nosuch"), None, True)
    with pytest.raises(click.MissingParameter):
        _parse(main, "corridor", _words("corridor journey Central # a comment"), None, False)
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](gone.md) [c](#three) [d](https://example.org/)\n")
    assert _dead_links(page) == ["gone.md", "#three"]
    assert _shown("```sh\ncorridor run \\\n  x && corridor init y\npython z\n```\n") == ["corridor run    x", "corridor init y"]  # fmt: skip
