"""The published schema and the reference page are what the program judges by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from program.scope.support_line import GOOD
from voicedr.program.scope.positions import read_positions
from voicedr.program.scope.problems import Findings
from voicedr.program.scope.reference import workbook_reference
from voicedr.program.scope.schema import SCHEMA, schema_text
from voicedr.program.validation.signals import SIGNALS

ROOT = Path(__file__).parents[3]
AGAIN = "run: python scripts/write_workbook_reference.py"


def test_the_published_schema_is_the_one_that_judges() -> None:
    """An editor that completes from the file completes what the program takes."""
    published = ROOT / "src/voicedr/program/scope/workbook.schema.json"
    assert published.read_text(encoding="utf-8") == schema_text(), AGAIN


def test_the_reference_page_is_made_from_the_schema() -> None:
    """Nobody keeps the page in step by hand."""
    page = ROOT / "docs/reference/workbook.md"
    assert page.read_text(encoding="utf-8") == workbook_reference(), AGAIN


def test_the_schema_is_one_and_takes_the_good_workbook() -> None:
    """Judged by the standard's own schema, and by an example."""
    Draft202012Validator.check_schema(SCHEMA)
    plain = read_positions(GOOD, Findings("support-line.yaml")).plain()
    assert list(Draft202012Validator(json.loads(schema_text())).iter_errors(plain)) == []


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a schema describes, with its path."""
    if isinstance(schema, dict):
        named = schema.get("properties")
        for name, value in (named if isinstance(named, dict) else {}).items():
            yield f"{path}/{name}", value
        for key, value in schema.items():
            yield from properties(value, f"{path}/{key}")


def test_every_key_says_what_it_means() -> None:
    """A description on each, so that the editor, the messages and the page have something to say."""
    named = list(properties(SCHEMA))
    assert len(named) > 60
    assert [path for path, schema in named if not schema.get("description")] == []


def test_examples_and_defaults_are_of_the_form_they_stand_for() -> None:
    """An example that is refused is a lie. Examples of whole mappings show their first keys only, and are left out."""
    resolver = {"$defs": SCHEMA["$defs"], "$schema": SCHEMA["$schema"]}
    for path, schema in [*properties(SCHEMA), *((name, form) for name, form in SCHEMA["$defs"].items())]:
        if schema.get("type") == "object" or schema.get("properties"):
            continue
        for value in [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else [])]:
            assert list(Draft202012Validator(schema | resolver).iter_errors(value)) == [], (path, value)


def test_every_signal_that_exists_can_be_named() -> None:
    """A signal is found by being there, also by the schema."""
    enum = SCHEMA["$defs"]["flow"]["properties"]["signals"]["items"]["properties"]["name"]["enum"]
    assert enum == list(SIGNALS)
