"""A client that cannot reach one edge has another one to try."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.credentials import with_clients
from voicedr.program.readiness.views.forms import of_region, texts

PUBLIC = ("ashburn", "umatilla", "dublin", "frankfurt", "sydney", "singapore", "tokyo", "sao-paulo")
PRIVATE = tuple(
    f"{place}-ix" for place in ("ashburn", "san-jose", "london", "frankfurt", "singapore", "tokyo", "sydney")
)
NEAREST = "roaming"
"""Sources: https://www.twilio.com/docs/voice/sdks/javascript/edges and
https://www.twilio.com/docs/global-infrastructure/edge-locations (read 2026-11-21)."""


def judge(case: Case) -> Conclusion:
    """Pass if clients are given two edges that exist in each Region, one of them by name; unknown if nobody says."""
    said = case.said(About.CLIENT_EDGES)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    for region in (case.flow.standby, case.flow.primary):
        edges = texts(of_region(said.value, region))
        if strange := [edge for edge in edges if edge not in (*PUBLIC, *PRIVATE, NEAREST)]:
            return Conclusion(Outcome.FAIL, f"{region}: there is no edge {strange[0]}", said=said)
        if len(set(edges)) < 2:
            return Conclusion(Outcome.FAIL, f"{region}: clients are given {len(set(edges))} of two edges", said=said)
    return Conclusion(Outcome.PASS, "clients are given two edges or more in each Region", said=said)


check = Check(
    title="Voice SDK clients are given at least two edges that exist, in each Region",
    why="A client with one edge is out when that edge is. Mobile clients have to try the next one themselves, so their"
    " application needs the list too.",
    fix="Give clients an array of edges for {standby} and for {primary}, and declare it as client-edges.",
    source="https://www.twilio.com/docs/voice/sdks/javascript/edges",
    severity=Severity.ONE_FAILURE_AWAY,
    over=with_clients,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.IN_REGION,
)
