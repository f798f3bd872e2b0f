"""At every hour of the week somebody of each function is on."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.views.people import FunctionOf, functions


def judge(function: FunctionOf) -> Conclusion | None:
    """Pass if the week from now on has no hole. None where nobody is in the function: another check says so."""
    if not function.people.value:
        return None
    if function.open_at:
        begin, end = function.open_at[0]
        more = f" and {len(function.open_at) - 1} more times" if len(function.open_at) > 1 else ""
        why = f"nobody is on from {begin:%a %H:%M} to {end:%a %H:%M} UTC{more}"
        return Conclusion(Outcome.FAIL, why, function.people)
    return Conclusion(Outcome.PASS, "somebody is on at every hour of the week", function.people)


check = Check(
    title="Somebody of every function is on at every hour",
    why="Regions fail at night, too. A decision that waits for the morning is an outage until the morning.",
    fix="Put people with other hours into the function, or arrange that somebody can be woken and write it as their"
    " hours.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=functions,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
