"""A private line that is cut has a second one, elsewhere."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.network import flows_with_interconnect

EXCHANGES = frozenset({"ashburn", "san-jose", "sao-paulo", "london", "frankfurt", "singapore", "tokyo", "sydney"})
"""Source: https://www.twilio.com/docs/interconnect (read 2026-11-21). The edge there, ``london-ix``, names one, too."""


def judge(case: Case) -> Conclusion:
    """Pass by the word of whoever declared two exchange locations in different regions; unknown if nobody did."""
    match case.said(About.EXCHANGE_LOCATIONS):
        case Unsaid(reason):
            return Conclusion(
                Outcome.UNKNOWN, f"a private edge is in use, and where it connects is not known: {reason}"
            )
        case Said(value=places) as said:
            if not places:
                return Conclusion(
                    Outcome.FAIL, "a private edge is in use, and no exchange location was declared", None, said
                )
            if strange := sorted(name for name in places if name.removesuffix("-ix") not in EXCHANGES):
                return Conclusion(Outcome.FAIL, f"{', '.join(strange)} is no exchange location", None, said)
            regions = set(places.values())
            told = ", ".join(f"{name} ({region})" for name, region in sorted(places.items()))
            if len({name.removesuffix("-ix") for name in places}) < 2 or len(regions) < 2:
                return Conclusion(
                    Outcome.FAIL, f"connected at {told} only: two in different regions are needed", None, said
                )
            return Conclusion(Outcome.PASS, f"connected at {told}", None, said)


check = Check(
    title="Interconnect has at least two exchange locations in different regions",
    why="With one exchange location its outage is the outage of every call over the private line.",
    fix="Order a connection at a second exchange location in another region, and declare both.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=flows_with_interconnect,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
