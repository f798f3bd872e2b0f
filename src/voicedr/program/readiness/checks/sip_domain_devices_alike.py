"""The same devices may register with a SIP domain in both Regions."""

from voicedr.program.readiness.alike import lists_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import domain_pairs

check = Check(
    title="The same devices may register with every SIP domain in both Regions",
    why="A telephone whose user name is missing in the standby cannot register there, and cannot be called.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/api/sip-registration",
    severity=Severity.REACHES_NOBODY,
    over=domain_pairs,
    judge=lists_alike("devices", "who may register"),
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
