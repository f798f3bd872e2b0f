"""A queue takes no more callers.

Callers hear what the application does when Enqueue says queue-full; without that they are hung up on. An operator sees
the warning 14207 (https://www.twilio.com/docs/api/errors/14207).
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params


def queue_size(params: Params, region: str, name: str) -> int | None:
    """How many it takes."""
    if params["region"] not in (None, region) or params["queue"] not in (None, name):
        return None
    return int(params["size"])


kind = FaultKind(
    area="People and equipment outside",
    parameters=(
        Parameter("region", "region", "queues of this Region; left out: of every Region"),
        Parameter("queue", "text", "only the queue of this name"),
        Parameter("size", "whole", "how many callers it takes", default=0),
    ),
    queue_size=queue_size,
)
