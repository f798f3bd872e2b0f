"""An SBC whose edge is gone has another one to send to."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.views.network import SbcFile, sbcs


def judge(sbc: SbcFile) -> Conclusion:
    """Pass if the file names at least two edges; unknown if that cannot be told."""
    said = sbc.said if isinstance(sbc.said, Said) else None
    match sbc.config:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows which edges this SBC sends to: {reason}", None, said)
        case Observed(value=config) as fact:
            if len(config.edges) >= 2:
                return Conclusion(Outcome.PASS, f"knows {', '.join(config.edges)}", fact, said)
            if config.unclear:
                why = f"an edge may be hidden where it could not be followed: {config.unclear[0]}"
                return Conclusion(Outcome.UNKNOWN, why, fact, said)
            told = f"knows {config.edges[0]} alone" if config.edges else "knows no edge by name"
            return Conclusion(Outcome.FAIL, told, fact, said)


check = Check(
    title="Every SBC sends to at least two edges",
    why="When the edge that an SBC sends to is gone, outgoing calls fail until somebody changes its configuration.",
    fix="Add the termination name at a second edge as the next destination: voicedr sbc-config --edge A --edge B.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=sbcs,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
