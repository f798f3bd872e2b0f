"""Mobile clients can be woken from the standby."""

from collections.abc import Iterator

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.credentials import clients, with_clients
from voicedr.program.readiness.views.forms import of_region, texts
from voicedr.program.vocabulary import AU1

MOBILE = ("ios", "android")


def with_mobiles(case: Case) -> Iterator[Case]:
    """The flow, unless somebody says that its clients are not mobile."""
    for one in with_clients(case):
        said = clients(one)
        if isinstance(said, Unsaid) or any(name in said.value for name in MOBILE):
            yield one


def judge(case: Case) -> Conclusion:
    """Pass if somebody names one of the standby that is not the primary's; unknown if nobody says. au1 has none."""
    here, who = case.flow.standby, clients(case)
    if here == AU1 and isinstance(who, Said):
        return Conclusion(
            Outcome.FAIL, "push credentials cannot be made in au1: mobile clients are not woken", said=who
        )
    said = case.said(About.PUSH_CREDENTIALS)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    mine = texts(of_region(said.value, here))
    if not mine:
        return Conclusion(Outcome.FAIL, f"no push credential is named for {here}", said=said)
    if shared := set(mine) & set(texts(of_region(said.value, case.flow.primary))):
        return Conclusion(Outcome.FAIL, f"{sorted(shared)[0]} is named for both Regions", said=said)
    return Conclusion(Outcome.PASS, f"{len(mine)} named for {here}", said=said)


check = Check(
    title="Mobile clients have a push credential of the standby",
    why="A mobile client sleeps until a push wakes it. Without a push credential of its Region, a call rings nowhere.",
    fix="Make a push credential in {standby}, put it into {standby}'s tokens, and declare it as push-credentials.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.REACHES_NOBODY,
    over=with_mobiles,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
