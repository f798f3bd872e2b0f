"""``voicedr region``: keys, looking, switching by hand with proof, and the race; every end has its code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from region_places import Shelf, shelf_server
from voicedr.cli.main import app
from voicedr.runtime.region import ActiveRegion


def voicedr(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, ["region", *map(str, arguments)])


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A web server."""
    with shelf_server() as server:
        yield server


def test_from_a_key_to_a_switch(tmp_path: Path) -> None:
    """A key is made, a signed document written, shown, and followed by whoever believes the key."""
    key, place = tmp_path / "region.key", f"file:{tmp_path}/context.json"
    made = voicedr("keygen", "--to", key)
    assert made.exit_code == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in made.output
    done = voicedr("switch", place, "--to", "ie1", "--key", f"file:{key}")
    assert (done.exit_code, done.stdout) == (0, f"{place}: ie1, epoch 1, written and read back\n")
    shown = voicedr("show", place, "--trust", f"file:{key}.pub")
    assert shown.exit_code == 0
    assert shown.output.startswith("ie1 · epoch 1, written ")
    with ActiveRegion(place, trust=[f"file:{key}.pub"]) as active:
        assert active.current().region == "ie1"
    again = voicedr("keygen", "--to", key)
    assert (again.exit_code, "File exists" in again.output) == (2, True)


def test_what_is_not_believed_is_a_finding(tmp_path: Path) -> None:
    """Nothing there, broken, or unsigned where a key is trusted: 1, in words and in JSON."""
    path, key = tmp_path / "context.json", tmp_path / "key"
    place = f"file:{path}"
    assert voicedr("keygen", "--to", key).exit_code == 0
    for content, why in (
        (None, "no document"),
        ("{", "not a context document"),
        ('{"region":"ie1","epoch":1}', "not signed"),
    ):
        if content is not None:
            path.write_text(content)
        words = voicedr("show", place, "--trust", f"file:{key}.pub")
        assert (words.exit_code, why in words.output) == (1, True)
        told = voicedr("show", place, "--trust", f"file:{key}.pub", "--json")
        assert (told.exit_code, why in json.loads(told.stdout)["problem"]) == (1, True)
    told = voicedr("show", place, "--json")
    assert json.loads(told.stdout) == {
        "place": place, "region": "ie1", "epoch": 1, "problem": None, "written_at": None, "signed": False,
    }  # fmt: skip


def test_a_switch_waits_for_the_instances(shelf: Shelf, tmp_path: Path) -> None:
    """Its epoch is above theirs; one that does not follow is named, with code 1."""
    place = f"file:{tmp_path}/context.json"
    shelf.kept["/one"] = (b'{"active_region": "ie1", "epoch": 41}', 1)
    shelf.kept["/two"] = (b'{"active_region": "ie1", "epoch": 50}', 1)
    both = ("--confirm", f"{shelf.url}/one", "--confirm", f"{shelf.url}/two")
    done = voicedr("switch", place, "--to", "ie1", *both, "--wait", "0.3")
    assert done.exit_code == 1
    assert "ie1, epoch 51, written" in done.stdout
    assert f"{shelf.url}/one: uses ie1 (epoch 41), not ie1 (epoch 51)" in done.stderr
    assert "0 of 2 instances follow after 0.3 s" in done.stderr
    for name in ("/one", "/two"):
        shelf.kept[name] = (b'{"active_region": "us1", "epoch": 52}', 1)
    shelf.kept["/two"] = (b'{"active_region": "us1", "epoch": 53}', 2)
    done = voicedr("switch", place, "--to", "us1", *both[:1], f"{shelf.url}/two", "--wait", "0.2", "--above", "0")
    assert (done.exit_code, "epoch 54" in done.stdout) == (1, True)


def test_the_race(shelf: Shelf) -> None:
    """A place that lets everybody win is refused, by the self-test and by a switch, which changes nothing."""
    place = f"{shelf.url}/x"
    good = voicedr("selftest", place, "--racers", "4", "--rounds", "3")
    assert (good.exit_code, good.stdout) == (0, f"{place}: 4 wrote at once, 3 times; each time exactly one won\n")
    shelf.mode = "ignores-conditions"
    assert voicedr("selftest", place).exit_code == 4
    refused = voicedr("switch", place, "--to", "ie1")
    assert (refused.exit_code, "exactly one must" in refused.stderr) == (4, True)
    assert "/x" not in shelf.kept


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("show", "mars"), 2, "no address of a place"),
        (("show", "env:NO_SUCH_PLACE"), 2, "NO_SUCH_PLACE"),
        (("show", "file:/x", "--trust", "env:NO_SUCH_KEY"), 2, "NO_SUCH_KEY"),
        (("show", "http://127.0.0.1:1/x"), 3, "no connection"),
        (("switch", "http://127.0.0.1:1/x", "--to", "ie1"), 3, "Nothing was changed"),
        (("switch", "file:/x", "--to", "mars"), 2, "no such Region"),
        (("switch", "file:/x", "--to", "de1"), 2, "old id of the edge frankfurt"),
        (("switch", "environment:X", "--to", "ie1"), 2, "cannot be written"),
        (("switch", "file:/x", "--to", "ie1", "--key", "env:NO_SUCH_KEY"), 2, "NO_SUCH_KEY"),
        (("switch", "file:/x", "--to", "ie1", "--confirm", "web-1"), 2, "http or https URL"),
        (("switch", "file:/proc/no/such", "--to", "ie1"), 4, "cannot be written"),
        (("selftest", "http://127.0.0.1:1/x"), 3, "no connection"),
        (("keygen", "--to", "/proc/no/such"), 2, "cannot be written"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], code: int, why: str) -> None:
    """In words, with its code, and without a traceback."""
    done = voicedr(*arguments)
    assert (done.exit_code, why in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.output


def test_a_switch_that_may_have_worked(shelf: Shelf) -> None:
    """Code 5: look before you repeat."""
    place = f"{shelf.url}/x"
    assert voicedr("switch", place, "--to", "us1").exit_code == 0
    shelf.modes["/x"] = "500-before"
    done = voicedr("switch", place, "--to", "ie1")
    assert (done.exit_code, "look again" in done.stderr) == (5, True)


def test_the_kit_stands_alone() -> None:
    """Applications that use it load none of the disaster recovery program, and the command none of its server."""
    program = (
        "import sys, voicedr.runtime.region, voicedr.cli.region\n"
        "print([one for one in sys.modules if one.startswith(('voicedr.program', 'voicedr.usecases', 'voicedr.ports',"
        " 'voicedr.bootstrap', 'starlette', 'aiohttp', 'uvicorn', 'ruamel', 'twilio', 'psycopg', 'jinja2'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "[]\n", done.stderr
