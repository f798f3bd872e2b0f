"""Clients are new enough to go where their token says."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.credentials import clients, with_clients
from voicedr.program.readiness.views.forms import version

MINIMUM = {"js": (2, 1, 0), "ios": (6, 4, 0), "android": (6, 1, 0)}
"""https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21)."""


def judge(case: Case) -> Conclusion:
    """Pass if every client's version is at least the first that knows Regions; unknown if nobody says the versions."""
    said = clients(case)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    for name, text in said.value.items():
        least, has = MINIMUM.get(name), version(text)
        if least is None or has is None:
            return Conclusion(Outcome.UNKNOWN, f"nobody knows from which version {name} {text} knows Regions")
        if has < least:
            first = ".".join(map(str, least))
            return Conclusion(Outcome.FAIL, f"{name} {text} does not know Regions: {first} is the first", said=said)
    return Conclusion(Outcome.PASS, f"{', '.join(f'{name} {text}' for name, text in said.value.items())}", said=said)


check = Check(
    title="Every Voice SDK is of a version that knows Regions",
    why="An older client goes to us1 whatever its token says.",
    fix="Release clients with JS 2.1.0, iOS 6.4.0 or Android 6.1.0 or newer, and declare them as client-versions.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.REACHES_NOBODY,
    over=with_clients,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
