"""The REST API answers under a second name, where it has one."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web_rest import RestRegion, rest_regions


def judge(api: RestRegion) -> Conclusion:
    """Pass if at least two of its names answer; unknown if too few were asked to tell."""
    seen = [(edge, fact) for edge, fact in api.reached if isinstance(fact, Observed)]
    alive = [edge for edge, fact in seen if fact.value.problem is None]
    if len(alive) >= 2:
        return Conclusion(Outcome.PASS, f"answers through {', '.join(alive)}", seen[0][1])
    unseen = [fact.reason for _, fact in api.reached if isinstance(fact, Unobserved)]
    if len(alive) + len(unseen) >= 2:
        return Conclusion(Outcome.UNKNOWN, f"whether a second name answers is not known: {unseen[0]}")
    dead = [f"{edge} {fact.value.problem}" for edge, fact in seen if fact.value.problem is not None]
    return Conclusion(Outcome.FAIL, f"{len(alive)} of {len(api.reached)} names answer: {'; '.join(dead)}", seen[0][1])


check = Check(
    title="The REST API answers under two names, in every Region where it has two",
    why="Whoever calls the API through one name waits when that one is out. The next name has to be reachable from"
    " where"
    " the client is: firewalls and proxies often let through only the one that was needed first.",
    fix="Let this network reach api.EDGE.{region}.twilio.com on port 443 for every edge, and try again.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=rest_regions,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
