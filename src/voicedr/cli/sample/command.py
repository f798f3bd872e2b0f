"""``voicedr sample``: start the sample deployment, break its parts, and see what callers lose."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from voicedr.adapters.http.sockets import SocketSend
from voicedr.cli.demo.stage import Control
from voicedr.cli.failures import DONE, FINDING, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.options import AsJson, out, say_json
from voicedr.cli.sample.breakages import BREAKAGES
from voicedr.cli.sample.control import STATE_FILE, controlled, read_state, tell
from voicedr.cli.sample.deployment import deployed
from voicedr.cli.sample.measure import Measured, Pace, measure, token_client
from voicedr.cli.sample.tables import as_json_row, breakages_table, markdown, parts_table
from voicedr.ports.http import NoResponse

sample_app = typer.Typer(
    help="A highly available application on this machine, to break part by part.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Option("--folder", help="Where its files, logs and state are.")]
FOLDER = Path("voicedr-sample")
BEFORE_S, AFTER_S = 2.0, 4.0


@sample_app.command()
def up(
    folder: Folder = FOLDER,
    seed: Annotated[int, typer.Option(help="What the twin's ids and chance are made from.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Start all parts on loopback addresses, and keep them until Ctrl-C, SIGTERM or `voicedr sample down`.

    Exit codes: 0 ended as asked; 2 HAProxy or etcd is not installed, or a part did not start.
    """
    raise typer.Exit(asyncio.run(_up(folder.resolve(), seed, as_json)))


async def _up(folder: Path, seed: int, as_json: bool) -> int:
    if (folder / STATE_FILE).exists():
        await asyncio.to_thread(_must_be_over, folder)
    async with deployed(folder, seed) as deployment, controlled(deployment, folder) as ended:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        if as_json:
            say_json({"folder": str(folder), "twin": deployment.twin.base} | deployment.status())
        else:
            out.print(parts_table(deployment.status()))
            where = "" if folder == Path.cwd() / FOLDER else f" --folder {folder}"
            out.print(
                "\nIn another terminal:\n\n"
                f"  voicedr sample measure us1-balancer{where}\n"
                f"  voicedr sample break us1-a{where}\n"
                f"  voicedr twin call +14155550600 --presses 1 --at {deployment.twin.base}\n"
                f"  voicedr sample heal{where}\n\n"
                f"{deployment.twin.base}/_twin/ shows calls as they come. Ctrl-C ends everything.",
                markup=False,
                soft_wrap=True,
            )
        sys.stdout.flush()
        await ended.wait()
    return DONE


def _must_be_over(folder: Path) -> None:
    try:
        tell(folder, "status")
    except Stop:
        return
    raise Stop(f"a sample deployment runs in {folder} already; `voicedr sample down` ends it", WRONG_USE)


@sample_app.command()
def status(folder: Folder = FOLDER, as_json: AsJson = False) -> None:
    """Say what runs where, and what is broken. Exit 0; 1 if something is not as it should be; 2 nothing runs."""
    told = tell(folder, "status")
    if as_json:
        say_json(told)
    else:
        out.print(parts_table(told))
        out.print(f"broken: {', '.join(told['broken']) or 'nothing'}", markup=False)
    raise typer.Exit(DONE if all(part["state"] == "runs" for part in told["parts"]) else FINDING)


@sample_app.command("break")
def break_(
    what: Annotated[str, typer.Argument(help="What; `menu` lists everything.")], folder: Folder = FOLDER
) -> None:
    """Break a part. Exit 0; 2 there is no such thing; 4 it is broken already."""
    if what == "menu":
        out.print(breakages_table())
        return
    tell(folder, "break", what)
    out.print(f"{what}: {BREAKAGES[what].title}. `voicedr sample heal {what}` mends it.", markup=False)


@sample_app.command()
def heal(
    what: Annotated[str, typer.Argument(help="What `break` broke; left out: everything.")] = "",
    folder: Folder = FOLDER,
) -> None:
    """Let a part, or everything, run again. Exit 0; 2 it is not broken, or does not start again."""
    tell(folder, "heal", what)
    out.print("It runs again." if what else "Everything runs.", markup=False)


@sample_app.command()
def down(folder: Folder = FOLDER) -> None:
    """End everything. Exit 0; 2 nothing runs there."""
    tell(folder, "down")
    out.print("It ends.", markup=False)


@sample_app.command("measure")
def measure_(
    what: Annotated[
        list[str] | None, typer.Argument(help="What to break, in turn; a+b: both at once. Left out: everything.")
    ] = None,
    folder: Folder = FOLDER,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each stays broken.")] = 20.0,
    rate: Annotated[float, typer.Option(min=0.5, max=50, help="Calls a second, over both Regions.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Break parts one after another under steady calls, and tell what callers lost.

    Exit codes: 0 nothing but what the documentation says; 1 something else was lost; 2 nothing runs, or no such part.
    """
    together = [tuple(one.split("+")) for one in what or BREAKAGES]
    if unknown := [name for names in together for name in names if name not in BREAKAGES]:
        raise Stop(f"{', '.join(unknown)}: nothing to break; there are {', '.join(BREAKAGES)}", WRONG_USE)
    try:
        raise typer.Exit(asyncio.run(_measure(together, folder, Pace(rate, BEFORE_S, seconds, AFTER_S), as_json)))
    except NoResponse as exc:
        raise Stop(f"the twin does not answer ({exc}); `voicedr sample status` tells how all stands", UNKNOWN) from exc


async def _measure(together: list[tuple[str, ...]], folder: Path, pace: Pace, as_json: bool) -> int:
    state = read_state(folder)

    async def order(do: str, name: str) -> dict[str, Any]:
        return await asyncio.to_thread(tell, folder, do, name)

    services = [part["url"] for part in state["parts"] if part["name"].startswith("tokens-")]
    rows: list[Measured] = []
    async with SocketSend() as send:
        twin, asks = Control(state["twin"], send), token_client(send, services, Path(state["backend"]))
        for names in together:
            row = await measure(names, order, twin, asks, pace)
            rows.append(row)
            if as_json:
                say_json(as_json_row(row))
            else:
                out.print(
                    f"{'+'.join(names)}: {'; '.join(row.broken_promises()) or 'as promised'}",
                    markup=False,
                    soft_wrap=True,
                )
    if not as_json:
        typer.echo("\n" + markdown(rows))
    return FINDING if any(row.broken_promises() for row in rows) else DONE
