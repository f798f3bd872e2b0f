"""The reference page of executions, made from the tables that are also the code, so that the two cannot disagree."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.execution.commands import TABLE, Cell, Standing
from voicedr.program.execution.events import Event
from voicedr.program.execution.stages import ROWS
from voicedr.program.execution.state import PHASES

_INTRODUCTION = """\
# Executions

An execution is one run of one plan, with one journal. What it is about is its phase; how each of its actions stands is
the action's stage; what one may say to it is a command. The tables below are the ones that the program obeys.
"""

_PHASES = """\
Pausing, stopping and aborting are no phases: they hold an execution in the phase it is in. While an execution moves, a
cohort is looked at, started, moved, looked at again, proved by calls, judged by its gate, and has passed.

A rollback goes back in cohorts of its own: the plan's, the last moved first, or as many at a time as the workbook's
`rollback` says, with its pause between. The first one starts at once; before each later one the Region that was left is
looked at again. In the end every subject is read and compared with the snapshot, field by field.
"""

_STAGES = """\
Each action has a stage. No other transition is possible: a journal in which something else follows is refused as
broken. A rollback's actions are actions of their own.
"""

_COMMANDS = """\
The command line asks this table before it queues a command, and says at once, with exit code 4, why one would mean
nothing. A process that reads a command which means nothing by then records that (`COMMAND_REFUSED`) and goes on.

`voicedr stop` is the emergency stop. Right before each request that changes something (a route, a test call, the
application's context), whoever sends asks the journal whether somebody has said stop, and believes the answer for at
most 0.1 s: that is how long requests may still leave once the stop is in the journal. A journal that does not answer
is not a yes to sending. Looking goes on, so that what was in flight is settled. The stop is obeyed by whoever takes the
execution up later, before anything else, and holds until a person says `voicedr resume --why REASON`. `--all` stops
every execution of the journal that is open; one that is opened later is not stopped.

In ungraceful mode the Region that is left has no way to be asked: its provider is dropped, and a request to its hosts
is refused before it is sent. A person may say that it is back for one rollback (`voicedr rollback --primary-is-back`).
"""

_ASSERTIONS = """\
## What is looked at before and after a cohort

Before a cohort starts, and again before it goes on after a pause or with another process: the Region it goes to must be
one where the flow may be processed, and every number, trunk and SIP domain in it must have a handler there. Lists are
read by pages. After it has moved: every route was answered as wanted, a sample of 50 spread evenly over the cohort
reads back as wanted, and the handlers are still there. The event is `ASSERTED`.

What does not hold pauses the execution with the names and what to do. So does what nobody could look at, after three
tries. `voicedr resume` looks again. `voicedr skip` leaves entry points that are not fit where they are, and takes on
what nobody could see, with the name of the person who says so; a broken residency rule cannot be taken on.

## Targets of the customer's SBCs

A plan may steer targets of Kamailio dispatchers (the workbook's `sbc`). Such an action is done only if the target
stands as it did when the plan was made, and it is read back; how it is read back is `state` of `ANSWERED` and
`LOOKED`. *Active* and *probing* count as the same: Kamailio takes one for the other by itself. The targets of one SBC
come one after another, and whoever skips one skips those after it. A rollback leaves a target that certainly was not
steered by the execution. An SBC that does not answer pauses the execution as any request does that could not be done,
after the other actions of its cohort were; a plan that is made while it does not answer does not steer it, and says
so.

## When nobody had it

A process that takes an execution over records how long nobody had it (`gap_s` of `RUNNER_STARTED`: from the last sign
of life of a process that did not give it back). The workbook's `on_interrupt` says whether it goes on or pauses and
asks; a rollback always goes on.
"""


def execution_reference() -> str:
    """The page ``docs/reference/execution.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Phases\n"
    yield _PHASES
    yield "| phase | event | becomes |\n| --- | --- | --- |"
    for phase, event, becomes in PHASES:
        yield f"| {phase} | `{_tag(event)}` | {becomes} |"
    yield "\n## Stages of an action\n"
    yield _STAGES
    yield "| stage | event | when | becomes | |\n| --- | --- | --- | --- | --- |"
    for row in ROWS:
        yield f"| {row.stage} | `{_tag(row.event)}` | {row.when} | {row.becomes} | {row.note} |"
    yield "\n## Commands\n"
    yield _COMMANDS
    for name, cells in TABLE.items():
        yield f"### `{name}`\n"
        yield "| the execution is | what happens | next step |\n| --- | --- | --- |"
        for cell, standings in _alike(cells[stands] for stands in Standing):
            yield f"| {', '.join(standings)} | {_happens(cell)} | {_instead(cell)} |"
        yield ""
    yield _ASSERTIONS.rstrip("\n")


def _alike(cells: Iterator[Cell]) -> list[tuple[Cell, list[Standing]]]:
    """Standings with the same cell, together; in the order of the first of each."""
    groups: list[tuple[Cell, list[Standing]]] = []
    for stands, cell in zip(Standing, cells, strict=True):
        for known, standings in groups:
            if known == cell:
                standings.append(stands)
                break
        else:
            groups.append((cell, [stands]))
    return groups


def _happens(cell: Cell) -> str:
    return cell.words if cell.does is not None else f"refused: {cell.words}"


def _instead(cell: Cell) -> str:
    return cell.instead.format(execution="EXECUTION", flow="FLOW")


def _tag(event: type[Event]) -> str:
    return str(event.__struct_config__.tag)
