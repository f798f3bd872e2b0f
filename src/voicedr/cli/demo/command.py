"""``voicedr demo``: the whole main job on this machine, in one go, with a report at the end.

The provider is the twin, the decision is answered by the demo and said to be; all the rest is what runs on the day.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import Access, access, holder, load_workbook, open_journal, signer
from voicedr.cli.demo.by_hand import hold_the_stage
from voicedr.cli.demo.stage import QUICK, REAL_TIME, Stage, new_run, stage
from voicedr.cli.demo.teller import Teller
from voicedr.cli.execute import run_execution
from voicedr.cli.execution_output import plan_text
from voicedr.cli.failback import wait_until_healthy
from voicedr.cli.failures import DONE, FINDING, Stop
from voicedr.cli.options import AsJson, out
from voicedr.cli.prepare import plan_with
from voicedr.cli.readiness_output import print_package
from voicedr.program.execution.events import Approved, Sighting
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.approvals import role_for
from voicedr.program.governance.detection import Detection, DetectionRule, Recommendation
from voicedr.program.readiness.package import alone
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.callers import CallerTally, count_callers
from voicedr.program.validation.chapters import Story
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.usecases.check_readiness import check_readiness
from voicedr.usecases.cut_over import open_execution
from voicedr.usecases.tempo import Tempo
from voicedr.usecases.watch import Looks, Watch
from voicedr.usecases.write_report import figures, report_html, story_of

demo_app = typer.Typer()

FLOW = "support-line"
APPROVERS = ("ruiz", "chen")
CALLERS_PER_SECOND = 4.0
CALLER_S = 6.0
"""A caller's patience, and so the longest call."""
BASELINE_S = 5.0
QUICK_TEMPO = Tempo(look_s=0.4, alert_lag_s=0.8, test_call_s=1, again_s=1.5)
QUICK_LOOKS = Looks(every_s=1.0, answer_s_max=2.0, call_answer_s_max=4.0)
QUICK_RULE = DetectionRule(bad_min=2, of_last=3, quorum=2, delay_s_min=4.0)


@demo_app.command()
def demo(
    real_time: Annotated[
        bool, typer.Option("--real-time", help="The platform's five minutes of propagation and its usual limits.")
    ] = False,
    folder: Annotated[Path, typer.Option("--folder", help="Where journal and reports go.")] = Path("voicedr-demo"),
    seed: Annotated[int, typer.Option(help="What the twin's ids and chance are made from.")] = 1,
    stage_only: Annotated[
        bool, typer.Option("--stage-only", help="Start the twin and the customer, and wait: you do the rest by hand.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A Region dies on this machine: watch it detected, decided, moved, proved, brought home. About 90 seconds."""
    if stage_only:
        raise typer.Exit(asyncio.run(hold_the_stage(folder, REAL_TIME if real_time else QUICK, seed, as_json)))
    raise typer.Exit(asyncio.run(_demo(Teller(as_json), folder, real_time, seed)))


async def _demo(teller: Teller, folder: Path, real_time: bool, seed: int) -> int:
    run = new_run(folder)
    pace = REAL_TIME if real_time else QUICK
    teller.act("setting", "A Twilio with three Regions, and a customer, on this machine")
    async with SocketSend() as send, stage(run, pace, send, seed) as on:
        workbook = load_workbook(on.workbook)
        flow = workbook.flow(FLOW)
        if flow is None:
            raise Stop(f"the demo's workbook has no flow {FLOW!r}", FINDING)
        journal = open_journal(run / ".voicedr" / "journal.db")
        play = _Play(teller, on, workbook, flow, journal, real_time)
        try:
            return await play.all()
        finally:
            journal.close()


class _Play:
    """The acts, in order. Only the lines that break and heal it, and count its callers, know that there is a twin."""

    def __init__(
        self, teller: Teller, on: Stage, workbook: Workbook, flow: Flow, journal: SqlJournal, real_time: bool
    ) -> None:
        self._teller = teller
        self._on = on
        self._workbook = workbook
        self._flow = flow
        self._journal = journal
        self._tempo = None if real_time else QUICK_TEMPO
        self._looks = Looks() if real_time else QUICK_LOOKS
        self._rule = DetectionRule() if real_time else QUICK_RULE
        self._healthy_s = flow.failback.primary_healthy_for_s if real_time else 3.0
        self._real_time = real_time
        self._tally: CallerTally | None = None

    async def all(self) -> int:
        """Play it; the exit code."""
        say, twin = self._teller.line, self._on.twin
        self._setting()
        load = await twin.ask(
            "POST",
            "/_twin/load",
            {
                "calls_per_second": CALLERS_PER_SECOND,
                "numbers": list(self._flow.numbers),
                "duration_s": None,
                "caller": {"presses": ["1"], "hangs_up_after_s": CALLER_S, "speaks_s": 2},
            },
        )
        say(f"callers ring the support line, {CALLERS_PER_SECOND:g} a second, at {len(self._flow.numbers)} numbers")
        await self._ready()
        await self._baseline()
        began_at = datetime.now(UTC)
        fault = await self._break_us1()
        async with self._counting(began_at, "us1 dead, not detected"):
            detection, detected_at = await self._detect()
            out_ = await self._move(Purpose.FAILOVER, detection, detected_at)
        self._teller.act("heal", "us1 comes back")
        await twin.ask("DELETE", f"/_twin/faults/{fault}")
        async with access(self._workbook) as has:
            await wait_until_healthy(has, self._flow, self._healthy_s, self._teller.as_json, self._looks)
        home_at = datetime.now(UTC)
        async with self._counting(home_at, "the way home"):
            home = await self._move(Purpose.FAILBACK, None, None)
        await self._on.twin.ask("DELETE", f"/_twin/load/{load['id']}")
        # Calls that are on the line are let come to their end, so that they are counted as what they were.
        await asyncio.sleep(CALLER_S + 1)
        return self._end(
            began_at,
            await self._report(Purpose.FAILOVER, out_, began_at, home_at),
            await self._report(Purpose.FAILBACK, home, home_at, None),
        )

    def _setting(self) -> None:
        say = self._teller.line
        account = "200 numbers, 2 trunks, 1 SIP domain in 4 flows"
        say(f"Acme Clinics: {account}; its application runs beside us1 and ie1, its fallback elsewhere")
        if self._real_time:
            say("route changes take up to 5 minutes here, as at the provider: this takes a long while")
        else:
            low, high = QUICK.propagation_s
            say(f"made quick for the demo: a route change takes {low:g} to {high:g} s here, up to 5 minutes at Twilio;")
            calls = QUICK.limits.calls_per_second
            say(f"{calls:g} test calls a second (a new account has 1), and gates that are content with fewer calls")
        say(f"everything is kept in {self._on.folder}")

    async def _ready(self) -> None:
        self._teller.act("ready", "Can we do it today?")
        async with access(self._workbook) as has:
            report = await check_readiness(
                self._workbook,
                [FLOW],
                has.providers,
                has.send,
                has.clock,
                outside=has.outside,
                signer=partial(signer, self._workbook),
            )
        if self._teller.as_json:
            self._teller.line("readiness", readiness=msgspec.to_builtins(report.flows[0]))
        else:
            print_package(alone(report), out)

    async def _baseline(self) -> None:
        """An ordinary day, for as long as it takes to see it."""
        self._teller.act("ordinary", "An ordinary day")
        since = datetime.now(UTC)
        await asyncio.sleep(BASELINE_S)
        calls = await self._on.twin.callers_since(since - timedelta(seconds=BASELINE_S))
        served, lost = sum(call.served is True for call in calls), sum(call.served is False for call in calls)
        self._teller.line(
            f"{len(calls)} calls: {served} served, {lost} lost, {len(calls) - served - lost} on the line",
            placed=len(calls),
            served=served,
            lost=lost,
        )

    async def _break_us1(self) -> str:
        self._teller.act("outage", "us1 dies: nothing there answers any more, not the API and not the calls")
        body = {"fault": "region-down", "region": "us1", "mode": "black-hole"}
        fault: dict[str, Any] = await self._on.twin.ask("POST", "/_twin/faults", body)
        return str(fault["id"])

    async def _detect(self) -> tuple[Detection, datetime]:
        self._teller.act("detect", "Detection recommends, it never moves anything")
        said: set[tuple[str, bool]] = set()
        async with (
            access(self._workbook) as has,
            Watch(self._flow, has.providers, has.send, has.clock, rule=self._rule, looks=self._looks) as watching,
        ):
            while True:
                await has.clock.sleep(0.5)
                detection = watching.detection()
                for sighting in detection.sightings:
                    if (sighting.signal, sighting.bad) not in said and sighting.bad:
                        said.add((sighting.signal, sighting.bad))
                        self._teller.line(f"✖ {sighting.signal}: {sighting.said}")
                if detection.recommendation is Recommendation.FAIL_OVER:
                    self._teller.line(f"recommendation: {detection.recommendation.value} ({detection.why})")
                    return detection, datetime.now(UTC)

    async def _move(self, purpose: Purpose, detection: Detection | None, detected_at: datetime | None) -> str:
        flow, twin = self._flow, self._on.twin
        graceful = purpose is Purpose.FAILBACK
        title = "The decision: two people, one plan, its hash" if not graceful else "The way home is a plan of its own"
        self._teller.act(f"{purpose.value}-decision", title)
        asked_before = await twin.requests_to(flow.primary)
        without = frozenset() if graceful else frozenset({flow.primary})
        async with access(self._workbook, without=without) as has:
            made_at = has.clock.now()
            made = await plan_with(has, self._workbook, flow, purpose, graceful)
            digest = plan_hash(made)
            self._journal.keep_plan(digest, msgspec.json.encode(made), made_at)
            if not self._teller.as_json:
                out.print(plan_text(made, digest, tier=flow.tier))
            await self._approve(has, digest, made)
            execution = f"{flow.id}-{purpose.value}-{made_at:%H%M%S}"
            open_execution(
                self._journal,
                made,
                execution=execution,
                kind=Kind.DRILL_TWIN,
                by=holder(),
                now=has.clock.now(),
                detected_at=detected_at,
                sightings=_sightings(detection),
            )
            self._teller.act(purpose.value, f"{made.leaves} → {made.to}: cohorts, gates, proof by calls")
            code = await run_execution(
                has,
                self._journal,
                execution,
                made,
                None,
                self._teller.as_json,
                made_at=made_at,
                tempo=self._tempo,
                callers=lambda: self._tally,
                hint=False,
            )
        if code != DONE:
            raise Stop(f"the {purpose.value} did not come to its end (code {code}): look at {self._on.folder}", code)
        if not graceful:
            arrived = await twin.requests_to(flow.primary) - asked_before
            self._teller.line(
                f"requests that the twin saw arrive at us1 from the plan to the end: {arrived}",
                requests_to_us1=arrived,
            )
            if arrived:
                raise Stop(f"{arrived} requests went to the dead Region; none may", FINDING)
        return execution

    async def _approve(self, has: Access, digest: str, made: Any) -> None:
        for person_id in APPROVERS:
            person = next(one for one in self._workbook.people if one.id == person_id)
            role = role_for(person, made) or ""
            await has.clock.sleep(1.0)
            self._journal.approve(
                Approved(
                    at=has.clock.now(), person=person.name, role=role, plan_hash=digest, note="answered by the demo"
                )
            )
            self._teller.line(f"{person.name} ({role}) approves {digest[:12]}: answered by the demo, unsigned")

    @asynccontextmanager
    async def _counting(self, since: datetime, title: str) -> AsyncIterator[None]:
        """Count callers beside what goes on, for the screen."""
        loop = asyncio.ensure_future(self._count_again_and_again(since, title))
        try:
            yield
        finally:
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop

    async def _count_again_and_again(self, since: datetime, title: str) -> None:
        while True:
            self._tally = count_callers(
                await self._on.twin.callers_since(since), [(title, since)], source="the twin's public network"
            )
            await asyncio.sleep(1.0)

    async def _report(self, purpose: Purpose, execution: str, since: datetime, until: datetime | None) -> Story:
        """Write the report of an execution, with what callers met while it lasted."""
        records = self._journal.read(execution)
        moments = {moment.name: moment.at for moment in story_of(records).moments}
        names = (("detected", "detected, being decided"), ("decided", "moving"), ("all-proved", "all moved and proved"))
        first = "us1 dead, not detected" if purpose is Purpose.FAILOVER else "before the decision"
        cuts = [(first, since), *((title, moments[name]) for name, title in names if name in moments)]
        calls = [call for call in await self._on.twin.callers_since(since) if until is None or call.at < until]
        tally = count_callers(calls, sorted(cuts, key=lambda cut: cut[1]), source="the twin's public network")
        story = story_of(records, tally)
        report = self._on.folder / f"{purpose.value}.html"
        report.write_text(report_html(story, self._flow, made_at=datetime.now(UTC)))
        return story

    def _end(self, dead_at: datetime, out_: Story, home: Story) -> int:
        self._teller.act("end", "What happened")
        moments = {moment.name: moment.at for moment in out_.moments}
        after = {name: (at - dead_at).total_seconds() for name, at in moments.items()}
        tally = out_.callers
        rows = [(title, f"{after[name]:.1f} s after us1 died") for name, title in _TOLD if name in after]
        if tally is not None:
            rows.append(
                (
                    "calls",
                    f"{tally.placed} placed from us1's death to its return: {tally.served} served, {tally.lost} lost",
                )
            )
            rows += [
                ("", f"{window.title}: {window.lost} of {window.placed} lost")
                for window in tally.windows
                if window.placed
            ]
        rows.append(("requests to the dead us1", str(out_.requests_to_left_region)))
        if home.callers is not None:
            rows.append(("calls lost on the way home", f"{home.callers.lost} of {home.callers.placed}"))
        reports = {name: (self._on.folder / f"{name}.html").resolve().as_uri() for name in ("failover", "failback")}
        rows += [(f"{name} report", uri) for name, uri in reports.items()]
        self._teller.table(rows)
        self._teller.line(
            "done",
            outcome="done",
            seconds_after_death=after,
            failover=figures(out_),
            failback=figures(home),
            reports=reports,
        )
        return DONE


_TOLD: Sequence[tuple[str, str]] = (
    ("detected", "detected"),
    ("decided", "decided"),
    ("first-proof", "first call seen in ie1"),
    ("first-good-call", "first good call in ie1"),
    ("all-moved", "all moved"),
    ("all-proved", "all proved by calls"),
    ("served", "last gate passed"),
)


def _sightings(detection: Detection | None) -> tuple[Sighting, ...]:
    return () if detection is None else detection.sightings
