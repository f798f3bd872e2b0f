"""Runs executions and kills them: ``python killed_runs.py SPEC.json``, a process that has imported everything.

Each lane is a forked process with a flow of its own; it forks a runner for each run and kills it with SIGKILL. Nobody
here forks while it holds a socket, a thread or an event loop: those live in the runners only. What each trial showed is
written as a line of JSON to the lane's file.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import http.client
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.secrets import resolve
from voicedr.bootstrap import access, holder, load_workbook
from voicedr.cli.prepare import plan_with
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.state import Execution, Stage, fold
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Cohort, Flow, Gate, SequentialTest, Workbook
from voicedr.program.vocabulary import E164, IE1, US1, Kind, Purpose
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.tempo import Tempo

TEMPO = Tempo(look_s=0.3, alert_lag_s=0.0, test_call_s=0, again_s=1.5)
CONTENT_AFTER_ONE = Gate(SequentialTest(bad_share_ok=0.01, bad_share_bad=0.9, missed_bad=0.5, numbers_min=1))
COHORTS = (4, 8)
"""Numbers in each cohort: twelve in all."""

NUMBERS = sum(COHORTS)
RUN_S_MAX = 60.0
KILLED_AGAIN_SHARE = 0.5


class Lane:
    """One flow, killed and resumed again and again."""

    def __init__(self, spec: dict[str, Any], index: int) -> None:
        self._folder = Path(spec["folder"]) / f"lane-{index}"
        self._folder.mkdir()
        self._kills_min = int(spec["kills"])
        self._chance = random.Random(f"{spec['seed']}:{index}")
        self._workbook = load_workbook(Path(spec["workbook"]))
        self._numbers = tuple(E164(one) for one in spec["blocks"][index])
        self._flow = _flow(f"lane-{index}", self._numbers, self._workbook)
        self._twin = str(self._workbook.account.address)

    def run(self) -> None:
        """Trials until enough kills met a runner that was at work."""
        plan_file = self._folder / "plan.json"
        assert _wait(_fork(lambda: _plan(self._workbook, self._flow, plan_file)), RUN_S_MAX) == 0
        plan = msgspec.json.decode(plan_file.read_bytes(), type=Plan)
        results = self._folder / "trials.jsonl"
        clean_s = self._clean_s(plan)
        kills = trial = 0
        while kills < self._kills_min:
            trial += 1
            told = self._trial(plan, trial, clean_s)
            kills += len(told["killed"])
            with results.open("a") as file:
                file.write(json.dumps(told) + "\n")
            if told["wrong"]:
                return

    def _clean_s(self, plan: Plan) -> float:
        """How long a run takes that nobody kills."""
        self._send_home()
        journal_file = self._opened(plan, "clean")
        began = time.monotonic()
        assert _wait(self._runner(journal_file, "clean"), RUN_S_MAX) == 0
        return time.monotonic() - began

    def _trial(self, plan: Plan, trial: int, clean_s: float) -> dict[str, Any]:
        self._send_home()
        known = self._changes()
        execution = f"t{trial}"
        journal_file = self._opened(plan, execution)
        told: dict[str, Any] = {"trial": trial, "clean_s": clean_s, "killed": [], "wrong": ""}
        delay_s = self._chance.uniform(0.0, clean_s)
        while _killed_after(self._runner(journal_file, execution), delay_s):
            told["killed"].append({"after_s": delay_s, **_standing(journal_file, execution)})
            if self._chance.random() >= KILLED_AGAIN_SHARE:
                code = _wait(self._runner(journal_file, execution), RUN_S_MAX)
                if code != 0:
                    told["wrong"] = f"the runner that resumed ended with {code}"
                break
            delay_s = self._chance.uniform(0.0, clean_s / 2)
        told["changes"] = {
            number: [(change["region"], change["via"]) for change in changes[len(known[number]) :]]
            for number, changes in self._changes().items()
        }
        told["end"] = _standing(journal_file, execution)
        return told

    def _runner(self, journal_file: Path, execution: str) -> int:
        return _fork(lambda: _execute(self._workbook, journal_file, execution))

    def _opened(self, plan: Plan, execution: str) -> Path:
        """An execution that is approved and open, in a journal of its own; the file is closed again."""
        path = self._folder / f"{execution}.db"
        journal = SqliteJournal(path)
        digest, now = plan_hash(plan), datetime.now(UTC)
        for person, role in zip(("ana", "ben"), plan.approval_roles, strict=True):
            journal.approve(ev.Approved(at=now, person=person, role=role, plan_hash=digest))
        open_execution(journal, plan, execution=execution, kind=Kind.DRILL_TWIN, by="lane", now=now)
        journal.close()
        return path

    def _send_home(self) -> None:
        """Route every number to us1, as a person would by REST."""
        how = self._workbook.account.regions[IE1]
        login = base64.b64encode(f"{resolve(how.api_key)}:{resolve(how.api_secret)}".encode()).decode()
        headers = {
            "Host": "routes.dublin.ie1.twilio.com",
            "Authorization": f"Basic {login}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"VoiceRegion": US1})
        for number in self._numbers:
            self._ask("POST", f"/v2/PhoneNumbers/{quote(number)}", body, headers)

    def _changes(self) -> dict[E164, list[dict[str, Any]]]:
        return {
            number: self._ask("GET", f"/_twin/routes/PhoneNumbers/{quote(number)}")["changes"]
            for number in self._numbers
        }

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Any:
        """One request on a connection of its own, which is closed before anybody forks."""
        place = urlsplit(self._twin)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text!r}"
        return json.loads(text)


def _flow(name: str, numbers: tuple[E164, ...], workbook: Workbook) -> Flow:
    """A flow of these numbers in the cohorts of this module, otherwise as the support line's."""
    base = workbook.flow("support-line")
    assert base is not None
    cohorts, first = [], 0
    for size in COHORTS:
        subjects = tuple(Routable("number", one) for one in numbers[first : first + size])
        cohorts.append(Cohort(f"cohort-{len(cohorts)}", subjects, CONTENT_AFTER_ONE))
        first += size
    return msgspec.structs.replace(base, id=name, cohorts=tuple(cohorts), application=None)


def _plan(workbook: Workbook, flow: Flow, to: Path) -> None:
    async def read() -> Plan:
        async with access(workbook, without=frozenset({US1})) as has:
            return await plan_with(has, workbook, flow, Purpose.FAILOVER, False)

    to.write_bytes(msgspec.json.encode(asyncio.run(read())))


def _execute(workbook: Workbook, journal_file: Path, execution: str) -> None:
    """Take the execution in hand and finish it."""

    async def run() -> Execution:
        async with access(workbook, without=frozenset({US1})) as has:
            return await cut_over(
                execution,
                journal,
                has.providers,
                None,
                has.clock,
                holder=holder(),
                requests_to=has.requests_to,
                stay_when_paused=False,
                tempo=TEMPO,
            )

    journal = SqliteJournal(journal_file)
    state = asyncio.run(run())
    assert state.finished is not None, f"it paused: {state.paused}"


def _standing(journal_file: Path, execution: str) -> dict[str, Any]:
    """How an execution stands by its journal, whose chain is checked in reading."""
    journal = SqliteJournal(journal_file)
    records = journal.read(execution)
    journal.close()
    state = fold(record.event for record in records)
    stages = Counter(action.stage for action in state.actions.values())
    return {
        "records": len(records),
        "outcome": None if state.finished is None else state.finished.outcome,
        "done": stages[Stage.DONE],
        "in_flight": stages[Stage.IN_FLIGHT] + stages[Stage.UNSETTLED],
        "left": 0 if state.finished is None else state.finished.requests_to_left_region,
    }


def _fork(work: Callable[[], None]) -> int:
    """A child that does the work and ends with 0, or says what went wrong and ends with 1."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _wait(pid: int, seconds: float) -> int:
    """A child's exit code. One that takes too long is killed, and its code is -9."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _killed_after(pid: int, seconds: float) -> bool:
    """Kill a child after so long. False if it had come to its end by itself."""
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def main() -> None:
    """Run all lanes side by side and wait for them."""
    spec = json.loads(Path(sys.argv[1]).read_text())
    gc.freeze()  # what is shared with the children stays shared
    lanes = [_fork(Lane(spec, index).run) for index in range(len(spec["blocks"]))]
    codes = [_wait(lane, float(spec["seconds_max"])) for lane in lanes]
    sys.exit(max(map(abs, codes)))


if __name__ == "__main__":
    main()
