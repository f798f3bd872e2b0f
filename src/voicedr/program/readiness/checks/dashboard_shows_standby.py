"""There is a dashboard of the standby's calls, and it is there."""

from voicedr.program.readiness.check import Area, Check, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.seen_by_people import shows_standby
from voicedr.program.readiness.views.observability import declared_for_standby

check = Check(
    title="A dashboard shows the standby's calls",
    why="A dashboard of the primary is empty after the move, and looks like an outage that goes on.",
    fix="Make a dashboard of {standby}'s calls, and declare its URL under dashboards.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=declared_for_standby(About.DASHBOARDS),
    judge=shows_standby,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
