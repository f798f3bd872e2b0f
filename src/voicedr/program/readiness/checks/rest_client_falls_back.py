"""The application's own REST clients know a second edge."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.web_rest import RestFile, rest_files


def judge(file: RestFile) -> Conclusion:
    """Pass if the source names two edges or a client that falls back; unknown if nobody can tell from it."""
    if isinstance(file.said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, file.said.reason)
    match file.source:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its source could not be read: {reason}", None, file.said)
        case Observed(value=source) as fact:
            if not source.uses:
                return Conclusion(Outcome.UNKNOWN, "no REST client was recognised in it", fact, file.said)
            if source.pinned and not source.falls_back:
                lines = ", ".join(str(line) for line in source.pinned[:5])
                why = f"it writes api.twilio.com without an edge (line {lines})"
                return Conclusion(Outcome.FAIL, why, fact, file.said)
            if source.falls_back or len(source.edges) >= 2:
                named = f"names {', '.join(source.edges)}" if source.edges else "uses a client that falls back"
                return Conclusion(Outcome.PASS, named, fact, file.said)
            if source.region_named and not source.edges and not source.from_environment:
                return Conclusion(Outcome.FAIL, "it names a Region without an edge", fact, file.said)
            if source.edges:
                return Conclusion(Outcome.FAIL, f"it knows one edge, {source.edges[0]}", fact, file.said)
            if source.from_environment:
                why = "it takes its edge from the environment: what it does when that one is out cannot be seen"
                return Conclusion(Outcome.UNKNOWN, why, fact, file.said)
            return Conclusion(Outcome.FAIL, "it makes a client without an edge", fact, file.said)


check = Check(
    title="Every declared REST client of the application goes to a second edge when the first does not answer",
    why="api.twilio.com is one name. A client that knows no other can neither place nor change a call while that"
    " name does"
    " not answer. One that is given a Region without an edge asks a name that is no longer served.",
    fix="Give the client edge and Region, and a list of edges to go to next; voicedr's edge client does it for the"
    " official"
    " libraries.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=rest_files,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
