"""The reference page of what the twin does with TwiML, made from the verbs, the rules and the Regions' gaps."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.twin.calls.availability import MISSING, NOT_IN_REGION
from voicedr.twin.calls.rules import NOT_CHECKED, RULES, Rule
from voicedr.twin.verbs import VERBS
from voicedr.twin.world.model import REGIONS
from voicedr.wire.twiml_schema import ELEMENTS

_HEAD = """\
# TwiML coverage

This page is made from `src/voicedr/twin/verbs`, `src/voicedr/twin/calls/rules.py` and
`src/voicedr/twin/calls/availability.py`; change those, then run `.venv/bin/python scripts/write_twin_reference.py`.

- **acted out**: callers, webhooks and records behave as if it had been done.
- **accepted**: it is taken without acting it out. The warning 12200 says so, and the next verb runs.
- **refused**: the error {code}; the document cannot be executed, and the fallback is asked.

Sound is not processed: what is said, played or recorded has a length and no content, and a media stream carries
silence.
"""

_ATTRIBUTES = """\
## Attributes

A wrong value gives its code. After a warning the default is used and the call goes on; after an error the document
cannot be executed and the fallback is asked. *Checked* attributes are
not acted on otherwise (`transcribe` only shortens the longest recording), *accepted* ones are not looked at.
"""


def twiml_reference() -> str:
    """The page ``docs/reference/twiml_coverage.md``."""
    regions = list(REGIONS)
    lines = [_HEAD.format(code=NOT_IN_REGION), "## Verbs and nouns", ""]
    lines += [f"| element | {' | '.join(regions)} |", f"| --- |{' --- |' * len(regions)}"]
    for path in _paths():
        said = [_standing(path, region) for region in regions]
        lines.append(f"| `{path}` | {' | '.join(said)} |")
    lines += ["", _ATTRIBUTES]
    for name, rules in RULES.items():
        if not rules or name == "Response":
            continue
        lines += [f"### `{name}`", "", "| attribute | may be | default | wrong value | effect |"]
        lines.append("| --- | --- | --- | --- | --- |")
        lines += [_row(attribute, rule) for attribute, rule in rules.items()]
        lines.append("")
    taken = ", ".join(f"`{name}`" for name in sorted(NOT_CHECKED) if ELEMENTS[name].attributes)
    lines += [f"The attributes of {taken} are taken as they are.", ""]
    return "\n".join(lines)


def _paths() -> Iterator[str]:
    """Verbs in alphabetical order, each with its nouns after it."""
    for verb in sorted(ELEMENTS["Response"].children):
        yield verb
        for noun in sorted(ELEMENTS[verb].children) if verb in VERBS else ():
            if noun != "Parameter" and not noun[0].islower():  # Those in lower case are marks of speech in Say.
                yield f"{verb}/{noun}"


def _standing(path: str, region: str) -> str:
    if region in MISSING.get(path, ()):
        return "refused"
    verb, _, noun = path.partition("/")
    if region in MISSING.get(verb, ()):
        return "refused"
    module = VERBS.get(verb)
    acted = module is not None and (not noun or noun in getattr(module, "NOUNS", frozenset()))
    return "acted out" if acted else "accepted"


def _row(attribute: str, rule: Rule) -> str:
    code = f"{rule.code} ({'error' if rule.error else 'warning'})" if rule.code else ""
    default = f"`{rule.default}`" if rule.default else ""
    effect = "acted out" if rule.acted else "checked" if rule.code else "accepted"
    return f"| `{attribute}` | {_may_be(rule)} | {default} | {code} | {effect} |"


def _may_be(rule: Rule) -> str:
    match rule.kind:
        case "whole":
            return f"{rule.least} to {rule.most}"
        case "auto":
            return f"{rule.least} to {rule.most}, or `auto`"
        case "flag" | "method" | "word":
            return ", ".join(f"`{word}`" for word in rule.allowed)
        case "words":
            return "any of " + ", ".join(f"`{word}`" for word in rule.allowed)
        case "keys":
            return f"any of `{''.join(rule.allowed)}`"
        case "url":
            return "a URL"
        case "text":
            return f"a text of up to {rule.most} characters" if rule.most else "a text"
