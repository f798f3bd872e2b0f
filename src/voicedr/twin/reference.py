"""Reference pages of the twin, made from its faults and from the operations of its control API."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from voicedr.twin import faults
from voicedr.twin.control.operations import OPERATIONS
from voicedr.twin.world.model import Settings

_FAULTS_HEAD = """\
# Faults of the twin

This page is made from the files in `src/voicedr/twin/faults/kinds`; change those, then run
`.venv/bin/python scripts/write_twin_reference.py`.

`voicedr twin break FAULT name=value …` begins one and prints its id, `voicedr twin heal ID` ends it, and
`voicedr twin heal` ends them all. `--for-s` lets one heal by itself.
"""

_CONTROL_HEAD = """\
# The twin's control API

This page is made from `src/voicedr/twin/control/operations.py`; change that, then run
`.venv/bin/python scripts/write_twin_reference.py`. The same as OpenAPI 3.1, with the shapes of bodies and answers,
is at `GET /_twin/openapi.json` of a running twin.

All of it is JSON on the twin's own address, and no part of the provider's API. A refused request says
`{"error": …}` and changed nothing.
"""


def faults_reference() -> str:
    """The page ``docs/reference/faults.md``."""
    parts = [_FAULTS_HEAD]
    for name, kind in sorted(faults.kinds().items()):
        lines = [f"## `{name}`", "", faults.meanings()[name].replace("``", "`"), ""]
        if kind.parameters:
            lines += ["| parameter | meaning |", "| --- | --- |"]
            for one in kind.parameters:
                choices = f"One of {', '.join(f'`{choice}`' for choice in one.choices)}." if one.choices else ""
                otherwise = "**Required.**" if one.required else _default(one.default)
                words = one.meaning[0].upper() + one.meaning[1:]
                lines.append(f"| `{one.name}` | {' '.join(filter(None, (f'{words}.', choices, otherwise)))} |")
            lines.append("")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def control_reference() -> str:
    """The page ``docs/reference/control_api.md``."""
    lines = [_CONTROL_HEAD, "| request | what it does |", "| --- | --- |"]
    for one in OPERATIONS:
        query = "".join(f" `?{name}=`: {meaning.rstrip('.')}." for name, meaning in one.query.items())
        lines.append(f"| `{one.method} {one.path}` | {one.summary}.{query} |")
    lines += ["", "## Settings", "", "`PATCH /_twin/settings` takes any of these while the twin runs.", ""]
    lines += ["| setting | default |", "| --- | --- |"]
    default = Settings()
    for field in fields(Settings):
        lines.append(f"| `{field.name}` | `{_json(getattr(default, field.name))}` |")
    return "\n".join([*lines, ""])


def _default(value: Any) -> str:
    return "" if value is None else f"Default: `{_json(value)}`."


def _json(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_json(each) for each in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
