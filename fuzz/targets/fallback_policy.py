"""A policy is read or refused with lines, and no parameter of a request changes the markup of what it answers."""

from __future__ import annotations

from xml.etree import ElementTree

from voicedr.runtime.fallback.deciding import Asked, Chosen, choose, follow, host_of, resume_url
from voicedr.runtime.fallback.documents import document, hangup, thanks, waiting
from voicedr.runtime.fallback.places import PolicyBroken
from voicedr.runtime.fallback.policy import KINDS, Policy, Queue, Resume, Voicemail
from voicedr.runtime.fallback.read_policy import read_policy

_POLICY = """\
fallback: 1
languages:
  default: en-US
  numbers: {"+4930*": de-DE}
  countries: {DE: de-DE}
  voices: {de-DE: Polly.Vicki}
flows:
  support: ["+14155550100..+14155550199"]
auth_tokens: {us1: "env:TOKEN_US1"}
alerts: {to: ["env:A"], window_s: 60}
routes:
  - name: blip
    when: {flow: support, errors: [connection, "112*"]}
    do: resume
    url: failed
    otherwise:
      do: forward
      to: ["+14155550150", "sip:duty@pbx.acme.example"]
      caller_id: "+14155550100"
      otherwise: {do: voicemail, say: {en-US: Leave <b>a</b> message., de-DE: "Bitte & jetzt"}}
  - name: dispatch
    when: {kind: trunk}
    do: queue
    queue: dispatch
    wait_say: {en-US: Please hold., de-DE: Bitte warten.}
  - name: texts
    when: {kind: message, called: "+14155550100"}
    do: reply
    say: {en-US: Please call., de-DE: Bitte anrufen.}
default:
  do: message
  say: {en-US: Please call again., de-DE: Bitte sp\u00e4ter.}
"""
_SPLIT = b"\n%%%\n"
_ASKED = b"\nTo=+14155550100\nErrorCode=11205\nErrorUrl=https://app.example/voice?a=1&b=2\nFromCountry=DE\n"
SEEDS = [
    _POLICY.encode() + _SPLIT + _ASKED,
    _POLICY.encode() + _SPLIT + b"\nTo=sip:a@b\nErrorUrl=https://x/</Redirect><Dial>+1900</Dial>\x0b\xed\xa0\x80",
    b'{"fallback": 1, "default": {"do": "voicemail", "say": "Leave a message \\u0001 \\ud800", "transcribe": true}}',
    b"fallback: 1\ndefault: &a {do: queue, queue: q, otherwise: *a}\n",
    b"fallback: 1\ndefault: {do: message, play: 'https://x.example/]]>'}\n",
    b"fallback: 0b_\ndefault: {do: message, say: !!float ._}\n",
    b"[" * 3000,
    _SPLIT + b"To=<\nErrorUrl=https://[::1\nFromCountry=\xff",
]
_GOOD = read_policy(_POLICY, "good.yaml")
_OWN = "fallback.example"


def one(data: bytes) -> None:
    """Read what stands before the line of %, and ask it for what stands behind."""
    text, _, asked = data.partition(_SPLIT)
    policy = _read(text)
    fields = dict(_pair(line) for line in asked.decode("utf-8", "replace").split("\n")[:20])
    for kind in KINDS:
        wanted = Asked(kind, fields, flow=fields.get("flow", ""))
        for chosen in (
            choose(policy, wanted, own_host=_OWN),
            choose(policy, wanted, resumed=1000, own_host=_OWN),
            follow(policy, wanted, fields.get("route", ""), len(fields), own_host=_OWN),
        ):
            _judge(policy, wanted, chosen)


def _read(text: bytes) -> Policy:
    try:
        return read_policy(text.decode(), "p.yaml")
    except UnicodeDecodeError:
        return _GOOD
    except PolicyBroken as exc:
        assert exc.mistakes
        for mistake in exc.mistakes:
            assert mistake.line >= 1
            assert mistake.text
            assert mistake.text.isprintable(), f"a message sends something to the terminal: {mistake.text!r}"
        return _GOOD


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


def _judge(policy: Policy, asked: Asked, chosen: Chosen) -> None:
    answer = chosen.answer
    url = resume_url(answer, asked, _OWN) if isinstance(answer, Resume) else ""
    if url:
        assert url.startswith(("https://", "http://"))
        assert host_of(url)
        assert host_of(url) != _OWN, "a call is sent back to ourselves"
    made = document(answer, policy.languages, chosen.language, _step, url=url)
    plain = document(answer, policy.languages, chosen.language, _step, url="https://app.example/")
    assert _shape(made) == _shape(plain), "what came from outside is markup"
    if isinstance(answer, Voicemail):
        _shape(thanks(answer, policy.languages, chosen.language))
    if isinstance(answer, Queue):
        for waited_s in (0, 10**9):
            _shape(waiting(answer, policy.languages, chosen.language, waited_s))
    _shape(hangup())


def _step(what: str) -> str:
    return f"/step/a/0/{what}"


def _shape(twiml: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and their attributes' names, in order. It is well-formed, or parsing fails."""
    return [(element.tag, tuple(sorted(element.attrib))) for element in ElementTree.fromstring(twiml).iter()]
