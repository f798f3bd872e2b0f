"""What the application says in the standby is something that the standby can do."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.subjects import Webhook, webhooks_in_standby
from voicedr.program.readiness.urls import host_of
from voicedr.program.vocabulary import AU1, IE1, Region

NOT_RUN: dict[str, frozenset[Region]] = {
    "Connect/Room": frozenset({IE1, AU1}),
    "Connect/VirtualAgent": frozenset({IE1, AU1}),
    "Start/Siprec": frozenset({IE1, AU1}),
    "Dial/WhatsApp": frozenset({IE1, AU1}),
    "Message": frozenset({IE1, AU1}),
    "Enqueue/Task": frozenset({AU1}),
}
"""Verbs and nouns that a Region does not run. ``Message``: https://www.twilio.com/docs/api/errors/13803; the others:
https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21).
``Enqueue/Task`` is TaskRouter, which au1 does not have."""

NOT_SAID: dict[str, frozenset[Region]] = {"Pay": frozenset({IE1, AU1})}
"""Verbs that behave differently outside us1, in a way that was not documented where we could read:
https://www.twilio.com/docs/voice/programmable-voice-product-behavior-changes-in-non-us1-home-regions (2026-11-21)."""

PRODUCT_HOSTS = {"webhooks.twilio.com": "Studio", "studio.twilio.com": "Studio", "taskrouter.twilio.com": "TaskRouter"}
"""Hosts of the products that au1 does not have. Functions live under ``twil.io``."""


def judge(webhook: Webhook) -> Conclusion:
    """Pass if the first document uses only what the standby runs; unknown if nobody has seen a document."""
    here = webhook.region
    if here == AU1 and (product := _product(webhook.url)) is not None:
        return Conclusion(Outcome.FAIL, f"the {webhook.role} is a {product} URL: {here} has no {product}")
    match webhook.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its TwiML has not been seen: {reason}")
        case Observed(value=WebhookAnswer(problem=str(problem))) as fact:
            return Conclusion(Outcome.UNKNOWN, f"its TwiML has not been seen: the {webhook.role} {problem}", fact)
        case Observed(value=answer) as fact:
            if missing := _among(answer.verbs, NOT_RUN, here):
                return Conclusion(Outcome.FAIL, f"the {webhook.role} uses {missing}: {here} does not run it", fact)
            if doubtful := _among(answer.verbs, NOT_SAID, here):
                return Conclusion(
                    Outcome.UNKNOWN, f"the {webhook.role} uses {doubtful}: prove it in {here} by a call", fact
                )
            return Conclusion(Outcome.PASS, f"{here} runs all of its first document", fact)


def _among(verbs: tuple[str, ...], table: dict[str, frozenset[Region]], region: Region) -> str:
    found = (verb for verb, regions in table.items() if region in regions and verb in verbs)
    return ", ".join("".join(f"<{part}>" for part in verb.split("/")) for verb in found)


def _product(url: str) -> str | None:
    host = host_of(url) or ""
    if host == "twil.io" or host.endswith(".twil.io"):
        return "Functions"
    return next((name for suffix, name in PRODUCT_HOSTS.items() if host == suffix or _regional(host, suffix)), None)


def _regional(host: str, plain: str) -> bool:
    """True for ``studio.sydney.au1.twilio.com`` beside ``studio.twilio.com``."""
    return host.startswith(plain.partition(".")[0] + ".") and host.endswith(".twilio.com")


check = Check(
    title="The first document of every webhook uses only verbs that the standby runs",
    why="Some verbs and products exist in us1 only. A call that reaches such a verb in the standby fails there,"
    " although everything was moved correctly.",
    fix="Answer {standby}'s calls without it: ask the application which Region the call is in, or use another verb.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.CUT_OFF,
    over=webhooks_in_standby,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.CROSS_REGION,
)
