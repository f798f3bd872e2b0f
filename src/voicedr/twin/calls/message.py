"""A text message that comes in: the number's SmsUrl is asked, its fallback if that fails, and TwiML says what to reply.

https://www.twilio.com/docs/messaging/guides/webhook-request, and for the fallback, fired on an error and after 15 s
without an answer, https://www.twilio.com/docs/messaging/tutorials/how-to-receive-and-reply. Whatever fails is in the
alerts; when the fallback fails too nothing more happens. Cookies last over the messages between the same two numbers
until there was none for four hours (https://www.twilio.com/docs/api/twiml/sms/your_response).

A voice route does not move messages: only ``messaging_region`` of Routes v3 does, which the twin does not know, so
they are us1's. What becomes of a message while us1 is down is not documented; here nobody is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

from voicedr.twin import faults
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.session import Session
from voicedr.twin.calls.webhook import Answer, deliver
from voicedr.twin.world.model import Message, Number, RegionStore
from voicedr.wire.http import Response
from voicedr.wire.signatures import sign_message
from voicedr.wire.twiml import TwimlError, parse

REGION = "us1"
MESSAGES_MAX = 50_000
CONVERSATIONS_MAX = 10_000
COOKIES_LAST_S = 4 * 3600.0
REDIRECTS_MAX = 20
"""Documents that one message may lead through. Assumption: the number; without one they could lead in a circle."""

SEGMENT = 160


@dataclass(frozen=True, slots=True)
class SmsHandler:
    """Who is asked about a message."""

    url: str
    method: str
    fallback_url: str
    fallback_method: str


@dataclass(slots=True)
class Conversation:
    """What is remembered of the messages between two numbers."""

    session: Session
    last_at: float


Conversations = dict[tuple[str, str], Conversation]


def of_number(store: RegionStore, number: Number) -> SmsHandler | None:
    """Who is asked: the number's messaging service, unless that leaves it to the number; else its application or URLs.

    ``sms_application_sid`` overrides every ``sms_*`` of the number, even if it is gone
    (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource,
    https://www.twilio.com/docs/messaging/api/service-resource).
    """
    service = store.holdings.service_of(number.sid)
    if service is not None and not service.use_inbound_webhook_on_number:
        if not service.inbound_request_url:
            return None
        return SmsHandler(
            service.inbound_request_url, service.inbound_method, service.fallback_url, service.fallback_method
        )
    configured = store.numbers.get(number.sid)
    if configured is None:
        return None
    of = store.applications.get(configured.sms_application_sid) if configured.sms_application_sid else configured
    if of is None or not of.sms_url:
        return None
    return SmsHandler(of.sms_url, of.sms_method, of.sms_fallback_url, of.sms_fallback_method)


def arrived(office: Office, from_: str, to: str, body: str) -> Message:
    """A message has reached the provider. It is in the log before anybody is asked."""
    message = Message(office.world.mint("SM"), from_, to, body, office.now, REGION)
    kept = office.store(REGION).messages
    while len(kept) >= MESSAGES_MAX:
        del kept[next(iter(kept))]
    kept[message.sid] = message
    return message


def receive(office: Office, message: Message, conversations: Conversations) -> Script[None]:
    """Ask the application about a message. When it returns, ``message`` says how that went."""
    number = office.world.numbers.get(message.to)
    if number is None:
        message.outcome = "not-ours"
        return
    if faults.region_down(office.world, REGION, office.now) is not None:
        message.outcome = "not-taken"
        return
    handler = of_number(office.store(REGION), number)
    if handler is None:
        message.outcome = "no-handler"
        return
    session = _session(office, message, conversations)
    fields = _parameters(office, message)
    failed = yield from _run(office, session, message, handler.url, handler.method, fields)
    if failed is None:
        message.outcome = "answered"
        return
    if handler.fallback_url:
        told = fields | {"ErrorCode": str(failed[0]), "ErrorUrl": failed[1]}
        failed = yield from _run(office, session, message, handler.fallback_url, handler.fallback_method, told)
    message.outcome = "answered-by-fallback" if failed is None else "failed"


def _session(office: Office, message: Message, conversations: Conversations) -> Session:
    """This message's session, with the cookies of the conversation."""
    between = (message.from_, message.to)
    known = conversations.pop(between, None)
    session = Session(exchanges=message.exchanges)
    if known is not None and office.now - known.last_at < COOKIES_LAST_S:
        session.cookies = known.session.cookies
    if len(conversations) >= CONVERSATIONS_MAX:
        del conversations[next(iter(conversations))]
    conversations[between] = Conversation(session, office.now)
    return session


def _parameters(office: Office, message: Message) -> dict[str, str]:
    return {
        "AccountSid": office.world.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.from_,
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(max(1, -(-len(message.body) // SEGMENT))),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
    }


def _run(
    office: Office, session: Session, message: Message, url: str, method: str, fields: Mapping[str, str]
) -> Script[tuple[int, str] | None]:
    """Ask a URL and do what its document says. None, or the code and the URL of what failed; the alert is written."""
    replies: list[str] = []
    for _ in range(REDIRECTS_MAX):
        answer = yield from deliver(office, REGION, session, url, method, fields, sign_message)
        if answer.code or answer.response is None:
            return _failed(office, message, answer, answer.code, answer.text, fields)
        try:
            following = _obey(answer.response, replies)
        except TwimlError as error:
            return _failed(office, message, answer, error.code, error.message, fields)
        if following is None:
            message.replies += replies
            return None
        url, method = urljoin(answer.url, following[0]), following[1]
    text = f"the documents lead through more than {REDIRECTS_MAX} redirects"
    return _failed(office, message, answer, 12400, text, fields)


def _obey(response: Response, replies: list[str]) -> tuple[str, str] | None:
    """Take the replies of an answer; where it leads on, if it does.

    Message, its old name Sms and Redirect are the verbs of messaging TwiML
    (https://www.twilio.com/docs/messaging/twiml). A plain text is the reply itself, and sounds are no answer
    (https://www.twilio.com/docs/api/twiml/sms/your_response).

    Raises:
        TwimlError: If it is no answer.
    """
    media_type = (response.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type == "text/plain":
        replies.append(response.text.strip())
        return None
    if media_type.startswith("audio/"):
        raise TwimlError(12300, f"the answer's Content-Type is {media_type[:80]!r}; send text/xml")
    for verb in parse(response.body, response.header("Content-Type")).root.children:
        if verb.name in ("Message", "Sms"):
            bodies = [child.spoken for child in verb.children if child.name == "Body"]
            replies.append("".join(bodies) if bodies else verb.text)
        elif verb.name == "Redirect":
            return verb.text, verb.get("method", "POST")
    return None


def _failed(
    office: Office, message: Message, answer: Answer, code: int, text: str, fields: Mapping[str, str]
) -> tuple[int, str]:
    came = answer.response
    office.alert(
        REGION,
        code,
        f"{answer.url}: {text}",
        resource_sid=message.sid,
        url=answer.url,
        method=answer.method,
        variables=urlencode(fields),
        response_headers="\n".join(f"{name}: {value}" for name, value in came.headers) if came else "",
        response_body=came.text[:4096] if came else "",
    )
    return code, answer.url
