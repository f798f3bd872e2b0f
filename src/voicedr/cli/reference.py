"""The reference page of the commands, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from voicedr.cli import failures
from voicedr.cli.main import app

_HEAD = """\
# Commands

This page is made from the commands in `src/voicedr/cli`; change those, then run
`.venv/bin/python scripts/write_cli_reference.py`.

The program is `.venv/bin/voicedr`. `-h` or `--help` after any command says the same as this page.
"""

_BETWEEN_COMMANDS = """\
## Files and environment

`voicedr` reads the workbook that `--workbook` or `VOICEDR_WORKBOOK` names, else `voicedr.yaml` in the present folder.
The journal is `.voicedr/journal.db` beside the workbook, unless `--journal`, `VOICEDR_JOURNAL` or the workbook's
`journal.at` names another file or a PostgreSQL database. When it does not answer, a command that looks ends with 3; a
run that waited for it in vain (`journal.away_max`) ends with 5, as does one that somebody else took over.
`voicedr twin break`, `heal`, `call` and `exec` ask the twin at `--at` or `VOICEDR_TWIN`.
"""


def root() -> Any:
    """The whole tree of commands. Its class is private to typer, so it is looked at by its attributes only."""
    return typer.main.get_command(app)


def commands(group: Any = None, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it, e.g. ``("twin", "up")``."""
    for name, command in (root() if group is None else group).commands.items():
        words = (*before, str(name))
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield words, command


def cli_reference() -> str:
    """The page ``docs/reference/cli.md``."""
    parts = [_HEAD, _exit_codes(), _BETWEEN_COMMANDS]
    parts += [_command(words, command) for words, command in commands()]
    return "\n".join(parts)


def _exit_codes() -> str:
    lines = ["## Exit codes", "", "| code | what it means |", "| --- | --- |"]
    for line in (failures.__doc__ or "").splitlines():
        code, _, meaning = line.partition(" ")
        if code.isdigit():
            lines.append(f"| {code} | {meaning.strip()} |")
    return "\n".join([*lines, ""])


def _command(words: tuple[str, ...], command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    usage = " ".join(
        ["voicedr", *words, *(["[OPTIONS]"] if options else []), *(_placeholder(one) for one in arguments)]
    )
    lines = [f"## `voicedr {' '.join(words)}`", "", " ".join((command.help or "").split()), "", f"Usage: `{usage}`", ""]
    rows = [f"| `{_placeholder(one)}` | {_meaning(one)} |" for one in arguments]
    rows += [f"| {_spelling(one)} | {_meaning(one)} |" for one in options]
    if rows:
        lines += ["| argument or option | meaning |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _placeholder(argument: Any) -> str:
    name = str(argument.metavar or argument.name).upper().strip("[]")
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _spelling(option: Any) -> str:
    value = "" if option.is_flag else f" {_kind(option)}"
    names = [*(f"`{name}{value}`" for name in option.opts), *(f"`{name}`" for name in option.secondary_opts)]
    return ", ".join(names)


def _kind(option: Any) -> str:
    kind = getattr(getattr(option, "type_descriptor", None), "annotation", None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "\\|".join(str(one.value) for one in kind)
    return {Path: "PATH", float: "NUMBER", int: "NUMBER"}.get(kind, "TEXT") if isinstance(kind, type) else "TEXT"


def _meaning(parameter: Any) -> str:
    words = [" ".join((getattr(parameter, "help", None) or "").split())]
    default = parameter.default
    if default not in (None, False, "") and not callable(default):
        if parameter.param_type_name == "option" and parameter.is_flag:
            shown = (parameter.opts if default is True else parameter.secondary_opts or parameter.opts)[0]
        else:
            shown = str(getattr(default, "value", default))
        words.append(f"Default: `{shown}`.")
    if parameter.envvar:
        words.append(f"Environment: `{parameter.envvar}`.")
    return " ".join(words).replace("|", "\\|").strip()
