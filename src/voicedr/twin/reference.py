"""Reference pages of the twin, made from its faults and from the operations of its control API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, get_args

from voicedr.twin import faults
from voicedr.twin.control.operations import OPERATIONS
from voicedr.twin.faults.kind import COMMON, Area, Parameter
from voicedr.twin.scenarios.files import read_text, shipped
from voicedr.twin.world.model import Settings

_FAULTS_HEAD = """\
# Faults of the twin

This page is made from the files in `src/voicedr/twin/faults/kinds`; change those, then run
`.venv/bin/python scripts/write_twin_reference.py`.

There are {count}. `voicedr twin break FAULT name=value …` begins one and prints its id, `voicedr twin heal ID` ends it,
and `voicedr twin heal` ends them all. `--for-s` lets one heal by itself. [Scenarios](scenarios.md) put several in an
order.

Every fault takes the parameters below, where chance or coming and going makes sense for it. Any number may change over
time: `rate=0..1@600` goes from 0 to 1 in ten minutes and stays there; in JSON that is
`{"from": 0, "to": 1, "over_s": 600}`. Chance comes from the twin's seed, so the same seed breaks the same things.
"""

_SCENARIOS_HEAD = """\
# Scenarios

A scenario is a file of things that happen at times: what breaks, what heals, which calls arrive. The end of this page
is made from `src/voicedr/twin/scenarios`; change that, then run `.venv/bin/python scripts/write_twin_reference.py`.

```sh
voicedr twin up --scenario october-outage
voicedr twin up --scenario my-drill.yaml
```

Or send it to a running twin: `POST /_twin/scenarios` with `{"name": "october-outage"}`, with `{"text": "…"}`, or with
the title and steps themselves. `GET /_twin/scenarios` tells which steps were taken and which could not be; `DELETE`
ends one and heals what it broke.

Each step has `at_s`, seconds from the beginning, and one thing to do:

| key | what happens |
| --- | --- |
| `fault` | A [fault](faults.md) begins, with its parameters under `with`. May have `for_s` seconds and a `name`. |
| `heal` | The fault of this `name` is healed; `all` heals everything. |
| `settings` | The twin's [settings](control_api.md#settings) change. They stay changed. |
| `load` | Calls arrive: `calls_per_second`, `numbers` (a list, or `all`), `duration_s`, `caller`. May have a `name`. |
| `stop_load` | The load of this `name` ends; `all` ends every load of the scenario. |
| `call` | One call: `from`, `to`, `caller`. |
| `note` | Something to tell those who practise. The twin does nothing. |

A mistake in the file is told with its line and key, and then nothing is started.

## Those that come with the twin
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
    by_area: dict[str, list[str]] = {area: [] for area in get_args(Area)}
    for name, kind in sorted(faults.kinds().items()):
        by_area[kind.area].append(name)
    parts = [_FAULTS_HEAD.replace("{count}", str(len(faults.kinds())))]
    parts.append(_table(COMMON) + "\n")
    for area, names in by_area.items():
        lines = [f"- [{area}](#{area.lower().replace(' ', '-')}): " + ", ".join(f"`{name}`" for name in names)]
        parts.append("\n".join(lines))
    for area, names in by_area.items():
        parts.append(f"\n## {area}\n")
        parts += [_fault(name) for name in names]
    return "\n".join(parts)


def _fault(name: str) -> str:
    kind = faults.kinds()[name]
    lines = [f"### `{name}`", "", faults.meanings()[name].replace("``", "`"), ""]
    common = {one.name for one in COMMON}
    own = [one for one in kind.every_parameter if one.name not in common or one.name in kind.defaults]
    if own:
        lines += [_table(own), ""]
    if "rate" not in {one.name for one in kind.every_parameter}:
        lines += ["All or nothing: it takes no `rate`.", ""]
    return "\n".join(lines)


def _table(parameters: Iterable[Parameter]) -> str:
    lines = ["| parameter | meaning |", "| --- | --- |"]
    for one in parameters:
        choices = f"One of {', '.join(f'`{choice}`' for choice in one.choices)}." if one.choices else ""
        otherwise = "**Required.**" if one.required else _default(one.default)
        words = one.meaning[0].upper() + one.meaning[1:]
        lines.append(f"| `{one.name}` | {' '.join(filter(None, (f'{words}.', choices, otherwise)))} |")
    return "\n".join(lines)


def scenarios_reference() -> str:
    """The page ``docs/reference/scenarios.md``."""
    lines = [_SCENARIOS_HEAD]
    for name, text in shipped().items():
        scenario = read_text(text)
        last_s = scenario.steps[-1].at_s
        lines += [f"### `{name}`", "", f"**{scenario.title}.** {scenario.description.strip()}", ""]
        lines += [f"{len(scenario.steps)} steps in {last_s / 60:g} minutes.", "", "```yaml", text.strip(), "```", ""]
    return "\n".join(lines)


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
    if isinstance(value, dict):
        return f"Default: `{value['from']:g}..{value['to']:g}@{value['over_s']:g}`."
    return "" if value is None else f"Default: `{_json(value)}`."


def _json(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_json(each) for each in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
