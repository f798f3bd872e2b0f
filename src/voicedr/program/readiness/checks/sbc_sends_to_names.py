"""An SBC sends its calls to names, and so to every address behind them."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.views.network import SbcFile, sbcs


def judge(sbc: SbcFile) -> Conclusion:
    """Pass if the file names the provider and pins none of its addresses; unknown if that cannot be told."""
    said = sbc.said if isinstance(sbc.said, Said) else None
    match sbc.config:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows where this SBC sends its calls: {reason}", None, said)
        case Observed(value=config) as fact:
            if config.pinned:
                why = f"sends to the address {', '.join(config.pinned[:3])} in place of a name"
                return Conclusion(Outcome.FAIL, why, fact, said)
            if config.unclear:
                why = f"a destination may be hidden where it could not be followed: {config.unclear[0]}"
                return Conclusion(Outcome.UNKNOWN, why, fact, said)
            if not config.names:
                return Conclusion(Outcome.UNKNOWN, "names no destination of the provider's", fact, said)
            return Conclusion(Outcome.PASS, f"sends to {', '.join(config.names)}", fact, said)


check = Check(
    title="No SBC is pinned to an address of the provider",
    why="A name has three or four addresses in several zones. An SBC that sends to one of them has no second when it"
    " dies.",
    fix="Send to the termination name, try each of its addresses, and go to the next after 4 s: voicedr sbc-config.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=sbcs,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
