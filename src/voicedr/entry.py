"""Where the program ``voicedr`` begins: the whole of it, or the parts that this installation has.

``pip install voicedr[sip]`` installs a part alone, without what the disaster recovery program needs: ``voicedr sip``
works then, and the other commands say what to install.
"""

from __future__ import annotations

import importlib
import sys

from voicedr.cli.streams import fit_the_terminal

PARTS = {"sip": "sip_app", "fallback": "fallback_app", "tokens": "tokens_app", "region": "region_app"}
"""Commands that are installed alone: their module in ``voicedr.cli``, and the app in it."""

EXTRAS = {name: name for name in PARTS} | {"region": "context"}
"""What installs each of them."""

WRONG_USE, INTERRUPTED = 2, 130


def main() -> None:
    """Run the whole program; where it is not installed, a part of it, or say what to install."""
    fit_the_terminal()
    try:
        _whole()
    except KeyboardInterrupt:
        # While modules are still being read, nobody else has an answer to Ctrl-C.
        raise SystemExit(INTERRUPTED) from None


def _whole() -> None:
    try:
        from voicedr.cli.main import main as whole
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] == "voicedr":
            raise
        _part(exc.name)
        return
    whole()


def _part(missing: str) -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted in PARTS:
        try:
            app = getattr(importlib.import_module(f"voicedr.cli.{wanted}"), PARTS[wanted])
        except ModuleNotFoundError as exc:
            if exc.name is None or exc.name.partition(".")[0] == "voicedr":
                raise
            _say(f"voicedr {wanted} needs {exc.name}, which is not installed: pip install 'voicedr[{EXTRAS[wanted]}]'")
            raise SystemExit(WRONG_USE) from None
        app(args=sys.argv[2:], prog_name=f"voicedr {wanted}")
        return
    _say(
        f"the disaster recovery program needs {missing}, which is not installed: pip install 'voicedr[program]'."
        f" Parts of their own: {', '.join(f'voicedr {name} (voicedr[{extra}])' for name, extra in EXTRAS.items())}"
    )
    raise SystemExit(WRONG_USE)


def _say(text: str) -> None:
    sys.stderr.write(f"voicedr: {text}\n")


if __name__ == "__main__":
    main()
