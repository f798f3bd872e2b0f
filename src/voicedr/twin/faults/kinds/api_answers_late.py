"""Every REST answer takes a second or two, in every product.

Callers notice nothing. An operator's work takes as much longer as it has requests: a plan that fitted its time no
longer does.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import REGION


def settings(params: Params, region: str) -> dict[str, float]:
    """What it is instead."""
    return {"answer_s": params["answer_s"]} if params["region"] in (None, region) else {}


kind = FaultKind(
    area="REST API",
    parameters=(REGION, Parameter("answer_s", "number", "how long each answer takes", default=2.0)),
    settings=settings,
)
