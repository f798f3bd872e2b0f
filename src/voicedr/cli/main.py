"""The program ``voicedr``. Every command says what went wrong in words, and ends with a documented code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, cast

import typer

from voicedr import __version__
from voicedr.cli.groups import new_app, put_commands_into
from voicedr.cli.streams import no_room, took_no_more

INTERRUPTED, STOPPED = 130, 5

Misused = cast(type[typer.BadParameter], typer.BadParameter.__bases__[0])
"""What typer raises for wrong use. Its home has been click and is now typer's own copy; only its child is public."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicedr {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and end.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass


def _app(words: Sequence[str]) -> typer.Typer:
    made = new_app()
    made.callback()(_options)
    put_commands_into(made, words)
    return made


def __getattr__(name: str) -> Any:
    """``app``: the whole program, for whoever wants to look at all of it."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = whole = _app(())
    return whole


def _leave_unwritten() -> None:
    """Let what is still to be written go nowhere, or the end of the program fails for it once more."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def main() -> None:
    """Run a command; a failure that has a message is said without a traceback."""
    try:
        code = _app(sys.argv[1:])(standalone_mode=False)
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
        # What a failure means is known to many modules, and not needed where nothing fails.
        from voicedr.cli.failures import exit_code
        from voicedr.cli.options import err

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
