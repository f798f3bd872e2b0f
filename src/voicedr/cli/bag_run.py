"""Carrying out a bag's plan: its folder, its journal, the approvals over its hash, and what comes afterwards."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from voicedr.adapters.bag_folder import run_folder
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import access, approving, holder, load_workbook, open_journal
from voicedr.cli.approve import ask_for_approvals
from voicedr.cli.execute import WhenPaused, run_execution, stop_if_running
from voicedr.cli.execution_output import plan_text
from voicedr.cli.failures import REFUSED, Stop
from voicedr.cli.need import Need, break_for, conditions_of, executor_of, need_of
from voicedr.cli.options import err, flow_of, out
from voicedr.program.bag import contents as listed
from voicedr.program.bag.contents import plan_of
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.scope.authority import Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.vocabulary import Kind, Mode
from voicedr.usecases.check_bag import Bag
from voicedr.usecases.cut_over import DRIFT_AFTER_S, NotApproved, open_execution
from voicedr.usecases.export_evidence import export_evidence

Asked = tuple[list[Rule] | None, str, str | None, str | None]
"""Rules to break, why, who, and the key that signs it."""

WORKBOOK_NAME, JOURNAL_NAME = "voicedr.yaml", "journal.db"


def run_bag(
    bag: Bag, flow_id: str, graceful: bool, place: Path, when_paused: WhenPaused | None, as_json: bool, asked: Asked
) -> int:
    """Run it, and give the exit code.

    Raises:
        BagError: If the bag has no such plan. Nothing was changed.
        FolderUnusable: If the folder is another bag's, or was changed.
        Stop: If approvals are missing, with how to give them here.
    """
    plan = plan_of(bag.contents, bag.members, flow_id, Mode.GRACEFUL if graceful else Mode.UNGRACEFUL)
    folder = run_folder(place, bag.digest, _files(bag))
    workbook = load_workbook(folder / WORKBOOK_NAME)
    flow = flow_of(workbook, flow_id)
    rules, why, person_id, key = asked
    need = need_of(workbook, rules, why, person_id, key)
    if need is not None and Rule.READINESS_GAP in need.rules:
        raise Stop(
            "a bag's plan is what it is: nothing can be left out of it. Make a plan from how things are now, with the"
            f" same journal: {_with(folder)} voicedr failover {flow_id} --break-glass readiness-gap",
            REFUSED,
        )
    executor = executor_of(workbook, flow, person_id)
    journal = open_journal(folder / JOURNAL_NAME)
    try:
        stop_if_running(journal, flow)
        digest = plan_hash(plan)
        journal.keep_plan(digest, msgspec.json.encode(plan), datetime.now(UTC))
        if not as_json:
            out.print(plan_text(plan, digest, tier=flow.tier))
            err.print(_where(folder), markup=False)
        return asyncio.run(_run(bag, plan, workbook, flow, journal, folder, when_paused, as_json, need, executor))
    finally:
        journal.close()


async def _run(
    bag: Bag,
    plan: Plan,
    workbook: Workbook,
    flow: Flow,
    journal: SqlJournal,
    folder: Path,
    when_paused: WhenPaused | None,
    as_json: bool,
    need: Need | None,
    executor: Person | None,
) -> int:
    if need is not None:
        await break_for(need, workbook, flow, plan, journal)
    if need is None or Rule.QUORUM not in need.rules:
        ask_for_approvals(workbook, journal, plan)
    without = frozenset({plan.leaves}) if plan.mode is Mode.UNGRACEFUL else frozenset()
    async with access(workbook, without=without, journal=journal) as has:
        now = has.clock.now()
        execution = f"{flow.id}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        try:
            open_execution(
                journal,
                plan,
                execution=execution,
                kind=Kind.DRILL_TWIN if workbook.account.address else Kind.REAL,
                by=f"{holder()} with bag {bag.digest[:12]}",
                now=now,
                approving=approving(workbook),
                conditions=conditions_of(workbook, flow, journal, executor),
                workbook_sha256=workbook.sha256,
            )
        except NotApproved as exc:
            raise Stop(
                f"{exc}\nHere: {_with(folder)} voicedr approve {plan_hash(plan)[:12]} --as PERSON\n"
                "Then the same command again.",
                REFUSED,
            ) from exc
        code = await run_execution(
            has,
            journal,
            execution,
            plan,
            when_paused,
            as_json,
            # A bag travels, however young it is: its plan is always compared with the world before the first act.
            made_at=min(bag.contents.facts_at, now - timedelta(seconds=2 * DRIFT_AFTER_S)),
            residency=flow.residency,
        )
    ended = next(one for one in journal.executions() if one.execution == execution)
    if ended.finished:
        evidence = folder / f"{execution}.evidence.jsonl"
        evidence.write_bytes(export_evidence(journal, execution))
        drifted = code == REFUSED
        if drifted:
            err.print(
                "The world is not as the bag has it, and nothing was moved. Make the plan from how things are now:"
                f" {_with(folder)} voicedr failover {flow.id}",
                markup=False,
            )
        err.print(f"Afterwards, where the team's journal is: voicedr bag merge {evidence}", markup=False)
    return code


def _files(bag: Bag) -> dict[str, bytes]:
    files = {WORKBOOK_NAME: bag.members[listed.WORKBOOK]}
    if bag.contents.signers:
        files[bag.contents.signers] = bag.members[listed.SIGNERS]
    return files


def _with(folder: Path) -> str:
    return f"VOICEDR_WORKBOOK={folder / WORKBOOK_NAME} VOICEDR_JOURNAL={folder / JOURNAL_NAME}"


def _where(folder: Path) -> str:
    return (
        f"This run has a journal of its own. For every other command here (approve, status, pause, resume, rollback):\n"
        f"  export {_with(folder)}\n"
        f"The team's journal is not asked: if somebody else may be moving this flow, stop them first (voicedr stop)."
    )
