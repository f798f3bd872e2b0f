"""A second token service is there when the first is not."""

from itertools import combinations

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.credentials import with_clients
from voicedr.program.readiness.views.forms import services


def judge(case: Case) -> Conclusion:
    """Pass if two are declared, on two hosts and in two places by somebody's word; unknown if nobody says.

    Fail if the names of two were seen to lead to one address.
    """
    said = case.said(About.TOKEN_SERVICES)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    hosts = sorted({host for url, _ in services(said.value) if (host := host_of(url)) is not None})
    if len(hosts) < 2:
        return Conclusion(Outcome.FAIL, f"all of them are on {len(hosts)} host: two are needed", said=said)
    seen = {host: fact for host in hosts if isinstance(fact := case.snapshot.web.addresses_of(host), Observed)}
    for one, other in combinations(sorted(seen), 2):
        if shared := sorted(set(seen[one].value) & set(seen[other].value)):
            return Conclusion(Outcome.FAIL, f"{one} and {other} are both at {shared[0]}", seen[other], said)
    places = case.said(About.HOST_PLACES)
    at = places.value if isinstance(places, Said) and isinstance(places.value, dict) else {}
    known = [at.get(host) for host in hosts]
    if None not in known and len(set(known)) == 1:
        return Conclusion(Outcome.FAIL, f"all of them are in {known[0]}", said=said)
    if None in known:
        return Conclusion(Outcome.UNKNOWN, "they are on two hosts; nobody has declared (host-places) where those are")
    return Conclusion(Outcome.PASS, f"there are {len(hosts)}, in different places", said=said)


check = Check(
    title="At least two token services stand on different hosts in different places",
    why="The token service is asked before every connection. When the only one fails, every client is out.",
    fix="Run a second token service elsewhere, and declare both as token-services and their hosts as host-places.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=with_clients,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.IN_REGION,
)
