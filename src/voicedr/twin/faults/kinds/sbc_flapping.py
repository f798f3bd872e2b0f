"""A session border controller comes and goes.

Callers of its trunk are sometimes connected at once and sometimes after 4 s of silence, to the next target. An operator
sees warnings 32011 in bursts, and each test that happens to work.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.faults.kinds import party_down

kind = replace(party_down.kind, defaults={"down_s": 15.0, "up_s": 15.0})
