"""A SIP domain lets the same addresses in in both Regions."""

from voicedr.program.readiness.alike import lists_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import domain_pairs

check = Check(
    title="Every SIP domain lets the same addresses in in both Regions",
    why="A PBX whose address is missing in the standby is dropped there without an answer.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/sip/api/sip-ipaccesscontrollist-resource",
    severity=Severity.REACHES_NOBODY,
    over=domain_pairs,
    judge=lists_alike("addresses", "its access control lists"),
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
