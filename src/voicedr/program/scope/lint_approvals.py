"""What must fit together so that approvals can be signed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicedr.program.scope.durations import parse_duration_s, write_duration
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.structure import cut
from voicedr.program.scope.workbook import Approvals

VALID_S_LIMIT = 24 * 3600.0
"""Who was on call yesterday may not be today, and a key that was lost since is only refused once it is known."""

_PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
"""An id that stands for itself in a list of signers, where ``*``, ``?``, ``!`` and commas make patterns.
Source: https://man.openbsd.org/ssh-keygen.1#ALLOWED_SIGNERS (read 2026-11-21)."""


def approval_problems(root: Node) -> Iterator[tuple[Place, str]]:
    """Everything that is wrong with ``approvals``, and with people's ids because of it."""
    approvals = root.get("approvals")
    if approvals.kind != "mapping":
        return
    signers = approvals.get("allowed_signers")
    if not signers:
        yield from _without_signers(approvals)
        return
    for index, person in enumerate(root.get("people").items):
        node = person.get("id")
        if node.text and not _PRINCIPAL.fullmatch(node.text):
            yield (
                node.place,
                f'person {index + 1} has the id "{cut(node.text)}", which cannot stand in a list of signers.'
                " Use letters, digits and . _ @ + - only.",
            )
    yield from _durations(approvals)


def _without_signers(approvals: Node) -> Iterator[tuple[Place, str]]:
    required = approvals.get("required")
    if required.scalar is True:
        yield (
            required.place,
            "approvals.required is true, but there is no approvals.allowed_signers, so no approval could ever count."
            " Name the file of signers, or take the line out.",
        )
    for key in ("valid_for", "clock_skew"):
        if approvals.get(key):
            yield (
                approvals.key_place(key),
                f"approvals.{key} is about signed approvals, but there is no approvals.allowed_signers, so none can be"
                " signed. Name the file of signers, or take the line out.",
            )


def _durations(approvals: Node) -> Iterator[tuple[Place, str]]:
    valid, skew = approvals.get("valid_for"), approvals.get("clock_skew")
    defaults = Approvals()
    valid_s = parse_duration_s(valid.text or "") if valid else defaults.valid_for_s
    skew_s = parse_duration_s(skew.text or "") if skew else defaults.clock_skew_s
    if valid_s is None or skew_s is None:
        return
    if not 1 <= valid_s <= VALID_S_LIMIT:
        yield (
            valid.place,
            f"valid_for of approvals is {valid.text}; it must be from 1s to {write_duration(VALID_S_LIMIT)}, e.g."
            f" {write_duration(defaults.valid_for_s)}.",
        )
    elif skew_s >= valid_s:
        yield (
            (skew or valid).place,
            f"clock_skew of approvals is {write_duration(skew_s)}, which is not less than valid_for"
            f" ({write_duration(valid_s)}). Make it shorter, e.g. {write_duration(min(120.0, valid_s / 2))}.",
        )
