"""Structure: what the schema says of a workbook, in the reader's words and at the place in the file.

The judge is the published schema; this file only finds the place and the words. Values of keys that hold secrets, and
keys nobody knows beside them, are never repeated: a secret in the wrong place is still a secret.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place, printable
from voicedr.program.scope.schema import SCHEMA
from voicedr.program.scope.schema_forms import Schema
from voicedr.program.vocabulary import REGIONS

Path = tuple[str | int, ...]

SHOWN_CHARACTERS_MAX = 60


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    # In Python "$" also matches before a final line feed; in the schema's own dialect (ECMA-262) it does not.
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


def _pattern(validator: Any, pattern: str, instance: object, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError("pattern")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def structural_problems(root: Node) -> list[tuple[Place, str]]:
    """Everything the schema has to say, with places."""
    found: list[tuple[Place, str]] = []
    for error in _Validator(SCHEMA).iter_errors(root.plain()):
        found.extend(_problems(root, tuple(error.absolute_path), error))
    return found


def _problems(root: Node, path: Path, error: ValidationError) -> Iterator[tuple[Place, str]]:
    owner, node = place_of(root, path), _at(root, path)
    schema: Schema = error.schema if isinstance(error.schema, dict) else {}
    if "propertyNames" in error.absolute_schema_path:
        key = str(error.instance)
        yield node.key_place(key), _bad_name(root, path, key, schema)
        return
    match error.validator:
        case "required":
            for key in schema["required"]:
                if key in dict(node_keys(node)) or key == "voicedr":
                    continue  # reading has spoken of the version
                yield owner, _missing(root, path, key, schema["properties"][key])
        case "additionalProperties":
            known = list(schema["properties"])
            for key, place in node_keys(node):
                if key not in known:
                    yield place, _unknown_key(root, path, key, known)
        case "minItems" | "minProperties":
            yield owner, f"{name_of(root, path)} is empty; it must have at least one entry."
        case _:
            yield node.place, _bad_value(root, path, node, schema)


def _at(root: Node, path: Path) -> Node:
    node = root
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
    return node


def node_keys(node: Node) -> Iterable[tuple[str, Place]]:
    """The keys of a mapping with their places."""
    return ((entry.key, entry.place) for entry in node.entries)


def place_of(root: Node, path: Path) -> Place:
    """Where a thing begins as a person sees it: its key, or its place in a list."""
    if path and isinstance(path[-1], str):
        return _at(root, path[:-1]).key_place(path[-1])
    return _at(root, path).place


def name_of(root: Node, path: Path) -> str:
    """What people call the thing at a path: ``cohort "canary"``, ``rto of flow "support-line"``."""
    named, rest = "", path
    match path:
        case ("account", "regions", str(region), *below):
            named, rest = f'Region "{region}"', tuple(below)
        case ("people", int(index), *below):
            named, rest = f"person {_called(root, path[:2], 'id', index)}", tuple(below)
        case ("declared", int(index), *below):
            named, rest = f"declaration {_called(root, path[:2], 'about', index)}", tuple(below)
        case ("flows", str(), "cohorts", int(index), *below):
            named, rest = f"cohort {_called(root, path[:4], 'name', index)}", tuple(below)
        case ("flows", str(flow), "signals", int(index), *below):
            named, rest = f'signal {index + 1} of flow "{flow}"', tuple(below)
        case ("flows", str(flow), *below):
            named, rest = f'flow "{flow}"', tuple(below)
    words = ".".join(step for step in rest if isinstance(step, str))
    if words and named:
        return f"{words} of {named}"
    return words or named or "the workbook"


def _called(root: Node, path: Path, key: str, index: int) -> str:
    said = _at(root, path).get(key).text
    return f'"{said}"' if said else str(index + 1)


def suggestion(wrong: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """``Did you mean "x"?`` if something known is close, else the other sentence."""
    close = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f'Did you mean "{close[0]}"?' if close else otherwise


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _bad_name(root: Node, path: Path, key: str, schema: Schema) -> str:
    if "enum" in schema:
        known = schema["enum"]
        listed = f"known Regions are {_listed(known)}."
        return f'"{cut(key)}" is not a Region where calls are processed; {listed} {suggestion(key, known)}'.rstrip()
    return (
        f'"{cut(key)}" cannot be {schema["title"]} in {name_of(root, path)}; use lower-case letters, digits and'
        f" hyphens, e.g. {schema['examples'][0]}."
    )


def _missing(root: Node, path: Path, key: str, schema: Schema) -> str:
    name = name_of(root, path)
    resolved = _resolved(schema)
    meaning = str(resolved["description"]).rstrip(".").replace("`", "")
    example = _example_for(path, key, resolved)
    add = f' Add it, e.g. "{key}: {example}".' if example else " Add it."
    if '"' in example:
        add = f" Add it, e.g. {key}: {example}"
    return f'{name} has no "{key}" ({meaning[0].lower()}{meaning[1:]}).{add}'


def _example_for(path: Path, key: str, schema: Schema) -> str:
    if path[:2] == ("account", "regions") and len(path) == 3:
        region = str(path[2])
        if key == "edge":
            return next((edge for known, edge in REGIONS.items() if known == region), "dublin")
        return f"env:TWILIO_{key.upper()}_{region.upper()}" if region in REGIONS else f"env:TWILIO_{key.upper()}"
    examples = schema.get("examples")
    return _flow_style(examples[0]) if examples else ""


def _flow_style(value: object) -> str:
    """A value as it would be written on one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow_style(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow_style(item) for item in value) + "]"
    if isinstance(value, str):
        return f'"{value}"' if value.startswith("+") else value
    return json.dumps(value)


def _resolved(schema: Schema) -> Schema:
    reference = schema.get("$ref")
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")] | schema if reference else schema


def _unknown_key(root: Node, path: Path, key: str, known: list[str]) -> str:
    """A key may be half a secret (``api_secret:abc`` without a space is one key), so it is not always repeated."""
    name = name_of(root, path)
    if ":" in key:
        before = key.split(":")[0].strip()
        if before in known:
            return f'{name} has "{before}:" without a space after the colon; YAML reads it all as a key. Add the space.'
        return f'{name} has a key with ":" inside, which is not known; put a space after the colon.'
    shown = f'"{cut(key)}"'
    hint = suggestion(key, known, otherwise=f"Known keys are {_listed(known)}.")
    if _holds_secrets(path) and not hint.startswith("Did"):
        shown = "that is not shown here"
    return f"{name} has a key {shown}, which is not known. {hint}"


def _holds_secrets(path: Path) -> bool:
    return path[:2] == ("account", "regions") and len(path) >= 3


_LOGIN = re.compile(r"://[^/\s]*:[^/\s]*@|password=")
"""An address with a password in it, wherever somebody wrote it."""


def _is_hidden(path: Path) -> bool:
    if path[:2] == ("checkpoints", "places"):
        return True  # a token, or an address with a secret in it
    if path[:2] == ("sync", "credentials"):
        return True  # somebody may have written the password itself
    if (path[:1], path[2:3], path[4:5]) == (("flows",), ("sbc",), ("rpc",)):
        return True  # an address with a password in it is refused, and not repeated
    return (_holds_secrets(path) and path[3:4] != ("edge",)) or path[:2] == ("account", "address")


def cut(text: str) -> str:
    """A text short enough for a message, on one line."""
    text = printable(text)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def _shown(path: Path, node: Node) -> str:
    match node.kind:
        case "mapping":
            return "a mapping"
        case "sequence":
            return "a list"
    if node.scalar is None or node.scalar == "":
        return "empty"
    if _is_hidden(path) or _LOGIN.search(node.raw) or (path == ("account", "sid") and not node.raw.startswith("AC")):
        return "a value that is not shown here"
    return f'"{cut(node.raw)}"' if isinstance(node.scalar, str) else cut(node.raw)


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": 'a mapping ("key: value" lines)',
}


def _bad_value(root: Node, path: Path, node: Node, schema: Schema) -> str:
    name, shown = name_of(root, path), _shown(path, node)
    has = f"{name} has {shown}; each" if isinstance(path[-1:][0] if path else "", int) else f"{name} is {shown}; it"
    title = str(schema.get("title", ""))
    is_number = isinstance(node.scalar, (int, float)) and not isinstance(node.scalar, bool)
    if is_number and title.startswith("a telephone number"):
        return _unquoted_number(name, node.raw)
    if is_number and title.startswith("a duration"):
        seconds = float(str(node.scalar))
        written = f"if seconds are meant, write {write_duration(seconds)}" if 0 < seconds < 1e7 else "write e.g. 15m"
        return f"{name} is {shown}, without a unit; {written}."
    if is_number and schema.get("type") == "string" and not title:
        return f'{has} must be text; put it in quotes: "{cut(node.raw)}".'
    if "enum" in schema:
        known = schema["enum"]
        return f"{has} must be {_or(known)}. {suggestion(node.text or '', known)}".rstrip()
    if "const" in schema:
        return f"{has} must be {schema['const']}."
    examples = schema.get("examples")
    form = title or _TYPES.get(str(schema.get("type")), "another value")
    right_type = isinstance(node.scalar, (int, float, str)) and not isinstance(node.scalar, bool)
    if right_type and (bounds := _bounds(schema)):
        form = f"{form}, {bounds}"
    example = f", e.g. {_flow_style(examples[0])}" if examples and title else ""
    if _is_hidden(path) and title:
        example = f": {_or(schema['examples'])}" if len(schema["examples"]) > 1 else example
    return f"{has} must be {form}{example}."


def _unquoted_number(name: str, raw: str) -> str:
    if raw.startswith("+"):
        return f'{name}: {cut(raw)} is not in quotes, so YAML reads it as an integer; write "{cut(raw)}".'
    return (
        f"{name}: {cut(raw)} is not in quotes and has no plus; write it in quotes with plus and country code,"
        ' e.g. "+14155550100".'
    )


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{_listed(words[:-1])} or {words[-1]}"


def _bounds(schema: Schema) -> str:
    parts = []
    for keyword, words in (
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
    ):
        if keyword in schema:
            parts.append(f"{words} {schema[keyword]:g}")
    return " and ".join(parts)
