"""Clients that we did not write, unchanged, each started by ``voicedr twin exec``: all of them see the same provider.

Each lists numbers, writes one number's configuration in ie1 and reads it in both Regions, sends its route to ie1 and
reads that in us1, is refused with another Region's key, and is told that a route was never set. What a client has to be
given in its environment is not documented by all of them; that these work is what is tested.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node_packages import installed
from running_twin import RunningTwin, running_twin

NUMBERS = [f"+1415555010{n}" for n in range(6)]
NEVER_SET = "+14155550109"
NODE_CLIENT, COMMAND_LINE = ("twilio", "6.2.0"), ("twilio-cli", "6.2.4")
COMMAND_S_MAX = 120.0


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    account = {
        "settings": {"propagation_s": [0, 0]},
        "numbers": [*({"e164": e164, "route": "us1"} for e164 in NUMBERS), {"e164": NEVER_SET}],
    }
    file = tmp_path_factory.mktemp("clients") / "account.json"
    file.write_text(json.dumps(account))
    with running_twin("--account", str(file)) as running:
        yield running


def run(twin: RunningTwin, *command: str, region: str = "ie1", hosts: bool = False, **more: str) -> Any:
    """What a command under ``voicedr twin exec`` prints, as JSON."""
    options = ["--at", twin.told["http"], "--region", region, *(["--hosts"] if hosts else [])]
    done = subprocess.run(
        [sys.executable, "-m", "voicedr.cli.twin", "exec", *options, "--", *command],
        env={**os.environ, "US1": json.dumps(twin.told["credentials"]["us1"]), **more},
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expected(number: str) -> dict[str, Any]:
    """What every client must have seen."""
    return {
        "listed": [*NUMBERS, NEVER_SET],
        "voice": {"ie1": f"https://ie1.example/{number}", "us1": ""},
        "route": ["ie1", "ie1"],
        "wrong key": [401, 20003],
        "never set": [404, 20404],
    }


PYTHON = """
import json, os, sys
from twilio.rest import Client
from twilio.base.exceptions import TwilioRestException
number, never_set = sys.argv[1:]
account = os.environ["TWILIO_ACCOUNT_SID"]
ie1_key = (os.environ["TWILIO_API_KEY"], os.environ["TWILIO_API_SECRET"])
us1_key = tuple(json.loads(os.environ["US1"])[name] for name in ("api_key", "api_secret"))
"""

SYNC = """
def refused(call):
    try:
        call()
    except TwilioRestException as exc:
        return [exc.status, exc.code]
ie1 = Client(*ie1_key, account)
us1 = Client(*us1_key, account, region="us1", edge="ashburn")
wrong = Client(*us1_key, account)
listed = ie1.incoming_phone_numbers.list(page_size=3)
sid = next(n.sid for n in listed if n.phone_number == number)
ie1.incoming_phone_numbers(sid).update(voice_url="https://ie1.example/" + number)
written = ie1.routes.v2.phone_numbers(number).update(voice_region="ie1").voice_region
print(json.dumps({
    "listed": [n.phone_number for n in listed],
    "voice": {name: c.incoming_phone_numbers(sid).fetch().voice_url for name, c in (("ie1", ie1), ("us1", us1))},
    "route": [written, us1.routes.v2.phone_numbers(number).fetch().voice_region],
    "wrong key": refused(lambda: wrong.routes.v2.phone_numbers(number).fetch()),
    "never set": refused(lambda: ie1.routes.v2.phone_numbers(never_set).fetch()),
}))
"""

ASYNC = """
import asyncio, warnings
from twilio.http.async_http_client import AsyncTwilioHttpClient
warnings.simplefilter("ignore", DeprecationWarning)
async def refused(call):
    try:
        await call
    except TwilioRestException as exc:
        return [exc.status, exc.code]
async def main():
    async with AsyncTwilioHttpClient() as http:
        ie1 = Client(*ie1_key, account, http_client=http)
        us1 = Client(*us1_key, account, region="us1", edge="ashburn", http_client=http)
        wrong = Client(*us1_key, account, http_client=http)
        listed = await ie1.incoming_phone_numbers.list_async(page_size=3)
        sid = next(n.sid for n in listed if n.phone_number == number)
        await ie1.incoming_phone_numbers(sid).update_async(voice_url="https://ie1.example/" + number)
        written = await ie1.routes.v2.phone_numbers(number).update_async(voice_region="ie1")
        seen = await us1.routes.v2.phone_numbers(number).fetch_async()
        voice = {}
        for name, client in (("ie1", ie1), ("us1", us1)):
            voice[name] = (await client.incoming_phone_numbers(sid).fetch_async()).voice_url
        return {
            "listed": [n.phone_number for n in listed],
            "voice": voice,
            "route": [written.voice_region, seen.voice_region],
            "wrong key": await refused(wrong.routes.v2.phone_numbers(number).fetch_async()),
            "never set": await refused(ie1.routes.v2.phone_numbers(never_set).fetch_async()),
        }
print(json.dumps(asyncio.run(main())))
"""

NODE = """
const twilio = require("twilio");
const [number, neverSet] = process.argv.slice(2);
const {TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY: key, TWILIO_API_SECRET: secret} = process.env;
const other = JSON.parse(process.env.US1);
const ie1 = twilio(key, secret, {accountSid});
const us1 = twilio(other.api_key, other.api_secret, {accountSid, region: "us1", edge: "ashburn"});
const wrong = twilio(other.api_key, other.api_secret, {accountSid});
const refused = (call) => call.then(() => null, (error) => [error.status, error.code]);
(async () => {
  const listed = await ie1.incomingPhoneNumbers.list({pageSize: 3});
  const {sid} = listed.find((n) => n.phoneNumber === number);
  await ie1.incomingPhoneNumbers(sid).update({voiceUrl: "https://ie1.example/" + number});
  const written = await ie1.routes.v2.phoneNumbers(number).update({voiceRegion: "ie1"});
  const seen = await us1.routes.v2.phoneNumbers(number).fetch();
  console.log(JSON.stringify({
    "listed": listed.map((n) => n.phoneNumber),
    "voice": {
      ie1: (await ie1.incomingPhoneNumbers(sid).fetch()).voiceUrl,
      us1: (await us1.incomingPhoneNumbers(sid).fetch()).voiceUrl,
    },
    "route": [written.voiceRegion, seen.voiceRegion],
    "wrong key": await refused(wrong.routes.v2.phoneNumbers(number).fetch()),
    "never set": await refused(ie1.routes.v2.phoneNumbers(neverSet).fetch()),
  }));
})();
"""


def test_python_sync(twin: RunningTwin) -> None:
    """The official library for Python, through HTTPS_PROXY and REQUESTS_CA_BUNDLE."""
    assert run(twin, sys.executable, "-c", PYTHON + SYNC, NUMBERS[0], NEVER_SET) == expected(NUMBERS[0])


def test_python_sync_by_name(twin: RunningTwin) -> None:
    """The same by the hosts' names alone, where a mount namespace can be had."""
    _needs_root()
    got = run(twin, sys.executable, "-c", PYTHON + SYNC, NUMBERS[1], NEVER_SET, hosts=True)
    assert got == expected(NUMBERS[1])


def test_python_async_by_name(twin: RunningTwin) -> None:
    """Its async client, which reads no proxy, by the hosts' names and SSL_CERT_FILE."""
    _needs_root()
    got = run(twin, sys.executable, "-c", PYTHON + ASYNC, NUMBERS[2], NEVER_SET, hosts=True)
    assert got == expected(NUMBERS[2])


@pytest.mark.slow
def test_node(twin: RunningTwin) -> None:
    """The official library for Node, through HTTP_PROXY and NODE_EXTRA_CA_CERTS."""
    modules = installed(*NODE_CLIENT) / "node_modules"
    got = run(twin, "node", "-e", NODE, "-", NUMBERS[3], NEVER_SET, NODE_PATH=str(modules))
    assert got == expected(NUMBERS[3])


COMMAND_LINE_SCRIPT = """
number=$1 never_set=$2 program=$3
cli() { "$program" "api:$@" -o json || [ $? = 20 ]; }
as_us1() { TWILIO_API_KEY=$US1_KEY TWILIO_API_SECRET=$US1_SECRET "$@"; }
in_us1() { TWILIO_REGION=us1 TWILIO_EDGE=ashburn as_us1 "$@"; }
listed=$(cli core:incoming-phone-numbers:list)
found=$(cli core:incoming-phone-numbers:list --phone-number "$number" --properties sid)
sid=PN${found#*PN} && sid=${sid%%\\"*}
written=$(cli core:incoming-phone-numbers:update --sid "$sid" --voice-url "https://ie1.example/$number")
route=$(cli routes:v2:phone-numbers:update --phone-number "$number" --voice-region ie1)
printf '[%s,%s,%s,%s,%s,%s,%s]' "$listed" "$written" \\
  "$(in_us1 cli core:incoming-phone-numbers:fetch --sid "$sid")" "$route" \\
  "$(in_us1 cli routes:v2:phone-numbers:fetch --phone-number "$number")" \\
  "$(as_us1 cli routes:v2:phone-numbers:fetch --phone-number "$number")" \\
  "$(cli routes:v2:phone-numbers:fetch --phone-number "$never_set")"
"""


@pytest.mark.slow
def test_command_line(twin: RunningTwin, tmp_path: Path) -> None:
    """The official command line, credentials, Region and edge from the environment."""
    program = str(installed(*COMMAND_LINE) / "node_modules" / ".bin" / "twilio")
    key = twin.told["credentials"]["us1"]
    us1 = {"US1_KEY": key["api_key"], "US1_SECRET": key["api_secret"]}
    words = ("bash", "-c", COMMAND_LINE_SCRIPT, "bash", NUMBERS[4], NEVER_SET, program)
    listed, written, in_us1, route, seen, wrong, never = run(twin, *words, HOME=str(tmp_path), **us1)
    assert {
        "listed": [one["phoneNumber"] for one in listed],
        "voice": {"ie1": written[0]["voiceUrl"], "us1": in_us1[0]["voiceUrl"]},
        "route": [route[0]["voiceRegion"], seen[0]["voiceRegion"]],
        "wrong key": [wrong[0]["status"], wrong[0]["code"]],
        "never set": [never[0]["status"], never[0]["code"]],
    } == expected(NUMBERS[4])


CURL = """
set -eu
number=$1 never_set=$2 key=$TWILIO_API_KEY:$TWILIO_API_SECRET
us1=$(printf %s "$US1" | sed 's/.*"api_key": "\\([^"]*\\)", "api_secret": "\\([^"]*\\)".*/\\1:\\2/')
numbers=/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID/IncomingPhoneNumbers
get() { curl -sS -u "$1" "$2"; }
listed=$(get "$key" "https://api.dublin.ie1.twilio.com$numbers.json?PageSize=50")
sid=$(get "$key" "https://api.dublin.ie1.twilio.com$numbers.json?PhoneNumber=%2B${number#+}" \\
  | sed 's/.*"sid":"\\(PN[^"]*\\)".*/\\1/')
curl -sS -u "$key" -o /dev/null --data-urlencode "VoiceUrl=https://ie1.example/$number" \\
  "https://api.dublin.ie1.twilio.com$numbers/$sid.json"
route=/v2/PhoneNumbers
printf '[%s,%s,%s,%s,%s,%s,%s]' "$listed" \\
  "$(get "$key" "https://api.dublin.ie1.twilio.com$numbers/$sid.json")" \\
  "$(get "$us1" "https://api.ashburn.us1.twilio.com$numbers/$sid.json")" \\
  "$(curl -sS -u "$key" -d VoiceRegion=ie1 "https://routes.dublin.ie1.twilio.com$route/$number")" \\
  "$(get "$us1" "https://routes.ashburn.us1.twilio.com$route/$number")" \\
  "$(get "$us1" "https://routes.dublin.ie1.twilio.com$route/$number")" \\
  "$(get "$key" "https://routes.dublin.ie1.twilio.com$route/$never_set")"
"""


def test_curl(twin: RunningTwin) -> None:
    """curl, through HTTPS_PROXY and CURL_CA_BUNDLE."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine: install curl")
    answers = run(twin, "sh", "-c", CURL, "sh", NUMBERS[5], NEVER_SET)
    listed, in_ie1, in_us1, written, seen, wrong, never = answers
    assert {
        "listed": [one["phone_number"] for one in listed["incoming_phone_numbers"]],
        "voice": {"ie1": in_ie1["voice_url"], "us1": in_us1["voice_url"]},
        "route": [written["voice_region"], seen["voice_region"]],
        "wrong key": [wrong["status"], wrong["code"]],
        "never set": [never["status"], never["code"]],
    } == expected(NUMBERS[5])


def _needs_root() -> None:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("--hosts needs Linux, root and unshare(1): run this test as root")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("--hosts needs a mount namespace, and this machine gives none even to root")
