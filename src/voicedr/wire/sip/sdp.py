"""The session descriptions of a telephone call: one G.711 stream with telephone events (RFC 4566, RFC 3264)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_CODECS = {0: "PCMU/8000", 8: "PCMA/8000"}
"""Static payload types (RFC 3551 section 6)."""

_EVENT = 101
_ANSWERED: dict[str, Direction] = {
    "sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive",
}  # fmt: skip
LINES_MAX = 500


class BadSdp(ValueError):
    """A description that cannot be read, or that offers nothing that we speak."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What one side says about the audio stream.

    Attributes:
        address: Where it wants to receive.
        port: There; 0 is: no such stream.
        codecs: Of ours, payload types 0 (PCMU) and 8 (PCMA), the preferred one first.
        events: The payload type of telephone events (RFC 4733), or None.
        direction: Seen from the side that says it.
        line: Which ``m=`` line it is, from 0.
        media: Every ``m=`` line's media and protocol, to answer line by line.
    """

    address: str
    port: int
    codecs: tuple[int, ...] = (0, 8)
    events: int | None = _EVENT
    direction: Direction = "sendrecv"
    line: int = 0
    media: tuple[tuple[str, str, str], ...] = ()


def parse(body: bytes) -> Audio:
    """Read the first audio stream over RTP that has G.711.

    Raises:
        BadSdp: If it is not SDP or there is no such stream.
    """
    try:
        lines = body.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as exc:
        raise BadSdp("the description is not UTF-8") from exc
    lines = [line.strip() for line in lines if line.strip()]
    if not lines or lines[0] != "v=0" or len(lines) > LINES_MAX:
        raise BadSdp("the description does not begin with v=0, or is too long")
    sections: list[list[str]] = [[]]
    for line in lines:
        if len(line) < 2 or line[1] != "=":
            raise BadSdp(f"{line[:40]!r} is no line of a description")
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    media = tuple(_media(section[0]) for section in sections[1:])
    for at, section in enumerate(sections[1:]):
        found = _audio(sections[0], section, at, media)
        if found is not None:
            return found
    raise BadSdp("no audio stream over RTP/AVP with PCMU or PCMA is offered")


def _media(line: str) -> tuple[str, str, str]:
    fields = line[2:].split()
    if len(fields) < 4:
        raise BadSdp(f"{line[:40]!r} lacks a port, a protocol or a format")
    return fields[0], fields[2], fields[3]


def _audio(session: list[str], section: list[str], at: int, media: tuple[tuple[str, str, str], ...]) -> Audio | None:
    kind, port_text, protocol, *formats = section[0][2:].split()
    if kind != "audio" or protocol not in ("RTP/AVP", "RTP/AVPF"):
        return None
    port = port_text.partition("/")[0]
    numbers = [int(one) for one in formats if one.isascii() and one.isdigit() and len(one) <= 3]
    if not (port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise BadSdp(f"{port_text!r} is no port")
    codecs = tuple(one for one in numbers if one in _CODECS)
    if not codecs:
        return None
    events = next((one for one in numbers if _mapped(section, one).lower().startswith("telephone-event/8000")), None)
    connection = _last(section, "c=") or _last(session, "c=")
    fields = connection.split()
    if len(fields) != 3:
        raise BadSdp("there is no c= line that says where audio goes")
    direction: Direction = "sendrecv"
    for line in [*session, *section]:
        for word in _ANSWERED:
            if line == f"a={word}":
                direction = _ANSWERED[_ANSWERED[word]]
    return Audio(fields[2], int(port), codecs, events, direction, at, media)


def _mapped(section: list[str], payload_type: int) -> str:
    start = f"a=rtpmap:{payload_type} "
    return next((line[len(start) :].strip() for line in section if line.startswith(start)), "")


def _last(lines: list[str], start: str) -> str:
    return next((line[len(start) :] for line in reversed(lines) if line.startswith(start)), "")


def offer(audio: Audio, session_id: int, version: int = 1) -> bytes:
    """A description that offers this stream."""
    return _written(audio, session_id, version, [_stream(audio)])


def answer(offered: Audio, address: str, port: int, session_id: int, *, inactive: bool, version: int = 1) -> bytes:
    """The answer to an offer, line by line: our stream where theirs is, every other one refused with port 0.

    Args:
        inactive: We neither send nor take audio; otherwise the direction follows the offer's.
    """
    direction = "inactive" if inactive else _ANSWERED[offered.direction]
    ours = Audio(address, port, offered.codecs, offered.events, direction)
    streams = [
        _stream(ours) if at == offered.line and offered.port else [f"m={kind} 0 {protocol} {first}"]
        for at, (kind, protocol, first) in enumerate(offered.media)
    ]
    return _written(ours, session_id, version, streams)


def _stream(audio: Audio) -> list[str]:
    formats = [*audio.codecs, *([audio.events] if audio.events is not None else [])]
    lines = [f"m=audio {audio.port} RTP/AVP {' '.join(map(str, formats))}"]
    lines += [f"a=rtpmap:{codec} {_CODECS[codec]}" for codec in audio.codecs]
    if audio.events is not None:
        lines += [f"a=rtpmap:{audio.events} telephone-event/8000", f"a=fmtp:{audio.events} 0-16"]
    return [*lines, "a=ptime:20", f"a={audio.direction}"]


def _written(audio: Audio, session_id: int, version: int, streams: list[list[str]]) -> bytes:
    lines = ["v=0", f"o=- {session_id} {version} IN IP4 {audio.address}", "s=-", f"c=IN IP4 {audio.address}", "t=0 0"]
    lines += [line for stream in streams for line in stream]
    return "".join(f"{line}\r\n" for line in lines).encode()
