"""The table of the provider's rules names tests that exist, and its page is current."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_twin_rules", ROOT / "scripts" / "write_twin_rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["write_twin_rules"] = module
    spec.loader.exec_module(module)
    return module


table = _load()
AREAS = table.read_areas()
RULES = [rule for area in AREAS for rule in area.rules]


def _tests_in(path: Path) -> set[str]:
    """The tests of a file as pytest names them, read without running it."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def test_every_proof_is_a_test_that_exists() -> None:
    """A renamed or deleted test cannot go on proving a rule."""
    files = {test.partition("::")[0] for rule in RULES for test in rule.proved_by}
    missing = sorted(path for path in files if not (TESTS / path).is_file())
    assert missing == []
    known = {f"{path}::{name}" for path in files for name in _tests_in(TESTS / path)}
    assert [(rule.id, test) for rule in RULES for test in rule.proved_by if test not in known] == []


def test_no_rule_is_there_twice() -> None:
    """One id and one sentence for each rule, no test twice for one, and no place twice for areas."""
    for said in ([rule.id for rule in RULES], [rule.text for rule in RULES], [area.place for area in AREAS]):
        assert [one for one, times in Counter(said).items() if times > 1] == []
    assert [rule.id for rule in RULES if len(set(rule.proved_by)) < len(rule.proved_by)] == []


def test_rules_are_well_formed() -> None:
    """Ids are lower-case words with dashes, pages are the provider's, a rule is one sentence."""
    assert [rule.id for rule in RULES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)] == []
    assert [rule.page for rule in RULES if not re.fullmatch(r"https://www\.twilio\.com/\S+", rule.page)] == []
    assert [rule.text for rule in RULES if not re.fullmatch(r"[^\s].{20,}[.]", rule.text)] == []


def test_the_page_is_current() -> None:
    """docs/reference/twin_rules.md is what the table says now."""
    assert table.PAGE.read_text(encoding="utf-8") == table.page_text(AREAS), (
        "docs/reference/twin_rules.md is not current; write it again: .venv/bin/python scripts/write_twin_rules.py"
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('id = "a-b"\npage = "x"\n', "rule a-b: ['rule'] is missing"),
        ('id = "a-b"\npage = "x"\nrule = "y"\n', "rule a-b: give the tests that prove it, or the status 'not yet'"),
        ('id = "a-b"\npage = "x"\nrule = "y"\nstatus = "done"\n', "rule a-b: status is 'done'"),
        ('id = "a-b"\npage = "x"\nrule = "y"\nstatus = "not yet"\nproved_by = ["t"]\n', "and not both"),
        ('id = "a-b"\npage = "x"\nrule = "y"\nproved_by = "t"\n', "give a list of test functions"),
        ('id = "a-b"\npage = "x"\nrule = "y"\nwhy = "z"\n', "['why'] means nothing"),
    ],
)
def test_mistakes_in_the_table_are_told(tmp_path: Path, rule: str, told: str) -> None:
    """What cannot be read is told with its file and its rule."""
    (tmp_path / "some.toml").write_text(f'title = "Some"\nplace = 1\n[[rule]]\n{rule}')
    with pytest.raises(ValueError, match=r"^some\.toml: ") as refused:
        table.read_areas(tmp_path)
    assert told in str(refused.value)
