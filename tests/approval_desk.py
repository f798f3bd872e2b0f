"""A workbook with signers, a kept plan and two laptops: what tests of approvals at the command line begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from program.scope.support_line import GOOD
from scenes import Scene
from ssh_keys import Laptop, laptop
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import plan_hash


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_in(*arguments: str, typed: str = "") -> Said:
    """Run a command as ``main`` does, in this process."""
    ended = CliRunner().invoke(app, arguments, input=typed)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        code = exit_code(ended.exception) if isinstance(ended.exception, Exception) else None
        assert code is not None, ended.exception
        return Said(code, ended.stdout, str(ended.exception))
    return Said(ended.exit_code, ended.stdout, ended.stderr)


@dataclass
class Desk:
    """A workbook with a list of signers, a kept plan, and two laptops."""

    folder: Path
    scene: Scene
    digest: str
    laptops: dict[str, Laptop]

    def voicedr(self, *arguments: str, typed: str = "") -> Said:
        """Run a command as ``main`` does."""
        folder = ("-w", f"{self.folder}/voicedr.yaml", "--journal", self.journal_file)
        return run_in(*arguments, *folder, typed=typed)

    @property
    def journal_file(self) -> str:
        """Where the plan is kept."""
        return str(self.folder / "journal.db")

    def approvals(self) -> Sequence[Approved]:
        """What was recorded."""
        return self.scene.journal.approvals(self.digest)

    def statement(self, person: str) -> str:
        """What the program prints for them, and nothing beside it on standard output."""
        printed = self.voicedr("approval-statement", self.digest[:8], "--as", person)
        assert printed.code == 0, printed.err
        assert "ssh-keygen -Y sign -n voicedr-approval" in printed.err
        return printed.out

    def put(self, name: str, text: str) -> str:
        """A file beside the workbook."""
        (self.folder / name).write_bytes(text.encode())
        return str(self.folder / name)


@pytest.fixture(scope="module")
def laptops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Laptop]:
    """Keys are made once."""
    homes = tmp_path_factory.mktemp("homes")
    return {name: laptop(homes / name) for name in ("ruiz", "chen")}


@pytest.fixture
def desk(laptops: dict[str, Laptop], tmp_path: Path) -> Desk:
    """Signatures are required."""
    scene = Scene(tmp_path)
    roles = ("on-call lead", "operations director")
    plan = msgspec.structs.replace(scene.plan(), approval_roles=roles)
    scene.journal.keep_plan(plan_hash(plan), msgspec.json.encode(plan), datetime.now(UTC))
    made = Desk(tmp_path, scene, plan_hash(plan), laptops)
    made.put("allowed_signers", "".join(f"{name} {one.public}\n" for name, one in laptops.items()))
    made.put("voicedr.yaml", GOOD + "approvals: {allowed_signers: allowed_signers, required: true}\n")
    return made
