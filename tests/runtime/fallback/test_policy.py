"""A policy is read with every mistake and its line, and what it says is what is answered."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from voicedr.runtime.fallback import Policy, PolicyBroken, read_policy
from voicedr.runtime.fallback.deciding import Asked, choose, follow
from voicedr.runtime.fallback.error_classes import CLASSES, class_of
from voicedr.runtime.fallback.findings import findings, notes
from voicedr.runtime.fallback.policy import KINDS
from voicedr.runtime.fallback.shapes import ANSWERS, schema

POLICY = """\
fallback: 1
languages:
  default: en-US
  numbers: {"+4930*": de-DE}
  countries: {DE: de-DE, AT: de-DE}
  voices: {de-DE: Polly.Vicki}
flows:
  support: ["+14155550100..+14155550199"]
auth_tokens: {us1: "env:TOKEN_US1", ie1: "env:TOKEN_IE1"}
routes:
  - name: blip
    when: {flow: support, errors: [connection, "112*"]}
    do: resume
    url: failed
    otherwise:
      do: forward
      to: ["+14155550150", "sip:duty@pbx.acme.example"]
      otherwise: {do: voicemail, say: {en-US: Leave a message., de-DE: Bitte sprechen.}}
  - name: support-rest
    when: {flow: support}
    do: voicemail
    say: {en-US: Leave a message., de-DE: Bitte sprechen.}
    thanks: {en-US: Thank you., de-DE: Danke.}
  - name: dispatch
    when: {kind: trunk}
    do: queue
    queue: dispatch
    wait_say: {en-US: Please hold., de-DE: Bitte warten.}
  - name: texts
    when: {kind: message, called: "+14155550100"}
    do: reply
    say: {en-US: Please call +1 415 555 0150., de-DE: Bitte anrufen.}
default:
  do: message
  say: {en-US: Please call again., de-DE: Bitte später.}
"""


def test_a_deep_file_ends_where_it_is_too_deep() -> None:
    """The parser's time grows with the square of the depth, so it is not let go on to the end."""
    with pytest.raises(PolicyBroken, match="deeper than 20 levels") as broken:
        read_policy("fallback: 1\ndefault: " + "[" * 60, "p.yaml")
    assert broken.value.mistakes[0].line == 2


def read(text: str = POLICY) -> Policy:
    """The policy of a text."""
    return read_policy(text, "fallback.yaml")


@pytest.mark.parametrize(
    ("asked", "route", "do"),
    [
        (("call", "+14155550100", "11205"), "blip", "Resume"),
        (("call", "+14155550100", "11237"), "blip", "Forward"),
        (("call", "+14155550199", "12100"), "support-rest", "Voicemail"),
        (("call", "sip:+14155550101@acme.sip.twilio.com", "12100"), "support-rest", "Voicemail"),
        (("call", "+14155550200", "11205"), "default", "Message"),
        (("trunk", "+14155550200", ""), "dispatch", "Queue"),
        (("message", "+14155550100", "11205"), "texts", "Reply"),
        (("message", "+14155550101", "11205"), "default", "Nothing"),
        (("call", "", ""), "default", "Message"),
        (("call", "anonymous<&>", "x"), "default", "Message"),
    ],
)
def test_the_first_route_that_fits(asked: tuple[str, str, str], route: str, do: str) -> None:
    """Kind, flow, called number and error choose the route; a call is sent back only where its URL is known."""
    kind, to, code = asked
    url = "https://primary.example/voice" if code == "11205" else ""
    chosen = choose(read(), Asked(kind, {"To": to, "ErrorCode": code, "ErrorUrl": url}))  # type: ignore[arg-type]
    assert (chosen.route, type(chosen.answer).__name__) == (route, do)


@pytest.mark.parametrize(
    ("resumed", "own", "url", "level"),
    [
        (0, "spare.example", "https://primary.example/voice", 0),
        (1, "spare.example", "https://primary.example/voice", 1),
        (0, "primary.example", "https://primary.example/voice", 1),
        (0, "spare.example", "javascript:alert(1)", 1),
        (0, "spare.example", "https://[bad/", 1),
    ],
)
def test_a_call_cannot_go_round_in_circles(resumed: int, own: str, url: str, level: int) -> None:
    """It is sent back so often as was said, never to ourselves, and never to what is no URL."""
    asked = Asked("call", {"To": "+14155550100", "ErrorCode": "11205", "ErrorUrl": url})
    assert choose(read(), asked, resumed=resumed, own_host=own).level == level


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"To": "+493012345"}, "de-DE"),
        ({"To": "+14155550100", "FromCountry": "AT"}, "de-DE"),
        ({"To": "+14155550100", "FromCountry": "US"}, "en-US"),
        ({"To": "+14155550100"}, "en-US"),
    ],
)
def test_language(fields: dict[str, str], language: str) -> None:
    """The called number says the language, then the caller's country, then the default."""
    assert choose(read(), Asked("call", fields)).language == language


def test_every_chain_ends_in_something_useful() -> None:
    """Behind a queue without an end of its own comes the default; a route or level that is gone is the default too."""
    asked = Asked("trunk", {"To": "+1"})
    assert type(follow(read(), asked, "dispatch", 1).answer).__name__ == "Message"
    assert type(follow(read(), asked, "gone", 0).answer).__name__ == "Message"
    for level in range(10):
        answer = follow(read(), asked, "blip", level, resumed=9).answer
        assert type(answer).__name__ in ("Forward", "Voicemail", "Message")


MISTAKES: list[tuple[str, str, str]] = [
    ("fallback: 1", "fallback: 2", ":1:11: the version is 2"),
    ("fallback: 1", "fallback: true", "the version is True"),
    ('numbers: {"+4930*"', "numbers: {+4930", ":4:13: a key is text; put a number in quotes"),
    ('{"+4930*": de-DE}', '{"+4930*": German}', ":4:23: 'German' is no language"),
    ("countries: {DE", "countries: {Germany", "'Germany' is no country"),
    (
        '["+14155550100..+14155550199"]',
        '["+14155550199..+14155550100"]',
        ":8:13: '+14155550199..+14155550100' is no ra",
    ),
    ('["+14155550100..+14155550199"]', "[+14155550100]", 'put it in quotes: "14155550100"'),
    ('us1: "env:TOKEN_US1"', "us1: 5f1c0ffee5f1c0ffee", ":9:20: this is no reference (it is not shown)"),
    ("flow: support, errors", "flow: sales, errors", ":12:18: there is no flow 'sales'; flows has support"),
    ('"112*"', '"5xx"', "'5xx' is no error"),
    ("url: failed", "url: ftp://x", ":14:10: 'ftp://x' is no URL"),
    ("do: resume\n", "do: retry\n", ":13:9: do says what is done"),
    ('to: ["+14155550150"', 'to: ["desk"', ":17:12: 'desk' cannot be rung"),
    ("name: support-rest", "name: blip", ":19:11: 'blip' is the name of another route, on line 11"),
    ("name: support-rest", "name: default", "'default' is no name of a route"),
    ("kind: trunk", "kind: fax", "there is no kind 'fax'"),
    ("do: reply\n", "do: message\n", ":31:9: message is for a call; here it is one of reply, nothing"),
    ("queue: dispatch\n", "queues: dispatch\n", ":27:5: there is no key 'queues' here"),
    ("queue: dispatch\n", "\n", "queue is missing"),
    ("  do: message\n", "  do: forward\n  to: '+14155550150'\n", "the default may come to nothing"),
    ("say: {en-US: Please call again., de-DE", "say: {de-DE", "there is nothing in en-US, the default language"),
    ("say: {en-US: Please call again., de-DE: Bitte später.}", "", "a message needs words"),
    ("default:\n  do: message\n  say: {en-US: Please call again., de-DE: Bitte später.}\n", "", "default is missing"),
    ("routes:", "routes: [", "this is no YAML"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_mistakes_have_their_line(old: str, new: str, said: str) -> None:
    """Each mistake says what, where and what would be right, and shows no secret."""
    assert old in POLICY
    with pytest.raises(PolicyBroken) as broken:
        read(POLICY.replace(old, new, 1))
    assert said in str(broken.value)
    assert "5f1c0ffee" not in str(broken.value)


def test_all_mistakes_at_once() -> None:
    """Reading goes on after a mistake, and all are told in the order of the file."""
    text = POLICY
    for old, new, _ in (MISTAKES[0], MISTAKES[3], MISTAKES[9], MISTAKES[12]):
        text = text.replace(old, new, 1)
    with pytest.raises(PolicyBroken) as broken:
        read(text)
    assert [one.line for one in broken.value.mistakes] == [1, 4, 12, 17]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "a: &x [*x]", "&a [*a]", "fallback: 1\ndefault: &d {do: message, say: x}\nroutes: [*d]",
        "[" * 5000, "{a: " * 5000, "x" * 300_000, "\x00", "fallback: 1\nfallback: 1\ndefault: 5", "? [a]\n: b",
        "fallback: 1\ndefault: {do: message, say: x}\nroutes: 5", "fallback: 1\ndefault: {do: [message]}", "- 1\n- 2",
        "fallback: 1\ndefault: {do: message, say: x}\nalerts: {to: secret, window_s: 1}", "!!python/object:os.system x",
        "fallback: 99999999999999999999999999\ndefault: ~", "--- a\n--- b",
    ],
)  # fmt: skip
def test_whatever_is_no_policy_is_told_as_such(text: str) -> None:
    """Empty, endless, deep, self-containing or something else: always a message with a line, never a traceback."""
    with pytest.raises(PolicyBroken, match=r"fallback.yaml:\d+:\d+: "):
        read(text)


def test_json_is_read_too() -> None:
    """The same policy as JSON says the same."""
    as_json = json.dumps(YAML(typ="safe", pure=True).load(POLICY), indent=2)
    assert read_policy(as_json, "p.json").default == read().default
    assert [route.answer for route in read_policy(as_json, "p.json").routes] == [
        route.answer for route in read().routes
    ]


def test_the_schema_agrees_with_the_reader() -> None:
    """What is read is valid by the published schema, and unknown keys are not."""
    document = YAML(typ="safe", pure=True).load(POLICY)
    validator = jsonschema.Draft202012Validator(schema())
    assert list(validator.iter_errors(document)) == []
    for wrong in ({**document, "more": 1}, {**document, "default": {"do": "message", "to": "+1"}}, {"fallback": 1}):
        assert list(validator.iter_errors(wrong))
    assert set(ANSWERS) == {"message", "voicemail", "forward", "queue", "resume", "reply", "nothing"}
    assert KINDS == ("call", "trunk", "message")


def test_findings() -> None:
    """Routes that nobody reaches and words that are missing are found; a good policy has none."""
    assert list(findings(read())) == []
    early = "routes:\n  - name: all\n    do: message\n    say: Hello.\n"
    found = list(findings(read(POLICY.replace("routes:\n", early, 1))))
    assert any(one.startswith("fallback.yaml:14: route blip is never reached: all (line 11)") for one in found)
    assert any("route all: there are no words in de-DE; those callers hear en-US" in one for one in found)
    assert sum("never reached" in one for one in found) == 3
    assert any("nobody is told" in one for one in notes(read()))


@pytest.mark.parametrize(
    ("code", "kind"),
    [("11200", "http"), ("11205", "connection"), ("11237", "tls"), ("12100", "twiml"), ("11750", "twiml"),
     ("11241", "overrides"), ("12400", "provider"), ("99999", "other"), ("", "none"), ("1" * 5000, "other"),
     ("²", "other")],
)  # fmt: skip
def test_classes_of_errors(code: str, kind: str) -> None:
    """Every code has one class, and what is no code has one, too."""
    assert class_of(code) == kind
    assert kind in CLASSES


def test_the_reader_opens_nothing(tmp_path: Path) -> None:
    """The path is a name for messages only."""
    assert read_policy(POLICY, str(tmp_path / "none.yaml")).path.endswith("none.yaml")
