"""A scenario does its steps at their times; a mistake in one is told with its place and nothing begins."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from asking_the_twin import N0, small_world
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.scenarios.files import read_named, read_text, shipped
from voicedr.twin.scenarios.scenario import Break
from voicedr.twin.twin import Twin
from voicedr.twin.world.findings import Mistakes
from voicedr.wire.http import Request, Response, Timeouts

Ask = Callable[..., Awaitable[tuple[int, Any]]]


def _with_twin(main: Callable[[Ask, VirtualClock, Twin], Awaitable[Any]]) -> Any:
    async def application(request: Request, timeouts: Timeouts) -> Response:
        return Response(200, (("Content-Type", "text/xml"),), b"<Response><Say>Welcome</Say></Response>")

    async def run(clock: VirtualClock) -> Any:
        twin = Twin(small_world(), clock, application)

        async def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            data = b"" if body is None else json.dumps(body).encode()
            response = await twin.answer(Request(method, "http://127.0.0.1:8740" + path, (), data))
            assert isinstance(response, Response)
            return response.status, json.loads(response.body) if response.body else None

        try:
            return await main(ask, clock, twin)
        finally:
            await twin.close()

    return run_virtual(run)


OUTAGE = f"""
title: Short
steps:
  - {{at_s: 20, heal: us1}}
  - {{at_s: 0, load: {{calls_per_second: 1, numbers: ["{N0}"]}}, name: callers}}
  - {{at_s: 10, fault: region-down, with: {{region: us1, mode: refuse}}, name: us1}}
  - {{at_s: 15, settings: {{propagation_s: [1, 1]}}}}
  - {{at_s: 16, call: {{from: "+16465550123", to: "{N0}"}}}}
  - {{at_s: 17, fault: number-config-lost, with: {{region: us1, number: "+19990000000"}}}}
  - {{at_s: 18, note: Nobody answers}}
  - {{at_s: 30, stop_load: callers}}
  - {{at_s: 31, fault: api-errors, for_s: 5}}
"""


def test_steps_are_taken_at_their_times() -> None:
    """In the order of their times; one that cannot be taken is told, and the rest goes on."""

    async def main(ask: Ask, clock: VirtualClock, twin: Twin) -> None:
        status, begun = await ask("POST", "/_twin/scenarios", {"text": OUTAGE})
        assert (status, begun["state"], begun["steps"]) == (201, "playing", 9)
        await clock.sleep(11)
        (fault,) = (await ask("GET", "/_twin/faults"))[1]["faults"]
        assert (fault["fault"], fault["params"]["mode"]) == ("region-down", "refuse")
        await clock.sleep(11)
        assert (await ask("GET", "/_twin/faults"))[1]["faults"] == []
        assert (await ask("GET", "/_twin/settings"))[1]["propagation_s"] == [1, 1]
        await clock.sleep(10)
        assert (await ask("GET", "/_twin/load"))[1]["loads"] == {}
        shown = (await ask("GET", f"/_twin/scenarios/{begun['id']}"))[1]
        times = [0, 10, 15, 16, 17, 18, 20, 30, 31]
        assert (shown["state"], [step["at_s"] for step in shown["taken"]]) == ("over", times)
        assert [bool(step["wrong"]) for step in shown["taken"]].index(True) == 4
        assert "is not configured in us1" in shown["taken"][4]["wrong"]
        assert shown["taken"][5]["what"] == "Nobody answers"
        assert [step["at"] - shown["started_at"] for step in shown["taken"]] == times
        await clock.sleep(6)
        assert (await ask("GET", "/_twin/faults"))[1]["faults"] == []
        await clock.sleep(60)
        outcomes = (await ask("GET", "/_twin/tally"))[1]["outcomes"]
        assert outcomes["silence"] > 0
        assert outcomes["served"] > 0

    _with_twin(main)


def test_one_that_is_stopped_leaves_nothing_broken() -> None:
    """Its faults are healed and its loads stop; those of others stay."""

    async def main(ask: Ask, clock: VirtualClock, twin: Twin) -> None:
        other = (await ask("POST", "/_twin/faults", {"fault": "api-errors"}))[1]["id"]
        begun = (await ask("POST", "/_twin/scenarios", {"text": OUTAGE}))[1]
        await clock.sleep(12)
        assert (await ask("DELETE", f"/_twin/scenarios/{begun['id']}"))[0] == 204
        assert [fault["id"] for fault in (await ask("GET", "/_twin/faults"))[1]["faults"]] == [other]
        assert (await ask("GET", "/_twin/load"))[1]["loads"] == {}
        await clock.sleep(60)
        assert (await ask("GET", f"/_twin/scenarios/{begun['id']}"))[1]["state"] == "stopped"
        assert (await ask("DELETE", "/_twin/scenarios/SC1"))[0] == 404
        assert (await ask("GET", "/_twin/scenarios/SC1"))[0] == 404

    _with_twin(main)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_those_that_come_with_it_play_to_their_end(name: str) -> None:
    """Every step can be taken, and at the end nothing is broken and nobody calls."""

    async def main(ask: Ask, clock: VirtualClock, twin: Twin) -> None:
        begun = (await ask("POST", "/_twin/scenarios", {"name": name}))[1]
        await clock.sleep(1300)
        shown = (await ask("GET", f"/_twin/scenarios/{begun['id']}"))[1]
        assert shown["state"] == "over"
        assert [step["wrong"] for step in shown["taken"] if step["wrong"]] == []
        assert (await ask("GET", "/_twin/faults"))[1]["faults"] == []
        assert (await ask("GET", "/_twin/load"))[1]["loads"] == {}
        listed = (await ask("GET", "/_twin/scenarios"))[1]
        assert ([one["id"] for one in listed["scenarios"]], name in listed["shipped"]) == ([begun["id"]], True)

    _with_twin(main)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{fault: region-down, with: {region: us1}}", "line 4: steps[0].at_s is not there"),
        ("{at_s: -1, heal: all}", "steps[0].at_s is -1"),
        ("{at_s: 1}", "steps[0] does nothing; give one of fault, heal"),
        ("{at_s: 1, heal: all, note: both}", "steps[0] does heal and note"),
        ("{at_s: 1, fault: regoin-down}", "line 4: steps[0].fault cannot be used: there is no fault 'regoin-down'"),
        ("{at_s: 1, fault: region-down}", "needs region"),
        ("{at_s: 1, fault: region-down, with: {region: mars}}", "steps[0].with.region cannot be used"),
        ("{at_s: 1, fault: api-errors, with: {colour: red}}", "has no parameter 'colour'"),
        ("{at_s: 1, fault: api-errors, for_s: never}", "for_s is 'never'"),
        ("{at_s: 1, heal: nobody}", "steps[0].heal is 'nobody', and no earlier step has that name; there are all"),
        ("{at_s: 1, stop_load: nobody}", "steps[0].stop_load is 'nobody'"),
        ("{at_s: 1, settings: {colour: red}}", "steps[0].settings cannot be used: colour is not a setting"),
        ("{at_s: 1, load: {calls_per_second: 0}}", "steps[0].load.calls_per_second cannot be used"),
        ("{at_s: 1, call: {to: '+1'}}", "missing required field `from`"),
        ("{at_s: 1, heal: all, with: {}}", "steps[0].with is not a key here"),
        ("{at_s: 1", "cannot be read as YAML"),
    ],
)
def test_mistakes_are_told_with_their_place(step: str, told: str) -> None:
    """Line, key, what is there, and what would be right."""
    with pytest.raises(Mistakes) as caught:
        read_text(f"title: Wrong\n\nsteps:\n  - {step}\n")
    assert told in str(caught.value)


def test_names_are_found_and_files_too(tmp_path: Path) -> None:
    """A file by its path, and one that comes with the twin by its name; neither is told."""
    file = tmp_path / "mine.yaml"
    file.write_text(OUTAGE)
    assert read_named(str(file)).title == "Short"
    scenario = read_named("standby-cold")
    assert any(isinstance(step.act, Break) and step.act.fault == "region-down" for step in scenario.steps)
    with pytest.raises(FileNotFoundError, match="there are edge-flapping, october-outage, standby-cold"):
        read_named("none-such")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "none-such"}, "there is no scenario 'none-such'"),
        ({"text": "steps: ["}, "YAML"),
        ({"steps": []}, "steps is empty"),
        ({}, "steps is empty"),
    ],
)
def test_the_control_api_refuses_what_is_no_scenario(body: Any, told: str) -> None:
    """400, why, and nothing is begun."""

    async def main(ask: Ask, clock: VirtualClock, twin: Twin) -> None:
        status, error = await ask("POST", "/_twin/scenarios", body)
        assert (status, told in error["error"], error["error"].endswith("Nothing was begun.")) == (400, True, True)
        assert (await ask("GET", "/_twin/scenarios"))[1]["scenarios"] == []

    _with_twin(main)


def test_the_status_page_knows_what_the_provider_knows() -> None:
    """A Region that is down is on it; an application that is down is not; a fault makes it lie, or keeps it away."""

    async def main(ask: Ask, clock: VirtualClock, twin: Twin) -> None:
        async def said() -> str:
            status, page = await ask("GET", "/_twin/status_page")
            return page["status"]["indicator"] if status == 200 else f"{status} {page['error'][:15]}"

        async def breaks(fault: str, **params: Any) -> str:
            return str((await ask("POST", "/_twin/faults", {"fault": fault, **params}))[1]["id"])

        assert await said() == "none"
        await breaks("webhook-unreachable")
        assert await said() == "none"
        await breaks("region-down", region="us1")
        assert await said() == "critical"
        components = (await ask("GET", "/_twin/status_page"))[1]["components"]
        out = [one["name"] for one in components if one["status"] != "operational"]
        assert out == ["Programmable Voice us1", "REST API us1"]
        late = await breaks("status-page-late", lag_s=60)
        assert await said() == "none"
        await clock.sleep(61)
        assert await said() == "critical"
        await ask("DELETE", f"/_twin/faults/{late}")
        await breaks("status-page-lying")
        assert await said() == "none"
        await breaks("status-page-down")
        assert await said() == "503 the status page"

    _with_twin(main)
