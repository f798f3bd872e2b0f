"""The fallback does not lean on what has just failed."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.views.web_pairs import Pair, pairs


def judge(pair: Pair) -> Conclusion | None:
    """Pass if neither its answer nor the way to it needs the primary's host; unknown if no document was seen.

    None where both are on one host anyway (another check has that).
    """
    if pair.host and pair.host == pair.fallback_host:
        return None
    match pair.told:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its first document has not been seen: {reason}")
        case Observed(value=WebhookAnswer(hops=hops)) as fact if any(hop.host == pair.host for hop in hops):
            return Conclusion(Outcome.FAIL, f"it redirects to its primary's host, {pair.host}", fact)
        case Observed(value=WebhookAnswer(problem=str(problem))) as fact:
            return Conclusion(Outcome.UNKNOWN, f"its first document has not been seen: it {problem}", fact)
        case Observed(value=answer) as fact:
            if pair.host in answer.needs:
                why = f"its first document goes on with its primary's host, {pair.host}"
                return Conclusion(Outcome.FAIL, why, fact)
            return Conclusion(Outcome.PASS, "its first document needs nothing of its primary's host", fact)


check = Check(
    title="No fallback's first document goes on with its primary's host",
    why="A fallback that redirects to the primary's host, plays from it or posts the next step to it fails at that"
    " step,"
    " because that host is what has failed.",
    fix="Serve every step of the fallback of {region} from the fallback's own host: relative URLs do.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=pairs,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
