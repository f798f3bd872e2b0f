"""TwiML of each answer and step. Whatever comes from outside is text in a tree, so it cannot become markup.

Verbs: https://www.twilio.com/docs/voice/twiml (read 2026-11-21). ``Enqueue`` asks its wait URL again whenever the
document there has ended, and its action URL when the caller has left the queue.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import assert_never
from xml.etree import ElementTree

from voicedr.runtime.fallback.policy import (
    SORRY,
    Forward,
    Languages,
    Message,
    MessageAnswer,
    Nothing,
    Queue,
    Reply,
    Resume,
    Speech,
    VoiceAnswer,
    Voicemail,
)

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may have (https://www.w3.org/TR/xml/#charsets)."""

WAIT_PAUSE_S = 15

Step = Callable[[str], str]
"""Where a later step of the same answer is: ``after`` → ``/step/support/0/after``."""


def document(
    answer: VoiceAnswer | MessageAnswer, languages: Languages, language: str, step: Step, *, url: str = ""
) -> bytes:
    """The document that begins an answer.

    Args:
        url: Of a ``Resume``: where the call is sent back to.
    """
    response = ElementTree.Element("Response")
    speaker = _Speaker(response, languages, language)
    match answer:
        case Message():
            speaker.speak(answer.speech)
            ElementTree.SubElement(response, "Hangup")
        case Voicemail():
            speaker.speak(answer.speech)
            _record(response, answer, step)
        case Forward():
            speaker.speak(answer.speech)
            _dial(response, answer, step)
        case Queue():
            speaker.speak(answer.speech)
            enqueue = ElementTree.SubElement(
                response, "Enqueue", action=step("left"), method="POST", waitUrl=step("wait"), waitUrlMethod="POST"
            )
            enqueue.text = answer.name
        case Resume():
            speaker.speak(answer.speech)
            if answer.pause_s:
                ElementTree.SubElement(response, "Pause", length=str(answer.pause_s))
            ElementTree.SubElement(response, "Redirect", method="POST").text = clean(url)
        case Reply():
            ElementTree.SubElement(response, "Message").text = clean(_words(answer.speech, languages, language)[0])
        case Nothing():
            pass
        case _ as unreachable:
            assert_never(unreachable)
    return written(response)


def thanks(answer: Voicemail, languages: Languages, language: str) -> bytes:
    """After a message was left."""
    response = ElementTree.Element("Response")
    _Speaker(response, languages, language).speak(answer.thanks)
    ElementTree.SubElement(response, "Hangup")
    return written(response)


def waiting(answer: Queue, languages: Languages, language: str, waited_s: int) -> bytes:
    """While a caller waits; at the end of their time they leave the queue."""
    response = ElementTree.Element("Response")
    if waited_s >= answer.wait_s_max:
        ElementTree.SubElement(response, "Leave")
        return written(response)
    _Speaker(response, languages, language).speak(answer.wait)
    ElementTree.SubElement(response, "Pause", length=str(min(WAIT_PAUSE_S, max(1, answer.wait_s_max - waited_s))))
    return written(response)


def hangup() -> bytes:
    """The call was served; it ends."""
    response = ElementTree.Element("Response")
    ElementTree.SubElement(response, "Hangup")
    return written(response)


def clean(text: str) -> str:
    """Without characters that XML cannot have."""
    return UNPRINTABLE.sub("", text)


def written(response: ElementTree.Element) -> bytes:
    """A document as bytes."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(response, encoding="unicode").encode()


class _Speaker:
    """Says and plays in one language."""

    def __init__(self, parent: ElementTree.Element, languages: Languages, language: str) -> None:
        self._parent, self._languages, self._language = parent, languages, language

    def speak(self, speech: Speech | None) -> None:
        if speech is None:
            return
        played = speech.play.get(self._language)
        if played is None and self._language not in speech.say:
            played = speech.play.get(self._languages.default)
        if played is not None:
            ElementTree.SubElement(self._parent, "Play").text = clean(played)
            return
        words, language = _words(speech, self._languages, self._language)
        attributes = {"language": language}
        if voice := self._languages.voices.get(language):
            attributes["voice"] = voice
        ElementTree.SubElement(self._parent, "Say", attributes).text = clean(words)


def _words(speech: Speech, languages: Languages, language: str) -> tuple[str, str]:
    """The words and the language that they are in: the wanted one, else the default."""
    for one in (language, languages.default):
        if one in speech.say:
            return speech.say[one], one
    return next(((words, one) for one, words in speech.say.items()), (SORRY.say["en-US"], "en-US"))


def _record(response: ElementTree.Element, answer: Voicemail, step: Step) -> None:
    attributes = {
        "action": step("thanks"),
        "method": "POST",
        "maxLength": str(answer.max_s),
        "finishOnKey": "#",
        "playBeep": "true",
        "recordingStatusCallback": answer.recording_callback or step("recorded"),
    }
    if answer.transcribe:
        attributes |= {"transcribe": "true", "transcribeCallback": answer.transcribe_callback or step("transcribed")}
    ElementTree.SubElement(response, "Record", attributes)


def _dial(response: ElementTree.Element, answer: Forward, step: Step) -> None:
    attributes = {"action": step("after"), "method": "POST", "timeout": str(answer.timeout_s)}
    if answer.caller_id:
        attributes["callerId"] = answer.caller_id
    if len(answer.to) > 1 and not answer.together:
        attributes["sequential"] = "true"
    dial = ElementTree.SubElement(response, "Dial", attributes)
    for one in answer.to:
        ElementTree.SubElement(dial, "Sip" if one.lower().startswith(("sip:", "sips:")) else "Number").text = clean(one)
