"""A call that arrives in a Region finds somebody to answer it."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Trunk
from voicedr.program.readiness.subjects import NumberIn, numbers_in_both


def judge(number: NumberIn) -> Conclusion:
    """Pass if a trunk, an application or a URL answers; unknown if nobody could look."""
    here = number.region
    match number.answered_by:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"what answers it in {here} could not be read: {reason}")
        case Observed(value=None) as fact:
            return Conclusion(Outcome.FAIL, _why_nobody(number), fact)
        case Observed(value=Trunk(friendly_name=name, sid=sid, origination_urls=uris)) as fact:
            if not any(uri.enabled for uri in uris):
                why = f"its trunk {name or sid} has no enabled origination URI in {here}"
                return Conclusion(Outcome.FAIL, why, fact)
            return Conclusion(Outcome.PASS, f"trunk {name or sid} answers in {here}", fact)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, f"a URL answers in {here}", fact)


def _why_nobody(number: NumberIn) -> str:
    here = number.region
    lost = "would be refused at the edge" if number.is_standby else "are refused at the edge today"
    config = number.config.value if isinstance(number.config, Observed) else None
    if config is None:
        return f"{here} shows no such number in this account"
    if config.trunk_sid:
        return f"its trunk {config.trunk_sid} does not exist in {here}: callers {lost}"
    if config.voice_application_sid:
        return f"its application {config.voice_application_sid} does not exist in {here}, or has no URL: callers {lost}"
    return f"no handler in {here}: callers {lost}, without a log"


check = Check(
    title="Every number in scope has a handler in both Regions",
    why="A number's voice configuration is one record per Region. Where a Region has no URL, application or trunk for"
    " it, calls are refused at the edge: no call log, no webhook, and the caller hears that the number is not"
    " connected.",
    fix="Give the number a VoiceUrl, VoiceApplicationSid or TrunkSid that exists in {region}, through {region}'s own"
    " API host.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-call-processing",
    severity=Severity.REACHES_NOBODY,
    over=numbers_in_both,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
