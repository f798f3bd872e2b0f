"""The policy as plain TwiML files, for a CDN or the provider's own hosting, and an index that says which goes where.

A file asks nobody anything, so this works when nothing of yours does. What it cannot do is in the index, too: it sees
neither signature nor parameters, so it cannot choose by error or count, and nobody is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from voicedr.runtime.fallback.documents import clean, document, hangup, thanks, waiting, written
from voicedr.runtime.fallback.findings import languages_of
from voicedr.runtime.fallback.policy import (
    DEFAULT,
    Forward,
    Message,
    MessageAnswer,
    Policy,
    Queue,
    Resume,
    Route,
    VoiceAnswer,
    Voicemail,
    When,
    chain,
)

_EVERY = When()

CANNOT = (
    "It cannot tell the provider's requests from others': whoever knows the URL can read the file.",
    "It counts nothing and tells nobody that the primary fails; read the provider's alerts.",
    "It does not see ErrorCode, so routes that differ by error only cannot be told apart by URL.",
    "One file is one language; set the number's URL to that of its language.",
    "Static hosting answers GET and often nothing else: set the fallback's method to GET.",
)


class CannotExport(Exception):
    """The folder cannot be written: which, why, and the next step."""


@dataclass(slots=True)
class Exported:
    """Files by name, and for each document what it is for."""

    files: dict[str, bytes] = field(default_factory=dict)
    index: list[dict[str, Any]] = field(default_factory=list)


def export(policy: Policy) -> Exported:
    """Every document of a policy, with the index."""
    made = Exported()
    for route in (*policy.routes, Route(DEFAULT, _EVERY, policy.default)):
        for language in languages_of(policy):
            if isinstance(route.answer, MessageAnswer):
                _text(policy, route, route.answer, language, made)
            else:
                _voice(policy, route, language, made)
    _text(policy, Route("default-message", _EVERY, policy.default_message), policy.default_message,
          policy.languages.default, made)  # fmt: skip
    told = {"policy": policy.path, "documents": made.index, "cannot": CANNOT}
    made.files["index.json"] = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    made.files["README.md"] = "\n".join(_read_me(made.index)).encode()
    return made


def write(made: Exported, folder: Path) -> None:
    """Write the files. Those that are there with these names are replaced, others stay.

    Raises:
        CannotExport: If a file cannot be written; some may have been.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.files.items():
            (folder / name).write_bytes(content)
    except OSError as exc:
        raise CannotExport(
            f"{folder} cannot be written ({exc.strerror}); the files there may be of two editions. Make room or choose"
            " another --to, and export again."
        ) from exc


def _voice(policy: Policy, route: Route, language: str, made: Exported) -> None:
    name = f"{route.name}.{language}.xml"
    lost: list[str] = []
    response = ElementTree.Element("Response")
    for level, answer in enumerate(chain(policy, route.answer)):
        if isinstance(answer, MessageAnswer):
            continue
        for child in _inline(policy, answer, language, f"{route.name}-{level}.{language}", made, lost):
            response.append(child)
        if isinstance(answer, Message | Voicemail):
            break
    made.files[name] = written(response)
    fields = "DisasterRecoveryUrl" if route.when.kinds == ("trunk",) else "VoiceFallbackUrl, DisasterRecoveryUrl"
    made.index.append(_entry(policy, route, name, language, fields, lost))


def _inline(
    policy: Policy, answer: VoiceAnswer, language: str, stem: str, made: Exported, lost: list[str]
) -> Iterator[ElementTree.Element]:
    """An answer's verbs, as far as a file can have them."""

    def step(name: str) -> str:
        return f"{stem}.{name}.xml"

    if isinstance(answer, Resume):
        lost.append("It does not send the call back to the primary: nothing would count how often.")
        return
    root = ElementTree.fromstring(document(answer, policy.languages, language, step))  # noqa: S314 - our own document
    for child in root:
        if isinstance(answer, Forward) and child.tag == "Dial":
            # Without an action the call goes on here, after a conversation, too.
            for attribute in ("action", "method"):
                child.attrib.pop(attribute, None)
            lost.append("After a forwarded conversation a caller who stays on the line hears what follows.")
        elif isinstance(answer, Queue) and child.tag == "Enqueue":
            child.attrib.pop("action", None)
            child.attrib.pop("method", None)
            child.set("waitUrlMethod", "GET")
            made.files[step("wait")] = waiting(answer, policy.languages, language, 0)
            lost.append(f"Nobody leaves the queue after {answer.wait_s_max} s: a file cannot count.")
        elif isinstance(answer, Voicemail) and child.tag == "Record":
            child.set("method", "GET")
            if not answer.recording_callback:
                child.attrib.pop("recordingStatusCallback", None)
                lost.append("Nobody is told of a recording; look into the provider's list, or give recording_callback.")
            if answer.transcribe and not answer.transcribe_callback:
                child.attrib.pop("transcribeCallback", None)
            made.files[step("thanks")] = thanks(answer, policy.languages, language) if answer.thanks else hangup()
        yield child


def _text(policy: Policy, route: Route, answer: MessageAnswer, language: str, made: Exported) -> None:
    name = f"{route.name}.{language}.xml"
    made.files[name] = document(answer, policy.languages, language, str)
    made.index.append(_entry(policy, route, name, language, "SmsFallbackUrl", []))


def _entry(policy: Policy, route: Route, name: str, language: str, fields: str, lost: list[str]) -> dict[str, Any]:
    numbers = [*route.when.called, *(one for flow in route.when.flows for one in policy.flows.get(flow, ()))]
    if route.when.errors:
        lost = [*lost, f"It answers every error, not only {', '.join(route.when.errors)}."]
    return {
        "file": name,
        "set": fields,
        "method": "GET",
        "route": route.name,
        "language": language,
        "numbers": numbers or ["every other number"],
        "cannot": list(dict.fromkeys(lost)),
    }


def _read_me(index: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "# TwiML for fallback URLs, without an application\n"
    yield "Put these files where static files are served as `text/xml` or `application/xml`, all in one folder, and set"
    yield "each number's URL, with the method GET, as below.\n"
    yield "| numbers | set | to | language |\n| --- | --- | --- | --- |"
    for one in index:
        yield f"| {clean(', '.join(one['numbers']))} | {one['set']} | `{one['file']}` | {one['language']} |"
    yield "\n## What files cannot do\n"
    yield from (f"- {one}" for one in CANNOT)
    lost = dict.fromkeys(f"- {one['file']}: {what}" for one in index for what in one["cannot"])
    yield from lost
    yield ""
