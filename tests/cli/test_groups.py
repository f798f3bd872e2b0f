"""One command reads its own module, and finds there what the whole program would have."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from voicedr.cli.groups import GROUPS, PARTS, _found, new_app, put_commands_into


def names_of(app: typer.Typer) -> set[str]:
    """The commands and groups of an app."""
    commands = {
        str(command.name or getattr(command.callback, "__name__", "").replace("_", "-").strip("-"))
        for command in app.registered_commands
    }
    return commands | {
        str(group.name or group.typer_instance.info.name) for group in app.registered_groups if group.typer_instance
    }


@pytest.mark.parametrize("place", PARTS)
def test_the_table_says_what_a_module_has(place: str) -> None:
    """No command that the table does not name, and none that is not there."""
    assert names_of(_found(place)) == set(PARTS[place])


def test_a_word_that_is_no_command_gets_all_of_them() -> None:
    """So that a slip of the pen is told with what there is."""
    whole = new_app()
    put_commands_into(whole, ("nonsense",))
    every = set(GROUPS) | {name for names in PARTS.values() for name in names}
    assert names_of(whole) == every
    for name in sorted(every):
        one = new_app()
        put_commands_into(one, (name,))
        assert name in names_of(one)
        assert names_of(one) != every


def test_one_command_does_not_read_the_others() -> None:
    """``voicedr sip`` reads neither the journal nor the provider's adapter."""
    script = "import sys; sys.argv = ['voicedr', 'sip', '--help']\nfrom voicedr.cli.main import main\n"
    script += (
        "try:\n    main()\nexcept SystemExit:\n    print([m for m in ('sqlalchemy', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
