"""A Region comes and goes.

Callers hear nothing for some seconds, are served for some, and hear nothing again; calls that last are cut each time it
goes. An operator who moves on the first silence, or back on the first answer, moves too often.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.faults.kinds import region_down

kind = replace(region_down.kind, defaults={"down_s": 30.0, "up_s": 30.0})
