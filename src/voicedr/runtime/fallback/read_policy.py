"""Text in, a policy out, or every mistake in it at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from voicedr.runtime.fallback import numbers
from voicedr.runtime.fallback.error_classes import CLASSES
from voicedr.runtime.fallback.places import Node, PolicyBroken, read_places
from voicedr.runtime.fallback.policy import (
    KINDS,
    Alerts,
    Forward,
    Languages,
    Message,
    MessageAnswer,
    Nothing,
    Policy,
    Queue,
    Reply,
    Resume,
    Route,
    Speech,
    VoiceAnswer,
    Voicemail,
    When,
)
from voicedr.runtime.fallback.shapes import ALERTS, ANSWERS, LANGUAGES, SPOKEN_NEEDED, TEXT, TOP, VOICE, WHEN, Key

VERSION = 1
ROUTES_MAX = 500
CHAIN_MAX = 5
"""Answers one after another; a caller who has heard so many has waited long enough."""

SPOKEN_CHARACTERS_MAX = 3000
DIALLED_MAX = 10
"""Nouns of one Dial (https://www.twilio.com/docs/voice/twiml/sip)."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2}|-[0-9]{3})?")
COUNTRY = re.compile(r"[A-Z]{2}")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
ERROR = re.compile(r"[1-9][0-9]{4}|[1-9][0-9]{0,4}\*")
URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:/?[^\x00-\x1f]+)")

_NO_SPEECH = Speech()


def read_policy(text: str, path: str) -> Policy:
    """The policy that a text holds.

    Args:
        path: What messages call the file; it is not opened.

    Raises:
        PolicyBroken: If anything is wrong with it; all of it at once.
    """
    root = read_places(text, path)
    reader = _Reader(root, path)
    policy = reader.policy()
    if root.mistakes:
        raise PolicyBroken(path, root.mistakes)
    return policy


class _Reader:
    """Reads on after a mistake, so that all are found; what is wrong is left out of the values."""

    def __init__(self, root: Node, path: str) -> None:
        self._root, self._path = root, path
        self._default_language = "en-US"

    def policy(self) -> Policy:
        root = self._root
        if not isinstance(root.value, dict):
            root.wrong('a policy is a mapping that begins with "fallback: 1"')
            raise PolicyBroken(self._path, root.mistakes)
        self._keys(root, TOP, ("fallback", "default"))
        version = self._at(root, "fallback")
        if version is not None and (version.value != VERSION or isinstance(version.value, bool)):
            version.wrong(f"the version is {version.value!r}; this program reads fallback: {VERSION}")
        languages = self._languages(self._at(root, "languages"))
        flows = self._flows(self._at(root, "flows"))
        forged = self._at(root, "forged")
        if forged is not None and forged.value not in ("refuse", "message"):
            forged.wrong('forged is "refuse" (403) or "message" (the last words of the default, and nothing else)')
        default = self._answer(self._at(root, "default"), VOICE, 1, is_default=True)
        default_message = self._answer(self._at(root, "default_message"), TEXT, 1)
        return Policy(
            path=self._path,
            routes=self._routes(self._at(root, "routes"), flows),
            default=default if isinstance(default, VoiceAnswer) else Message(_NO_SPEECH),
            default_message=default_message if isinstance(default_message, MessageAnswer) else Nothing(),
            languages=languages,
            flows=flows,
            auth_tokens=self._references(self._at(root, "auth_tokens")),
            forged="message" if forged is not None and forged.value == "message" else "refuse",
            alerts=self._alerts(self._at(root, "alerts")),
        )

    def _languages(self, node: Node | None) -> Languages:
        if node is None:
            return Languages()
        self._keys(node, tuple(LANGUAGES))
        default = self._at(node, "default")
        if default is not None and self._language(default):
            self._default_language = str(default.value)
        found: dict[str, dict[str, str]] = {}
        for name in ("numbers", "countries", "voices"):
            found[name] = {}
            for key, value in self._mapping(self._at(node, name)):
                text = str(key.value)
                if name == "numbers" and (why := numbers.mistake_in(text)):
                    key.wrong(why)
                elif name == "countries" and not COUNTRY.fullmatch(text):
                    key.wrong(f"{text[:20]!r} is no country; write two capital letters, such as DE")
                elif name == "voices":
                    self._language(key)
                if name == "voices" or self._language(value):
                    found[name][text] = self._text(value)
        return Languages(self._default_language, found["numbers"], found["countries"], found["voices"])

    def _flows(self, node: Node | None) -> Mapping[str, tuple[str, ...]]:
        flows = {}
        for key, value in self._mapping(node):
            if not NAME.fullmatch(str(key.value)):
                key.wrong(f"{str(key.value)[:60]!r} is no name of a flow; write letters, digits and hyphens")
            flows[str(key.value)] = self._numbers(value)
        return flows

    def _routes(self, node: Node | None, flows: Mapping[str, Any]) -> tuple[Route, ...]:
        if node is None:
            return ()
        if not isinstance(node.value, list):
            node.wrong("routes is a list; write each route behind a hyphen")
            return ()
        if len(node.value) > ROUTES_MAX:
            node.wrong(f"there are {len(node.value)} routes; at most {ROUTES_MAX} are read")
            return ()
        routes: dict[str, Route] = {}
        for one in node.value:
            if not isinstance(one.value, dict):
                one.wrong("a route is a mapping with name, when and do")
                continue
            name_node = self._at(one, "name")
            name = self._text(name_node) if name_node is not None else ""
            if name_node is None:
                one.wrong("the route has no name")
            elif not NAME.fullmatch(name) or name == "default":
                name_node.wrong(f"{name[:60]!r} is no name of a route; write letters, digits and hyphens, not default")
            elif name in routes:
                name_node.wrong(f"{name!r} is the name of another route, on line {routes[name].line}")
            when = self._when(self._at(one, "when"), flows)
            allowed = TEXT if when.kinds == ("message",) else VOICE
            if "message" in when.kinds and len(when.kinds) > 1:
                one.wrong("a route is for calls or for messages; make two of it")
            answer = self._answer(one, allowed, 1, beside=("name", "when"))
            if answer is not None:
                routes.setdefault(name, Route(name, when, answer, one.line))
        return tuple(routes.values())

    def _when(self, node: Node | None, flows: Mapping[str, Any]) -> When:
        if node is None:
            return When()
        self._keys(node, tuple(WHEN))
        kinds = self._texts(self._at(node, "kind"), lambda text: "" if text in KINDS else f"there is no kind {text!r}")
        named = self._texts(
            self._at(node, "flow"),
            lambda text: "" if text in flows else f"there is no flow {text!r}; flows has {', '.join(flows) or 'none'}",
        )
        errors = self._texts(self._at(node, "errors"), _mistake_in_error)
        called = self._at(node, "called")
        return When(
            tuple(kind for kind in KINDS if kind in kinds),
            named,
            self._numbers(called) if called is not None else (),
            errors,
        )

    def _alerts(self, node: Node | None) -> Alerts:
        if node is None:
            return Alerts()
        self._keys(node, tuple(ALERTS))
        to = self._texts(self._at(node, "to"), _mistake_in_reference, shown=False)
        window = self._whole(self._at(node, "window_s"), ALERTS["window_s"], 300)
        return Alerts(to, window)

    def _references(self, node: Node | None) -> Mapping[str, str]:
        found = {}
        for key, value in self._mapping(node):
            text = self._text(value)
            if why := _mistake_in_reference(text):
                value.wrong(why)
            found[str(key.value)] = text
        return found

    def _answer(
        self,
        node: Node | None,
        allowed: tuple[str, ...],
        depth: int,
        *,
        beside: tuple[str, ...] = (),
        is_default: bool = False,
    ) -> VoiceAnswer | MessageAnswer | None:
        if node is None:
            return None
        if not isinstance(node.value, dict):
            node.wrong(f"an answer is a mapping with do: {', '.join(allowed)}")
            return None
        do = self._at(node, "do")
        if do is None or not isinstance(do.value, str) or do.value not in ANSWERS:
            (do or node).wrong(f"do says what is done: {', '.join(allowed)}")
            return None
        name = str(do.value)
        if name not in allowed:
            what = "a text message" if name in TEXT else "a call"
            do.wrong(f"{name} is for {what}; here it is one of {', '.join(allowed)}")
            return None
        if depth > CHAIN_MAX:
            do.wrong(f"{CHAIN_MAX} answers one after another are enough; end with message or voicemail")
            return None
        keys = ANSWERS[name]
        self._keys(node, ("do", *beside, *keys), tuple(key for key, shape in keys.items() if shape.needed))
        speech = self._speech(node, "say", "play")
        if speech is None and name in SPOKEN_NEEDED:
            node.wrong(f"a {name} needs words: say, or play" if name != "reply" else "a reply needs words: say")
        otherwise = self._answer(self._at(node, "otherwise"), VOICE, depth + 1, is_default=is_default)
        followed = otherwise if isinstance(otherwise, VoiceAnswer) else None
        if is_default and "otherwise" in keys and self._at(node, "otherwise") is None:
            do.wrong(f"the default may come to nothing here: give {name} an otherwise that is message or voicemail")
        return self._made(name, node, keys, speech, followed)

    def _made(
        self, name: str, node: Node, keys: dict[str, Key], speech: Speech | None, otherwise: VoiceAnswer | None
    ) -> VoiceAnswer | MessageAnswer:
        def whole(key: str, default: int) -> int:
            return self._whole(self._at(node, key), keys[key], default)

        def url(key: str) -> str:
            found = self._at(node, key)
            if found is None:
                return ""
            text = self._text(found)
            if not URL.fullmatch(text) and not (keys[key].holds == "url-or-failed" and text == "failed"):
                found.wrong(f"{text[:80]!r} is no URL; write https://…")
            return text

        match name:
            case "message":
                return Message(speech or _NO_SPEECH)
            case "voicemail":
                thanks = self._speech(node, "thanks", "")
                return Voicemail(
                    speech or _NO_SPEECH, thanks, whole("max_s", 120), url("recording_callback"),
                    self._yes(node, "transcribe"), url("transcribe_callback"),
                )  # fmt: skip
            case "forward":
                return Forward(
                    self._dialled(node), speech, whole("timeout_s", 20), self._caller_id(node),
                    self._yes(node, "together"), otherwise,
                )  # fmt: skip
            case "queue":
                queue = self._at(node, "queue")
                text = self._text(queue) if queue is not None else ""
                if queue is not None and not 0 < len(text) <= 64:
                    queue.wrong("a queue's name has 1 to 64 characters")
                return Queue(text, speech, self._speech(node, "wait_say", "wait_play"), whole("wait_s_max", 300),
                             otherwise)  # fmt: skip
            case "resume":
                return Resume(url("url"), speech, whole("attempts_max", 1), whole("pause_s", 2), otherwise)
            case "reply":
                return Reply(speech or _NO_SPEECH)
            case _:
                return Nothing()

    def _dialled(self, node: Node) -> tuple[str, ...]:
        def mistake(text: str) -> str:
            if numbers.NUMBER.fullmatch(text) or numbers.SIP.fullmatch(text):
                return ""
            return f'{text[:60]!r} cannot be rung; write "+14155550100" or sip:desk@pbx.example'

        to = self._at(node, "to")
        found = self._texts(to, mistake)
        if to is not None and isinstance(to.value, list) and len(to.value) > DIALLED_MAX:
            to.wrong(f"at most {DIALLED_MAX} numbers or SIP URIs can be rung")
        return found

    def _caller_id(self, node: Node) -> str:
        found = self._at(node, "caller_id")
        if found is None:
            return ""
        text = self._text(found)
        if not numbers.NUMBER.fullmatch(text):
            found.wrong(f'{text[:60]!r} is no number; write "+14155550100"')
        return text

    def _speech(self, node: Node, say: str, play: str) -> Speech | None:
        words = self._by_language(self._at(node, say), urls=False)
        urls = self._by_language(self._at(node, play), urls=True) if play else {}
        if not words and not urls:
            return None
        if self._default_language not in {**words, **urls}:
            place = self._at(node, say) or (self._at(node, play) if play else None) or node
            place.wrong(f"there is nothing in {self._default_language}, the default language")
        return Speech(words, urls)

    def _by_language(self, node: Node | None, *, urls: bool) -> dict[str, str]:
        if node is None:
            return {}
        entries = self._mapping(node) if isinstance(node.value, dict) else [(None, node)]
        found = {}
        for key, value in entries:
            text = self._text(value)
            if key is not None:
                self._language(key)
            if urls and text and not URL.fullmatch(text):
                value.wrong(f"{text[:80]!r} is no URL of a recording; write https://…")
            if len(text) > SPOKEN_CHARACTERS_MAX:
                value.wrong(f"this has {len(text)} characters; at most {SPOKEN_CHARACTERS_MAX} are said")
            if text:
                found[str(key.value) if key is not None else self._default_language] = text
        return found

    def _language(self, node: Node) -> bool:
        if isinstance(node.value, str) and LANGUAGE.fullmatch(node.value):
            return True
        node.wrong(f"{str(node.value)[:40]!r} is no language; write en-US, de-DE or es")
        return False

    def _numbers(self, node: Node) -> tuple[str, ...]:
        return self._texts(node, numbers.mistake_in)

    def _texts(self, node: Node | None, mistake: Any, *, shown: bool = True) -> tuple[str, ...]:
        if node is None:
            return ()
        nodes = node.value if isinstance(node.value, list) else [node]
        if not nodes:
            node.wrong("the list is empty; leave the key out instead")
        found = []
        for one in nodes:
            if isinstance(one.value, int) and not isinstance(one.value, bool):
                one.wrong(f'{one.value} is a number; put it in quotes: "{one.value}"' if shown else "put it in quotes")
                continue
            text = self._text(one)
            if text and (why := mistake(text)):
                one.wrong(why)
            elif text:
                found.append(text)
        return tuple(found)

    def _text(self, node: Node) -> str:
        if isinstance(node.value, str) and node.value.strip():
            return node.value.strip()
        node.wrong("here is to be text that is not empty; put numbers in quotes")
        return ""

    def _yes(self, node: Node, key: str) -> bool:
        found = self._at(node, key)
        if found is not None and not isinstance(found.value, bool):
            found.wrong("write true or false")
        return found is not None and found.value is True

    def _whole(self, node: Node | None, key: Key, default: int) -> int:
        if node is None:
            return default
        if not isinstance(node.value, int) or isinstance(node.value, bool) or not key.least <= node.value <= key.most:
            node.wrong(f"write a whole number from {key.least} to {key.most}")
            return default
        return node.value

    def _mapping(self, node: Node | None) -> list[tuple[Node, Node]]:
        if node is None:
            return []
        if not isinstance(node.value, dict):
            node.wrong("here is to be a mapping of keys to values")
            return []
        return list(node.value.values())

    def _keys(self, node: Node, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> None:
        for key, _ in self._mapping(node):
            if key.value not in known:
                key.wrong(f"there is no key {str(key.value)[:60]!r} here; there are {', '.join(known)}")
        if isinstance(node.value, dict):
            for one in needed:
                if one not in node.value:
                    node.wrong(f"{one} is missing")

    @staticmethod
    def _at(node: Node, key: str) -> Node | None:
        if not isinstance(node.value, dict) or key not in node.value:
            return None
        return node.value[key][1]


def _mistake_in_error(text: str) -> str:
    if text in CLASSES or ERROR.fullmatch(text):
        return ""
    return f'{text[:40]!r} is no error; write {", ".join(CLASSES)}, a code such as "11200", or the start of one, "112*"'


def _mistake_in_reference(text: str) -> str:
    # What stands here may be the secret itself: it is not shown.
    return "" if REFERENCE.fullmatch(text) else "this is no reference (it is not shown); write env:NAME or file:/path"
