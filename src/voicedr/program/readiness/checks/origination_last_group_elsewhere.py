"""The last group of SBCs shares no place with the first one."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.views.sip import Placed, placed


def judge(trunk: Placed) -> Conclusion | None:
    """Pass by the word of whoever declared the places; None with one group, which is another check's business."""
    if isinstance(trunk.groups, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be read: {trunk.groups.reason}")
    groups: Observed[tuple[tuple[str, ...], ...]] = trunk.groups
    if len(groups.value) < 2:
        return None
    match trunk.places:
        case Unsaid(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows where its SBCs stand: {reason}", groups)
        case Said(value=places) as said:
            hosts = (*groups.value[0], *groups.value[-1])
            if unnamed := sorted({host for host in hosts if host not in places}):
                return Conclusion(Outcome.UNKNOWN, f"no place was declared for {', '.join(unnamed)}", groups, said)
            first, last = ({places[host] for host in group} for group in (groups.value[0], groups.value[-1]))
            if shared := sorted(first & last):
                why = f"the first and the last group of its SBCs are both in {', '.join(shared)}"
                return Conclusion(Outcome.FAIL, why, groups, said)
            told = f"its last group is in {', '.join(sorted(last))}, its first in {', '.join(sorted(first))}"
            return Conclusion(Outcome.PASS, told, groups, said)


check = Check(
    title="The last group of a trunk's SBCs is in another place than the first",
    why="A standby SBC in the same building, zone or cloud region dies of the same cause.",
    fix="Put the SBC of the last priority into another region, or correct the declared sbc-places.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=placed,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
