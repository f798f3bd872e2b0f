"""What a verb's or a noun's attributes may be, what they are if nothing is said, and the code of a wrong value.

From the page of each verb (https://www.twilio.com/docs/voice/twiml and below) and the error dictionary
(https://www.twilio.com/docs/api/errors). A warning means: the default is used and the call goes on. An error means:
the document cannot be executed and the fallback is asked. (Assumption: the dictionary gives the level; what a level
does to the call is documented for a few codes only.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from voicedr.wire.twiml import Element

Kind = Literal["whole", "flag", "word", "words", "method", "url", "text", "keys", "auto"]


class Rule(NamedTuple):
    """One attribute.

    Attributes:
        default: As TwiML would write it; empty if there is none.
        code: Of a wrong value; 0 if no code is documented: then any value is taken.
        error: Whether the code's level is error.
        acted: Whether it changes what the twin does; otherwise it is checked and has no effect.
        least, most: Bounds of a number, or of a text's length.
        allowed: The words that it may be, or the characters of ``keys``.
    """

    kind: Kind
    default: str = ""
    code: int = 0
    error: bool = False
    acted: bool = True
    least: int = 0
    most: int = 0
    allowed: tuple[str, ...] = ()


class Complaint(NamedTuple):
    """A value that is wrong."""

    code: int
    text: str
    error: bool


def _whole(default: str, code: int, least: int, most: int, *, acted: bool = True) -> Rule:
    return Rule("whole", default, code, False, acted, least, most)


def _flag(default: str, code: int, *, acted: bool = True, error: bool = False) -> Rule:
    return Rule("flag", default, code, error, acted, 0, 0, ("true", "false"))


def _word(words: str, code: int, *, acted: bool = True, error: bool = False, default: str | None = None) -> Rule:
    """The first word is the default, unless another is said."""
    allowed = tuple(words.split())
    return Rule("word", allowed[0] if default is None else default, code, error, acted, 0, 0, allowed)


def _words(words: str, code: int, default: str, *, error: bool = False, acted: bool = True) -> Rule:
    return Rule("words", default, code, error, acted, 0, 0, tuple(words.split()))


def _method(code: int, *, error: bool = False, acted: bool = True, default: str = "POST") -> Rule:
    return Rule("method", default, code, error, acted, 0, 0, ("GET", "POST"))


def _url(code: int = 0, *, error: bool = False, acted: bool = True) -> Rule:
    """One without a code is taken as it is: asking it says what is wrong with it."""
    return Rule("url", "", code, error, acted)


def _text(default: str = "", code: int = 0, most: int = 0, *, acted: bool = True, error: bool = False) -> Rule:
    return Rule("text", default, code, error, acted, 0, most)


def _keys(characters: str, code: int, default: str = "", *, acted: bool = True, error: bool = False) -> Rule:
    return Rule("keys", default, code, error, acted, 0, 0, tuple(characters))


_PLAIN = _text(acted=False)
_EVENTS = _words("initiated ringing answered completed", 0, "completed")
_DIGITS = "0123456789*#wW"


def _callbacks(code: int) -> dict[str, Rule]:
    return {
        "statusCallback": _url(0),
        "statusCallbackEvent": _EVENTS,
        "statusCallbackMethod": _method(code),
    }


_RECORDED = {
    "recordingStatusCallback": _url(13256),
    "recordingStatusCallbackMethod": _method(13256),
    "recordingStatusCallbackEvent": _words("in-progress completed absent", 13621, "completed", error=True),
    "recordingConfigurationId": _PLAIN,
}

_AMD = {
    # Bounds and defaults: https://www.twilio.com/docs/voice/answering-machine-detection. No code is documented here.
    "machineDetection": _PLAIN,
    "machineDetectionTimeout": _whole("30", 0, 3, 60, acted=False),
    "machineDetectionSpeechThreshold": _whole("2400", 0, 1000, 6000, acted=False),
    "machineDetectionSpeechEndThreshold": _whole("1200", 0, 500, 5000, acted=False),
    "machineDetectionSilenceTimeout": _whole("5000", 0, 2000, 10_000, acted=False),
    "amdStatusCallback": _url(0, acted=False),
    "amdStatusCallbackMethod": _method(0, acted=False),
}

_RECORD_MODES = (
    "do-not-record record-from-answer record-from-ringing record-from-answer-dual record-from-ringing-dual true false"
)
_CONFERENCE_EVENTS = "start end join leave mute hold modify speaker announcement"

RULES: Mapping[str, Mapping[str, Rule]] = {
    "Response": {"version": _PLAIN},
    "Say": {
        "voice": _text("man", 13511, 120, acted=False),
        "language": _text("en-US", 13512, 20, acted=False),
        "loop": _whole("1", 13510, 0, 1000),
    },
    "Gather/Say": {
        "voice": _text("man", 13321, 120, acted=False),
        "language": _text("en-US", 13512, 20, acted=False),
        "loop": _whole("1", 13322, 0, 1000),
    },
    "Play": {"loop": _whole("1", 13410, 0, 1000), "digits": _keys(_DIGITS, 13430)},
    "Pause": {"length": _whole("1", 13910, 1, 14_400)},
    "Gather": {
        "action": _url(),
        "method": _method(13312),
        "timeout": _whole("5", 13313, 0, 600),
        "numDigits": _whole("10000", 13314, 1, 10_000),
        "finishOnKey": _keys("0123456789*#", 13310, "#"),
        "input": _words("dtmf speech", 13326, "dtmf"),
        "actionOnEmptyResult": _flag("false", 13338, error=True),
        "speechTimeout": Rule("auto", "", 13327, False, False, 1, 600),
        "speechModel": _word(
            "default numbers_and_commands phone_call experimental_conversations experimental_utterances "
            "googlev2_long googlev2_short googlev2_telephony googlev2_telephony_short deepgram_nova-2 deepgram_nova-3",
            13334, acted=False,
        ),
        "language": _text("en-US", 13331, 20, acted=False),
        "hints": _text("", 13330, 50_000, acted=False),
        "profanityFilter": _flag("true", 13333, acted=False),
        "partialResultCallback": _url(0, acted=False),
        "partialResultCallbackMethod": _method(13329, acted=False),
        "enhanced": _flag("false", 0, acted=False),
        "maxSpeechTime": _whole("", 13328, 1, 60, acted=False),
        "bargeIn": _flag("true", 13332),
        "debug": _flag("false", 0, acted=False),
    },
    "Record": {
        "action": _url(),
        "method": _method(13610),
        "timeout": _whole("5", 13611, 0, 14_400),
        "finishOnKey": _keys("0123456789*#", 13613, "1234567890*#"),
        "maxLength": _whole("3600", 13612, 1, 14_400),
        "playBeep": _flag("true", 13616),
        "trim": _word("trim-silence do-not-trim", 13699),
        "transcribe": _flag("false", 13614, acted=False),
        "transcribeCallback": _url(13257, error=True, acted=False),
        "transcriptionConfigurationId": _PLAIN,
        **_RECORDED,
    },
    "Dial": {
        "action": _url(),
        "method": _method(13210),
        "timeout": _whole("30", 13212, 5, 600),
        "timeLimit": _whole("14400", 13216, 1, 86_400),
        "hangupOnStar": _flag("false", 13213),
        "callerId": _text("", 13214, 255),
        "record": _word(_RECORD_MODES, 13217),
        "trim": _word("do-not-trim trim-silence", 13239, error=True, acted=False),
        "recordingTrack": _word("both inbound outbound", 0),
        "answerOnBridge": _flag("false", 13219),
        "ringTone": _word("automatic at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz "
                          "ph pl pt ru se sg th uk us us-old tw ve za", 13220, acted=False),
        "sequential": _flag("false", 13218),
        "referUrl": _url(0),
        "referMethod": _method(0),
        "callReason": _text("", 0, 50, acted=False),
        "events": _PLAIN,
        **_RECORDED,
    },
    "Number": {
        "url": _url(),
        "method": _method(13221),
        "sendDigits": _keys(_DIGITS, 13222),
        "byoc": _PLAIN,
        **_callbacks(13221),
        **_AMD,
    },
    "Client": {"url": _url(), "method": _method(13221), **_callbacks(13221)},
    "Sip": {
        "username": _text("", 13249, 256),
        "password": _text("", 13249, 256),
        "url": _url(),
        "method": _method(13241),
        **_callbacks(13241),
        **_AMD,
    },
    "Conference": {
        "muted": _flag("false", 13230),
        "beep": _word("true false onEnter onExit", 13235),
        "startConferenceOnEnter": _flag("true", 13232),
        "endConferenceOnExit": _flag("false", 13231, error=True),
        "waitUrl": _url(13233),
        "waitMethod": _method(13234),
        "maxParticipants": _whole("250", 0, 2, 250),
        "record": _word("do-not-record record-from-start true false", 0),
        "region": _word("us1 ie1 de1 sg1 br1 au1 jp1", 0, default="", acted=False),
        "trim": _word("trim-silence do-not-trim", 13239, error=True, acted=False),
        "coach": Rule("text", "", 13240, True, True, 0, 34),
        "participantLabel": _text("", 0, 128),
        "jitterBufferSize": _word("large medium small off", 0, acted=False),
        "eventCallbackUrl": _url(0, acted=False),
        "statusCallback": _url(0),
        "statusCallbackEvent": _words(_CONFERENCE_EVENTS, 0, ""),
        "statusCallbackMethod": _method(0),
        **_RECORDED,
    },
    "Queue": {
        "url": _url(14211, error=True),
        "method": _method(14210, error=True),
        "reservationSid": _PLAIN,
        "postWorkActivitySid": _PLAIN,
    },
    "Application": {
        "url": _url(0, acted=False), "method": _method(0, acted=False), "customerId": _PLAIN,
        "copyParentTo": _flag("false", 0), **_callbacks(0),
    },
    "WhatsApp": {"url": _url(0, acted=False), "method": _method(0, acted=False),
                 **{name: rule._replace(acted=False) for name, rule in _callbacks(0).items()}},
    "Enqueue": {
        "action": _url(14203, error=True),
        "method": _method(14201, error=True),
        "waitUrl": _url(14202, error=True),
        "waitUrlMethod": _method(14206, error=True),
        "workflowSid": _PLAIN,
        "maxQueueSize": _PLAIN,
    },
    "Redirect": {"method": _method(13710)},
    "Reject": {"reason": _word("rejected busy", 13810)},
    "Refer": {"action": _url(), "method": _method(0)},
    "Connect": {"action": _url(), "method": _method(0)},
    "Start": {"action": _url(0, acted=False), "method": _method(0, acted=False)},
    "Stream": {
        "url": _text(), "name": _text(), "track": _word("inbound_track outbound_track both_tracks", 0),
        "statusCallback": _url(0), "statusCallbackMethod": _method(0), "connectorName": _PLAIN,
    },
    "Recording": {
        "name": _PLAIN, "channels": _word("dual mono", 0), "track": _word("both inbound outbound", 0),
        "trim": _word("trim-silence do-not-trim", 0, acted=False),
        **{name: _RECORDED[name] for name in _RECORDED if name != "recordingConfigurationId"},
    },
    "Parameter": {"name": _text(), "value": _text()},
}  # fmt: skip
"""By element, then by attribute. ``Gather/Say`` is Say inside Gather, where its codes are others."""

NOT_CHECKED = frozenset({
    "Siprec", "Transcription", "VirtualAgent", "Room", "Sms", "Message", "Hangup", "Task",
})  # fmt: skip
"""Elements that are not acted out, or whose attributes mean nothing to a call here: their attributes are taken as
they are."""


def rules_of(element: Element, inside: str = "") -> Mapping[str, Rule]:
    """The rules of an element where it stands."""
    return RULES.get(f"{inside}/{element.name}") or RULES.get(element.name, {})


def value_of(element: Element, name: str) -> str:
    """What holds: the value as it is written (words and flags in lower case as documented), or the default."""
    rule = RULES[element.name][name]
    if name not in element.attributes:
        return rule.default
    text = element.attributes[name].strip()
    if _wrong(rule, text) and not (rule.kind == "url" and not rule.code):
        return rule.default
    if rule.kind == "method":
        return text.upper()
    if rule.kind == "flag":
        return text.lower()
    return text or ("" if rule.kind in {"keys", "url", "text"} else rule.default)


def complaints(element: Element, inside: str = "") -> Iterator[Complaint]:
    """Every wrong value of an element and of the nouns in it, in document order."""
    for name, rule in rules_of(element, inside).items():
        text = element.attributes.get(name, "").strip()
        expected = _wrong(rule, text) if rule.code else ""
        if expected:
            what = f"{element.name} {name} is {text[:40]!r}; {expected} was expected"
            yield Complaint(rule.code, what, rule.error)
    if element.name != "Gather":  # Its prompts are verbs of their own and are looked at when their turn comes.
        for child in element.children:
            yield from complaints(child)


def _wrong(rule: Rule, text: str) -> str:
    """What was expected instead of this text; empty if it is right. An empty text is: not said."""
    if not text:
        return ""
    match rule.kind:
        case "whole" | "auto":
            right = text.isascii() and text.isdigit() and len(text) < 10 and rule.least <= int(text) <= rule.most
            if right or (rule.kind == "auto" and text == "auto"):
                return ""
            return f"a whole number from {rule.least} to {rule.most}" + (" or auto" if rule.kind == "auto" else "")
        case "flag":
            return "" if text.lower() in rule.allowed else "true or false"
        case "method":
            return "" if text.upper() in rule.allowed else "GET or POST"
        case "word":
            return "" if text in rule.allowed else f"one of {', '.join(rule.allowed)}"
        case "words":
            right = all(word in rule.allowed for word in text.replace(",", " ").split())
            return "" if right else f"any of {', '.join(rule.allowed)}"
        case "keys":
            return "" if set(text) <= set(rule.allowed) else f"only {''.join(rule.allowed)}"
        case "url":
            return "" if _is_url(text) else "an absolute http(s) URL or a relative one"
        case "text":
            return "" if not rule.most or len(text) <= rule.most else f"at most {rule.most} characters"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https", ""} and not any(character.isspace() for character in text)
