"""The sound of a SIP dialog: what our descriptions say of it, and what the peer's tell its phone (RFC 3264)."""

from __future__ import annotations

from typing import Protocol

from voicedr.twin.calls.phone import Phone
from voicedr.wire.sip import sdp

DISCARD_PORT = 9
"""Where a description says that audio goes that nobody takes (RFC 863)."""


class DialogPhone(Phone, Protocol):
    """A phone whose sound a dialog describes."""

    @property
    def port(self) -> int:
        """Where it takes sound, on the address that the dialog is signalled through."""
        ...

    def agreed(self, theirs: sdp.Audio) -> None:
        """What the peer said last holds from now on."""
        ...

    def begins(self) -> None:
        """The call is answered: what is played begins."""
        ...

    def key(self, pressed: str) -> None:
        """A key has come by INFO."""
        ...

    def close(self) -> None:
        """The call is over. Saying it twice is saying it once."""
        ...


class NoPhone(Exception):
    """There are too many already. Nothing changed."""


class Phones(Protocol):
    """Whoever has phones."""

    def __call__(self, host: str) -> DialogPhone | None:
        """A phone on this address of ours; None if no sound is sent and taken here.

        Raises:
            NoPhone: If no more can be had.
        """
        ...


def nowhere(host: str) -> DialogPhone | None:
    """No sound is sent and taken."""
    return None


def offer(phone: DialogPhone | None, host: str, session: tuple[int, int]) -> bytes:
    """Our description where the peer has said nothing."""
    if phone is None:
        return sdp.offer(sdp.Audio(host, DISCARD_PORT, direction="inactive"), *session)
    return sdp.offer(sdp.Audio(host, phone.port), *session)


def answer(phone: DialogPhone | None, theirs: sdp.Audio, host: str, session: tuple[int, int]) -> bytes:
    """Our description in answer to the peer's, which holds from now on."""
    number, version = session
    if phone is None:
        return sdp.answer(theirs, host, DISCARD_PORT, number, inactive=True, version=version)
    phone.agreed(theirs)
    return sdp.answer(theirs, host, phone.port, number, inactive=False, version=version)


def learn(phone: DialogPhone | None, body: bytes) -> None:
    """The peer has answered our offer. What cannot be read is no sound: the call stands."""
    if phone is not None and body:
        try:
            phone.agreed(sdp.parse(body))
        except sdp.BadSdp:
            return
