"""Called numbers, and the patterns that a policy has for them."""

from __future__ import annotations

import re

NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")
PREFIX = re.compile(r"(\+[1-9][0-9]{0,14}|sip:[^\s*]{1,200})\*")
RANGE = re.compile(r"(\+[1-9][0-9]{4,14})\.\.(\+[1-9][0-9]{4,14})")
SIP = re.compile(r"sips?:[^\s<>\"*]{1,240}")


def mistake_in(pattern: str) -> str:
    """Why a text is no pattern; empty if it is one."""
    if NUMBER.fullmatch(pattern) or PREFIX.fullmatch(pattern) or SIP.fullmatch(pattern):
        return ""
    if found := RANGE.fullmatch(pattern):
        first, last = found.groups()
        if len(first) == len(last) and first <= last:
            return ""
        return f"{pattern!r} is no range: both ends have as many digits, and the first is not above the last"
    return f'{pattern[:60]!r} is no number; write "+14155550100", "+1415*" or "+14155550100..+14155550199"'


def called_as(to: str) -> tuple[str, ...]:
    """A ``To`` as it may be matched: as it is, and the number if it is a SIP URI with one as its user."""
    scheme, colon, rest = to.partition(":")
    if colon and scheme.lower() in ("sip", "sips"):
        user = rest.partition("@")[0].partition(";")[0]
        if NUMBER.fullmatch(user):
            return to, user
    return (to,)


def fits(pattern: str, names: tuple[str, ...]) -> bool:
    """Whether one of the names is what the pattern says."""
    if pattern.endswith("*"):
        return any(name.startswith(pattern[:-1]) for name in names)
    first, dots, last = pattern.partition("..")
    if dots and NUMBER.fullmatch(first):
        # Of equal length, numbers compare as texts do.
        return any(len(name) == len(first) and first <= name <= last and NUMBER.fullmatch(name) for name in names)
    return pattern in names


def covers(wide: str, narrow: str) -> bool:
    """Whether all that the narrow pattern says, the wide one says too. False where that is not plain."""
    if wide == narrow:
        return True
    if wide.endswith("*"):
        return all(end.startswith(wide[:-1]) for end in narrow.removesuffix("*").split(".."))
    return ".." in wide and not narrow.endswith("*") and all(fits(wide, (end,)) for end in narrow.split(".."))
