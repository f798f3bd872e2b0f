"""Calls that come over a private line have a way over the internet, too."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.network import edge_of
from voicedr.program.readiness.views.sip import Groups, grouped


def judge(trunk: Groups) -> Conclusion | None:
    """Pass if a URI leaves by a public edge; None where none leaves by a private one; unknown if nobody could look."""
    if isinstance(trunk.groups, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be read: {trunk.groups.reason}")
    urls = [url for group in trunk.groups.value for url in group]
    private = [url for url in urls if (edge_of(url.sip_url) or "").endswith("-ix")]
    if not private:
        return None
    told = f"{len(private)} of {len(urls)} origination URIs leave by a private edge"
    outcome = Outcome.FAIL if len(private) == len(urls) else Outcome.PASS
    return Conclusion(outcome, told, trunk.groups)


check = Check(
    title="Every trunk that uses Interconnect has an origination URI over the internet behind it",
    why="When the private line is cut, the calls of such a trunk have no way left.",
    fix="Add an origination URI in {region} with a higher priority number and a public edge.",
    source="https://www.twilio.com/docs/sip-trunking/configure-with-interconnect",
    severity=Severity.ONE_FAILURE_AWAY,
    over=grouped,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
