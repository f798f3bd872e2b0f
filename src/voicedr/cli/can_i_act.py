"""Can I act now, from here? Everything that a failover needs is looked at, quickly, and nothing is changed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from voicedr.cli.acting_probes import Here, probes
from voicedr.cli.bag_trust import Signers, Trust, opened
from voicedr.cli.failures import DONE, FINDING, UNKNOWN, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    AsJson,
    JournalFile,
    WorkbookFile,
    flow_of,
    journal_place,
    out,
    person_of,
    say_json,
    workbook_of,
)
from voicedr.program.bag import contents as listed
from voicedr.program.bag.errors import BagError
from voicedr.program.readiness.acting import Look, Stands, can_act, people_looks
from voicedr.program.scope.read import read_workbook
from voicedr.program.validation.spoken import span, stamp
from voicedr.usecases.look_around import look_around

acting = typer.Typer()

DEFAULT_KEY = "~/.ssh/id_ed25519"

MARKS = {Stands.OK: ("✔", "green"), Stands.NOT: ("✖", "red"), Stands.UNKNOWN: ("?", "yellow")}

CODES = {Stands.OK: DONE, Stands.NOT: FINDING, Stands.UNKNOWN: UNKNOWN}


@acting.command("can-i-act")
def can_i_act(
    flow_id: Annotated[str | None, typer.Argument(metavar="FLOW", help="Its id. None: every flow.")] = None,
    bag_file: Annotated[Path | None, typer.Option("--bag", metavar="BAG", help="From this go-bag.")] = None,
    trust: Trust = None,
    signers: Signers = None,
    key: Annotated[
        str, typer.Option("--key", metavar="FILE", help="The OpenSSH key that you would sign with.")
    ] = DEFAULT_KEY,
    person_id: As = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Could I move a flow from here, now? Looks at everything that it takes, within 15 s, and changes nothing.

    Exit 0 only if all that is needed is there; 1 if something is not; 3 if something is not known.
    """
    first: list[Look] = []
    signers_text: str | None = None
    place: Path | str
    if bag_file is not None:
        try:
            bag = opened(bag_file, trust, signers, workbook_file)
        except BagError as exc:
            _tell((Look("bag", Stands.NOT, str(exc), "Have it made again: voicedr bag make"),), as_json)
            raise typer.Exit(FINDING) from None
        made = bag.contents
        age = span((datetime.now(UTC) - made.facts_at).total_seconds())
        said = f"{bag_file.name}: whole, by {bag.vouched_by}; until {stamp(made.expires_at)}; facts {age} old"
        first.append(Look("bag", Stands.OK, said))
        workbook = read_workbook(bag.members[listed.WORKBOOK].decode(), f"{bag_file}: workbook")
        signers_text = bag.members[listed.SIGNERS].decode() if made.signers else None
        place = bag_file.with_suffix(".run").resolve() / "journal.db"
        flows = (
            [flow_of(workbook, flow_id)]
            if flow_id
            else [flow for flow in workbook.flows if any(one.flow == flow.id and one.path for one in made.plans)]
        )
        for flow in flows:
            first.append(_plan_look(made, flow.id))
    else:
        workbook = workbook_of(workbook_file)
        flows = [flow_of(workbook, flow_id)] if flow_id else list(workbook.flows)
        place = journal_place(workbook_file, journal_file)
        signers_text = _signers(workbook_file, workbook.approvals.allowed_signers)
    person = person_of(workbook, person_id) if person_id is not None else None
    here = Here(workbook, tuple(flows), person, key, signers_text, place, journal_is_fresh=bag_file is not None)
    now = datetime.now(UTC)
    asked = [look for flow in flows for look in people_looks(workbook, flow, person, now)]
    looks = (*first, *asyncio.run(look_around(probes(here))), *asked)
    _tell(looks, as_json)
    raise typer.Exit(CODES[can_act(looks)])


def _plan_look(made: listed.Contents, flow_id: str) -> Look:
    has = [one for one in made.plans if one.flow == flow_id and one.path]
    if not has:
        return Look(f"plan of {flow_id}", Stands.NOT, "the bag has none", "voicedr bag check says why")
    return Look(f"plan of {flow_id}", Stands.OK, ", ".join(f"{one.mode}: moves {one.moves}" for one in has))


def _signers(workbook_file: Path, name: str | None) -> str | None:
    if name is None:
        return None
    path = workbook_file.resolve().parent / name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise Stop(f"the list of signers {path} cannot be read ({exc}), so nothing can be approved.", FINDING) from exc


def _tell(looks: tuple[Look, ...], as_json: bool) -> None:
    verdict = can_act(looks)
    if as_json:
        say_json({"can_act": verdict == Stands.OK, "stands": verdict, "looks": msgspec.to_builtins(looks)})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for look in looks:
        mark, style = MARKS[look.stands]
        about = look.about if look.needed else f"{look.about} (not needed)"
        words = Text(look.said, style if look.needed and look.stands is not Stands.OK else "")
        if look.next and look.stands is not Stands.OK:
            words.append(f"\n→ {look.next}", style="bold")
        table.add_row(Text(f"{mark} {look.stands}", style), Text(about), words)
    out.print(table)
    wrong = sum(look.stands is Stands.NOT for look in looks if look.needed)
    unknown = sum(look.stands is Stands.UNKNOWN for look in looks if look.needed)
    of = sum(look.needed for look in looks)
    match verdict:
        case Stands.OK:
            out.print(f"You can act: all {of} things that are needed are there.")
        case Stands.NOT:
            out.print(f"You can NOT act: {wrong} of {of} things that are needed are not there, {unknown} not known.")
        case Stands.UNKNOWN:
            out.print(f"NOT KNOWN whether you can act: {unknown} of {of} things that are needed are not known.")
