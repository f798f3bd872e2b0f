"""Cutting a stream into SIP messages by Content-Length (RFC 3261 section 18.3)."""

from __future__ import annotations

import re

from voicedr.wire.sip.messages import MESSAGE_BYTES_MAX, MalformedSip

_LENGTH = re.compile(rb"\r\n(?:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)


class Framing:
    """Takes octets as they come and gives whole messages. Keep-alives (RFC 5626 section 3.5.1) are passed over."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now, in order.

        Raises:
            MalformedSip: If the stream cannot be cut any more: no Content-Length, or a message that is too long. The
                connection is of no use after that.
        """
        self._kept += data
        messages: list[bytes] = []
        while True:
            self._kept = self._kept.lstrip(b"\r\n")
            head_end = self._kept.find(b"\r\n\r\n")
            if head_end < 0:
                if len(self._kept) > MESSAGE_BYTES_MAX:
                    raise MalformedSip(f"headers of more than {MESSAGE_BYTES_MAX} octets")
                return messages
            length = _LENGTH.search(self._kept, 0, head_end + 2)
            if length is None:
                raise MalformedSip("a message on a stream without Content-Length")
            end = head_end + 4 + int(length[1])
            if end > MESSAGE_BYTES_MAX:
                raise MalformedSip(f"a message of {end} octets; {MESSAGE_BYTES_MAX} are read at most")
            if len(self._kept) < end:
                return messages
            messages.append(self._kept[:end])
            self._kept = self._kept[end:]
