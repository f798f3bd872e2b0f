"""The document that tells the application which Region is active is there and says one."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import ContextSeen
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.web_application import flow_is_in, with_context


def judge(case: Case) -> Conclusion:
    """Pass if it names the Region that the flow is in; unknown if it could not be read, or the flow is moving."""
    application = case.flow.application
    found = case.snapshot.web.context_at(application.context if application is not None else "")
    match (found, flow_is_in(case)):
        case (Unobserved(reason), _):
            return Conclusion(Outcome.UNKNOWN, f"its context document could not be read: {reason}")
        case (Observed(value=ContextSeen(problem=str(problem))) as fact, _):
            return Conclusion(Outcome.FAIL, f"its context document {problem}", fact)
        case (Observed() as fact, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"which Region it should name is not known: {reason}", fact)
        case (Observed(value=seen) as fact, Observed(value=region)):
            if seen.region != region:
                return Conclusion(Outcome.FAIL, f"its context names {seen.region}, and the flow is in {region}", fact)
            return Conclusion(Outcome.PASS, f"its context names {region}, epoch {seen.epoch}", fact)


check = Check(
    title="The application's context document can be read and names the Region that the flow is in",
    why="A cutover switches the application by writing this document. If it is not there, broken, or names another"
    " Region"
    " already, the application stays behind while the calls move.",
    fix='Put the document where the workbook of {flow} says: {{"region": …, "epoch": …}}, with the flow\'s Region.',
    source="https://www.twilio.com/docs/global-infrastructure/migrating-your-application-to-a-new-region",
    severity=Severity.CANNOT_MOVE,
    over=with_context,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.CROSS_REGION,
)
