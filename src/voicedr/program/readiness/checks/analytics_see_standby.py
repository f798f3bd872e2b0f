"""Figures of the business go on while the flow is in the standby."""

from voicedr.program.readiness.check import Area, Check, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.seen_by_people import shows_standby
from voicedr.program.readiness.views.observability import declared_for_standby

check = Check(
    title="Analytics count the standby's calls",
    why="Calls outside us1 are in no bulk export and no event stream of us1, so reports that come from there miss"
    " them.",
    fix="Take {standby}'s calls into the figures, and declare how under analytics.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=declared_for_standby(About.ANALYTICS),
    judge=shows_standby,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
