"""An edge comes and goes.

An operator's requests to hosts that name it fail for some seconds, work for some, and fail again: one that worked says
nothing about the next. Callers notice what they notice of an edge that is down.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.faults.kinds import edge_down

kind = replace(edge_down.kind, defaults={"down_s": 20.0, "up_s": 40.0})
