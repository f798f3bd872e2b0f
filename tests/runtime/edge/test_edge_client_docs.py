"""The page's programs run as they are written, against a twin, on a good day and with the first edge down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from running_twin import RunningTwin, running_twin

PAGE = Path(__file__).parents[3] / "docs" / "edge_client.md"
MODES = ("refuse", "black-hole", "503")


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    """One for all."""
    with running_twin() as running:
        yield running


@pytest.fixture
def broken(twin: RunningTwin, request: pytest.FixtureRequest) -> Iterator[RunningTwin]:
    """The first edge fails in some way, or not at all."""
    if request.param:
        fault = {"fault": "edge-down", "edge": "ashburn", "mode": request.param}
        twin.control("POST", "/_twin/faults", fault)
    yield twin
    twin.control("DELETE", "/_twin/faults")


def _run(twin: RunningTwin, program: str) -> subprocess.CompletedProcess[str]:
    """A program of a customer: the twin is a proxy and a certificate to trust, by the environment, and nothing else."""
    key = twin.told["credentials"]["us1"]
    kept = {name: value for name, value in twin.environment().items() if name != "TWIN"}
    environment = {
        **kept,
        "TWILIO_API_KEY": key["api_key"],
        "TWILIO_API_SECRET": key["api_secret"],
        "TWILIO_ACCOUNT_SID": twin.told["account_sid"],
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("broken", [None, *MODES], indirect=True)
@pytest.mark.parametrize("number", [0, 1])
def test_the_pages_programs(broken: RunningTwin, number: int, request: pytest.FixtureRequest) -> None:
    """They print the same, whether the first edge works or not."""
    program = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]
    done = _run(broken, program)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    if number == 0:
        assert len(lines) == 3
        assert all(re.fullmatch(r"\+\d{6,15}", line) for line in lines)
    else:
        assert lines == [f"200 {'ashburn' if request.node.callspec.params['broken'] is None else 'umatilla'}"]


@pytest.mark.parametrize("broken", ["refuse"], indirect=True)
def test_reads_and_writes_of_every_product_go_on(broken: RunningTwin) -> None:
    """api, routes, trunking, sync and async; a write arrives once."""
    done = _run(
        broken,
        """
import asyncio, os
from twilio.rest import Client
from voicedr.runtime.edge import AsyncEdgeHttpClient, EdgeHttpClient
key = os.environ["TWILIO_API_KEY"], os.environ["TWILIO_API_SECRET"], os.environ["TWILIO_ACCOUNT_SID"]
edges = {"region": "us1", "edges": ("ashburn", "umatilla")}
client = Client(*key, http_client=EdgeHttpClient(**edges))
number = client.incoming_phone_numbers.list(limit=1)[0]
print(number.update(friendly_name="through umatilla").friendly_name)
print(client.routes.v2.phone_numbers(number.phone_number).update(voice_region="us1").voice_region)
trunk = client.trunking.v1.trunks.create(friendly_name="one")
print([one.friendly_name for one in client.trunking.v1.trunks.list() if one.sid == trunk.sid])
print(trunk.delete())
async def main():
    async with AsyncEdgeHttpClient(**edges) as http:
        client = Client(*key, http_client=http)
        for one in await client.incoming_phone_numbers.list_async(limit=1):
            print((await one.update_async(friendly_name="async")).friendly_name)
        print(http.metrics.value("voicedr_edge_requests_total", edge="umatilla"))
asyncio.run(main())
print(client.http_client.metrics.value("voicedr_edge_requests_total", edge="umatilla", product="trunking"))
""",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["through umatilla", "us1", "['one']", "True", "async", "2.0", "3.0"]


def test_an_assumed_edge_of_another_region_is_told_and_passed_over(twin: RunningTwin) -> None:
    """The twin fails frankfurt's names in ie1 in TLS, as a page's silence allows: dublin answers, the log says why."""
    key = twin.told["credentials"]["ie1"]
    done = _run(
        twin,
        f"""
from twilio.rest import Client
from voicedr.runtime.edge import EdgeHttpClient
import os
http = EdgeHttpClient(region="ie1", edges=("frankfurt", "dublin"))
client = Client({key["api_key"]!r}, {key["api_secret"]!r}, os.environ["TWILIO_ACCOUNT_SID"], http_client=http)
print(len(client.incoming_phone_numbers.list(limit=2)))
""",
    )
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert "that they work is an assumption" in done.stderr
    assert "api.frankfurt.ie1: attempt_lost GET, tls_name_mismatch" in done.stderr


def test_every_option_is_on_the_page() -> None:
    """And none that is not one."""
    from voicedr.runtime.edge.settings import EdgeOptions

    table = PAGE.read_text(encoding="utf-8").partition("## Options")[2].partition("Not the library's")[0]
    assert {*re.findall(r"^\| `(\w+)`", table, re.MULTILINE)} == {*EdgeOptions.__annotations__, "logger"}
