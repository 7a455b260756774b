"""What commands print: a text from somebody's file is shown on the terminal and never obeyed by it."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import click
import yaml

_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of signs that move the cursor, turn the order of letters, break a line, or that nobody sees."""


def shown(text: str) -> str:
    """A text with every sign that a terminal would obey written as an escape; its line feeds stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if c != "\n" and unicodedata.category(c) in _OBEYED else c for c in text)


def _escape(sign: str) -> str:
    """As JSON and YAML write it too: their readers take it back."""
    return json.dumps(sign)[1:-1] if ord(sign) != 0x7F else "\\u007f"


def echo(said: object, err: bool = False) -> None:
    """Print a text, or anything that has one, with a line feed."""
    click.echo(shown(str(said)), err=err)


def echo_json(data: Any, sort_keys: bool = False) -> None:
    """Print plain data as JSON, whose reader gets the texts as they are."""
    echo(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=sort_keys))


def echo_yaml(data: Any) -> None:
    """Print plain data as YAML, whose reader gets the texts as they are."""
    echo(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))


class _Dumper(yaml.SafeDumper):
    """Quotes each text that is shown with escapes, since YAML reads escapes in double quotes alone."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = shown(text) != text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _text)
