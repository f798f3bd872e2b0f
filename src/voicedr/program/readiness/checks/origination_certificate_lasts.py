"""The certificates of SBCs that speak TLS do not end soon."""

from datetime import timedelta

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Origination, originations

DAYS_MIN = 21
"""As long as it takes to notice, order and install one with people on holiday. A rule of ours."""


def judge(uri: Origination) -> Conclusion | None:
    """Pass if the first to end ends later than that; None without TLS; unknown if nobody could ask."""
    if isinstance(uri.stored, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"which SBCs speak TLS could not be read: {uri.stored.reason}")
    match uri.answers:
        case Unobserved(reason):
            if "tls" not in uri.uri.lower() and not uri.uri.lower().startswith("sips:"):
                return None
            return Conclusion(Outcome.UNKNOWN, f"its certificate has not been seen: {reason}")
        case Observed(value=answers) as fact:
            ends = [one.certificate_until for one in answers if one.certificate_until is not None]
            if not ends:
                return None
            first = min(ends)
            told = f"its certificate ends on {first:%Y-%m-%d}"
            if first < fact.at + timedelta(days=DAYS_MIN):
                return Conclusion(Outcome.FAIL, f"{told}, in less than {DAYS_MIN} days", fact)
            return Conclusion(Outcome.PASS, told, fact)


check = Check(
    title="No certificate of an SBC ends within three weeks",
    why="With an expired certificate the TLS handshake fails, and every call to that SBC with it.",
    fix="Install a new certificate at this SBC.",
    source="https://www.twilio.com/docs/sip-trunking",
    severity=Severity.ONE_FAILURE_AWAY,
    over=originations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
