"""Sound and keys over RTP, with SIPp and a real phone at the other end of the wire."""

from __future__ import annotations

import asyncio
import io
import subprocess
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from baresip_phone import real_phone_calls
from debian_programs import programs
from rtp_peer import EAR_PORT, RATE, RtpPeer, from_mu_law, likeness, rtp_peer, strongest, tone
from sipp_peer import TALKS_AND_HANGS_UP, address, pause, peer, receive, reply, sipp
from sipp_trunk_caller import BYE, OUTSIDE, answered, invite, open_trunk, refused, world_with
from switchboard_scene import NUMBER, PRIMARY, STATUS, make_world, put_trunk, twiml, voice_of
from voicedr.twin import faults
from voicedr.twin.media.speech import available
from voicedr.twin.server import media
from voicedr.twin.server.media import TICK_S
from voicedr.twin.server.sip import SipServer, sip_serving
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import Party, World
from voicedr.wire.http import Request, Response, Timeouts

KEYS = Path("/usr/share/sip-tester")
HANGS_UP = f'{BYE}<recv response="200"/>'

Script = Callable[[RtpPeer, SipServer], Awaitable[None]]


def key(pressed: str) -> str:
    """SIPp plays the recording of a telephone event that comes with it."""
    return f'<nop><action><exec play_pcap_audio="{KEYS}/dtmf_2833_{pressed}.pcap"/></action></nop>'


@dataclass
class Made:
    """What a call has left."""

    world: World
    ear: RtpPeer
    exit_code: int
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    late: int = 0

    def fields(self, url: str) -> list[dict[str, str]]:
        """What a URL was told."""
        return [fields for at, fields in self.asked if at == url]

    def alerts(self) -> list[str]:
        """The error codes in the feed."""
        return [alert.error_code for alert in self.world.regions["us1"].alerts]


def calls(
    directory: Path,
    answers: dict[str, Response | str],
    *steps: str,
    world: World | None = None,
    to: str = NUMBER,
    script: Script | None = None,
    sound: bool = True,
) -> Made:
    """SIPp sends a call to a trunk, and what the twin sends is heard at the address and port of its description."""
    if world is None:
        world = own_number()
    world.settings.setup_s = 0.0
    scenario = directory / "calls.xml"
    text = "".join(steps).replace("m=audio 6000", f"m=audio {EAR_PORT}")
    scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="pbx">{text}</scenario>')
    asked: list[tuple[str, dict[str, str]]] = []

    async def send(request: Request, timeouts: Timeouts) -> Response:
        url = request.url.partition("?")[0]
        asked.append((url, dict(parse_qsl(request.body.decode(), keep_blank_values=True))))
        found = answers.get(url, Response(204 if url == STATUS else 404))
        return twiml(found) if isinstance(found, str) else found

    async def main() -> Made:
        async with sip_serving(port=0, sound=sound) as sip:
            switchboard = Switchboard(world, WallClock(), send, sip=sip)
            host = address()
            ear = await rtp_peer(host)
            process = await asyncio.create_subprocess_exec(
                sipp(), sip.addresses()["ashburn"][0], "-sf", str(scenario), "-i", host, "-m", "1", "-nostdin",
                "-trace_msg", "-message_file", "messages.log",
                cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            beside = asyncio.ensure_future(script(ear, sip)) if script is not None else None
            try:
                exit_code = await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                exit_code = await process.wait()
            if beside is not None:
                await asyncio.wait_for(beside, 5)
            await asyncio.sleep(0.1)
            await switchboard.close()
            ear.close()
            assert sip.media is None or sip.media.phones == 0
            return Made(world, ear, exit_code, asked, 0 if sip.media is None else sip.media.counted.late)

    return asyncio.run(main())


def own_number() -> World:
    """A world whose number runs TwiML and may be called through a trunk."""
    world = make_world()
    open_trunk(world)
    voice_of(world).trunk_sid = ""
    return world


def melody(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Something that is nowhere like itself."""
    at = np.arange(int(seconds * RATE)) / RATE
    return 0.4 * np.sin(2 * np.pi * (300 + 400 * at / seconds) * at)


def wav(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    """A file that the standard library has written."""
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setparams((1, 2, RATE, 0, "NONE", ""))
        made.writeframes((sound * 32767).astype("<i2").tobytes())
    return file.getvalue()


def gathers(prompt: str) -> dict[str, Response | str]:
    """An application that asks for three keys."""
    return {
        PRIMARY: f'<Gather numDigits="3" timeout="3" action="/keyed">{prompt}</Gather>',
        "https://app.example/keyed": "<Hangup/>",
        "https://app.example/voice.wav": Response(200, (("Content-Type", "audio/wav"),), wav(melody(20))),
    }


KEYS_1_2_STAR = (invite(to=NUMBER), answered(), pause(700), key("1"), pause(400), key("2"), pause(400), key("star"))
HUNG_UP_ON = '<recv request="BYE"/>' + reply(200, "OK")


def test_keys_of_a_real_peer_reach_gather(tmp_path: Path) -> None:
    """Keys that SIPp sends as RFC 4733 events cut the prompt short and are the Digits of the action's webhook."""
    made = calls(tmp_path, gathers("<Play>/voice.wav</Play>"), *KEYS_1_2_STAR, HUNG_UP_ON)
    assert made.exit_code == 0
    assert [fields["Digits"] for fields in made.fields("https://app.example/keyed")] == ["12*"]
    assert len(made.ear.heard(8)) < 2 * RATE


@pytest.mark.parametrize(("fault", "digits"), [("dtmf-lost", []), ("dtmf-doubled", ["112"])])
def test_a_fault_of_keys_is_one_of_real_keys(tmp_path: Path, fault: str, digits: list[str]) -> None:
    """What a fault loses of keys, or doubles, is lost and doubled of those that really come."""
    world = own_number()
    now = WallClock().now().timestamp()
    faults.begin(world, fault, {}, now)
    end = HUNG_UP_ON if digits else (pause(200) + HANGS_UP)
    made = calls(tmp_path, gathers(""), *KEYS_1_2_STAR[: 6 if digits else 9], end, world=world)
    assert made.exit_code == 0
    assert [fields["Digits"] for fields in made.fields("https://app.example/keyed")] == digits


def test_a_file_is_heard_as_it_is(tmp_path: Path) -> None:
    """Play is fetched and heard from its first sample to its last, at its own pace, and so often as it says."""
    source = melody(1.0)
    answers: dict[str, Response | str] = {
        PRIMARY: '<Play loop="2">/voice.wav</Play>',
        "https://app.example/voice.wav": Response(200, (("Content-Type", "audio/wav"),), wav(source)),
    }
    offers_mu_law = invite(to=NUMBER).replace("RTP/AVP 8 0 101", "RTP/AVP 0 101")
    made = calls(tmp_path, answers, offers_mu_law, answered(), HUNG_UP_ON)
    assert made.exit_code == 0
    heard = from_mu_law(made.ear.heard(0))
    assert likeness(heard, np.concatenate([source, source])) >= 0.99
    numbers = [number for _, _, number, _, _ in made.ear.packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    stamps = [stamp for _, _, _, stamp, _ in made.ear.packets]
    assert {after - before for before, after in pairwise(stamps)} == {160}
    lasted_s = made.ear.packets[-1][0] - made.ear.packets[0][0]
    assert lasted_s > (len(numbers) - 1) * TICK_S - 0.12
    assert made.late or lasted_s < (len(numbers) - 1) * TICK_S + 0.2
    assert made.alerts() == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(200, (("Content-Type", "text/html"),), b"<p>moved</p>"), "13420"),
        (Response(200, (("Content-Type", "audio/wav"),), b"<p>moved</p>"), "13420"),
        (Response(404), "11200"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, answer: Response, code: str) -> None:
    """A Play whose file cannot be had or is no audio is an error in the feed; the call goes on after it."""
    answers: dict[str, Response | str] = {
        PRIMARY: '<Play>/voice.wav</Play><Gather timeout="1" actionOnEmptyResult="true" action="/after"/>',
        "https://app.example/voice.wav": answer,
        "https://app.example/after": "<Hangup/>",
    }
    made = calls(tmp_path, answers, invite(to=NUMBER), answered(), HUNG_UP_ON)
    assert made.exit_code == 0
    assert made.alerts() == [code]
    assert made.fields("https://app.example/after")[0]["Digits"] == ""


def test_the_error_message_is_heard(tmp_path: Path) -> None:
    """A caller whose application and fallback are dead hears something said before the call ends."""
    made = calls(tmp_path, {}, invite(to=NUMBER), answered(), HUNG_UP_ON)
    assert made.exit_code == 0
    sound = made.ear.heard(8)
    assert len(sound) > RATE
    assert len(set(sound)) > (30 if available() else 10)


def test_two_peers_hear_each_other_and_each_others_keys(tmp_path: Path) -> None:
    """A SIP peer calls a number that a trunk takes to another peer: each hears the other, and keys go through."""
    talks(tmp_path, None, (700.0, 1100.0), [7])


def test_a_caller_who_is_not_heard(tmp_path: Path) -> None:
    """When the caller's sound is lost, the called peer hears nothing and the caller still hears it."""
    talks(tmp_path, "one-way-audio-from-caller-lost", (0.0, 1100.0), [])


def test_a_caller_who_hears_nothing(tmp_path: Path) -> None:
    """When the sound to the caller is lost, they hear silence and the called peer still hears them."""
    talks(tmp_path, "one-way-audio-to-caller-lost", (700.0, 0.0), [7])


def talks(directory: Path, fault: str | None, heard_hz: tuple[float, float], keys: list[int]) -> None:
    """Let two SIPps talk for a second and look what the called one and the calling one heard."""
    world = make_world()
    if fault is not None:
        faults.begin(world, fault, {}, WallClock().now().timestamp())
    called: list[RtpPeer] = []
    takes = reply(200, "OK", sdp=True, repeated=True).replace("6000", str(EAR_PORT))
    steps = (receive("INVITE"), takes, receive("ACK"), '<recv request="BYE"/>', reply(200, "OK"))
    with peer(directory, *steps, calls=1) as other:
        trunk = open_trunk(world)
        target = put_trunk(world, (f"sip:{other.host}:{other.port}", 10, 10))
        trunk.origination_urls = target.origination_urls
        voice_of(world).trunk_sid = trunk.sid

        async def both(ear: RtpPeer, sip: SipServer) -> None:
            called.append(await rtp_peer(other.host))
            await asyncio.gather(ear.speak(tone(700, 1.0)), called[0].speak(tone(1100, 1.0)))
            for duration in (160, 320, 480):
                ear.send(bytes((7, 10, 0, 0))[:2] + duration.to_bytes(2, "big"), 101, timestamp=90_000)
            await asyncio.sleep(0.3)
            called[0].close()

        offers_mu_law = invite(to=NUMBER).replace("RTP/AVP 8 0 101", "RTP/AVP 0 101")
        made = calls(directory, {}, offers_mu_law, answered(), pause(2000), HANGS_UP, world=world, script=both)
        assert made.exit_code == 0
        assert other.verdict() == 0
    found = []
    for ear in (called[0], made.ear):
        middle = ear.heard(0)[RATE // 2 : RATE]
        found.append(strongest(middle))
    assert found == pytest.approx(list(heard_hz), abs=20)
    pressed = [payload for _, kind, _, _, payload in called[0].packets if kind == 101]
    assert sorted({payload[0] for payload in pressed}) == keys
    assert sum(1 for payload in pressed if payload[1] & 0x80) == 3 * len(keys)


def test_hold(tmp_path: Path) -> None:
    """A peer that puts the twin on hold gets no sound until it takes it back."""
    world = world_with(Party(after_s=0.05, talks_s=30))
    open_trunk(world)
    again = reinvite("sendonly", 2) + pause(500) + reinvite("sendrecv", 3)
    made = calls(
        tmp_path, {}, invite(to=OUTSIDE), answered(), pause(500), again, pause(300), HANGS_UP, world=world, to=OUTSIDE
    )  # fmt: skip
    assert made.exit_code == 0
    # Our clock goes on while nothing is sent, so that a slow machine does not look like a hold.
    (gap,) = {after[3] - before[3] for before, after in pairwise(made.ear.packets)} - {160}
    assert made.late or gap > 0.4 * RATE
    messages = (tmp_path / "messages.log").read_text()
    assert "a=recvonly" in messages


def reinvite(direction: str, sequence: int) -> str:
    """A new description within the call."""
    body = (
        "v=0\no=pbx 1 2 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 6000 RTP/AVP 0 101\n"
        f"a=rtpmap:101 telephone-event/8000\na={direction}\n"
    )
    head = (
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n[last_From:]\n[last_To:]\n"
        "Call-ID: [call_id]\nMax-Forwards: 70\nContact: <sip:pbx@[local_ip]:[local_port]>\n"
    )
    asks = f"INVITE [next_url] SIP/2.0\n{head}CSeq: {sequence} INVITE\nContent-Type: application/sdp\n"
    acks = f"ACK [next_url] SIP/2.0\n{head}CSeq: {sequence} ACK\nContent-Length: 0\n"
    return (
        f'<send retrans="500"><![CDATA[\n{asks}Content-Length: [len]\n\n{body}\n]]></send>'
        f'<recv response="100" optional="true"/><recv response="200"/><send><![CDATA[\n{acks}\n]]></send>'
    )


def test_keys_by_info_where_no_events_are_offered(tmp_path: Path) -> None:
    """A peer that offers no telephone events keys by INFO, and Gather has that."""
    bare = invite(to=NUMBER).replace("RTP/AVP 8 0 101", "RTP/AVP 0").replace("a=rtpmap:101 telephone-event/8000\n", "")
    pressed = "".join(
        f"""<send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: {number} INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal={signal}
Duration=160

]]></send><recv response="200"/>"""
        for number, signal in ((2, "4"), (3, "2"), (4, "#"))
    )
    made = calls(tmp_path, gathers(""), bare, answered(), pause(300), pressed, HUNG_UP_ON)
    assert made.exit_code == 0
    assert [fields["Digits"] for fields in made.fields("https://app.example/keyed")] == ["42"]
    assert "telephone-event" not in (tmp_path / "messages.log").read_text()


def test_without_sound(tmp_path: Path) -> None:
    """A server that is started without sound says inactive and sends none; people are simulated."""
    made = calls(tmp_path, {PRIMARY: "<Say>One two</Say>"}, invite(to=NUMBER), answered(), HUNG_UP_ON, sound=False)
    assert made.exit_code == 0
    assert made.ear.packets == []
    assert "a=inactive" in (tmp_path / "messages.log").read_text()


def test_a_callee_who_hangs_up_in_the_middle_of_a_prompt(tmp_path: Path) -> None:
    """What is played to a called phone alone ends when it hangs up, and the caller's document goes on."""
    with peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1) as other:
        answers: dict[str, Response | str] = {
            PRIMARY: f'<Dial action="/next"><Sip url="/first">sip:bob@{other.host}:{other.port}</Sip></Dial>',
            "https://app.example/first": '<Say loop="0">Hello</Say>',
            "https://app.example/next": "<Hangup/>",
        }
        made = calls(tmp_path, answers, invite(to=NUMBER), answered(), HUNG_UP_ON)
        assert made.exit_code == 0
        assert other.verdict() == 0
    (told,) = made.fields("https://app.example/next")
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")


def test_no_port_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that no port can be had for is refused with 503, not answered without sound."""
    monkeypatch.setattr(media, "PHONES_MAX", 0)
    made = calls(tmp_path, {}, invite(to=NUMBER), refused(503, NUMBER))
    assert made.exit_code == 0
    assert made.asked == []


def test_a_real_phone(tmp_path: Path) -> None:
    """Debian's baresip hears a prompt as espeak-ng and sox render it and a file as it is, and keys an answer."""
    prompt = "Please enter three digits now."
    programs("sox")
    told = real_phone_calls(tmp_path, prompt, wav(melody(1.0)), "42#")
    assert told.digits == ["42#"]
    assert likeness(told.heard, melody(1.0)) >= 0.99
    rendered = tmp_path / "rendered.raw"
    spoken = subprocess.run(["espeak-ng", "-v", "en-us", "--stdout", prompt], capture_output=True, check=True).stdout
    to_8000 = ["sox", "-t", "wav", "--ignore-length", "-", "-t", "s16", "-r", "8000", "-c", "1", str(rendered)]
    subprocess.run(to_8000, input=spoken, check=True, capture_output=True)
    assert likeness(told.heard, np.frombuffer(rendered.read_bytes(), "<i2").astype(np.float64)) >= 0.99
