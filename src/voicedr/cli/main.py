"""The program ``voicedr``. Every command says what went wrong in words, and ends with a documented code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated, cast

import typer

from voicedr import __version__
from voicedr.cli.bag import bag_app
from voicedr.cli.can_i_act import acting
from voicedr.cli.checkpoints import checkpoints
from voicedr.cli.demo.command import demo_app
from voicedr.cli.evidence import evidence
from voicedr.cli.execute import execute
from voicedr.cli.failback import homecoming
from voicedr.cli.failures import INTERRUPTED, STOPPED, exit_code
from voicedr.cli.fallback import fallback_app
from voicedr.cli.gaps import gaps_app
from voicedr.cli.governance import governance
from voicedr.cli.init import initial
from voicedr.cli.network import network
from voicedr.cli.options import err
from voicedr.cli.panels import InPanels, put_into_panels
from voicedr.cli.prepare import prepare
from voicedr.cli.ready import readying
from voicedr.cli.reconcile import reconciling
from voicedr.cli.region import region_app
from voicedr.cli.report import reporting
from voicedr.cli.sample.command import sample_app
from voicedr.cli.say import say
from voicedr.cli.sip import sip_app
from voicedr.cli.snapshot import snapshot_app
from voicedr.cli.streams import no_room, took_no_more
from voicedr.cli.sync import sync_app
from voicedr.cli.tokens import tokens_app
from voicedr.cli.twin import twin_app
from voicedr.cli.twin_import import import_
from voicedr.cli.verify import verifying
from voicedr.cli.watch import watching

app = typer.Typer(
    help="Voice disaster recovery for teams that run on Twilio Voice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=InPanels,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done · 1 finding or no-go · 2 wrong use or broken input · 3 could not look"
    " · 4 refused by a rule · 5 stopped, resumable · 130 interrupted, resumable.",
)
twin_app.command("import")(import_)
app.add_typer(twin_app, name="twin")
app.add_typer(bag_app, name="bag")
app.add_typer(sync_app, name="sync")
app.add_typer(snapshot_app, name="snapshot")
app.add_typer(gaps_app, name="gaps")
app.add_typer(fallback_app, name="fallback")
app.add_typer(sample_app, name="sample")
app.add_typer(sip_app, name="sip")
app.add_typer(tokens_app, name="tokens")
app.add_typer(region_app, name="region")
for part in (
    acting,
    demo_app,
    initial,
    readying,
    prepare,
    watching,
    governance,
    execute,
    homecoming,
    say,
    reporting,
    evidence,
    checkpoints,
    verifying,
    reconciling,
    network,
):
    app.registered_commands += part.registered_commands
    app.registered_groups += part.registered_groups
put_into_panels(app)


Misused = cast(type[typer.BadParameter], typer.BadParameter.__bases__[0])
"""What typer raises for wrong use. Its home has been click and is now typer's own copy; only its child is public."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicedr {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and end.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass


def _leave_unwritten() -> None:
    """Let what is still to be written go nowhere, or the end of the program fails for it once more."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def main() -> None:
    """Run a command; a failure that has a message is said without a traceback."""
    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except Misused as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except SystemExit as exc:
        if took_no_more(exc):
            sys.exit(INTERRUPTED)  # whoever read it has gone; that is no finding
        raise
    except Exception as exc:
        found = exit_code(exc)
        if found is None and no_room(exc):
            # If standard error is full, too, there is nobody to tell: the code stands.
            with suppress(OSError):
                err.print(
                    "voicedr: there is no room where output or a file is written. What was recorded before is kept."
                    " Make room, then enter the same again.",
                    markup=False,
                )
            _leave_unwritten()
            sys.exit(STOPPED)
        if found is None:
            raise
        err.print(f"voicedr: {exc}", markup=False)
        sys.exit(found)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
