"""A wrong value of an attribute gives its code; a warning uses the default, an error leads to the fallback.

The codes are those of https://www.twilio.com/docs/api/errors; which attribute a verb has is on its page below
https://www.twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import pytest

from switchboard_scene import FALLBACK, PRIMARY, SERVES, call_once
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.rules import NOT_CHECKED, RULES
from voicedr.wire.twiml_schema import ELEMENTS

_N = "+15550009999"
_WARNINGS = [
    ("Dial", "<Dial method='PUT'>N</Dial>", 13210),
    ("Dial", "<Dial timeout='4'>N</Dial>", 13212),
    ("Dial", "<Dial timeout='601'>N</Dial>", 13212),
    ("Dial", "<Dial hangupOnStar='yes'>N</Dial>", 13213),
    ("Dial", "<Dial timeLimit='0'>N</Dial>", 13216),
    ("Dial", "<Dial record='always'>N</Dial>", 13217),
    ("Dial", "<Dial sequential='1'>N</Dial>", 13218),
    ("Dial", "<Dial answerOnBridge='1'>N</Dial>", 13219),
    ("Dial", "<Dial ringTone='atlantis'>N</Dial>", 13220),
    ("Number", "<Dial><Number method='PUT'>N</Number></Dial>", 13221),
    ("Number", "<Dial><Number sendDigits='abc'>N</Number></Dial>", 13222),
    ("Sip", "<Dial><Sip method='PUT'>sip:a@pbx.example</Sip></Dial>", 13241),
    ("Conference", "<Dial><Conference muted='no'>r</Conference></Dial>", 13230),
    ("Conference", "<Dial><Conference startConferenceOnEnter='no'>r</Conference></Dial>", 13232),
    ("Conference", "<Dial><Conference waitUrl='ftp://x/'>r</Conference></Dial>", 13233),
    ("Conference", "<Dial><Conference waitMethod='PUT'>r</Conference></Dial>", 13234),
    ("Conference", "<Dial><Conference beep='loud'>r</Conference></Dial>", 13235),
    ("Conference", "<Dial><Conference></Conference></Dial>", 13237),
    ("Dial", "<Dial recordingStatusCallback='ftp://x/' record='true'>N</Dial>", 13256),
    ("Gather", "<Gather finishOnKey='x'/>", 13310),
    ("Gather", "<Gather method='PUT'/>", 13312),
    ("Gather", "<Gather timeout='soon'/>", 13313),
    ("Gather", "<Gather numDigits='0'/>", 13314),
    ("Gather", "<Gather input='thought'/>", 13326),
    ("Gather", "<Gather speechTimeout='never'/>", 13327),
    ("Gather", "<Gather maxSpeechTime='61'/>", 13328),
    ("Gather", "<Gather partialResultCallbackMethod='PUT'/>", 13329),
    ("Gather", "<Gather bargeIn='1'/>", 13332),
    ("Gather", "<Gather profanityFilter='1'/>", 13333),
    ("Gather", "<Gather speechModel='clairvoyant'/>", 13334),
    ("Gather/Say", "<Gather><Say loop='x'>hi</Say></Gather>", 13322),
    ("Play", "<Play loop='1001'>a.mp3</Play>", 13410),
    ("Play", "<Play digits='abc'/>", 13430),
    ("Say", "<Say loop='x'>hi</Say>", 13510),
    ("Say", "<Say/>", 13520),
    ("Record", "<Record method='PUT'/>", 13610),
    ("Record", "<Record timeout='x'/>", 13611),
    ("Record", "<Record maxLength='0'/>", 13612),
    ("Record", "<Record finishOnKey='x'/>", 13613),
    ("Record", "<Record playBeep='1'/>", 13616),
    ("Record", "<Record trim='both'/>", 13699),
    ("Redirect", "<Redirect method='PUT'>https://app.example/next</Redirect>", 13710),
    ("Reject", "<Say>x</Say><Reject reason='mood'/>", 13810),
    ("Pause", "<Pause length='0'/>", 13910),
]
_ERRORS = [
    ("<Dial><Conference endConferenceOnExit='no'>r</Conference></Dial>", 13231),
    ("<Dial><Conference trim='x'>r</Conference></Dial>", 13239),
    ("<Dial trim='x'>N</Dial>", 13239),
    ("<Dial recordingStatusCallbackEvent='done'>N</Dial>", 13621),
    ("<Gather actionOnEmptyResult='1'/>", 13338),
    ("<Gather><Hangup/></Gather>", 13320),
    ("<Record transcribeCallback='ftp://x/'/>", 13257),
    ("<Enqueue method='PUT'>q</Enqueue>", 14201),
    ("<Enqueue waitUrl='ftp://x/'>q</Enqueue>", 14202),
    ("<Enqueue action='ftp://x/'>q</Enqueue>", 14203),
    ("<Enqueue></Enqueue>", 14204),
    ("<Enqueue>" + "q" * 65 + "</Enqueue>", 14205),
    ("<Enqueue waitUrlMethod='PUT'>q</Enqueue>", 14206),
    ("<Dial><Queue method='PUT'>q</Queue></Dial>", 14210),
    ("<Dial><Queue url='ftp://x/'>q</Queue></Dial>", 14211),
    ("<Dial><Queue></Queue></Dial>", 14212),
    ("<Dial><Queue>" + "q" * 65 + "</Queue></Dial>", 14213),
    ("<Start/>", 14300),
]


@pytest.mark.parametrize(("name", "inner", "code"), _WARNINGS)
def test_warning(name: str, inner: str, code: int) -> None:
    """One warning with this code, and the call goes on with the default."""
    _, scene = call_once(
        {PRIMARY: inner.replace(">N<", f">{_N}<"), "https://app.example/next": SERVES}, Caller(hangs_up_after_s=20)
    )
    alerts = [alert for alert in scene.world.regions["us1"].alerts if alert.error_code != "12400"]
    assert {(alert.error_code, alert.log_level) for alert in alerts} == {(str(code), "warning")}, name
    assert FALLBACK not in scene.app.urls()


@pytest.mark.parametrize(("inner", "code"), _ERRORS)
def test_error(inner: str, code: int) -> None:
    """An error with this code; the fallback is told of it and serves."""
    call, scene = call_once({PRIMARY: inner.replace(">N<", f">{_N}<"), FALLBACK: "<Say>fallback</Say>"})
    (alert,) = [alert for alert in scene.world.regions["us1"].alerts if alert.error_code != "12200"]
    assert (alert.error_code, alert.log_level) == (str(code), "error")
    (told,) = scene.app.fields(FALLBACK)
    assert (told["ErrorCode"], told["ErrorUrl"]) == (str(code), PRIMARY)
    assert call.outcome == "served"


def test_a_fallback_that_fails_too() -> None:
    """It is not asked for ever: in the end the error message is played."""
    call, scene = call_once({PRIMARY: "<Start/>", FALLBACK: "<Start/>"}, Caller(hangs_up_after_s=60))
    assert call.outcome == "error-message"
    assert len(scene.app.fields(FALLBACK)) < 6


def test_every_attribute_has_a_rule() -> None:
    """No element that a schema knows has an attribute that nothing is said of."""
    missing = {
        f"{name} {attribute}"
        for name, shape in ELEMENTS.items()
        for attribute in shape.attributes
        if name not in NOT_CHECKED and not shape.open and attribute not in RULES.get(name, {})
    }
    assert not missing
    unknown = {
        f"{name} {attribute}"
        for name, rules in RULES.items()
        for attribute in rules
        if attribute not in ELEMENTS[name.rpartition("/")[2]].attributes
    }
    assert not unknown
