"""The checker of the docs finds what it is for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_docs", ROOT / "scripts" / "check_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_docs"] = module
    spec.loader.exec_module(module)
    return module


check_docs = _load()


def test_the_docs_are_in_order(capfd: pytest.CaptureFixture[str]) -> None:
    """Every link, command, option and generated page of the repository holds."""
    assert check_docs.main() == 0, capfd.readouterr().err


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("voicedr ready support-line", None),
        ("voicedr twin break region-down region=us1 mode=black-hole", None),
        (".venv/bin/voicedr demo --stage-only", None),
        ("voicedr workbook schema", None),
        ("voicedr twin", None),
        ("voicedr twin exec --seed 1 -- curl --fail", None),
        ("voicedr sync copy", "there is no command voicedr sync copy"),
        ("voicedr ready --colour", "voicedr ready has no option --colour"),
        ('voicedr rollback --why "unclosed', "cannot be read as a command (No closing quotation)"),
    ],
)
def test_a_command_or_option_that_does_not_exist_is_found(call: str, why: str | None) -> None:
    """Names and options are those of the program, as it is now."""
    assert check_docs.wrong_call(call) == why


def test_links_to_what_is_not_there_are_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are said with their line; what is in a code block is no link."""
    (tmp_path / "other.md").write_text("# Two words, `code`\n")
    page = tmp_path / "page.md"
    page.write_text("[a](other.md#two-words-code)\n[b](none.md)\n[c](other.md#no)\n```text\n[d](none.md)\n```\n")
    assert list(check_docs.broken_links(page, tmp_path)) == [
        "page.md:2: links to none.md, and there is no such file",
        "page.md:3: links to other.md#no, and there is no such heading",
    ]
