"""People who help callers find the standby's calls."""

from voicedr.program.readiness.check import Area, Check, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.seen_by_people import shows_standby
from voicedr.program.readiness.views.observability import declared_for_standby

check = Check(
    title="Support tooling finds the standby's calls",
    why="Calls and recordings of the standby are not in the primary. Support that looks there tells callers that"
    " they never called.",
    fix="Let support tooling read {standby}, and declare it under support-tooling.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=declared_for_standby(About.SUPPORT_TOOLING),
    judge=shows_standby,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
