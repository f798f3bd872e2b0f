"""The go-bag: one file that moves a flow from any laptop, without a database and without a control plane."""

from __future__ import annotations

import asyncio
import getpass
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr import __version__
from voicedr.adapters.bag_folder import write_bag
from voicedr.adapters.journal.brought import put_in
from voicedr.adapters.machine_key import machine_key, public_pem
from voicedr.adapters.reachability import addresses_of
from voicedr.bootstrap import WORKBOOK_BYTES_MAX, CannotRead, access, sign_statement
from voicedr.cli.bag_run import run_bag
from voicedr.cli.bag_trust import Signers, Trust, opened
from voicedr.cli.execute import Paused
from voicedr.cli.failures import DONE, FINDING, REFUSED, WRONG_USE, Stop
from voicedr.cli.need import BreakGlass, GlassKey
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    AsJson,
    JournalFile,
    Why,
    WorkbookFile,
    err,
    flow_of,
    journal_of,
    keys_folder,
    out,
    person_of,
    say_json,
)
from voicedr.cli.prepare import ReadingProgress
from voicedr.program.bag.archive import is_path
from voicedr.program.bag.contents import VALID_S_MAX, fingerprint, in_groups, in_words
from voicedr.program.evidence.brought import read_brought
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.durations import parse_duration_s, write_duration
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.usecases.make_bag import Addresses, Maker, Papers, hosts_to_reach, make_bag
from voicedr.usecases.read_facts import read_facts

bag_app = typer.Typer(
    help="The go-bag: plans, maps and the procedure for hands in one signed file, and running it from any laptop.",
    no_args_is_help=True,
)

BagFile = Annotated[Path, typer.Argument(metavar="BAG", help="The bag.")]


@bag_app.command()
def make(
    flow_ids: Annotated[list[str] | None, typer.Option("--flow", help="A flow; repeat it. None: all.")] = None,
    to: Annotated[Path, typer.Option("--to", help="The file.")] = Path("go-bag.zip"),
    valid_for: Annotated[str, typer.Option("--valid-for", help="Until when it may be used: 30d, 12h.")] = "30d",
    ungraceful: Annotated[
        bool, typer.Option("--ungraceful", help="Ask the flows' primary nothing; what it holds stays unknown.")
    ] = False,
    person_id: As = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="FILE", help="Vouch for it with this OpenSSH key of yours. With --as."),
    ] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Read the facts now and pack everything that moving these flows needs. Exit 1 if a plan cannot be made.

    It holds no secret, only where the secrets are. Write the key's fingerprint on paper: it says who made a bag.
    """
    workbook, text = _workbook(workbook_file)
    flows = [flow_of(workbook, one) for one in dict.fromkeys(flow_ids or ())] or list(workbook.flows)
    valid_s = _valid_s(valid_for)
    if key is not None and person_id is None:
        raise Stop("--key vouches as somebody: say who you are, --as PERSON.", WRONG_USE)
    person = person_of(workbook, person_id) if person_id is not None else None
    papers = Papers(text, _signers(workbook))
    own = machine_key(keys_folder(workbook_file, journal_file) / "checkpoint-key.pem")
    pem = public_pem(own).encode()
    snapshot, addresses = asyncio.run(_facts(workbook, flows, ungraceful))
    made_at = snapshot.taken_at.replace(microsecond=0)
    here = f"{getpass.getuser()}@{os.uname().nodename}"
    maker = Maker(
        f"{person.name} ({person.id}), {here}" if person is not None else here,
        __version__,
        pem,
        own.sign,
        person.id if person is not None and key is not None else None,
        None if key is None else partial(sign_statement, key=key),
    )
    body, contents = make_bag(
        workbook, flows, snapshot, papers, addresses, maker, made_at, made_at + timedelta(seconds=valid_s)
    )
    write_bag(to, body)
    complete = all(one.path for one in contents.plans)
    if as_json:
        say_json(
            {"bag": str(to.resolve()), "bytes": len(body), "key": fingerprint(pem), "complete": complete}
            | {"contents": msgspec.to_builtins(msgspec.structs.replace(contents, members=()))}
        )
    else:
        out.print(str(to.resolve()), markup=False, soft_wrap=True)
        for about, words in in_words(contents, datetime.now(UTC)):
            out.print(f"  {about:<28} {words}", markup=False, soft_wrap=True)
        out.print(f"  {'key, for your paper':<28} {in_groups(fingerprint(pem))}", markup=False, soft_wrap=True)
        out.print(f"Try it on the laptop: voicedr can-i-act --bag {to.name}", markup=False, soft_wrap=True)
    if not complete:
        err.print("It lacks a plan. Close the gaps above (voicedr ready), and make it again.", markup=False)
    raise typer.Exit(DONE if complete else FINDING)


@bag_app.command()
def check(
    file: BagFile,
    trust: Trust = None,
    signers: Signers = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    as_json: AsJson = False,
) -> None:
    """Offline: is it whole, who made it, may it still be used, and what can it do? Exit 4 if it is refused."""
    found = opened(file, trust, signers, workbook_file)
    now = datetime.now(UTC)
    if as_json:
        table = msgspec.to_builtins(msgspec.structs.replace(found.contents, members=()))
        say_json({"bag": found.digest, "key": found.key, "vouched_by": found.vouched_by, "contents": table})
        return
    out.print(f"good: bag {found.digest[:12]}, vouched for by {found.vouched_by}", markup=False, soft_wrap=True)
    for about, words in in_words(found.contents, now):
        out.print(f"  {about:<28} {words}", markup=False, soft_wrap=True)
    has = next((one for one in found.contents.plans if one.path), None)
    if has is not None:
        out.print(f"next: voicedr bag run {file} {has.flow}; without voicedr: manual/{has.flow}.html", markup=False)


@bag_app.command("run")
def run(
    file: BagFile,
    flow_id: Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the bag.")],
    graceful: Annotated[
        bool,
        typer.Option(
            "--graceful/--ungraceful", help="May the Region that is left be asked? Ungraceful: it is asked nothing."
        ),
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where its journal is kept. Default: BAG.run.")
    ] = None,
    trust: Trust = None,
    signers: Signers = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    when_paused: Paused = None,
    as_json: AsJson = False,
    person_id: As = None,
    rules: BreakGlass = None,
    why: Why = "",
    key: GlassKey = None,
) -> None:
    """Carry out the bag's own plan here: a fresh journal beside it, the same approvals, gates and executor.

    Before the first change the routes are read; if one is not as the plan has it, nothing is moved. Exit 0 done,
    1 rolled back, 4 refused, 5 stopped.
    """
    found = opened(file, trust, signers, workbook_file)
    place = folder or file.with_suffix(".run")
    asked = (rules, why, person_id, key)
    raise typer.Exit(run_bag(found, flow_id, graceful, place.resolve(), when_paused, as_json, asked))


@bag_app.command()
def merge(
    file: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="What `voicedr export` wrote on the laptop.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring an execution that ran from a bag into the team's journal, every record as it was written there.

    It must be whole and finished. Twice is once.
    """
    try:
        body = file.read_bytes()
    except OSError as exc:
        raise Stop(f"{file} cannot be read ({exc.strerror}). Name an evidence file.", WRONG_USE) from exc
    brought = read_brought(body)
    journal = journal_of(workbook_file, journal_file)
    new = put_in(journal, brought)
    run_id = brought.opened.execution
    if as_json:
        say_json({"execution": run_id, "records": len(brought.lines), "head": brought.head, "new": new})
    else:
        how = "is in" if new else "was already in"
        out.print(f"{run_id} {how} {journal.place}: {len(brought.lines)} records, {brought.outcome}", markup=False)
        out.print(f"Report: voicedr report {run_id}", markup=False)


async def _facts(workbook: Workbook, flows: list[Flow], ungraceful: bool) -> tuple[Snapshot, Addresses]:
    without = frozenset(flow.primary for flow in flows) if ungraceful else frozenset()
    async with access(workbook, without=without) as has:
        with ReadingProgress() as reading:
            snapshot = await read_facts(
                flows,
                workbook.account,
                has.providers,
                has.send,
                has.clock,
                without=without,
                probe_webhooks=False,
                prove_route_write=False,
                progress=reading.show,
                dispatcher=has.dispatcher,
            )
    hosts = hosts_to_reach(workbook, flows, snapshot)
    asked = [host for host in hosts if workbook.account.address is None or not host.endswith(".twilio.com")]
    found = await addresses_of(asked)
    return snapshot, {host: found.get(host, "not asked for: the workbook has an address") for host in hosts}


def _workbook(path: Path) -> tuple[Workbook, bytes]:
    """The workbook and its bytes, read once: what is packed is what was planned with."""
    try:
        body = path.read_bytes()
        text = body.decode()
    except OSError as exc:
        raise CannotRead(f"{path} cannot be read ({exc.strerror}). Name the workbook: --workbook FILE.") from exc
    except UnicodeDecodeError as exc:
        raise CannotRead(f"{path} is not UTF-8 text (byte {exc.start}). Save it as UTF-8.") from exc
    if len(body) > WORKBOOK_BYTES_MAX:
        raise CannotRead(f"{path} is larger than {WORKBOOK_BYTES_MAX} bytes, so it is no workbook. Name another.")
    return read_workbook(text, str(path)), body


def _signers(workbook: Workbook) -> tuple[str, bytes] | None:
    place = workbook.approvals.allowed_signers
    if place is None:
        return None
    if not is_path(place) or place in ("voicedr.yaml", "journal.db", "bag.sha256"):
        raise Stop(
            f"{workbook.path} has its list of signers at {place}; a bag carries one that lies beside or below the"
            f" workbook, with a plain name. Move it there (approvals.allowed_signers), and make the bag again.",
            REFUSED,
        )
    path = Path(workbook.path).resolve().parent / place
    try:
        return place, path.read_bytes()
    except OSError as exc:
        raise CannotRead(f"{path} cannot be read ({exc.strerror}), and a bag without it approves nothing.") from exc


def _valid_s(text: str) -> float:
    days = text.removesuffix("d")
    seconds = float(days) * 86400 if days != text and days.isascii() and days.isdigit() else parse_duration_s(text)
    if seconds is None or not 60 <= seconds <= VALID_S_MAX:
        raise Stop(
            f"--valid-for {text}: say days or hours, at most {write_duration(VALID_S_MAX)} ({VALID_S_MAX / 86400:g}d):"
            f" 30d, 12h.",
            WRONG_USE,
        )
    return seconds
