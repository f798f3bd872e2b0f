"""The fallback, asked as the provider asks: what callers hear, what is counted, who is told, who is refused."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_caller import BASE, CALL, FORM, Came, ask, signed
from voicedr.runtime.fallback import Settings, Unsafe, create_app, read_policy
from voicedr.runtime.fallback.alerting import Alerting, Windows
from voicedr.runtime.fallback.log_lines import LogLines
from voicedr.runtime.fallback.metrics import HOSTS_MAX, Metrics
from voicedr.runtime.fallback.resumed import Resumed
from voicedr.runtime.webhooks import PublicUrl
from voicedr.wire.signatures import sign
from voicedr.wire.twiml import Document, parse

TOKENS = {"us1": "token-of-us1", "ie1": "token-of-ie1"}
PRIMARY = "https://primary.example/voice?a=1&b=<2>"
POLICY = """\
fallback: 1
languages:
  numbers: {"+49*": de-DE}
  voices: {de-DE: Polly.Vicki}
routes:
  - name: blip
    when: {called: "+14155550100", errors: [connection, http]}
    do: resume
    url: failed
    say: One moment.
    otherwise:
      do: forward
      to: ["+14155550150", "sip:duty@pbx.acme.example?x=1&y=2"]
      caller_id: "+14155550100"
      otherwise: {do: voicemail, say: Leave a message., thanks: Thank you., transcribe: true}
  - name: queue
    when: {kind: trunk}
    do: queue
    queue: dispatch
    wait_say: Please hold.
    wait_s_max: 30
    otherwise: {do: voicemail, play: "https://cdn.example/leave.mp3?a=1&b=2"}
  - name: texts
    when: {kind: message}
    do: reply
    say: "We are down & out <now>."
default:
  do: message
  say: {en-US: Please call again., de-DE: Bitte später.}
"""


class Kept:
    """A log that is kept."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.dropped = 0

    def say(self, event: str, **values: object) -> None:
        """One line."""
        self.lines.append({"event": event, **values})

    def end(self) -> None:
        """Nothing waits."""


class Stage:
    """One process of the fallback, without a socket."""

    def __init__(self, text: str = POLICY, alerting: Alerting | None = None, **settings: Any) -> None:
        self.log = Kept()
        given: dict[str, Any] = {"tokens": TOKENS}
        self.app: Any = create_app(read_policy(text, "p.yaml"), Settings(**(given | settings)), self.log, alerting)

    def came(self, path: str, token: str = TOKENS["us1"], cookie: str = "", **more: str) -> Came:
        """A webhook, signed."""
        method, url, headers, body = signed(token, BASE + path, None, **more)
        headers = [*headers, ("Cookie", cookie)] if cookie else headers
        return asyncio.run(ask(self.app, method, url, headers, body))

    def twiml(self, path: str, **more: str) -> Document:
        """Its answer, which must be TwiML without a warning."""
        came = self.came(path, **more)
        assert (came.status, came.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        document = parse(came.body, came.headers["content-type"])
        assert not document.warnings
        return document

    def page(self, path: str) -> Came:
        """A page without a signature."""
        return asyncio.run(ask(self.app, "GET", BASE + path))


FAILED = {"ErrorCode": "11200", "ErrorUrl": PRIMARY}


def test_a_call_is_sent_back_once_then_forwarded_then_taken_down() -> None:
    """The whole chain of a call whose primary stays dead: one more try, the phones, a message, thanks."""
    stage = Stage()
    first = stage.twiml("/voice", **FAILED)
    assert first.verbs == ("Say", "Pause", "Redirect")
    assert first.root.children[-1].text == PRIMARY
    again = stage.twiml("/voice", **FAILED)
    assert again.verbs == ("Dial", "Dial/Number", "Dial/Sip")
    dial = again.root.children[0]
    assert (dial.get("action"), dial.get("sequential"), dial.get("callerId")) == (
        "/step/blip/1/after",
        "true",
        "+14155550100",
    )
    assert dial.children[1].text == "sip:duty@pbx.acme.example?x=1&y=2"
    assert stage.twiml("/step/blip/1/after", DialCallStatus="completed").verbs == ("Hangup",)
    taken = stage.twiml("/step/blip/1/after", DialCallStatus="no-answer")
    assert taken.verbs == ("Say", "Record")
    record = taken.root.children[1]
    assert (record.get("action"), record.get("transcribeCallback")) == (
        "/step/blip/2/thanks",
        "/step/blip/2/transcribed",
    )
    assert stage.twiml("/step/blip/2/thanks", RecordingUrl="x").verbs == ("Say", "Hangup")
    recorded = stage.came("/step/blip/2/recorded", RecordingSid="RE1", RecordingUrl="https://api.example/RE1")
    assert (recorded.status, recorded.body) == (204, b"")
    assert stage.log.lines[-1] == {"event": "recorded", "CallSid": CALL["CallSid"], "RecordingSid": "RE1",
                                   "RecordingUrl": "https://api.example/RE1"}  # fmt: skip


def test_another_process_knows_by_the_cookie() -> None:
    """A call that one process sent back is not sent back by another one; another call's cookie counts for nothing."""
    cookie = Stage().came("/voice", **FAILED).headers["set-cookie"].partition(";")[0]
    assert b"<Redirect" not in Stage().came("/voice", cookie=cookie, **FAILED).body
    other = f"voicedr_resumed=CA{'1' * 32}.1"
    assert b"<Redirect" in Stage().came("/voice", cookie=other, **FAILED).body
    assert b"<Redirect" not in Stage().came("/voice", **FAILED, CallSid="CA1\r\nSet-Cookie: x").body


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=80))
def test_no_call_is_ever_sent_back_more_often_than_counted(history: list[tuple[int, bool]]) -> None:
    """However calls mix, with a cookie kept or lost, the count of one that is remembered never falls."""
    resumed, told = Resumed(calls_max=100), {}
    for call, keeps in history:
        sid = f"CA{call:032x}"
        cookie, seen = told.get(sid, ("", 0))
        count = resumed.count(sid, cookie if keeps else "")
        assert count == seen
        told[sid] = (resumed.again(sid, count).partition(";")[0], count + 1)


def test_a_trunk_waits_in_a_queue_for_its_time() -> None:
    """A call that no SBC took waits, leaves after its time, and can leave a message; one that was taken ends."""
    stage = Stage()
    enqueue = stage.twiml("/trunk").root.children[0]
    assert (enqueue.name, enqueue.text, enqueue.get("waitUrl")) == ("Enqueue", "dispatch", "/step/queue/0/wait")
    assert stage.twiml("/step/queue/0/wait", QueueTime="3").verbs == ("Say", "Pause")
    assert stage.twiml("/step/queue/0/wait", QueueTime="30").verbs == ("Leave",)
    assert stage.twiml("/step/queue/0/wait", QueueTime="x" * 90).verbs == ("Say", "Pause")
    for result in ("leave", "queue-full", "error", "system-error"):
        document = stage.twiml("/step/queue/0/left", QueueResult=result)
        assert document.verbs == ("Play", "Record")
        assert document.root.children[0].text == "https://cdn.example/leave.mp3?a=1&b=2"
    for result in ("bridged", "hangup", "redirected"):
        assert stage.twiml("/step/queue/0/left", QueueResult=result).verbs == ("Hangup",)


def test_messages() -> None:
    """A text message gets the words, as text."""
    document = Stage().twiml("/message", MessageSid="SM1", Body="hello", **FAILED)
    assert document.root.children[0].spoken == "We are down & out <now>."
    silent = Stage(POLICY.replace("    when: {kind: message}\n", "    when: {kind: message, called: '+1999*'}\n"))
    assert silent.twiml("/message", MessageSid="SM1").verbs == ()


def test_language_and_voice() -> None:
    """A German number is answered in German, with its voice."""
    say = Stage().twiml("/voice", To="+493012345").root.children[0]
    assert (say.get("language"), say.get("voice"), say.text) == ("de-DE", "Polly.Vicki", "Bitte später.")


def test_behind_a_prefix() -> None:
    """Later steps are where the public URL says that this application is."""
    stage = Stage(public=PublicUrl.of(f"{BASE}/dr"))
    method, url, headers, body = signed(TOKENS["us1"], f"{BASE}/dr/trunk")
    came = asyncio.run(ask(stage.app, method, url, headers, body, server_sees="http://10.0.0.1:8088/trunk"))
    assert b'waitUrl="/dr/step/queue/0/wait"' in came.body


@pytest.mark.parametrize(
    "value",
    ['"/><Redirect>https://evil.example</Redirect><Say x="', "]]><Dial>+1900</Dial>", "&xxe;", "+1" * 9000,
     "\x00\x0b\ufffe\ud800x", "' OR 1=1 --", "{{7*7}}", "🙂\u202e"],
)  # fmt: skip
@pytest.mark.parametrize(
    "name", ["To", "From", "ErrorUrl", "ErrorCode", "FromCountry", "CallSid", "QueueTime", "Digits"]
)
def test_nothing_that_comes_becomes_markup(name: str, value: str) -> None:
    """Whatever a parameter says, the answer is one of the policy's documents, with no verb more."""
    stage = Stage()
    value = value.encode("utf-8", "replace").decode()
    fields = CALL | FAILED | {name: value}
    url = f"{BASE}/voice"
    headers = [("Content-Type", FORM), ("X-Twilio-Signature", sign(TOKENS["us1"], url, fields.items()))]
    came = asyncio.run(ask(stage.app, "POST", url, headers, urlencode(fields).encode()))
    assert came.status == 200
    document = parse(came.body, "text/xml")
    assert document.verbs in (("Say", "Hangup"), ("Say", "Pause", "Redirect"), ("Dial", "Dial/Number", "Dial/Sip"))
    assert "set-cookie" not in came.headers or value not in came.headers["set-cookie"]


PATHS = ["/voice", "/trunk", "/step/a/0/after", "/nothing"]


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=12), st.sampled_from(PATHS))
def test_any_parameters_get_an_answer(fields: dict[str, str], path: str) -> None:
    """Whatever the provider may send, and to whichever path, the caller gets TwiML that does something."""
    fields = {
        name.encode("utf-8", "replace").decode(): one.encode("utf-8", "replace").decode()
        for name, one in fields.items()
    }
    url = BASE + path
    headers = [("Content-Type", FORM), ("X-Twilio-Signature", sign(TOKENS["us1"], url, fields.items()))]
    came = asyncio.run(ask(Stage().app, "POST", url, headers, urlencode(fields).encode()))
    assert came.status == 200
    assert parse(came.body, came.headers["content-type"]).verbs


def test_forged_requests() -> None:
    """A forged request is refused and counted; by a policy's choice it hears the last words, and nothing else."""
    stage = Stage()
    refused = stage.came("/voice", token="another")
    assert (refused.status, stage.log.lines[-1]["reason"]) == (403, "forged")
    assert 'refused_total{reason="forged"} 1' in stage.page("/metrics").text
    kind = Stage(POLICY.replace("fallback: 1\n", "fallback: 1\nforged: message\n", 1))
    assert b"Please call again." in kind.came("/voice", token="another", **FAILED).body
    assert kind.came("/message", token="another").body.endswith(b"<Response/>")
    assert [line["event"] for line in kind.log.lines] == ["refused", "refused"]


def test_the_log_is_not_filled_by_strangers() -> None:
    """All that is refused is counted, and few of each second are logged."""
    stage = Stage(now=lambda: 7.0)
    for _ in range(50):
        stage.came("/voice", token="another")
    assert len(stage.log.lines) == 10
    assert 'refused_total{reason="forged"} 50' in stage.page("/metrics").text


def test_without_a_token_nothing_starts() -> None:
    """Answering everybody has to be said."""
    with pytest.raises(Unsafe, match="--unsigned"):
        Stage(tokens={})
    stage = Stage(tokens={}, unsigned=True)
    answer = asyncio.run(ask(stage.app, "GET", f"{BASE}/voice?To=%2B493012345"))
    assert "Bitte später." in answer.text
    assert asyncio.run(ask(stage.app, "POST", f"{BASE}/voice", [], b"x" * 70_000)).status == 413
    assert asyncio.run(ask(stage.app, "POST", f"{BASE}/voice", [], b"\xff")).status == 400


def test_what_is_logged_and_counted() -> None:
    """A line and counters for each answer: why, what, whose token; no caller's number, and no secret of a URL."""
    stage = Stage()
    stage.came(
        "/voice", token=TOKENS["ie1"], ErrorCode="12100", ErrorUrl="https://user:pw@primary.example:8443/v?key=secret"
    )
    (line,) = stage.log.lines
    assert line["error_url"] == "https://primary.example:8443/v"
    assert (line["token"], line["route"], line["do"]) == ("ie1", "default", "message")
    assert CALL["From"] not in json.dumps(line)
    text = stage.page("/metrics").text
    assert 'answers_total{kind="call",route="default",do="message",language="en-US"} 1' in text
    assert 'errors_total{class="twiml",host="primary.example:8443"} 1' in text
    assert 'answer_seconds_bucket{le="+Inf"} 1' in text


def test_hosts_in_the_counters_are_bounded() -> None:
    """A thousand hosts do not make a thousand lines."""
    metrics = Metrics()
    for at in range(1000):
        metrics.error("http", f'h{at}.example\n"')
    lines = [
        line for line in metrics.text({}).decode().splitlines() if line.startswith("voicedr_fallback_errors_total{")
    ]
    assert len(lines) == HOSTS_MAX + 1
    assert 'voicedr_fallback_errors_total{class="http",host="other"} 950' in lines


def test_pages() -> None:
    """Health needs no signature; readiness says that it has not begun yet."""
    stage = Stage()
    assert stage.page("/health").status == 200
    assert stage.page("/ready").status == 503


def test_alerts_are_one_for_each_error_and_host() -> None:
    """One alert opens a window; when it is over, one more says how many there were."""
    windows = Windows(60.0)
    due = [windows.seen("11200", "a.example", "about", at) for at in (0.0, 1.0, 2.0)]
    assert [[alert.title for alert in one] for one in due] == [
        ["The fallback answers calls: error 11200 at a.example"],
        [],
        [],
    ]
    assert len(windows.seen("11205", "a.example", "about", 3.0)) == 1
    assert [alert.title for alert in windows.over(60.0)] == ["2 more: error 11200 at a.example"]
    assert windows.over(100.0) == []
    assert len(windows.seen("11200", "a.example", "about", 101.0)) == 1
    for at in range(5000):
        windows.seen("1", f"h{at}", "", 102.0)
    assert len(windows._open) <= 1001


def test_a_slow_alert_service_holds_up_nobody() -> None:
    """An address that hangs loses its own alerts; the other one's arrive, and callers are answered at once."""
    gate, sent = threading.Event(), []

    def send(reference: str, title: str, text: str) -> None:
        if reference == "env:SLOW":
            gate.wait(10)
        sent.append((reference, title))

    alerting = Alerting(("env:SLOW", "env:QUICK"), 60, send)
    stage = Stage(alerting=alerting)
    begun = time.monotonic()
    for at in range(60):
        stage.came("/voice", ErrorCode="11200", ErrorUrl=f"https://h{at}.example/", To="+19995550100")
    assert time.monotonic() - begun < 3.0
    until = time.monotonic() + 3.0
    while alerting.counts["sent"] < 20 and time.monotonic() < until:
        time.sleep(0.01)
    gate.set()
    assert {reference for reference, _ in sent[:20]} == {"env:QUICK"}
    assert alerting.counts["dropped"] >= 30


def test_an_alert_that_fails_is_counted_without_its_address() -> None:
    """A service that raises costs nobody anything, and its words, which may hold the address, are not told."""
    told: list[tuple[str, str]] = []

    def send(reference: str, title: str, text: str) -> None:
        raise OSError("https://hooks.example/secret")

    alerting = Alerting(("env:A",), 60, send, failed=lambda reference, why: told.append((reference, why)))
    alerting.seen("11200", "a.example", "about")
    alerting.end()
    assert (told, alerting.counts["failed"]) == ([("env:A", "OSError")], 1)


def test_a_log_that_nobody_reads_holds_up_nobody() -> None:
    """A full pipe costs lines, which are counted, and no time."""
    gate = threading.Event()

    class Stuck:
        def write(self, data: bytes) -> int:
            gate.wait(10)
            return len(data)

        def flush(self) -> None:
            pass

    log = LogLines(Stuck(), lines_max=10)  # type: ignore[arg-type]
    begun = time.monotonic()
    for _ in range(2000):
        log.say("answered")
    assert time.monotonic() - begun < 1.0
    gate.set()
    assert log.dropped >= 1000
