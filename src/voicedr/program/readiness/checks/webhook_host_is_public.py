"""Every host behind a URL has an address, and one that the provider can reach."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web import WebHost, hosts
from voicedr.wire.addresses import is_public


def judge(host: WebHost) -> Conclusion:
    """Pass if its name leads to public addresses only; unknown if it could not be resolved."""
    match host.addresses:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its addresses are not known: {reason}")
        case Observed(value=()) as fact:
            return Conclusion(Outcome.FAIL, "its name leads to no address", fact)
        case Observed(value=addresses) as fact:
            private = [address for address in addresses if not is_public(address)]
            if private:
                return Conclusion(Outcome.FAIL, f"it leads to {private[0]}, which the provider cannot reach", fact)
            return Conclusion(Outcome.PASS, "its name leads to public addresses", fact)


check = Check(
    title="Every webhook host has a name that leads to public addresses only",
    why="The provider asks from outside. A name that does not resolve fails with 11210 and an address that is not"
    " public"
    " with 11205; where only some addresses are private, only some calls fail, which is harder to find.",
    fix="Publish the host's public addresses, and only those, in the public DNS.",
    source="https://www.twilio.com/docs/api/errors/11205",
    severity=Severity.CUT_OFF,
    over=hosts,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
