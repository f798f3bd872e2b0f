"""The program ``voicedr``. Every command says what went wrong in words, and ends with a documented code."""

from __future__ import annotations

import sys
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
from voicedr.cli.failures import INTERRUPTED, exit_code
from voicedr.cli.governance import governance
from voicedr.cli.options import err
from voicedr.cli.prepare import prepare
from voicedr.cli.reconcile import reconciling
from voicedr.cli.report import reporting
from voicedr.cli.say import say
from voicedr.cli.twin import twin_app
from voicedr.cli.twin_import import import_
from voicedr.cli.verify import verifying
from voicedr.cli.watch import watching

app = typer.Typer(
    help="Voice disaster recovery for teams that run on Twilio Voice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done · 1 finding or no-go · 2 wrong use or broken input · 3 could not look"
    " · 4 refused by a rule · 5 stopped, resumable · 130 interrupted, resumable.",
)
twin_app.command("import")(import_)
app.add_typer(twin_app, name="twin")
app.add_typer(bag_app, name="bag")
for part in (
    acting,
    demo_app,
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
):
    app.registered_commands += part.registered_commands
    app.registered_groups += part.registered_groups


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
    except Exception as exc:
        found = exit_code(exc)
        if found is None:
            raise
        err.print(f"voicedr: {exc}", markup=False)
        sys.exit(found)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
