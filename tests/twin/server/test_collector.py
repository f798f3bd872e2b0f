"""The collector's settings: seldom, and not over what is always there."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, weakref
from voicedr.twin.server.collector import LOOKS_BEFORE_ALL, LOOKS_BEFORE_OLDER, YOUNG_MAX, settle
class Ring:
    pass
before = Ring(); before.self = before
settle()
assert gc.get_freeze_count() > 1000, gc.get_freeze_count()
assert gc.get_threshold() == (YOUNG_MAX, LOOKS_BEFORE_OLDER, LOOKS_BEFORE_ALL)
ring = Ring(); ring.self = ring
gone = weakref.ref(ring)
del ring
made = [[] for _ in range(YOUNG_MAX + 1)]
assert gone() is None
"""


def test_what_is_there_is_left_alone_and_new_circles_are_still_found() -> None:
    """In a process of its own: what was loaded is frozen, and a circle made later is soon gone."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
