"""Two hosts and one PostgreSQL: whoever dies, or is stopped, another goes on, and every number moves exactly once.

The processes are ``voicedr`` as users run it; one of them believes that it is on another host. The judge is the twin's
history of each route.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from postgres_server import Server, either, replicated
from real_stage import APPROVERS, LimitOptions, Stage, real_stage
from voicedr.adapters.journal.opened import open_journal
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import access, load_workbook
from voicedr.cli.prepare import plan_with
from voicedr.ports.journal import JournalAway, Record
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.execution.state import fold
from voicedr.program.vocabulary import US1, Kind, Purpose
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE, TEST_CALLER
from voicedr.usecases.cut_over import open_execution
from voicedr.usecases.recorder import LEASE_S

pytestmark = pytest.mark.slow

ON_HOST = """
import os, sys
real = os.uname()
told = os.uname_result((real.sysname, sys.argv[1], real.release, real.version, real.machine))
os.uname = lambda: told
sys.argv = ["voicedr", *sys.argv[2:]]
from voicedr.cli.main import main
main()
"""
SIZE = 16
BLOCKS = [SUPPORT_LINE[n * SIZE : (n + 1) * SIZE] for n in range(3)]
SOME = 4
"""So many numbers have moved when something happens: the middle of the cohort."""

REQUESTS_PER_SECOND = 12
PROMOTED_S_MAX = 30.0


@dataclass
class Hosts:
    """A stage whose workbook has three small flows, and where its journal is."""

    stage: Stage

    def started(self, host: str, url: str, *arguments: str) -> subprocess.Popen[str]:
        """The program, on a host of this name."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEDR_")}
        return subprocess.Popen(
            [sys.executable, "-c", ON_HOST, host, *arguments],
            env={
                **kept,
                "SSL_CERT_FILE": os.devnull,
                "VOICEDR_WORKBOOK": str(self.stage.workbook),
                "VOICEDR_JOURNAL": "env:DATABASE",
                "DATABASE": url,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.stage.folder,
        )

    def opened(self, journal: SqlJournal, number: int) -> str:
        """An approved execution of a flow, which nobody runs yet."""
        workbook = load_workbook(self.stage.workbook)
        flow = workbook.flow(f"flow-{number}")
        assert flow is not None
        execution, now = f"x{number}", datetime.now(UTC)

        async def make() -> None:
            async with access(workbook, without=frozenset({US1})) as has:
                plan = await plan_with(has, workbook, flow, Purpose.FAILOVER, False)
            for person, role in zip(APPROVERS, plan.approval_roles, strict=True):
                journal.approve(ev.Approved(at=now, person=person, role=role, plan_hash=plan_hash(plan)))
            open_execution(journal, plan, execution=execution, kind=Kind.DRILL_TWIN, by="test", now=now)

        asyncio.run(make())
        return execution

    def moved(self, numbers: Sequence[str]) -> int:
        """How many of these numbers have a new route."""
        return sum(len(changes) > 1 for changes in self.stage.route_changes(numbers).values())

    def wait_until_moved(self, numbers: Sequence[str], runner: subprocess.Popen[str]) -> None:
        """Come back in the middle of the flow."""
        deadline = time.monotonic() + 60
        while self.moved(numbers) < SOME:
            assert runner.poll() is None, runner.communicate()
            assert time.monotonic() < deadline, "nothing moves"
            time.sleep(0.05)

    def moved_once(self, numbers: Sequence[str]) -> None:
        """Every number was routed to ie1 by one write, and by no other."""
        written = self.stage.route_changes(numbers)
        told = {name: [(one["region"], one["via"]) for one in changes[1:]] for name, changes in written.items()}
        assert told == {name: [("ie1", "ie1")] for name in numbers}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """One twin for all tests; each has a flow of its own."""
    folder = tmp_path_factory.mktemp("hosts")
    limits = LimitOptions(requests_per_second=REQUESTS_PER_SECOND, calls_per_second=30, propagation_max="3s")
    settings = {"propagation_s": [0, 0], "calls_per_second": 50, "answer_s": 0.03, "setup_s": 0.05}
    with real_stage(folder, limits=limits, settings=settings) as stage:
        head, _, _ = stage.workbook.read_text().partition("\nflows:\n")
        stage.workbook.write_text(f"{head}\nflows:\n{''.join(flow_text(n, block) for n, block in enumerate(BLOCKS))}")
        yield Hosts(stage)


def flow_text(number: int, block: Sequence[str]) -> str:
    """A flow of one cohort, which is content after one good call."""
    return f"""\
  flow-{number}:
    title: Flow {number}
    tier: 1
    primary: us1
    standby: ie1
    rto: 15m
    must_survive: [A caller is answered]
    success: [Callers are answered]
    entry_points: {{numbers: ["{block[0]}..{block[-1]}"]}}
    gate: {{bad_share_ok: 0.01, bad_share_bad: 0.9, missed_bad: 0.4, numbers_min: 1}}
    cohorts:
      - {{name: all, rest: true}}
    roles:
      detection: on-call lead
      technical_assessment: telephony engineer
      business_impact: business owner
      approval: {{roles: [on-call lead, operations director], approvals: 2}}
    test_caller: "{TEST_CALLER}"
"""


@contextmanager
def ended(*processes: subprocess.Popen[str]) -> Iterator[None]:
    """Whatever happens, these processes are ended."""
    try:
        yield
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


def test_a_holder_that_died_and_one_that_was_stopped_are_followed_when_their_lease_ends(
    hosts: Hosts, postgres: Server
) -> None:
    """While they live, the other host is refused and told how to take over. After their lease it finishes what they
    began. The stopped one, woken, is refused at its next write, says so and ends with 5. Every number moves once.
    """
    url = postgres.database()
    journal = open_journal(url)
    one, two = (hosts.opened(journal, n) for n in (0, 1))
    run = ("--json", "--when-paused", "exit")
    stops, dies = (hosts.started("host-a", url, "resume", name, *run) for name in (two, one))
    with ended(dies, stops):
        for runner, number, block in ((stops, signal.SIGSTOP, BLOCKS[1]), (dies, signal.SIGKILL, BLOCKS[0])):
            hosts.wait_until_moved(block, runner)
            runner.send_signal(number)
            assert hosts.moved(block) < SIZE
        began = time.monotonic()
        refusals = [hosts.started("host-b", url, *command) for command in (("resume", one), ("failover", "flow-0"))]
        with ended(*refusals):
            for refused in refusals:
                _, said = refused.communicate(timeout=30)
                assert refused.returncode == 4, said
                assert "@host-a:" in said
                assert f"voicedr resume {one}" in said
        while any(summary.held for summary in journal.executions()):
            assert time.monotonic() - began < LEASE_S + 5
            time.sleep(0.1)
        print(f"free after {time.monotonic() - began:.1f} s")  # noqa: T201 (a figure, shown by -s)
        followers = [hosts.started("host-b", url, "resume", name, *run) for name in (one, two)]
        with ended(*followers):
            for follower in followers:
                _, said = follower.communicate(timeout=60)
                assert follower.returncode == 0, said
        stops.send_signal(signal.SIGCONT)
        _, said = stops.communicate(timeout=30)
        assert stops.returncode == 5, said
        assert "@host-b:" in said or "somebody took over" in said
        assert "Nothing was written" in said
    for name, numbers in ((one, BLOCKS[0]), (two, BLOCKS[1])):
        state = fold(record.event for record in journal.read(name))
        assert state.finished is not None
        assert state.finished.outcome == "done"
        hosts.moved_once(numbers)
    journal.close()


def test_a_replica_that_is_promoted_in_the_middle_loses_and_doubles_nothing(hosts: Hosts) -> None:
    """The primary dies with a cohort under way and its synchronous standby is promoted: the same process goes on."""
    with replicated() as (primary, standby):
        name = primary.database().rpartition("/")[2]
        url = either(primary, standby, name)
        journal = open_journal(url)
        execution = hosts.opened(journal, 2)
        runner = hosts.started("host-a", url, "resume", execution, "--json", "--when-paused", "exit")
        with ended(runner):
            hosts.wait_until_moved(BLOCKS[2], runner)
            died, died_at = time.monotonic(), datetime.now(UTC)
            primary.kill()
            standby.promote()
            while not any(record.event.at > died_at for record in journal_after_promotion(journal, execution)):
                assert runner.poll() is None, runner.communicate()
                assert time.monotonic() - died < PROMOTED_S_MAX
                time.sleep(0.05)
            print(f"recording again {time.monotonic() - died:.1f} s after the death")  # noqa: T201 (a figure)
            _, said = runner.communicate(timeout=60)
            assert runner.returncode == 0, said
        state = fold(record.event for record in journal.read(execution))
        assert state.finished is not None
        assert state.finished.outcome == "done"
        hosts.moved_once(BLOCKS[2])
        journal.close()


def journal_after_promotion(journal: SqlJournal, execution: str) -> Sequence[Record]:
    """The records, or none while no server takes writes."""
    try:
        return journal.read(execution)
    except JournalAway:
        return ()


def test_a_database_that_does_not_answer_is_told_without_its_password(hosts: Hosts, postgres: Server) -> None:
    """Asked in vain it says so, with code 3."""
    gone = postgres.database().replace("voicedr@", "voicedr:hush@").replace(f":{postgres.port}/", ":1/")
    asked = hosts.started("host-a", gone, "executions")
    _, said = asked.communicate(timeout=30)
    assert asked.returncode == 3, said
    assert "does not answer" in said
    assert "hush" not in said
