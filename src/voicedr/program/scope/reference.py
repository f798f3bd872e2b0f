"""The reference page of the workbook, made from its schema, so that the two cannot disagree."""

from __future__ import annotations

import json
from collections.abc import Iterator

from voicedr.program.scope.schema import SCHEMA
from voicedr.program.scope.schema_declared import VALUE_FORMS
from voicedr.program.scope.schema_forms import FORMS, Schema

_INTRODUCTION = """\
# The workbook

One YAML file holds the disaster recovery program of one account. It is read by the core schema of YAML 1.2; every
mistake is reported at once, each with its line and column. Telephone numbers stand in quotes, durations carry their
units, and secrets are references. A megabyte is read, and no merge keys, tags or second documents.

`voicedr` checks more than the schema says: everything moves and nothing moves twice, the standby is another Region with
its own edge and key inside the residency, the people who must approve exist and are as many as are needed, and every
gate can pass and can stop.

This page is made from the schema (`src/voicedr/program/scope/workbook.schema.json`), which editors can complete from.
"""


def workbook_reference() -> str:
    """The page ``docs/reference/workbook.md``."""
    lines = [_INTRODUCTION]
    for title, schema in _sections():
        lines.append(f"## {title}\n")
        lines.append(f"{schema['description']}\n")
        lines.append("| key | value | meaning |\n| --- | --- | --- |")
        lines.extend(_row(key, value, key in schema.get("required", ())) for key, value in schema["properties"].items())
        lines.append("")
    lines.append("## What can be declared\n")
    lines.append("| about | value | for example |\n| --- | --- | --- |")
    lines.extend(
        f"| `{about}` | {_cell(str(form['title']))} | `{_quoted(form['examples'][0])}` |"
        for about, form in VALUE_FORMS.items()
    )
    lines.append("")
    lines.append("## Values\n")
    lines.append("| form | written as | examples |\n| --- | --- | --- |")
    for name, form in FORMS.items():
        if form["type"] != "object":
            examples = ", ".join(f"`{_quoted(example)}`" for example in form["examples"])
            lines.append(f"| {name} | {_cell(form['description'])} | {examples} |")
    return "\n".join(lines) + "\n"


def _sections() -> Iterator[tuple[str, Schema]]:
    top = SCHEMA["properties"]
    definitions = SCHEMA["$defs"]
    flow = definitions["flow"]["properties"]
    yield "The file", SCHEMA
    yield "`account`", top["account"]
    yield "`account.regions.<region>`", top["account"]["properties"]["regions"]["additionalProperties"]
    yield "`account.limits`", top["account"]["properties"]["limits"]
    yield "`people[]`", top["people"]["items"]
    yield "`people[].hours[]`", top["people"]["items"]["properties"]["hours"]["items"]
    yield "`approvals`", top["approvals"]
    yield "`authority`", top["authority"]
    yield "`authority.<function>`", top["authority"]["properties"]["approval"]
    yield "`break_glass`", top["break_glass"]
    yield "`freeze[]`", top["freeze"]["items"]
    yield "`journal`", top["journal"]
    yield "`checkpoints`", top["checkpoints"]
    yield "`checkpoints.places[]`", top["checkpoints"]["properties"]["places"]["items"]
    yield "`declared[]`", top["declared"]["items"]
    yield "`sync`", top["sync"]
    yield "`sync.urls[]`", top["sync"]["properties"]["urls"]["items"]
    yield "`sync.also[]`", top["sync"]["properties"]["also"]["items"]
    yield "`sync.ignore[]`", top["sync"]["properties"]["ignore"]["items"]
    yield "`flows.<id>`", definitions["flow"]
    yield "`entry_points` and `trickle`", definitions["members"]
    yield "`cohorts[]`", definitions["cohort"]
    yield "`gate`", definitions["gate"]
    yield "`signals[]`", flow["signals"]["items"]
    yield "`roles`", flow["roles"]
    yield "`roles.approval`", flow["roles"]["properties"]["approval"]
    yield "`failback`", flow["failback"]
    yield "`failback.approval`", flow["failback"]["properties"]["approval"]
    yield "`application`", flow["application"]
    yield "`impact`", flow["impact"]
    yield "`decision_targets`", flow["decision_targets"]
    yield "`automatic`", flow["automatic"]
    yield "`overlap`", flow["overlap"]
    yield "`on_interrupt`", flow["on_interrupt"]
    yield "`rollback`", flow["rollback"]
    yield "`sbc[]`", flow["sbc"]["items"]
    yield "`sbc[].moves[]`", flow["sbc"]["items"]["properties"]["moves"]["items"]


def _row(key: str, schema: Schema, required: bool) -> str:
    meaning = _cell(schema["description"])
    if required:
        meaning += " **Required.**"
    if "default" in schema:
        meaning += f" Default: `{_quoted(schema['default'])}`."
    return f"| `{key}` | {_cell(_kind(schema))} | {meaning} |"


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return f"a mapping ({name})" if FORMS.get(name, {"type": "object"})["type"] == "object" else name
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    match schema.get("type"):
        case None:
            return str(schema["title"])
        case "array":
            return f"list of {_kind(schema['items'])}".replace("list of a mapping", "list of mappings")
        case "object":
            return "a mapping"
        case "string":
            return str(schema.get("title", "text"))
        case "boolean":
            return "`true` or `false`"
        case kind:
            return ("a whole number" if kind == "integer" else "a number") + _bounds(schema)


def _bounds(schema: Schema) -> str:
    words = (
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
    )
    parts = [f"{word} {schema[keyword]:g}" for keyword, word in words if keyword in schema]
    return ", " + " and ".join(parts) if parts else ""


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if value.startswith("+") else value
    return json.dumps(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
