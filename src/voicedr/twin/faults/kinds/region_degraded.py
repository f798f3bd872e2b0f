"""A Region fails in part: some calls and some requests, more and more of them.

Callers are served or hear nothing, by chance. An operator sees the same requests work and fail. By itself the share
grows from nothing to most of it within ten minutes; ``rate`` says otherwise.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.faults.kinds import region_down

kind = replace(
    region_down.kind,
    defaults={"rate": {"from": 0.0, "to": 0.9, "over_s": 600.0}},
    public={"Programmable Voice": "degraded_performance", "REST API": "degraded_performance"},
)
