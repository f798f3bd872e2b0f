"""``voicedr demo --stage-only``: the demo's stage without its play, for a drill by hand in another terminal."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from pathlib import Path

from voicedr.adapters.http.sockets import SocketSend
from voicedr.cli.demo.stage import Pace, Stage, new_run, stage
from voicedr.cli.failures import DONE
from voicedr.cli.options import out, say_json

_COMMANDS = """\
  voicedr ready support-line
  voicedr plan support-line
  voicedr approve PLAN --as ruiz
  voicedr approve PLAN --as chen
  voicedr twin break region-down region=us1 mode=black-hole
  voicedr failover support-line
  voicedr report
"""


async def hold_the_stage(folder: Path, pace: Pace, seed: int, as_json: bool) -> int:
    """Start everything, say how to use it, and keep it until Ctrl-C or SIGTERM; the exit code."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with SocketSend() as send, stage(new_run(folder), pace, send, seed) as on:
        settings = write_settings(on)
        if as_json:
            say_json({"folder": str(on.folder.resolve()), "settings": str(settings), "twin": on.twin.base})
        else:
            out.print(
                f"The stage is up: a Twilio with three Regions, and a customer, on this machine ({on.twin.base}).\n\n"
                f"In another terminal:\n\n  source {shlex.quote(str(settings))}\n{_COMMANDS}\nCtrl-C ends it here.",
                markup=False,
                soft_wrap=True,
            )
        sys.stdout.flush()
        await ended.wait()
    return DONE


def write_settings(on: Stage) -> Path:
    """A file for ``source``: it makes the workbook and the twin of this stage those of the shell."""
    path = (on.folder / "settings.sh").resolve()
    values = {
        "PATH": f"{shlex.quote(str(Path(sys.executable).parent))}:$PATH",
        "VOICEDR_WORKBOOK": shlex.quote(str(on.workbook.resolve())),
        "VOICEDR_TWIN": shlex.quote(on.twin.base),
    }
    path.write_text("".join(f"export {name}={value}\n" for name, value in values.items()))
    return path
