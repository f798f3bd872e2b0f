"""Are the docs true as far as a machine can say: links, commands, generated pages, and words that must not be there.

Exit code 0: yes; 1: every place that is wrong is printed with its line.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from voicedr.cli.reference import cli_reference, commands
from voicedr.program.execution.reference import execution_reference
from voicedr.program.readiness.reference import checks_reference
from voicedr.program.scope.reference import workbook_reference
from voicedr.program.scope.schema import schema_text
from voicedr.twin.reference import control_reference, faults_reference, scenarios_reference
from voicedr.twin.twiml_reference import twiml_reference
from voicedr.usecases.report_reference import report_reference

ROOT = Path(__file__).parents[1]

GENERATED = {
    "docs/reference/cli.md": (cli_reference, "write_cli_reference.py"),
    "docs/reference/checks.md": (checks_reference, "write_checks_reference.py"),
    "docs/reference/execution.md": (execution_reference, "write_execution_reference.py"),
    "docs/reference/report.md": (report_reference, "write_report_reference.py"),
    "docs/reference/workbook.md": (workbook_reference, "write_workbook_reference.py"),
    "src/voicedr/program/scope/workbook.schema.json": (schema_text, "write_workbook_reference.py"),
    "docs/reference/faults.md": (faults_reference, "write_twin_reference.py"),
    "docs/reference/control_api.md": (control_reference, "write_twin_reference.py"),
    "docs/reference/twiml_coverage.md": (twiml_reference, "write_twin_reference.py"),
    "docs/reference/scenarios.md": (scenarios_reference, "write_twin_reference.py"),
}

# Put together, so that this file does not say them.
UNWANTED = tuple(
    "".join(parts)
    for parts in (("py", "pi.org"), ("python", "hosted.org"), ("../", "shared"), ("TO", "DO"), ("FIX", "ME"))
)

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\s*$")
CALL = re.compile(r"(?:\.venv/bin/)?voicedr(?:\s|$)")


def pages(root: Path = ROOT) -> list[Path]:
    """Every page of Markdown that is ours."""
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("changelog.d/*.md")])


def broken_links(page: Path, root: Path = ROOT) -> Iterator[str]:
    """Relative links whose file or whose heading is not there."""
    for number, line in _prose(page):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / unquote(path)).resolve() if path else page
            if not file.exists():
                yield f"{_name(page, root)}:{number}: links to {target}, and there is no such file"
            elif anchor and anchor not in anchors(file):
                yield f"{_name(page, root)}:{number}: links to {target}, and there is no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get: lower case, dashes for spaces, without other signs."""
    found: set[str] = set()
    for _, line in _prose(page):
        if line.startswith("#"):
            words = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def blocks(page: Path, *languages: str) -> Iterator[tuple[int, str]]:
    """Lines of code blocks of some languages (all if none is named), with their line numbers."""
    language: str | None = None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if fence:
            language = fence[1] if language is None else None
        elif language is not None and (not languages or language in languages):
            yield number, line


def calls(page: Path) -> Iterator[tuple[int, str]]:
    """Every call of voicedr: in a block after ``$`` or at the beginning, and in running text between backticks."""
    for number, line in blocks(page, "console", "sh", "text"):
        line = line.strip().removeprefix("$ ")
        if CALL.match(line):
            yield number, line.partition("  #")[0].partition(" > ")[0]
    for number, line in _prose(page):
        for quoted in re.findall(r"`([^`]+)`", line):
            if CALL.match(quoted):
                yield number, quoted


@cache
def _known() -> dict[tuple[str, ...], Any]:
    """Every command of the program; making the whole program takes a while, and pages call it hundreds of times."""
    return dict(commands())


def wrong_call(line: str) -> str | None:
    """What is wrong with a call of voicedr; None if its command and its options exist."""
    try:
        words = shlex.split(line.replace("…", "x"))[1:]
    except ValueError as exc:
        return f"cannot be read as a command ({exc})"
    known = _known()
    top = [word for word in words[:3] if not word.startswith("-")]
    if not top:
        return None
    path = next((tuple(top[:size]) for size in (3, 2, 1) if tuple(top[:size]) in known), None)
    if path is None:
        groups = {one[:size] for one in known for size in range(1, len(one))}
        shown = top if tuple(top[:2]) in groups else top[:2]
        return None if tuple(top) in groups else f"there is no command voicedr {' '.join(shown)}"
    options = {"-h", "--help"}
    for parameter in known[path].params:
        if parameter.param_type_name == "option":
            options |= {*parameter.opts, *parameter.secondary_opts}
    ours = words[len(path) :]
    for word in ours[: ours.index("--")] if "--" in ours else ours:
        option = word.partition("=")[0]
        if option.startswith("-") and option != "-" and option not in options:
            return f"voicedr {' '.join(path)} has no option {option}"
    return None


def wrong_calls(page: Path, root: Path = ROOT) -> Iterator[str]:
    """Calls of commands or options that there are not."""
    for number, line in calls(page):
        if why := wrong_call(line):
            yield f"{_name(page, root)}:{number}: {line!r}: {why}"


def stale_pages(root: Path = ROOT) -> Iterator[str]:
    """Generated pages that are not what their generators say now."""
    for name, (generate, script) in GENERATED.items():
        file = root / name
        if not file.exists() or file.read_text(encoding="utf-8") != generate():
            yield f"{name}: is not current. Write it again: .venv/bin/python scripts/{script}"


def unwanted_words(root: Path = ROOT) -> Iterator[str]:
    """Words that must be in no file of the repository."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout  # noqa: S603
    for name in filter(None, listed.split("\0")):
        file = root / name
        if not file.is_file():
            continue
        text = file.read_bytes().decode("utf-8", errors="replace")
        for word in UNWANTED:
            if found := re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", text):
                yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: says {word!r}"


def main() -> int:
    """Print everything that is wrong."""
    wrong = [*stale_pages(), *unwanted_words()]
    for page in pages():
        wrong += [*broken_links(page), *wrong_calls(page)]
    for line in wrong:
        sys.stderr.write(line + "\n")
    return 1 if wrong else 0


def _prose(page: Path) -> Iterator[tuple[int, str]]:
    inside = {number for number, _ in blocks(page)}
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if number not in inside:
            yield number, line


def _name(page: Path, root: Path) -> str:
    return str(page.relative_to(root)) if page.is_relative_to(root) else str(page)


if __name__ == "__main__":
    sys.exit(main())
