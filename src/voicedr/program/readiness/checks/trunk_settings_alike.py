"""A trunk is set in the standby as in the primary."""

from voicedr.program.readiness.alike import settings_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import trunk_pairs

check = Check(
    title="Every trunk has the same settings in both Regions: encryption, transfer, caller name",
    why="A trunk that wants encryption in one Region and not in the other refuses in one of them what works in the"
    " other; transfers that are off cut callers off.",
    fix="Set it in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/sip-trunking/api/trunk-resource",
    severity=Severity.CUT_OFF,
    over=trunk_pairs,
    judge=settings_alike,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
