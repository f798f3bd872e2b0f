"""What each line says: TwiML as a function of what the provider sent and how things stand. Nothing is remembered.

Every document is reached by a path, ``/voice/<line>`` for a call's first and ``/voice/<line>/<step>`` for what follows,
so a call can begin in one process and go on in another.

    support-line   menu: 1 the queue, 2 voicemail
    sales          rings the sales desk, else voicemail
    dispatch       asked only when no SBC takes the call (the trunks' disaster-recovery URL): rings the duty dispatcher
    lobby          rings reception; also answers the lobby's SIP domain

Verbs: https://www.twilio.com/docs/voice/twiml (read 2026-11-21). ``<Enqueue>`` asks its wait URL again whenever the
document there has ended, and its action URL when the caller has left the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from voicedr.runtime.sample_customer.estate import DUTY_DISPATCHER, RECEPTION, SALES_DESK
from voicedr.runtime.sample_customer.settings import Role

LINES = ("support-line", "sales", "dispatch", "lobby")

QUEUE_S_MAX = 300
"""A caller who has waited so long is offered voicemail."""

MESSAGE_S_MAX = 120
"""A message's length: the most that can be transcribed (https://www.twilio.com/docs/voice/twiml/record)."""

ASKS_MAX = 2
"""After so many wrong keys a caller goes to the queue without a choice."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for TwiML. ``degraded``: the flow runs outside its home Region, without transcription."""

    line: str
    params: Mapping[str, str]
    role: Role
    degraded: bool

    def path(self, step: str) -> str:
        """Where a later document of this line lies. Absolute, so it means the same from any document."""
        return f"/voice/{self.line}/{step}"

    def number(self, name: str) -> int:
        """A parameter that counts something; 0 if it is not there or is no count."""
        text = self.params.get(name, "")
        return int(text) if text.isascii() and text.isdigit() else 0


Answer = Callable[[Asked], str]


def answer_for(line: str, step: str) -> Answer | None:
    """Who writes a document; None: there is no such line or step."""
    if line not in LINES:
        return None
    if step == "":
        return _FIRST[line]
    return _STEPS.get((line, step)) or _ANY_LINE.get(step)


def _greet_support(asked: Asked) -> str:
    if asked.role == "fallback":
        return _apologise(asked)
    response = ElementTree.Element("Response")
    if asked.number("asked") == 0:
        _say(response, "Thank you for calling Acme Clinics support.")
        if asked.degraded:
            _say(response, "You may wait longer than usual today.")
    gather = ElementTree.SubElement(
        response, "Gather", numDigits="1", timeout="6", action=_again(asked, "menu"), method="POST"
    )
    _say(gather, "To speak with a nurse, press 1. To leave a message, press 2.")
    _say(response, "We did not hear a choice.")
    _redirect(response, asked.path("queue"))
    return _document(response)


def _menu(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    match asked.params.get("Digits"):
        case "1":
            _redirect(response, asked.path("queue"))
        case "2":
            _redirect(response, asked.path("voicemail"))
        case _ if asked.number("asked") >= ASKS_MAX:
            _say(response, "We connect you to the next nurse.")
            _redirect(response, asked.path("queue"))
        case _:
            _say(response, "That is not one of the choices.")
            _redirect(response, f"/voice/{asked.line}?asked={asked.number('asked')}")
    return _document(response)


def _queue(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    enqueue = ElementTree.SubElement(
        response,
        "Enqueue",
        action=asked.path("left"),
        method="POST",
        waitUrl=asked.path("wait"),
        waitUrlMethod="POST",
    )
    enqueue.text = asked.line
    return _document(response)


def _wait(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    if asked.number("QueueTime") >= QUEUE_S_MAX:
        _say(response, "All nurses are still with other callers. Please leave a message, and we call you back.")
        ElementTree.SubElement(response, "Leave")
        return _document(response)
    position = asked.number("QueuePosition")
    _say(response, f"You are caller number {position} in the queue." if position else "Please hold.")
    ElementTree.SubElement(response, "Pause", length="15")
    return _document(response)


def _left_queue(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    if asked.params.get("QueueResult") in {"leave", "queue-full", "error", "system-error"}:
        _redirect(response, asked.path("voicemail"))
    else:
        ElementTree.SubElement(response, "Hangup")
    return _document(response)


def _voicemail(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    _say(response, "Please leave a message after the tone. Press the star key when you are done.")
    attributes = {
        "action": asked.path("thanks"),
        "method": "POST",
        "finishOnKey": "*",
        "maxLength": str(MESSAGE_S_MAX),
        "playBeep": "true",
        "recordingStatusCallback": "/status",
    }
    if not asked.degraded:
        attributes |= {"transcribe": "true", "transcribeCallback": "/status"}
    ElementTree.SubElement(response, "Record", attributes)
    return _document(response)


def _thanks(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    _say(response, "Thank you. We call you back today. Goodbye.")
    ElementTree.SubElement(response, "Hangup")
    return _document(response)


def _ring(asked: Asked, greeting: str, desk: str) -> str:
    response = ElementTree.Element("Response")
    _say(response, greeting)
    dial = ElementTree.SubElement(response, "Dial", action=asked.path("after"), method="POST", timeout="20")
    ElementTree.SubElement(dial, "Number").text = desk
    return _document(response)


def _greet_sales(asked: Asked) -> str:
    if asked.role == "fallback":
        return _apologise(asked)
    return _ring(asked, "Thank you for calling Acme Clinics. We connect you to our sales desk.", SALES_DESK)


def _greet_dispatch(asked: Asked) -> str:
    greeting = "The dispatch centre cannot be reached at the moment. We connect you to the duty dispatcher."
    return _ring(asked, greeting, DUTY_DISPATCHER)


def _greet_lobby(asked: Asked) -> str:
    if asked.role == "fallback":
        return _apologise(asked)
    return _ring(asked, "Welcome to Acme Clinics. We connect you to reception.", RECEPTION)


def _after(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    if asked.params.get("DialCallStatus") in {"completed", "answered"}:
        ElementTree.SubElement(response, "Hangup")
    else:
        _say(response, "Nobody could take your call.")
        _redirect(response, asked.path("voicemail"))
    return _document(response)


def _apologise(asked: Asked) -> str:
    response = ElementTree.Element("Response")
    _say(response, "This is Acme Clinics. We have a technical difficulty and cannot connect your call at the moment.")
    _redirect(response, asked.path("voicemail"))
    return _document(response)


_FIRST: dict[str, Answer] = {
    "support-line": _greet_support,
    "sales": _greet_sales,
    "dispatch": _greet_dispatch,
    "lobby": _greet_lobby,
}
_STEPS: dict[tuple[str, str], Answer] = {
    ("support-line", "menu"): _menu,
    ("support-line", "queue"): _queue,
    ("support-line", "wait"): _wait,
    ("support-line", "left"): _left_queue,
    ("sales", "after"): _after,
    ("dispatch", "after"): _after,
    ("lobby", "after"): _after,
}
_ANY_LINE: dict[str, Answer] = {"voicemail": _voicemail, "thanks": _thanks}


def _again(asked: Asked, step: str) -> str:
    """The step's path with one more time counted."""
    return f"{asked.path(step)}?asked={asked.number('asked') + 1}"


def _say(parent: ElementTree.Element, text: str) -> None:
    ElementTree.SubElement(parent, "Say", language="en-US").text = text


def _redirect(response: ElementTree.Element, path: str) -> None:
    ElementTree.SubElement(response, "Redirect", method="POST").text = path


def _document(response: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(response, encoding="unicode")
