"""Snapshots of an account: take one, list them, show one, and say what is otherwise since."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from voicedr.adapters.snapshot_store import SnapshotStore
from voicedr.bootstrap import access, signer, snapshots_beside
from voicedr.cli.failures import DONE, FINDING, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.options import DEFAULT_WORKBOOK, AsJson, WorkbookFile, out, say_json, workbook_of
from voicedr.cli.prepare import ReadingProgress
from voicedr.ports.snapshots import KeptSnapshot, Snapshots
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS
from voicedr.program.readiness.snapshot import UNSERVED, Snapshot
from voicedr.program.readiness.snapshot_diff import Change, Difference, SnapshotDiff, diff
from voicedr.program.scope.workbook import Workbook
from voicedr.usecases.check_readiness import chosen
from voicedr.usecases.read_facts import read_facts

snapshot_app = typer.Typer(help="What the account had, kept, and what is otherwise since.", no_args_is_help=True)

LINES_MAX = 200
"""More differences are counted and not listed in a terminal; the JSON has them all."""

UNSEEN_MAX = 10
"""The same for what was not compared."""

MARKS = {
    Change.ADDED: "+", Change.GONE: "-", Change.CHANGED: "~", Change.SIGHT_LOST: "?", Change.SIGHT_GAINED: "!",
}  # fmt: skip

Name = Annotated[str | None, typer.Argument(help="The beginning of a snapshot's name.", show_default=False)]


@snapshot_app.command()
def take(
    flows: Annotated[
        list[str] | None, typer.Argument(metavar="FLOW", help="Flows; none means all.", show_default=False)
    ] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    as_json: AsJson = False,
) -> None:
    """Read everything and keep it. Writes nothing at the provider. Exit 3 if a Region's key was not accepted."""
    workbook = workbook_of(workbook_file)
    snapshot = asyncio.run(_read(workbook, flows or []))
    kept = snapshots_beside(workbook_file).keep(snapshot)
    if as_json:
        say_json({**_kept_values(kept), "regions": _counts(snapshot)})
    else:
        out.print(f"{kept.name}  {kept.taken_at:%Y-%m-%d %H:%M:%S} UTC  {kept.bytes} bytes", markup=False)
        _print_counts(snapshot)
    locked = [facts for facts in snapshot.regions.values() if isinstance(facts.credential, Unobserved)]
    raise typer.Exit(UNKNOWN if locked else DONE)


@snapshot_app.command(name="list")
def list_(workbook_file: WorkbookFile = DEFAULT_WORKBOOK, as_json: AsJson = False) -> None:
    """Every snapshot that is kept, the newest first."""
    every = _store(workbook_file).every()
    if as_json:
        say_json([_kept_values(kept) for kept in every])
        return
    if not every:
        out.print("No snapshot is kept. Take one: voicedr snapshot take", markup=False)
    for kept in every:
        out.print(f"{kept.name}  {kept.taken_at:%Y-%m-%d %H:%M:%S} UTC  {kept.bytes} bytes", markup=False)


@snapshot_app.command()
def show(name: Name = None, workbook_file: WorkbookFile = DEFAULT_WORKBOOK, as_json: AsJson = False) -> None:
    """How much of each kind a snapshot has, and what could not be seen. Without a name: the newest."""
    store = _store(workbook_file)
    snapshot = store.load(name or _newest(store).sha256)
    if as_json:
        say_json({"taken_at": snapshot.taken_at.isoformat(), "regions": _counts(snapshot)})
        return
    out.print(f"{snapshot.account_sid}, read {snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC", markup=False)
    _print_counts(snapshot)


@snapshot_app.command(name="diff")
def diff_(
    before: Name = None, after: Name = None, workbook_file: WorkbookFile = DEFAULT_WORKBOOK, as_json: AsJson = False
) -> None:
    """What is otherwise: in the newest since the one before it, since BEFORE, or between BEFORE and AFTER.

    Exit 0 nothing, 1 something is otherwise, 3 nothing that could be seen, but something could be seen only before.
    """
    store = _store(workbook_file)
    new = store.load(after) if after else store.load(_newest(store).sha256)
    old = store.load(before) if before else _before(store, new)
    found = diff(old, new)
    if as_json:
        say_json(
            {
                "before": old.taken_at.isoformat(),
                "after": new.taken_at.isoformat(),
                "differences": msgspec.to_builtins(found.differences),
                "not_compared": list(found.not_compared),
            }
        )
    else:
        out.print(f"{old.taken_at:%Y-%m-%d %H:%M:%S} → {new.taken_at:%Y-%m-%d %H:%M:%S} UTC", markup=False)
        _print_diff(found)
    raise typer.Exit(FINDING if found.changes else UNKNOWN if found.lost else DONE)


async def _read(workbook: Workbook, flow_ids: list[str]) -> Snapshot:
    flows = chosen(workbook, flow_ids)
    async with access(workbook) as has:
        with ReadingProgress() as reading:
            return await read_facts(
                flows,
                workbook.account,
                has.providers,
                has.send,
                has.clock,
                declarations=workbook.declared,
                outside=has.outside,
                whole=True,
                prove_route_write=False,
                progress=reading.show,
                signer=partial(signer, workbook),
            )


def _store(workbook_file: Path) -> SnapshotStore:
    """What is kept beside a workbook. A workbook that is not there is a slip of the pen, not one without snapshots."""
    if not workbook_file.is_file():
        raise Stop(f"{workbook_file} is no workbook that is there. Name the workbook: --workbook FILE.", WRONG_USE)
    return snapshots_beside(workbook_file)


def _newest(store: Snapshots) -> KeptSnapshot:
    every = store.every()
    if not every:
        raise Stop("no snapshot is kept beside this workbook. Take one: voicedr snapshot take", WRONG_USE)
    return every[0]


def _before(store: Snapshots, new: Snapshot) -> Snapshot:
    kept = store.latest_before(new.taken_at)
    if kept is None:
        raise Stop(
            "there is no snapshot before this one to compare it with. Take another one: voicedr snapshot take",
            WRONG_USE,
        )
    return store.load(kept.sha256)


def _kept_values(kept: KeptSnapshot) -> dict[str, Any]:
    return {"name": kept.name, "sha256": kept.sha256, "taken_at": kept.taken_at.isoformat(), "bytes": kept.bytes}


def _counts(snapshot: Snapshot) -> dict[str, dict[str, int | str]]:
    """By Region and kind: how many, or why nobody knows."""
    return {
        region: {
            kind: len(fact.value) if isinstance(fact, Observed) else fact.reason
            for kind in KINDS
            for fact in (snapshot.every(region, kind),)
        }
        for region in snapshot.regions
    }


def _print_counts(snapshot: Snapshot) -> None:
    for region, kinds in _counts(snapshot).items():
        seen = ", ".join(f"{count} {KINDS[kind].plural}" for kind, count in kinds.items() if isinstance(count, int))
        out.print(f"{region}: {seen or 'nothing could be seen'}", markup=False)
        for kind, why in kinds.items():
            if isinstance(why, str) and why != UNSERVED:
                out.print(f"  ? {KINDS[kind].plural}: {why}", markup=False)


def _print_diff(found: SnapshotDiff) -> None:
    for one in found.differences[:LINES_MAX]:
        out.print(_line(one), markup=False)
    if (more := len(found.differences) - LINES_MAX) > 0:
        out.print(f"… and {more} more: --json has them all", markup=False)
    for why in found.not_compared[:UNSEEN_MAX]:
        out.print(f"? not compared: {why}", markup=False)
    if (more := len(found.not_compared) - UNSEEN_MAX) > 0:
        out.print(f"? not compared: {more} more, which --json names", markup=False)
    lost = len(found.lost)
    out.print(
        f"{len(found.changes)} differences" + (f", {lost} could be seen only before" if lost else ""), markup=False
    )


def _line(one: Difference) -> str:
    what = " ".join(part for part in (one.place, one.kind, one.name, one.field) if part)
    match one.change:
        case Change.CHANGED:
            return f"{MARKS[one.change]} {what}: {one.before or 'nothing'} → {one.after or 'nothing'}"
        case Change.SIGHT_LOST:
            return f"{MARKS[one.change]} {what}: {one.change} ({one.after})"
        case _:
            return f"{MARKS[one.change]} {what}: {one.change}"
