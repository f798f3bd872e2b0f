"""A SIP domain is set in the standby as in the primary."""

from voicedr.program.readiness.alike import settings_alike
from voicedr.program.readiness.check import Area, Check, ClosedBy, Severity, Stage
from voicedr.program.readiness.views.sip_access import domain_pairs

check = Check(
    title="Every SIP domain has the same settings in both Regions: registration, encryption, emergency calls",
    why="Devices cannot register where registration is off, and emergency calls fail where they are not enabled.",
    fix="Set it in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/sip/api/sip-domain-resource",
    severity=Severity.CUT_OFF,
    over=domain_pairs,
    judge=settings_alike,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
