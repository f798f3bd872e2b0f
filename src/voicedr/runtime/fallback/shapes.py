"""The keys of a policy and what each may hold: what the reader judges by and the published schema is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Holds = Literal[
    "speech", "text", "url", "url-or-failed", "whole", "yes-no", "numbers", "dialled", "answer", "language",
    "names", "kinds", "errors", "refs", "name",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``least`` and ``most`` bound a whole number."""

    holds: Holds
    says: str
    needed: bool = False
    least: int = 0
    most: int = 0


SAY, PLAY = Key("speech", "Words: text in the default language, or a mapping of language to text."), Key(
    "speech", "URLs of recordings, as `say`; played in place of the words where a language has one."
)  # fmt: skip
OTHERWISE = Key("answer", "What follows if this comes to nothing. Left out: the default.")

ANSWERS: dict[str, dict[str, Key]] = {
    "message": {"say": SAY, "play": PLAY},
    "voicemail": {
        "say": SAY,
        "play": PLAY,
        "thanks": Key("speech", "Said after the message."),
        "max_s": Key("whole", "Length of a message in seconds.", least=5, most=3600),
        "recording_callback": Key("url", "Who is told of the recording. Left out: this application."),
        "transcribe": Key("yes-no", "Let the provider transcribe it; not every Region can."),
        "transcribe_callback": Key("url", "Who is told the text: your own transcription's hook. Left out: this app."),
    },
    "forward": {
        "say": SAY,
        "play": PLAY,
        "to": Key("dialled", "A number, a SIP URI, or a list of up to 10.", needed=True),
        "timeout_s": Key("whole", "How long each rings.", least=5, most=600),
        "caller_id": Key("text", "A number of the account or a verified one. Left out: the caller's."),
        "together": Key("yes-no", "Ring all of them at once."),
        "otherwise": OTHERWISE,
    },
    "queue": {
        "say": SAY,
        "play": PLAY,
        "queue": Key("text", "The queue's name, up to 64 characters.", needed=True),
        "wait_say": Key("speech", "Said every 15 s while waiting."),
        "wait_play": Key("speech", "Played while waiting."),
        "wait_s_max": Key("whole", "After so many seconds the caller leaves the queue.", least=10, most=3600),
        "otherwise": OTHERWISE,
    },
    "resume": {
        "say": SAY,
        "play": PLAY,
        "url": Key("url-or-failed", "The primary's URL, or `failed`: the one that has failed.", needed=True),
        "attempts_max": Key("whole", "How often in one call.", least=1, most=3),
        "pause_s": Key("whole", "Silence before it.", least=0, most=10),
        "otherwise": OTHERWISE,
    },
    "reply": {"say": SAY},
    "nothing": {},
}
"""What ``do`` may be, and the keys beside it."""

SPOKEN_NEEDED = ("message", "voicemail", "reply")
"""Answers that are nothing without words."""

VOICE, TEXT = ("message", "voicemail", "forward", "queue", "resume"), ("reply", "nothing")

ROUTE = {"name": Key("name", "A short name: letters, digits and hyphens.", needed=True)}
WHEN = {
    "kind": Key("kinds", "call, trunk, message, or a list. Left out: call and trunk."),
    "flow": Key("names", "A flow of `flows`, or a list."),
    "called": Key("numbers", "A number, range or start of one, or a list."),
    "errors": Key("errors", "A class of errors, a code, or the start of one with *, or a list."),
}
LANGUAGES = {
    "default": Key("language", "Such as en-US."),
    "numbers": Key("text", "Called number, range or start → language; the first that fits."),
    "countries": Key("text", "`FromCountry` → language, such as DE: de-DE."),
    "voices": Key("text", "Language → voice of Say."),
}
ALERTS = {
    "to": Key("refs", "References to Apprise addresses: env:NAME or file:/path."),
    "window_s": Key("whole", "One alert for each error and host in so many seconds.", least=10, most=86_400),
}
TOP = (
    "fallback", "languages", "flows", "auth_tokens", "forged", "alerts", "routes", "default", "default_message",
)  # fmt: skip


def schema() -> dict[str, Any]:
    """The format as JSON Schema (2020-12), for editors. What it cannot say, ``voicedr fallback check`` does."""
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    one_or_more = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    plain: dict[str, dict[str, Any]] = {
        "speech": {"anyOf": [{"type": "string"}, texts]},
        "whole": {"type": "integer"},
        "yes-no": {"type": "boolean"},
        "answer": {"$ref": "#/$defs/answer"},
        "refs": {"type": "array", "items": {"type": "string", "pattern": "^(env|file):"}},
        **dict.fromkeys(("numbers", "dialled", "names", "kinds", "errors"), one_or_more),
    }

    def held(key: Key) -> dict[str, Any]:
        bounds = {"minimum": key.least, "maximum": key.most} if key.holds == "whole" else {}
        return {**plain.get(key.holds, {"type": "string"}), **bounds, "description": key.says}

    def of(keys: dict[str, Key], more: dict[str, Any] | None = None) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {**{name: held(key) for name, key in keys.items()}, **(more or {})},
            "required": [name for name, key in keys.items() if key.needed] + (["do"] if more and "do" in more else []),
        }

    languages = of(LANGUAGES)
    languages["properties"] |= dict.fromkeys(("numbers", "countries", "voices"), texts)
    beside = {
        **ROUTE,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policy of voicedr fallback",
        "type": "object",
        "additionalProperties": False,
        "required": ["fallback", "default"],
        "properties": {
            "fallback": {"const": 1},
            "languages": languages,
            "flows": {"type": "object", "additionalProperties": one_or_more},
            "auth_tokens": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^(env|file):"}},
            "forged": {"enum": ["refuse", "message"]},
            "alerts": of(ALERTS),
            "routes": {"type": "array", "items": {"anyOf": [
                of({**beside, **keys}, {"do": {"const": name}, "when": of(WHEN)}) for name, keys in ANSWERS.items()
            ]}},
            "default": {"$ref": "#/$defs/answer"},
            "default_message": {"$ref": "#/$defs/answer"},
        },
        "$defs": {
            "answer": {"anyOf": [of(keys, {"do": {"const": name}}) for name, keys in ANSWERS.items()]}
        },
    }  # fmt: skip
