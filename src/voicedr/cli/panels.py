"""The panels of ``voicedr --help``: what the commands are for, in the order in which one needs them."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

PREPARE = "Prepare: on an ordinary day"
DECIDE = "Decide: something is wrong"
MOVE = "Move: and bring home"
PROVE = "Prove: what happened"
PRACTISE = "Practise: on this machine, without an account"
BESIDE = "Beside your systems: network, SBC, tokens, fallback"

PANELS: dict[str, tuple[str, ...]] = {
    PREPARE: ("init", "workbook", "ready", "gaps", "snapshot", "sync", "bag"),
    DECIDE: (
        "watch", "who", "can-i-act", "declare", "assess", "packet", "plan", "approve", "approval-statement",
        "approval-block", "stand-down", "review",
    ),
    MOVE: (
        "failover", "status", "executions", "go", "no-go", "pause", "resume", "skip", "stop", "abort", "switch-mode",
        "rollback", "failback", "reconcile",
    ),
    PROVE: ("report", "export", "verify", "checkpoint", "checkpoint-key"),
    PRACTISE: ("demo", "twin", "sample"),
    BESIDE: ("region", "allow-list", "firewall", "sbc-config", "sbc", "sip", "tokens", "fallback"),
}  # fmt: skip
"""Every command has one. A command that nobody put here is shown by itself, after the others."""


class InPanels(TyperGroup):
    """Commands in the order of their panels."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Their names as the help shows them."""
        order = [name for names in PANELS.values() for name in names]
        return sorted(self.commands, key=lambda name: order.index(name) if name in order else len(order))


def put_into_panels(app: typer.Typer) -> None:
    """Give each command and group of an app its panel."""
    panel_of = {name: panel for panel, names in PANELS.items() for name in names}
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
        command.rich_help_panel = panel_of.get(name)
    for group in app.registered_groups:
        group.rich_help_panel = panel_of.get(str(group.name))
