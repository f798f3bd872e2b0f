"""The page's program and commands run as they are written, in a folder of the test's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "region_context.md"


def blocks(language: str, folder: Path) -> list[str]:
    """The page's blocks of a language, with the folder instead of /var/lib."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [block.replace("/var/lib", str(folder)) for block in found]


def run(command: list[str]) -> str:
    """What it prints; it must end well."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "US1_SECRET": "u" * 32,
        "IE1_SECRET": "i" * 32,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_from_top_to_bottom(tmp_path: Path) -> None:
    """The first switch, the program, the race, a key, a signed switch, and the program in the other Region."""
    for name in ("voicedr", "support-app"):
        (tmp_path / name).mkdir()
    [program] = blocks("python", tmp_path)
    first, race, signed = (
        [line.split() for line in block.splitlines() if line.startswith("voicedr ")] for block in blocks("sh", tmp_path)
    )
    # The part alone, as an installation has it that has nothing else: it starts ten times sooner.
    voicedr = [
        sys.executable,
        "-c",
        "from voicedr.cli.region import region_app; region_app(prog_name='voicedr region')",
    ]
    said = [run([*voicedr, *line[2:]]) for line in first]
    assert "us1, epoch 1, written and read back" in said[0]
    assert said[1].startswith("us1 · epoch 1")
    assert run([sys.executable, "-c", program]) == "us1 1 api.ashburn.us1.twilio.com None\n"
    assert "each time exactly one won" in run([*voicedr, *race[0][2:]])
    said = [run([*voicedr, *line[2:]]) for line in signed]
    assert "ie1 · epoch 2" in said[2]
    assert "signed by a key that is believed" in said[2]
    assert run([sys.executable, "-c", program]) == "ie1 2 api.dublin.ie1.twilio.com queue.ie.example\n"


def test_the_workbooks_part_is_one() -> None:
    """The page's lines are taken by the workbook's schema."""
    import jsonschema
    from ruamel.yaml import YAML

    from voicedr.program.scope.schema import SCHEMA

    [block] = blocks("yaml", Path("/var/lib"))
    application = YAML(typ="safe").load(block)["application"]
    flow = SCHEMA["$defs"]["flow"]["properties"]["application"]
    jsonschema.validate(application, {**flow, "$defs": SCHEMA["$defs"]})
