"""The procedure as plain text, which any machine shows and any printer prints. Commands begin with four blanks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from voicedr.program.bag.procedure import Part, Procedure
from voicedr.program.validation.spoken import stamp
from voicedr.program.vocabulary import Mode

COLUMNS = 96
INDENT = "    "

HOW = (
    "Lines that begin with four blanks are commands for bash or zsh, with curl. Type or paste them unchanged.",
    "An answer that does not come (curl says so, or nothing after 15 s) is not a no: do the GET of the step, and"
    " believe that. Never repeat a POST before you have looked.",
    "401: the wrong key or the key of another Region. 404: no such number here. 429: wait 10 s, then the same again."
    " 5xx to a POST: look, as above.",
    "Write the time (UTC) and your initials into each box. The sheet is the record.",
    "If the program runs somewhere, stop it first (voicedr stop): two hands on one flow undo each other.",
)


def as_text(made: Procedure) -> str:
    """The whole procedure."""
    return "\n".join(_lines(made)) + "\n"


def commands_of(text: str) -> list[str]:
    """The commands that a printed procedure tells to type, in order."""
    return [line.removeprefix(INDENT) for line in text.splitlines() if line.startswith(INDENT)]


def does(command: str) -> str:
    """What a command does, where two look alike: POST changes, GET only looks; empty for what is no request."""
    if not command.startswith("curl "):
        return ""
    return "POST (changes it)" if " -d " in command else "GET (only looks)"


def warnings_of(made: Procedure) -> tuple[str, ...]:
    """What must be known before the first command."""
    lines = [f"Not known: {one}." for one in made.unknowns]
    if made.twin:
        lines.insert(0, f"NOT THE PROVIDER: every command goes to {made.twin}, a twin or a test, as the workbook says.")
    return tuple(lines)


def asked_words(made: Procedure) -> str:
    """Whether the Region that is left is asked."""
    return f"{made.leaves} is asked nothing" if made.mode is Mode.UNGRACEFUL else f"{made.leaves} may be asked, too"


def _lines(made: Procedure) -> Iterator[str]:
    yield f"{made.title} ({made.flow}): {made.leaves} to {made.to} by hand"
    yield "=" * COLUMNS
    yield from _wrapped(f"Plan {made.plan_hash}")
    yield from _wrapped(
        f"{asked_words(made)}. Facts read {stamp(made.facts_at)}; do not use after {stamp(made.expires_at)}."
        f" Takes {made.takes}."
    )
    yield from _wrapped(
        f"Needs {made.approvals} people of: {', '.join(made.approval_roles)}. Their names and the time:"
    )
    yield from ("", *[f"  {number}. {'_' * 40}  {'_' * 20} UTC" for number in range(1, made.approvals + 1)], "")
    for words in (*warnings_of(made), *HOW):
        yield from _wrapped(words, "- ")
    yield from _heading("0", "Set the secrets")
    yield from _wrapped("They are in the references of the workbook, never on this page.")
    yield from _commands(made.settings)
    for number, part in enumerate(made.forward, 1):
        yield from _part(str(number), part)
    for part in made.back:
        yield from _part("R", part)


def _part(number: str, part: Part) -> Iterator[str]:
    yield from _heading(number, part.title)
    for words in part.words:
        yield from _wrapped(words)
    for place, step in enumerate(part.steps, 1):
        yield ""
        yield f"[ ] {number}.{place}  {step.title}"
        if step.id:
            yield f"  id: {step.id}"
        yield from _commands(step.commands)
        for words in step.expects:
            yield from _wrapped(words, "  = ")
        yield f"  time ____________ UTC   initials ________   seen {'_' * 32}"
    if part.decides:
        yield ""
        yield f"[ ] {part.decides}: ____________  by {'_' * 28}  at ____________ UTC"


def _heading(number: str, title: str) -> Iterator[str]:
    yield from ("", f"{number}. {title}", "-" * COLUMNS)


def _commands(commands: tuple[str, ...]) -> Iterator[str]:
    yield ""
    for one in commands:
        if what := does(one):
            yield f"  {what}:"
        yield f"{INDENT}{one}"
    yield ""


def _wrapped(words: str, begins: str = "") -> list[str]:
    # Two blanks at most before a continued line: four would make it a command.
    return textwrap.wrap(
        words, COLUMNS, initial_indent=begins, subsequent_indent="  " if begins else "", break_on_hyphens=False
    )
