"""What kind of failure a code is (https://www.twilio.com/docs/api/errors, read 2026-11-21).

Which code a given failure gets today is not fully documented (11200 or 11217 for a 5xx, 11200 or 11205 for no answer),
so a policy had better name classes than codes.
"""

from __future__ import annotations

from functools import lru_cache

CODES: dict[str, frozenset[int]] = {
    "connection": frozenset({11201, 11202, 11203, 11205, 11210}),
    "tls": frozenset({11220, 11235, 11236, 11237}),
    "http": frozenset({11200, 11206, 11215, 11216, 11217, 11251}),
    "overrides": frozenset({11240, 11241, 11242, 11243}),
    "twiml": frozenset({11750, 11770, *range(12100, 12400)}),
    "provider": frozenset({12400}),
}

NONE, OTHER = "none", "other"
"""No code was given, as at a trunk's disaster-recovery URL; a code of none of the classes."""

CLASSES = (*CODES, NONE, OTHER)


@lru_cache(maxsize=1024)
def class_of(code: str) -> str:
    """The class of an ``ErrorCode``."""
    if not code:
        return NONE
    number = int(code) if code.isascii() and code.isdigit() and len(code) <= 6 else 0
    return next((name for name, codes in CODES.items() if number in codes), OTHER)


def fits(pattern: str, code: str) -> bool:
    """Whether a code is of a class, is a code, or begins as ``112*`` says."""
    if pattern in CLASSES:
        return class_of(code) == pattern
    if pattern.endswith("*"):
        return bool(code) and code.startswith(pattern[:-1])
    return code == pattern
