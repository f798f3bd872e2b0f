"""The whole main job in one process under a virtual clock: the twin, the sample customer, the provider adapter.

No sockets and no waiting: an outage of an hour at the platform's real pace takes seconds, and equal seeds give equal
bytes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicedr.adapters.context import FileContext
from voicedr.adapters.http.in_process import InProcessSend, asgi_handler, place_of
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.execution import events as ev
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import plan_hash
from voicedr.program.execution.state import Execution
from voicedr.program.scope.read import read_workbook
from voicedr.program.vocabulary import IE1, US1, Kind, Mode, Purpose, Region
from voicedr.runtime.sample_customer.account import example_account
from voicedr.runtime.sample_customer.app import create_app
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE, CustomerUrls
from voicedr.runtime.sample_customer.settings import Settings
from voicedr.runtime.sample_customer.workbook import GateOptions, LimitOptions, example_workbook
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.twin import Twin
from voicedr.twin.world.account import world_from_account
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.read_facts import read_facts
from voicedr.usecases.tempo import Tempo
from voicedr.wire.http import Request

URLS = CustomerUrls("http://127.0.0.1:9001", "http://127.0.0.2:9002", "http://127.0.0.3:9003")
REGIONS = {US1: "ashburn", IE1: "dublin"}


@dataclass
class Told:
    """What a run left behind."""

    out: Execution
    home: Execution
    requests_to_us1: int
    outcomes_after: dict[str, int]
    journal: bytes
    world: bytes
    lasted_s: float


def tell(folder: Path, seed: int, *, quick: bool) -> Told:
    """us1 dies, the support line moves to ie1, us1 comes back, and the line goes home.

    Args:
        folder: Emptied first, so that equal seeds have equal paths.
        seed: Of the twin's ids and chance.
        quick: A provider that propagates in seconds; else the platform's real pace and its usual limits.
    """
    calls_per_second = 20.0 if quick else 1.0
    settings = {"calls_per_second": calls_per_second, "propagation_s": [0, 5] if quick else [0, 300]}
    gate = GateOptions(bad_share_ok=0.02, bad_share_bad=0.3) if quick else GateOptions()
    limits = LimitOptions(20, calls_per_second, "5s" if quick else "5m")
    # The log is read less often than on the day: it is long by then, and reading it is what takes the real time.
    tempo = Tempo(look_s=1.0 if quick else 5.0)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    context_path = folder / "active-region.json"
    context_path.write_text(json.dumps({"region": "us1", "epoch": 1, "written_at": "2026-01-01T00:00:00+00:00"}))

    async def story(clock: VirtualClock) -> Told:
        world = world_from_account(example_account(URLS, settings=settings), seed, clock.now().timestamp())
        tokens = {region: has.auth_token for region, has in world.regions.items()}
        customer = {
            place_of(url): asgi_handler(
                create_app(
                    Settings(
                        role=role,
                        region=region,
                        instance=role,
                        auth_tokens=tokens,
                        now=clock.now,
                        context_path=context_path,
                    )
                )
            )
            for url, role, region in (
                (URLS.primary, "primary", "us1"),
                (URLS.standby, "standby", "ie1"),
                (URLS.fallback, "fallback", "none"),
            )
        }
        to_customer = InProcessSend(customer, clock)
        twin = Twin(world, clock, to_customer)
        to_provider = InProcessSend({}, clock, otherwise=twin.respond)
        pace, call_pace = Pace(20.0, clock), Pace(calls_per_second, clock)
        workbook = read_workbook(
            example_workbook(world.account_sid, urls=URLS, context_path=context_path, gate=gate, limits=limits),
            "voicedr.yaml",
        )
        flow = workbook.flow("support-line")
        assert flow is not None

        def provider(region: Region) -> TwilioRegion:
            key = next(iter(world.regions[region].keys.values()))
            return TwilioRegion(
                world.account_sid, region, REGIONS[region], key.sid, key.secret, to_provider, clock, pace, call_pace,
                chance=lambda: 0.5,
            )  # fmt: skip

        async def control(method: str, path: str, body: Any = None) -> Any:
            request = Request(method, f"http://127.0.0.1{path}", (), b"" if body is None else json.dumps(body).encode())
            answer = await twin.respond(request)
            assert answer.status < 400, answer.text
            return json.loads(answer.body) if answer.body else None

        async def move(purpose: Purpose, mode: Mode, *regions: Region) -> Execution:
            providers = {region: provider(region) for region in regions}
            left = frozenset({US1, IE1} - set(regions))
            facts = await read_facts(
                (flow,), workbook.account, providers, to_customer, clock,
                without=left, probe_webhooks=False, prove_route_write=False,
            )  # fmt: skip
            plan = make_plan(flow, workbook.account, facts, purpose=purpose, mode=mode)
            for person, role in (("A. Ruiz", "on-call lead"), ("M. Chen", "operations director")):
                journal.approve(ev.Approved(at=clock.now(), person=person, role=role, plan_hash=plan_hash(plan)))
            execution = f"{purpose.value}-1"
            open_execution(journal, plan, execution=execution, kind=Kind.DRILL_TWIN, by="test", now=clock.now())
            context = FileContext(context_path, clock=clock, send=to_customer, confirm=plan.context_confirm)
            return await cut_over(
                execution, journal, providers, context, clock, holder="test", stay_when_paused=False, tempo=tempo
            )

        load = await control(
            "POST",
            "/_twin/load",
            {"calls_per_second": 0.5, "numbers": list(SUPPORT_LINE), "duration_s": None, "caller": {"presses": ["1"]}},
        )
        await clock.sleep(60)
        before = await control("GET", "/_twin/requests")
        fault = await control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})
        out = await move(Purpose.FAILOVER, Mode.UNGRACEFUL, IE1)
        after = await control("GET", "/_twin/requests")
        moved_at = clock.now().timestamp()
        await clock.sleep(120)
        tally = await control("GET", f"/_twin/tally?since={moved_at}")
        await control("DELETE", f"/_twin/faults/{fault['id']}")
        home = await move(Purpose.FAILBACK, Mode.GRACEFUL, US1, IE1)
        await control("DELETE", f"/_twin/load/{load['id']}")
        await clock.sleep(120)
        lasted_s = clock.monotonic_s()
        state = await twin.respond(Request("GET", "http://127.0.0.1/_twin/state"))
        await twin.close()
        bodies = [record.body for execution in ("failover-1", "failback-1") for record in journal.read(execution)]
        asked = after["by_region"].get("us1", 0) - before["by_region"].get("us1", 0)
        return Told(out, home, asked, tally["outcomes"], b"\n".join(bodies), state.body, lasted_s)

    journal = SqliteJournal(folder / "journal.db")
    try:
        return run_virtual(story, limit_s=8 * 3600)
    finally:
        journal.close()


def test_an_outage_at_the_platforms_real_pace_is_survived_in_virtual_time(tmp_path: Path) -> None:
    """Propagation of up to five minutes, one test call a second, default gates: all moved, proved, and brought home.

    Nothing is asked of the dead Region, and callers are served afterwards.
    """
    told = tell(tmp_path / "run", seed=7, quick=False)
    assert told.out.finished is not None, told.out.paused
    assert told.out.finished.outcome == "done"
    assert told.requests_to_us1 == 0
    assert set(told.outcomes_after) <= {"served", ""}
    assert told.home.finished is not None, told.home.paused
    assert told.home.finished.outcome == "done"
    assert told.lasted_s > 1200


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    """Journals and the twin's whole state are the same to the byte, and another seed's are not."""
    one, again, other = (tell(tmp_path / "run", seed=seed, quick=True) for seed in (7, 7, 8))
    assert one.journal == again.journal
    assert one.world == again.world
    assert one.journal != other.journal
    assert one.home.finished is not None, one.home.paused
