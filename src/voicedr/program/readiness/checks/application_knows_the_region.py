"""Every instance of the application works for the Region that the flow is in."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import InstanceSaid
from voicedr.program.readiness.views.web_application import Confirming, confirming


def judge(instance: Confirming) -> Conclusion:
    """Pass if it says the flow's Region and the highest epoch of all; unknown if nobody could ask or compare."""
    match (instance.answer, instance.flow_is_in):
        case (Unobserved(reason), _):
            return Conclusion(Outcome.UNKNOWN, f"which Region it works for is not known: {reason}")
        case (Observed(value=InstanceSaid(problem=str(problem))) as fact, _):
            return Conclusion(Outcome.FAIL, f"it does not say which Region it works for: {problem}", fact)
        case (Observed() as fact, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"which Region it should work for is not known: {reason}", fact)
        case (Observed(value=said) as fact, Observed(value=region)):
            latest = max(instance.epochs, default=None)
            if said.region != region:
                return Conclusion(Outcome.FAIL, f"it works for {said.region}, and the flow is in {region}", fact)
            if said.epoch is None or said.epoch != latest:
                why = f"it works by epoch {said.epoch}, and another instance by {latest}"
                return Conclusion(Outcome.FAIL, why, fact)
            return Conclusion(Outcome.PASS, f"works for {region}, epoch {said.epoch}", fact)


check = Check(
    title="Every instance of the application says that it works for the Region that the flow is in",
    why="An instance with an old context uses the other Region's keys, queues and callbacks: some calls work and"
    " some do"
    " not, and which ones depends on the balancer.",
    fix="Let the instance read the flow's context document again, and find out why it had not.",
    source="https://www.twilio.com/docs/global-infrastructure/migrating-your-application-to-a-new-region",
    severity=Severity.CUT_OFF,
    over=confirming,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.CROSS_REGION,
)
