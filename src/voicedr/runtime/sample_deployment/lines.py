"""What the call-back line says, as TwiML. Every URL in it carries the connection overrides that the first one had."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

GREETING = "Thank you for calling Acme Clinics."
OFFER = "Press 1, and we call you back."
NOTED = "You are number"
LEAVE_A_MESSAGE = "We cannot note your call at the moment. Please leave a message."
FALLBACK_SAYS = "This is Acme Clinics. We have a technical difficulty. Please leave a message."
THANKS = "Thank you. Goodbye."

MESSAGE_S_MAX = 120


@dataclass(frozen=True)
class Lines:
    """The documents. ``overrides`` is the fragment of every URL, without ``#``; empty: none."""

    overrides: str = ""

    def greeting(self) -> bytes:
        """The first document. It needs nothing but this process."""
        response = ElementTree.Element("Response")
        _say(response, GREETING)
        gather = ElementTree.SubElement(response, "Gather", numDigits="1", timeout="5", action=self._url("choice"))
        _say(gather, OFFER)
        ElementTree.SubElement(response, "Redirect", method="POST").text = self._url("message")
        return _written(response)

    def noted(self, place: int) -> bytes:
        """The caller is on the list."""
        response = ElementTree.Element("Response")
        _say(response, f"{NOTED} {place} on our list. We call you back today.")
        ElementTree.SubElement(response, "Hangup")
        return _written(response)

    def leave_a_message(self) -> bytes:
        """The list cannot be written: the provider keeps what the caller says."""
        response = ElementTree.Element("Response")
        _say(response, LEAVE_A_MESSAGE)
        ElementTree.SubElement(
            response, "Record", action=self._url("thanks"), method="POST", finishOnKey="#",
            maxLength=str(MESSAGE_S_MAX), recordingStatusCallback=self._url("recorded"),
        )  # fmt: skip
        return _written(response)

    def thanks(self) -> bytes:
        """After a message."""
        response = ElementTree.Element("Response")
        _say(response, THANKS)
        ElementTree.SubElement(response, "Hangup")
        return _written(response)

    def _url(self, step: str) -> str:
        return f"/voice/{step}#{self.overrides}" if self.overrides else f"/voice/{step}"


def _say(parent: ElementTree.Element, text: str) -> None:
    ElementTree.SubElement(parent, "Say", language="en-US").text = text


def _written(response: ElementTree.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(response, encoding="unicode").encode()
