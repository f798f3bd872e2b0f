"""A SIP domain knows the same users in both Regions."""

from voicedr.program.readiness.alike import lists_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import domain_pairs

check = Check(
    title="Every SIP domain knows the same users in both Regions",
    why="A PBX whose user name is missing in the standby is refused there. Passwords cannot be read, so that they are"
    " the same is not looked at.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/sip/api/sip-credentiallist-resource",
    severity=Severity.REACHES_NOBODY,
    over=domain_pairs,
    judge=lists_alike("users", "its credential lists"),
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
