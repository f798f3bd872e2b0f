"""Can we do it today? The readiness package in every form, once or watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from voicedr.bootstrap import CannotRead, access, gaps_beside, signer, snapshots_beside
from voicedr.cli.failures import DONE, FINDING, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.gaps import GapFileAt
from voicedr.cli.options import DEFAULT_WORKBOOK, WorkbookFile, err, flow_of, out, workbook_of
from voicedr.cli.prepare import Graceful, ReadingProgress
from voicedr.cli.readiness_output import print_package
from voicedr.cli.ready_watch import watch_ready
from voicedr.ports.gap_lists import GapLists
from voicedr.ports.snapshots import SnapshotsUnusable
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.package import Package
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.flow_lines import flow_lines
from voicedr.program.scope.workbook import Workbook
from voicedr.usecases.make_readiness_package import make_readiness_package
from voicedr.usecases.readiness_csv import findings_csv
from voicedr.usecases.readiness_json import readiness_json
from voicedr.usecases.readiness_junit import readiness_junit
from voicedr.usecases.readiness_markdown import readiness_markdown
from voicedr.usecases.readiness_sarif import readiness_sarif
from voicedr.usecases.watch_readiness import EVERY_S_MIN
from voicedr.usecases.write_readiness import PAGE, readiness_files, readiness_html

readying = typer.Typer()


class Form(StrEnum):
    """How the package is written."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"


class FailOn(StrEnum):
    """What ends the command with another code than 0."""

    UNKNOWN = "unknown"
    GAPS = "gaps"
    NONE = "none"


@readying.command()
def ready(
    flows: Annotated[list[str] | None, typer.Argument(help="Flows; none means all.")] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TABLE,
    graceful: Graceful = True,
    passes: Annotated[bool, typer.Option("--passes", help="Show also what passes.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Show the arithmetic of the recovery time, leg by leg.")] = False,
    all_to: Annotated[
        Path | None,
        typer.Option("--all-to", metavar="DIR", help="Also write every form there: page, JSON, CSV, JUnit, SARIF …"),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option("--fail-on", help="unknown: gaps end with 1, unknowns with 3. gaps: only gaps. none: always 0."),
    ] = FailOn.UNKNOWN,
    gaps_file: GapFileAt = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, and tell what changed.")] = False,
    every: Annotated[str, typer.Option("--every", metavar="TIME", help="With --watch: between two looks.")] = "5m",
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="With --watch: so long. Default: until Ctrl-C.")
    ] = None,
) -> None:
    """Can we do it today? Reads, asks webhooks, writes one route to where it is.

    Exit 0 nothing fails that nobody answers for, 1 gaps (waived ones do not count), 3 unknown.
    """
    workbook = workbook_of(workbook_file)
    for flow_id in flows or []:
        flow_of(workbook, flow_id)
    lists = gaps_beside(workbook_file, gaps_file)
    if watch:
        if form not in (Form.TABLE, Form.JSON) or all_to is not None:
            raise Stop("--watch writes lines, or with --format json a line of JSON for each look.", WRONG_USE)
        every_s, for_s = _seconds("--every", every), None if for_ is None else _seconds("--for", for_)
        if every_s < EVERY_S_MIN:
            raise Stop(f"--every {every}: a look asks for everything. At least {EVERY_S_MIN:g}s.", WRONG_USE)

        async def look() -> Package:
            return await _look(workbook_of(workbook_file), flows or [], graceful, lists, keep=False, quiet=True)

        last = asyncio.run(watch_ready(workbook, look, workbook_file, lists, every_s, for_s, as_json=form is Form.JSON))
        raise typer.Exit(UNKNOWN if last is None else _code(last, fail_on))
    package = asyncio.run(_look(workbook, flows or [], graceful, lists))
    if form is Form.TABLE:
        print_package(package, out, passes=passes, why=why)
    else:
        typer.echo(_written(package, form, workbook_file), nl=form is not Form.CSV)
    if all_to is not None:
        _write_all(package, workbook_file, all_to)
    raise typer.Exit(_code(package, fail_on))


async def _look(
    workbook: Workbook, flow_ids: list[str], graceful: bool, lists: GapLists, *, keep: bool = True, quiet: bool = False
) -> Package:
    wanted = [flow_of(workbook, flow_id) for flow_id in flow_ids] or list(workbook.flows)
    without = frozenset() if graceful else frozenset(flow.primary for flow in wanted)
    async with access(workbook, without=without) as has:
        with ReadingProgress() as reading:
            return await make_readiness_package(
                workbook,
                flow_ids,
                has.providers,
                has.send,
                has.clock,
                lists,
                outside=has.outside,
                without=without,
                progress=None if quiet else reading.show,
                signer=partial(signer, workbook),
                keep=partial(_keep, workbook) if keep else None,
                tell=lambda why: err.print(f"not kept: {why}", markup=False),
            )


def _keep(workbook: Workbook, snapshot: Snapshot) -> None:
    """Keep what was read for `voicedr snapshot diff`. That it cannot be kept is no reason not to judge it."""
    try:
        snapshots_beside(workbook.path).keep(snapshot)
    except SnapshotsUnusable as exc:
        err.print(f"not kept: {exc}", markup=False)


def _code(package: Package, fail_on: FailOn) -> int:
    match package.outcome:
        case Outcome.FAIL if fail_on is not FailOn.NONE:
            return FINDING
        case Outcome.UNKNOWN if fail_on is FailOn.UNKNOWN:
            return UNKNOWN
        case _:
            return DONE


def _written(package: Package, form: Form, workbook_file: Path) -> str:
    plain: dict[Form, Callable[[Package], str]] = {
        Form.JSON: readiness_json,
        Form.HTML: readiness_html,
        Form.MARKDOWN: readiness_markdown,
        Form.CSV: findings_csv,
        Form.JUNIT: readiness_junit,
    }
    if form in plain:
        return plain[form](package)
    return readiness_sarif(package, _uri(workbook_file), _lines(workbook_file))


def _write_all(package: Package, workbook_file: Path, folder: Path) -> None:
    """Every form. A file that is there already is replaced in one step."""
    files = readiness_files(package, _uri(workbook_file), _lines(workbook_file))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            new = folder / f".{name}.part"
            new.write_text(text, encoding="utf-8")
            new.replace(folder / name)
    except OSError as exc:
        raise Stop(
            f"the package cannot be written to {folder} ({exc.strerror or exc}). What was judged is above; name another"
            " folder: --all-to DIR.",
            WRONG_USE,
        ) from exc
    err.print(f"{len(files)} files in {folder}; open {folder / PAGE}", markup=False)


def _uri(workbook_file: Path) -> str:
    """The workbook as it is found from here, which in a repository is its root."""
    try:
        return workbook_file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return workbook_file.name


def _lines(workbook_file: Path) -> dict[str, int]:
    try:
        return flow_lines(workbook_file.read_text(encoding="utf-8"), str(workbook_file))
    except OSError as exc:
        raise CannotRead(f"{workbook_file} cannot be read any more ({exc.strerror}).") from exc


def _seconds(option: str, text: str) -> float:
    seconds = parse_duration_s(text)
    if not seconds:
        raise Stop(f"{option} {text[:40]!r} is no time. Write it as 30s, 5m or 1h30m.", WRONG_USE)
    return seconds
