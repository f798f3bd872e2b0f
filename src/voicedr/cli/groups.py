"""Which module has which command, so that one command does not wait until all of them are read.

Reading every module takes more than a second of a slow laptop, and most of it belongs to other commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

from voicedr.cli.panels import InPanels, put_into_panels

GROUPS: dict[str, str] = {
    "twin": "twin:twin_app",
    "bag": "bag:bag_app",
    "sync": "sync:sync_app",
    "snapshot": "snapshot:snapshot_app",
    "gaps": "gaps:gaps_app",
    "fallback": "fallback:fallback_app",
    "sample": "sample.command:sample_app",
    "sip": "sip:sip_app",
    "tokens": "tokens:tokens_app",
    "region": "region:region_app",
}
"""Groups of commands by their name."""

PARTS: dict[str, tuple[str, ...]] = {
    "can_i_act:acting": ("can-i-act",),
    "demo.command:demo_app": ("demo",),
    "init:initial": ("init",),
    "ready:readying": ("ready",),
    "prepare:prepare": ("plan", "approve", "approval-statement", "approval-block", "workbook"),
    "watch:watching": ("watch",),
    "governance:governance": ("who", "declare", "assess", "packet", "stand-down", "review"),
    "execute:execute": ("failover", "resume", "rollback", "executions", "status"),
    "failback:homecoming": ("failback",),
    "say:say": ("pause", "abort", "skip", "go", "no-go", "stop", "switch-mode"),
    "report:reporting": ("report",),
    "evidence:evidence": ("export",),
    "checkpoints:checkpoints": ("checkpoint", "checkpoint-key"),
    "verify:verifying": ("verify",),
    "reconcile:reconciling": ("reconcile",),
    "network:network": ("allow-list", "sbc-config", "firewall", "sbc"),
}
"""Commands that stand by themselves, by where they are."""


def put_commands_into(app: typer.Typer, words: Sequence[str]) -> None:
    """Give an app the commands of the one module that the first word is a command of; if there is none, all of them.

    Args:
        words: The command line behind the program's name.
    """
    wanted = words[0] if words else None
    groups = {name: place for name, place in GROUPS.items() if name == wanted}
    parts = [place for place, names in PARTS.items() if wanted in names]
    if not groups and not parts:
        groups, parts = GROUPS, list(PARTS)
    for name, place in groups.items():
        group = _found(place)
        if name == "twin" and (wanted != "twin" or len(words) < 2 or words[1] == "import" or words[1].startswith("-")):
            # The twin itself knows nothing of accounts; this one command reads one.
            _once(group, "import", "twin_import:import_")
        app.add_typer(group, name=name)
    for place in parts:
        part = _found(place)
        app.registered_commands += part.registered_commands
        app.registered_groups += part.registered_groups
    put_into_panels(app)


def new_app() -> typer.Typer:
    """The program without its commands."""
    return typer.Typer(
        help="Voice disaster recovery for teams that run on Twilio Voice.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        cls=InPanels,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 done · 1 finding or no-go · 2 wrong use or broken input · 3 could not look"
        " · 4 refused by a rule · 5 stopped, resumable · 130 interrupted, resumable.",
    )


def _once(group: typer.Typer, name: str, place: str) -> None:
    if all(command.name != name for command in group.registered_commands):
        module, _, function = place.partition(":")
        group.command(name)(getattr(import_module(f"voicedr.cli.{module}"), function))


def _found(place: str) -> typer.Typer:
    module, _, name = place.partition(":")
    found: typer.Typer = getattr(import_module(f"voicedr.cli.{module}"), name)
    return found
