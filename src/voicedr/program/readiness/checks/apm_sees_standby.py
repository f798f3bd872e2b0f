"""The application can be watched while it serves the standby."""

from voicedr.program.readiness.check import Area, Check, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.seen_by_people import shows_standby
from voicedr.program.readiness.views.observability import declared_for_standby

check = Check(
    title="Application monitoring shows what serves the standby",
    why="When webhooks are slow in the standby, somebody must be able to see where.",
    fix="Let application monitoring tell {standby} apart, and declare its URL under apm.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=declared_for_standby(About.APM),
    judge=shows_standby,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
