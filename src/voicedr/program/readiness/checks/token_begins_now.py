"""A token is valid when it arrives, and no longer than the provider takes."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens, seconds_of

SKEW_S_MAX = 60.0
LIFE_S_MAX = 86_400.0
"""The provider takes no token that lives longer (https://www.twilio.com/docs/api/errors/20157, read 2026-11-21)."""


def judge(minted: MintedToken) -> Conclusion | None:
    """Pass if now is between its beginning and its end, a day apart at most; unknown if no token was seen."""
    match minted.token:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            token = fact.value
    now_s = seconds_of(fact.at)
    if token.ends is None:
        return Conclusion(Outcome.FAIL, "it has no end (exp): the provider refuses it", fact)
    if token.begins is not None and token.begins - now_s > SKEW_S_MAX:
        return Conclusion(
            Outcome.FAIL, f"it begins {token.begins - now_s:.0f} s from now: the service's clock is ahead", fact
        )
    if token.ends <= now_s:
        return Conclusion(Outcome.FAIL, f"it ended {now_s - token.ends:.0f} s ago", fact)
    life_s = token.ends - (now_s if token.begins is None else token.begins)
    if life_s > LIFE_S_MAX:
        return Conclusion(Outcome.FAIL, f"it lives {life_s:.0f} s; the provider takes at most {LIFE_S_MAX:.0f} s", fact)
    return Conclusion(Outcome.PASS, "it is valid now, and not for too long", fact)


check = Check(
    title="Every token is valid when it is given, and for a day at most",
    why="A token from a clock that is wrong, or one that lives for longer than a day, is refused when the client"
    " connects.",
    fix="Set the clock of the token service, and let tokens live for less than 24 h.",
    source="https://www.twilio.com/docs/api/errors/20157",
    severity=Severity.REACHES_NOBODY,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.IN_REGION,
)
