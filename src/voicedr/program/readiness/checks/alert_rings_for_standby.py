"""Somebody is woken when calls fail in the standby."""

from voicedr.program.readiness.check import Area, Check, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.seen_by_people import shows_standby
from voicedr.program.readiness.views.observability import declared_for_standby

check = Check(
    title="An alert rings when calls fail in the standby",
    why="Alerts on the primary's calls are silent when there are none, and callers in the standby are nobody's"
    " business.",
    fix="Set an alert on {standby}'s calls, and declare it with its channel under alerts.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=declared_for_standby(About.ALERTS),
    judge=shows_standby,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
