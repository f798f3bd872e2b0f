"""The application comes and goes.

Callers are served or fall back, by the second in which they rang. An operator sees alerts in bursts; a health check
that asks at the wrong moments sees none.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.faults.kinds import webhook_unreachable

kind = replace(webhook_unreachable.kind, defaults={"down_s": 10.0, "up_s": 20.0})
