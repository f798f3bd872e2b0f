"""An edge that an origination URI names is one that there is."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.network import edge_of
from voicedr.program.readiness.views.sip import Origination, originations
from voicedr.wire.overrides import EDGES, INTERCONNECT_EDGES, UNSUPPORTED_EDGES

KNOWN = (EDGES | INTERCONNECT_EDGES | UNSUPPORTED_EDGES) - {"roaming"}
"""The public edges and those of Interconnect; ``roaming`` is not for trunks
(https://www.twilio.com/docs/global-infrastructure/edge-locations, read 2026-11-21)."""


def judge(uri: Origination) -> Conclusion | None:
    """Pass if the edge exists; None if the URI names none; unknown if nobody could see the URIs."""
    if isinstance(uri.stored, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its edges could not be read: {uri.stored.reason}")
    edge = edge_of(uri.uri)
    if edge is None:
        return None
    if edge not in KNOWN:
        return Conclusion(Outcome.FAIL, f"edge={edge[:30]} is no edge, and is ignored without an error", uri.stored)
    return Conclusion(Outcome.PASS, f"leaves the provider by {edge}", uri.stored)


check = Check(
    title="Every edge that an origination URI names exists",
    why="A wrong edge is no error: the call leaves from where it came in, perhaps from an address that the firewall"
    " does not know.",
    fix="Correct ;edge= of the URI in {region}.",
    source="https://www.twilio.com/docs/sip-trunking",
    severity=Severity.ONE_FAILURE_AWAY,
    over=originations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.ISOLATION,
)
