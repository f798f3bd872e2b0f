"""The worst day from a laptop: us1 is a black hole, there is no control plane, and what is left is the bag."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from real_stage import APPROVERS, COMMAND_S_MAX, Said, Stage, real_stage
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.program.bag.printed import commands_of
from voicedr.program.evidence.file import verify
from voicedr.runtime.sample_customer.estate import CANARY, LOW_RISK

pytestmark = pytest.mark.slow

NUMBERS = (*CANARY, *LOW_RISK[:2])
FLOW = "support-line"


@dataclass
class Laptop:
    """A machine with the bag, the program and the secrets, and nothing else; and the stage that it acts on."""

    stage: Stage
    folder: Path
    key: str

    @property
    def bag(self) -> Path:
        """The file."""
        return self.folder / "go-bag.zip"

    @property
    def run_folder(self) -> Path:
        """Where its run is kept."""
        return self.folder / "go-bag.run"

    def voicedr(self, *arguments: str) -> Said:
        """Run the program on the laptop, where no workbook lies."""
        return self.stage.voicedr(*arguments, workbook=self.folder / "no-workbook.yaml", env={"COLUMNS": "200"})

    def in_the_run(self, *arguments: str) -> Said:
        """Run a command with the environment that the run told to set."""
        env = {"VOICEDR_JOURNAL": str(self.run_folder / "journal.db"), "COLUMNS": "200"}
        return self.stage.voicedr(*arguments, workbook=self.run_folder / "voicedr.yaml", env=env)

    @property
    def digest(self) -> str:
        """The hash of the ungraceful plan."""
        plans = json.loads(self.member("contents.json"))["plans"]
        return next(str(one["plan_hash"]) for one in plans if one["mode"] == "ungraceful")

    def member(self, path: str) -> bytes:
        """A file of the bag, by a program that is not ours."""
        with zipfile.ZipFile(self.bag) as archive:
            return archive.read(path)

    def types(self, commands: list[str]) -> str:
        """Have bash do printed commands, in a shell that has curl and an empty environment."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        script = "set -e -o pipefail\n" + "\n".join(commands)
        done = subprocess.run(
            ["bash", "-c", script], env=env, capture_output=True, text=True, timeout=COMMAND_S_MAX, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """The bag was made on an ordinary day; then us1 died."""
    folder = tmp_path_factory.mktemp("go-bag")
    (folder / "team").mkdir()
    (folder / "laptop").mkdir()
    with real_stage(folder / "team") as stage:
        small(stage.workbook)
        made = stage.voicedr("bag", "make", "--flow", FLOW, "--to", str(folder / "laptop" / "go-bag.zip"), "--json")
        assert made.code == 0, made.err
        stage.twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})
        yield Laptop(stage, folder / "laptop", made.lines[0]["key"][:16])


def small(workbook: Path) -> None:
    """The support line with one cohort of four numbers: what is tried here is the bag, not the cohorts."""
    text = workbook.read_text()
    before, _, rest = text.partition("    cohorts:\n")
    _, _, after = rest.partition("    signals:\n")
    numbers = ", ".join(f'"{one}"' for one in NUMBERS)
    first, _, others = before.rpartition("      numbers: [")
    before = f"{first}      numbers: [{numbers}]\n{others.partition(chr(10))[2]}"
    cohort = f"      - name: canary\n        numbers: [{numbers}]\n        switch_context: true\n"
    workbook.write_text(f"{before}    cohorts:\n{cohort}    signals:\n{after}")


def test_can_i_act_says_yes_with_what_it_takes_and_no_without(laptop: Laptop) -> None:
    """Exit 0 with every line ok; 1 with the way on if one is not. us1 is not asked."""
    before = laptop.stage.requests_to("us1")
    bag = ("--bag", str(laptop.bag), "--trust", laptop.key)
    yes = laptop.voicedr("can-i-act", *bag, "--as", "ruiz", "--json")
    assert yes.code == 0, yes.out + yes.err
    looks = {look["about"]: look for look in yes.lines[0]["looks"]}
    assert {"bag", "key of ie1", "clock", "routes of ie1", "journal", "disk", "you, for support-line"} <= set(looks)
    assert {look["stands"] for look in looks.values() if look["needed"]} == {"ok"}

    cannot = laptop.voicedr("can-i-act", *bag, "--as", "patel")
    assert cannot.code == 1
    assert "S. Patel may not approve a failover for support-line. Ask A. Ruiz" in " ".join(cannot.out.split())

    secret = laptop.stage.workbook.parent / "ie1.api_secret"
    kept = secret.read_text()
    secret.write_text("x" * 32)
    no = laptop.voicedr("can-i-act", *bag, "--as", "ruiz", "--json")
    secret.write_text(kept)
    looks = {look["about"]: look for look in no.lines[0]["looks"]}
    assert (no.code, looks["key of ie1"]["stands"]) == (1, "not")
    assert looks["key of ie1"]["next"]
    assert kept not in no.out + no.err
    assert laptop.stage.requests_to("us1") == before


def test_the_bag_holds_no_secret_and_the_plan_that_would_be_made_now(laptop: Laptop) -> None:
    """References only; and the hash that `voicedr plan --ungraceful` gives over the same facts."""
    body = laptop.bag.read_bytes()
    for region in laptop.stage.credentials.values():
        assert region["api_secret"].encode() not in body
        assert region["auth_token"].encode() not in body
    planned = laptop.stage.voicedr("plan", FLOW, "--json")
    assert laptop.digest == planned.lines[0]["plan"]
    assert b"who answers" in laptop.member("READ-ME-FIRST.txt")
    entries = json.loads(laptop.member(f"regions/{FLOW}.json"))
    assert [one["name"] for one in entries] == list(NUMBERS)
    assert all(one["standby"]["handler"].startswith("http") and one["route"] == "us1" for one in entries)


def test_the_bag_proves_itself_without_us(laptop: Laptop, tmp_path: Path) -> None:
    """As its first page says: unzip, sha256sum and openssl agree."""
    for program in ("unzip", "openssl", "sha256sum"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: what the first page says cannot be tried")
    commands = [
        f"unzip -q {laptop.bag}",
        "sha256sum -c SHA256SUMS",
        "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in contents.json -sigfile contents.json.sig",
        "openssl pkey -pubin -in key.pem -outform DER | sha256sum",
    ]
    read_me = laptop.member("READ-ME-FIRST.txt").decode()
    assert all(command in read_me for command in commands[1:])
    said = laptop.types([f"cd {tmp_path}", *commands])
    assert "Signature Verified Successfully" in said
    assert said.splitlines()[-1].startswith(laptop.key)


def test_the_printed_procedure_moves_the_numbers_and_its_way_back_brings_them_home(laptop: Laptop) -> None:
    """Bash does exactly what is printed, with an empty environment; the judge is what the twin has stored."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    stage = laptop.stage
    before, asked_before = stage.stored_routes(), stage.requests_to("us1")
    epoch = json.loads(stage.context.read_text())["epoch"]
    text = laptop.member(f"manual/{FLOW}.txt").decode()
    assert "NOT THE PROVIDER" in text
    forward, way_back, back = text.partition("\nR. The way back\n")
    assert way_back
    secrets = commands_of(forward.partition("\n1. Look first\n")[0])

    said = laptop.types(commands_of(forward))
    assert stage.stored_routes() == before | dict.fromkeys(NUMBERS, "ie1")
    shown = said.replace(" ", "")
    assert shown.count('"voice_region":"us1"') == 1
    assert shown.count('"voice_region":"ie1"') == 2 * len(NUMBERS), said
    document = json.loads(stage.context.read_text())
    assert document["region"] == "ie1"
    assert document["epoch"] > epoch
    assert shown.count('"active_region":"ie1"') == 2

    laptop.types([*secrets, *commands_of(back)])
    assert stage.stored_routes() == before
    assert json.loads(stage.context.read_text())["region"] == "us1"
    assert stage.requests_to("us1") == asked_before


def test_the_bag_runs_with_a_journal_of_its_own_and_is_merged_afterwards(laptop: Laptop) -> None:
    """Refused without the key, then without approvals; then the same executor moves it, and the team has its chain."""
    stage, bag = laptop.stage, str(laptop.bag)
    before, asked_before = stage.stored_routes(), stage.requests_to("us1")
    stranger = laptop.voicedr("bag", "run", bag, FLOW)
    assert stranger.code == 4
    assert "which nobody here knows" in stranger.err
    assert not laptop.run_folder.exists()

    alone = laptop.voicedr("bag", "run", bag, FLOW, "--trust", laptop.key)
    assert alone.code == 4, alone.err
    assert "2 more of 2 people" in alone.err
    assert f"VOICEDR_WORKBOOK={laptop.run_folder / 'voicedr.yaml'}" in alone.err
    for person in APPROVERS:
        approved = laptop.in_the_run("approve", laptop.digest, "--as", person)
        assert approved.code == 0, approved.err
    moved = laptop.voicedr("bag", "run", bag, FLOW, "--trust", laptop.key, "--when-paused", "exit", "--json")
    assert moved.code == 0, moved.err + moved.out[-2000:]
    assert stage.stored_routes() == before | dict.fromkeys(NUMBERS, "ie1")
    assert json.loads(stage.context.read_text())["region"] == "ie1"
    assert stage.requests_to("us1") == asked_before
    assert not list(stage.voicedr("executions", "--json").lines)

    (evidence,) = laptop.run_folder.glob("*.evidence.jsonl")
    assert str(evidence) in moved.err
    assert verify(evidence.read_bytes()).whole
    merged = stage.voicedr("bag", "merge", str(evidence), "--json")
    assert (merged.code, merged.lines[0]["new"]) == (0, True), merged.err
    (listed,) = stage.voicedr("executions", "--json").lines
    there = stage.records(listed["execution"])
    journal = SqliteJournal(laptop.run_folder / "journal.db")
    try:
        assert [(one.seq, one.term, one.hash) for one in there] == [
            (one.seq, one.term, one.hash) for one in journal.read(listed["execution"])
        ]
    finally:
        journal.close()
    exported = stage.voicedr("export", listed["execution"], "--to", "again.jsonl")
    assert exported.code == 0, exported.err
    assert (stage.folder / "again.jsonl").read_bytes() == evidence.read_bytes()


def test_a_world_that_is_not_as_the_bag_has_it_is_found_before_anything_moves(laptop: Laptop) -> None:
    """The numbers are in ie1 by now: another run of the same plan in the same folder changes nothing and says so."""
    stage = laptop.stage
    changes = stage.route_changes(NUMBERS)
    assert {one[-1]["region"] for one in changes.values()} == {"ie1"}
    drifted = laptop.voicedr("bag", "run", str(laptop.bag), FLOW, "--trust", laptop.key)
    assert drifted.code == 4, drifted.out + drifted.err
    assert "is not as the bag has it, and nothing was moved" in drifted.err
    assert stage.route_changes(NUMBERS) == changes
