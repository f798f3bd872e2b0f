"""A real phone (Debian's baresip) calls the twin, in a network of its own: baresip knows no phone on loopback alone.

Run as a program inside that network it makes one call and prints what became of it; ``real_phone_calls`` arranges it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest

from debian_programs import programs
from voicedr.twin.sip.dialog import is_loopback

CALL_S = 40
PHONE, CONSOLE = "10.99.0.1", ("127.0.0.1", 5555)

CONFIG = """poll_method epoll
sip_listen {phone}:5070
audio_player aubridge,ear
audio_source aufile,{directory}/voice.wav
audio_alert aubridge,bell
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_buffer 20-160
rtp_ports 10000-20000
net_interface phone0
module_path /usr/lib/baresip/modules
module cons.so
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
cons_listen 127.0.0.1:5555
snd_path {directory}
"""


@dataclass(frozen=True)
class Told:
    """What became of the call.

    Attributes:
        heard: What the phone has recorded of what it decoded, between -1 and 1.
        digits: What the application was told was keyed.
    """

    heard: np.ndarray[Any, np.dtype[np.float64]]
    digits: list[str]
    late: int


def real_phone_calls(directory: Path, prompt: str, file: bytes, keys: str) -> Told:
    """Let the phone call a number that says the prompt, gathers the keys and then plays the file."""
    programs("baresip", "unshare", "ip", "espeak-ng")
    if os.geteuid() != 0:
        pytest.skip("only root may give a phone a network of its own")
    (directory / "prompt.txt").write_text(prompt)
    (directory / "file.wav").write_bytes(file)
    made = subprocess.run(
        ["unshare", "--net", sys.executable, str(Path(__file__).absolute()), str(directory), keys],
        capture_output=True, text=True, timeout=CALL_S + 10, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    told = json.loads(made.stdout.splitlines()[-1])
    (recorded,) = directory.glob("dump-*dec.wav")
    with wave.open(str(recorded)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64) / 32768
    return Told(samples, told["digits"], told["late"])


def _near(host: str) -> bool:
    """The phone says that it is at one address, and sends from the one that leads to the twin."""
    return host == PHONE or is_loopback(host)


async def _call(directory: Path, keys: str) -> dict[str, Any]:
    from sipp_trunk_caller import open_trunk
    from switchboard_scene import NUMBER, PRIMARY, make_world, twiml, voice_of
    from voicedr.twin.server.sip import sip_serving
    from voicedr.twin.server.wall_clock import WallClock
    from voicedr.twin.switchboard import Switchboard
    from voicedr.wire.http import Request, Response, Timeouts

    world = make_world()
    open_trunk(world, network="10.0.0.0")
    voice_of(world).trunk_sid = ""
    digits: list[str] = []
    asked, over = asyncio.Event(), asyncio.Event()

    async def send(request: Request, timeouts: Timeouts) -> Response:
        url, fields = request.url.partition("?")[0], dict(parse_qsl(request.body.decode()))
        if url == PRIMARY:
            said = (directory / "prompt.txt").read_text()
            return twiml(f"<Say>{said}</Say><Redirect>/menu</Redirect>")
        if url.endswith("/menu"):
            asked.set()
            return twiml(f'<Gather numDigits="{len(keys)}" finishOnKey="" timeout="5" action="/keyed"/>')
        if url.endswith("/keyed"):
            digits.append(fields["Digits"])
            return twiml('<Play>/file.wav</Play><Pause length="1"/>')
        if url.endswith(".wav"):
            return Response(200, (("Content-Type", "audio/wav"),), (directory / "file.wav").read_bytes())
        over.set()
        return Response(204)

    async with sip_serving(port=0, near=_near) as sip:
        switchboard = Switchboard(world, WallClock(), send, sip=sip)
        place = sip.addresses()["ashburn"][0]
        account = f'<sip:{NUMBER}@{PHONE}>;regint=0;audio_codecs=PCMU;outbound="sip:{place};transport=udp"\n'
        (directory / "accounts").write_text(account)
        (directory / "config").write_text(CONFIG.format(phone=PHONE, directory=directory))
        with wave.open(str(directory / "voice.wav"), "wb") as voice:
            voice.setparams((1, 2, 8000, 0, "NONE", ""))
            voice.writeframes(bytes(2 * 8000 * 60))
        log = (directory / "baresip.log").open("wb")
        phone = await asyncio.create_subprocess_exec(
            "baresip", "-4", "-f", str(directory), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
                await asyncio.sleep(1.0)  # It says that it is ready to a terminal only.
                console.sendto(f"/dial sip:{NUMBER}@acme.pstn.ashburn.twilio.com\n".encode(), CONSOLE)
                await asyncio.wait_for(asked.wait(), CALL_S / 2)
                for key in keys:
                    console.sendto(key.encode(), CONSOLE)
                    await asyncio.sleep(0.4)
                await asyncio.wait_for(over.wait(), CALL_S / 2)
                await asyncio.sleep(0.3)
                console.sendto(b"/quit\n", CONSOLE)
            await asyncio.wait_for(phone.wait(), 5)
        finally:
            if phone.returncode is None:
                phone.kill()
                await phone.wait()
            log.close()
            await switchboard.close()
        assert sip.media is not None
        return {"digits": digits, "late": sip.media.counted.late}


def main() -> None:
    """Set up the network, make the call, print what became of it."""
    for command in ("link set lo up", "link add phone0 type veth peer name phone1", f"addr add {PHONE}/24 dev phone0",
                    "link set phone0 up", "link set phone1 up"):  # fmt: skip
        subprocess.run(["ip", *command.split()], check=True, timeout=10)
    sys.stdout.write(json.dumps(asyncio.run(_call(Path(sys.argv[1]), sys.argv[2]))) + "\n")


if __name__ == "__main__":
    main()
