"""The garbage collector's settings for a process that keeps a world: look seldom, and not at what is always there.

Python counts references; the collector only finds what refers to itself in a circle. Left as it is, it walked over the
call log again and again for a quarter of the time of a twin under load.
"""

from __future__ import annotations

import gc

YOUNG_MAX = 100_000
"""Objects made since the last look, before there is one. A look walks over every call that is under way, too, so it is
worth its price only when much has been made; Python's own 700 is less than ten calls."""

LOOKS_BEFORE_OLDER = 4
"""Looks at young objects before the ones that survived are looked at: some 400,000, which bounds the longest stop."""

LOOKS_BEFORE_ALL = 20
"""Looks at those before all objects are."""


def settle() -> None:
    """Call once when everything is loaded: what is there now is taken as being there for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, LOOKS_BEFORE_OLDER, LOOKS_BEFORE_ALL)
