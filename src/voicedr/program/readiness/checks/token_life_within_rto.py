"""Clients ask for a new token before the time to recover is over."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.outside.access_token import AccessToken
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.credentials import tokens_of_primary, with_clients


def judge(case: Case) -> Conclusion:
    """Pass if the longest life of the primary's tokens that was seen or declared fits into the RTO.

    Unknown if nobody knows a life. Tokens of the standby may live shorter, and hold nobody in the primary.
    """
    said = case.said(About.TOKEN_TTL)
    declared_s = said.value if isinstance(said, Said) and isinstance(said.value, int | float) else None
    lives: dict[float, Observed[AccessToken]] = {}
    for minted in tokens_of_primary(case):
        token = minted.token
        if isinstance(token, Observed) and token.value.ends is not None and token.value.begins is not None:
            lives[token.value.ends - token.value.begins] = token
    seen_s = max(lives, default=None)
    fact = None if seen_s is None else lives[seen_s]
    word = said if isinstance(said, Said) else None
    if seen_s is not None and declared_s is not None and seen_s > declared_s:
        why = f"tokens live {seen_s:g} s, and {declared_s:g} s were declared"
        return Conclusion(Outcome.FAIL, why, fact, word)
    life_s = max((one for one in (seen_s, declared_s) if one is not None), default=None)
    if life_s is None:
        return Conclusion(Outcome.UNKNOWN, "nobody has seen a token or declared how long tokens live (token-ttl)")
    if life_s > case.flow.rto_s:
        why = f"tokens live {life_s:g} s: clients may stay in the primary so long, and the RTO is {case.flow.rto_s:g} s"
        return Conclusion(Outcome.FAIL, why, fact, word)
    return Conclusion(Outcome.PASS, f"tokens live {life_s:g} s, RTO {case.flow.rto_s:g} s", fact, word)


check = Check(
    title="Access tokens live no longer than the recovery time objective",
    why="A token that was given before the move points at the old Region until it ends. Clients that hold it are"
    " lost to callers for as long.",
    fix="Let tokens live for less than the RTO of {flow}, or tell clients to fetch a new one when the flow moves.",
    source="https://www.twilio.com/docs/global-infrastructure/use-the-programmable-voice-javascript-sdk-with-a-non-us-twilio-region",
    severity=Severity.LATE,
    over=with_clients,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
