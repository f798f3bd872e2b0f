"""A trunk lets the same addresses in in both Regions."""

from voicedr.program.readiness.alike import lists_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import trunk_pairs

check = Check(
    title="Every trunk lets the same addresses in in both Regions",
    why="An SBC whose address is missing in the standby gets no call out once the trunk has moved.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/sip-trunking/api/ipaccesscontrollist-resource",
    severity=Severity.REACHES_NOBODY,
    over=trunk_pairs,
    judge=lists_alike("addresses", "its access control lists"),
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
