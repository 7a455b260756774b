"""A group of commands: listed under headings, the nearest name for a misspelt one, input errors without a traceback."""

from __future__ import annotations

import sys
from typing import Any

import click

from corridor.cli.terminal import echo_error
from corridor.core.errors import CorridorError, UnknownName, nearest


class Program(click.Group):
    """A click group whose commands may be added under headings; its subgroups are of this class, too."""

    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._headings: dict[str, str] = {}

    def add(self, heading: str, *commands: click.Command) -> None:
        """Add commands that help lists under a heading, in this order."""
        for command in commands:
            self.add_command(command)
            self._headings[str(command.name)] = heading

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands without a heading, then those under headings, as they were added."""
        return sorted(self.commands, key=lambda name: (name in self._headings, [*self.commands].index(name)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each command, under its heading."""
        room = formatter.width - 6 - max(map(len, self.commands))
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            line = self.commands[name].get_short_help_str(room)
            sections.setdefault(self._headings.get(name, "Commands"), []).append((name, line))
        for heading, lines in sections.items():
            with formatter.section(heading):
                formatter.write_dl(lines)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; a usage error suggests the nearest one."""
        if args[0].isidentifier() and self.get_command(ctx, args[0]) is None:
            hint = nearest(args[0], self.commands, f"see '{ctx.command_path} --help'")
            ctx.fail(str(UnknownName("", f"No such command {args[0]!r}", remedy=hint)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; input errors are listed on stderr, and the exit code is 1."""
        try:
            return super().invoke(ctx)
        except CorridorError as error:
            echo_error(error)
            sys.exit(1)
