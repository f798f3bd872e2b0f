"""The provider's client accepts the certificate of every host."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import CertificateSeen
from voicedr.program.readiness.views.web import WebHost, secure_hosts


def judge(host: WebHost) -> Conclusion:
    """Pass if a client that verifies accepts it; unknown if nobody could shake hands."""
    match host.certificate:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its certificate was not seen: {reason}")
        case Observed(value=CertificateSeen(problem=str(problem))) as fact:
            return Conclusion(Outcome.FAIL, f"the provider would refuse its certificate: {problem}", fact)
        case Observed(value=seen) as fact:
            return Conclusion(Outcome.PASS, f"its certificate is accepted over {seen.protocol or 'TLS'}", fact)


check = Check(
    title="Every webhook host shows a certificate that the provider accepts",
    why="The provider verifies certificates: one that has expired (11236), is for another name (11235), is signed by"
    " itself or comes without its chain (11237) is as good as no webhook at all. TLS 1.2 is the version it names.",
    fix="Install a certificate for this name from a public authority, with its whole chain, and offer TLS 1.2 or"
    " later.",
    source="https://www.twilio.com/docs/usage/security",
    severity=Severity.CUT_OFF,
    over=secure_hosts,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
