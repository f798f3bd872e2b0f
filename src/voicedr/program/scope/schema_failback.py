"""What the workbook may say of the way home."""

from __future__ import annotations

from voicedr.program.scope.schema_authority import HOURS, approval_of
from voicedr.program.scope.schema_forms import Schema, lines_of, object_of, ref_of

APPROVAL = approval_of("Who may order the way home. Left out: who may order the failover.")

FAILBACK: Schema = object_of(
    "When the flow may come home. Everything is looked at and shown before anybody is asked to approve; what nobody"
    " could look at holds it as what is not so does.",
    (),
    {
        "primary_healthy_for": ref_of(
            "duration", "How long the primary must have been healthy without a break.", default="30m"
        ),
        "no_open_incident": {
            "type": "boolean",
            "default": False,
            "description": "Whether the flow's incident must be closed (`voicedr stand-down`) before.",
            "examples": [True],
        },
        "readiness": {
            "type": "boolean",
            "default": False,
            "description": "Whether every readiness check of the primary must pass.",
            "examples": [True],
        },
        "hours": HOURS | {"description": "When it may begin. Left out: at any time."},
        "approval": APPROVAL,
        "gate": ref_of("gate", "What differs from the flow's gate on the way home, for every cohort."),
        "criteria": lines_of(
            "What else must hold, in words. It is shown to the approvers, who take it on with their approval.",
            "The provider has closed the incident",
        ),
    },
)
