"""A telephone that has lost its edge has another one."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.network import flows_with_devices
from voicedr.wire.overrides import EDGES


def judge(case: Case) -> Conclusion:
    """Pass by the word of whoever declared two edges that there are; unknown if nobody did."""
    match case.said(About.DEVICE_EDGES):
        case Unsaid(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows where its devices register: {reason}")
        case Said(value=edges) as said:
            if strange := [edge for edge in edges if edge.removesuffix("-ix") not in EDGES and edge not in EDGES]:
                return Conclusion(
                    Outcome.FAIL, f"devices register with {', '.join(strange)}: no edge for it", None, said
                )
            if len(set(edges)) < 2:
                told = f"devices register with {edges[0]} alone" if edges else "devices register with no edge"
                return Conclusion(Outcome.FAIL, told, None, said)
            return Conclusion(Outcome.PASS, f"devices register with {', then '.join(edges)}", None, said)


check = Check(
    title="SIP devices register with at least two edges",
    why="When the edge of a device is gone and it knows no other, its calls come from an edge that nobody chose, or not"
    " at all once the registration has run out.",
    fix="Give the devices a second edge: NAME.sip.EDGE.twilio.com beside the one that they have. Try both:"
    " voicedr sip register.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=flows_with_devices,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
