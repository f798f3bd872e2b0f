"""Text in, a workbook out, or every mistake in it at once.

text → positions (YAML) → version → structure (schema) + lint (rules) → values
"""

from __future__ import annotations

from voicedr.program.scope.build import build_workbook
from voicedr.program.scope.lint import lint
from voicedr.program.scope.positions import Node, read_positions
from voicedr.program.scope.problems import Findings, Problem, WorkbookBroken
from voicedr.program.scope.schema import VERSION
from voicedr.program.scope.structure import cut, structural_problems
from voicedr.program.scope.workbook import Workbook

__all__ = ["Problem", "WorkbookBroken", "read_workbook"]


def read_workbook(text: str, path: str) -> Workbook:
    """The workbook that a text holds.

    Args:
        text: The whole file.
        path: What messages call the file. It is not opened.

    Raises:
        WorkbookBroken: If anything is wrong with it; all of it at once, in the order of the file.
    """
    findings = Findings(path)
    root = read_positions(text, findings)
    _check_version(root, findings)
    findings.add_all(structural_problems(root))
    lint(root, findings)
    findings.raise_if_any()
    return build_workbook(root, path)


def _check_version(root: Node, findings: Findings) -> None:
    """Another version has other rules, so nothing else is said about it.

    Raises:
        WorkbookBroken: If this is no workbook, or one of another version.
    """
    version = root.get("voicedr")
    if root.kind != "mapping":
        findings.add(
            root.place, f'a workbook is a mapping that begins with "voicedr: {VERSION}"; this is something else.'
        )
    elif not version:
        findings.add(root.place, f'the workbook does not say its version; put "voicedr: {VERSION}" on the first line.')
        return
    elif version.text == str(VERSION):
        findings.add(
            version.place, f'the version is in quotes, so it is text; write "voicedr: {VERSION}" without them.'
        )
    elif isinstance(version.scalar, bool) or version.scalar != VERSION:
        written = cut(version.raw) if version.kind == "scalar" else "not a number"
        findings.add(
            version.place,
            f"the workbook's version is {written}; this program reads version {VERSION}. Use a program that reads it,"
            f' or rewrite the workbook as "voicedr: {VERSION}".',
        )
    else:
        return
    findings.raise_if_any()
