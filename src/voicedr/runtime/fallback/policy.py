"""What the fallback answers, as values. ``read_policy`` makes them from a file and finds every mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal["call", "trunk", "message"]
"""What is asked for: a call whose primary webhook failed, one that no SBC of a trunk took, or a text message."""

KINDS: tuple[Kind, ...] = ("call", "trunk", "message")


class Speech(msgspec.Struct, frozen=True):
    """Something to say, by language. A URL of a recording is played in place of the words."""

    say: Mapping[str, str] = {}
    play: Mapping[str, str] = {}


class Message(msgspec.Struct, frozen=True, tag="message"):
    """Say something and hang up."""

    speech: Speech


class Voicemail(msgspec.Struct, frozen=True, tag="voicemail"):
    """Take a message.

    Attributes:
        max_s: Its length in seconds.
        recording_callback: Who is told of the recording; empty: this application, which logs where it is.
        transcribe: Whether the provider shall transcribe it. Not every Region can.
        transcribe_callback: Who is told the text; empty: this application, which logs that it is there.
    """

    speech: Speech
    thanks: Speech | None = None
    max_s: int = 120
    recording_callback: str = ""
    transcribe: bool = False
    transcribe_callback: str = ""


class Forward(msgspec.Struct, frozen=True, tag="forward"):
    """Ring numbers or SIP URIs, one after another; then ``otherwise``. ``together``: all of them at once."""

    to: tuple[str, ...]
    speech: Speech | None = None
    timeout_s: int = 20
    caller_id: str = ""
    together: bool = False
    otherwise: VoiceAnswer | None = None


class Queue(msgspec.Struct, frozen=True, tag="queue"):
    """Put the caller into a queue of the account; after ``wait_s_max``, or if that fails, ``otherwise``."""

    name: str
    speech: Speech | None = None
    wait: Speech | None = None
    wait_s_max: int = 300
    otherwise: VoiceAnswer | None = None


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Ask the primary once more, at most ``attempts_max`` times in a call; then ``otherwise``.

    ``url`` may be ``failed``: the URL that the provider says has failed.
    """

    url: str
    speech: Speech | None = None
    attempts_max: int = 1
    pause_s: int = 2
    otherwise: VoiceAnswer | None = None


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """Answer a text message."""

    speech: Speech


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """Take a text message and answer nothing."""


VoiceAnswer = Message | Voicemail | Forward | Queue | Resume
MessageAnswer = Reply | Nothing
Terminal = Message | Voicemail


class When(msgspec.Struct, frozen=True):
    """What a route is for. What is empty holds of everything.

    Attributes:
        called: ``+14155550100``, ``+1415*``, ``+14155550100..+14155550199``, or the start of a SIP URI with ``*``.
        errors: Classes (``error_classes``), codes, or starts of codes with ``*``.
    """

    kinds: tuple[Kind, ...] = ()
    flows: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class Route(msgspec.Struct, frozen=True):
    """An answer and when it is given. ``line`` is where the file has it."""

    name: str
    when: When
    answer: VoiceAnswer | MessageAnswer
    line: int = 0


class Languages(msgspec.Struct, frozen=True):
    """Which language is spoken: by called number, then by ``FromCountry``, then the default."""

    default: str = "en-US"
    numbers: Mapping[str, str] = {}
    countries: Mapping[str, str] = {}
    voices: Mapping[str, str] = {}


class Alerts(msgspec.Struct, frozen=True):
    """Who is told. ``to`` are references to addresses, never addresses; ``window_s`` holds for each error and host."""

    to: tuple[str, ...] = ()
    window_s: int = 300


class Policy(msgspec.Struct, frozen=True):
    """The whole file. ``default`` answers every call that no route is for, ``default_message`` every message."""

    path: str
    routes: tuple[Route, ...]
    default: VoiceAnswer
    default_message: MessageAnswer = Nothing()
    languages: Languages = Languages()
    flows: Mapping[str, tuple[str, ...]] = {}
    auth_tokens: Mapping[str, str] = {}
    forged: Literal["refuse", "message"] = "refuse"
    alerts: Alerts = Alerts()


DEFAULT = "default"
"""The name of the route that every call takes which no other one is for."""


def chain(policy: Policy, answer: VoiceAnswer | MessageAnswer) -> tuple[VoiceAnswer | MessageAnswer, ...]:
    """An answer, what follows if it comes to nothing, and so on. The last one always ends in something useful."""
    followed: list[VoiceAnswer | MessageAnswer] = [answer]
    while isinstance(answer, Forward | Queue | Resume):
        if answer.otherwise is None:
            # A reader lets only a default without an end of its own be missing what follows it.
            return (*followed, *chain(policy, policy.default))
        answer = answer.otherwise
        followed.append(answer)
    return tuple(followed)


def last_words(policy: Policy) -> Message:
    """What is said when everything else came to nothing: the last of the default, as a message."""
    last = chain(policy, policy.default)[-1]
    return last if isinstance(last, Message) else Message(SORRY)


SORRY = Speech(say={"en-US": "We have a technical problem and cannot take your call at the moment. Please call again."})
