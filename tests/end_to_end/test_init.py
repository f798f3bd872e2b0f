"""``voicedr init`` against a running twin: drafted, interrupted, drafted again, and wrong use told."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from real_stage import PROGRAM, Stage, real_stage, voicedr
from voicedr.bootstrap import load_workbook
from voicedr.runtime.sample_customer.estate import LOBBY_DOMAIN, SUPPORT_LINE


def options(stage: Stage) -> list[str]:
    """How the account of the stage is named."""
    words = ["--account", stage.twin.told["account_sid"], "--address", stage.twin.told["http"]]
    for region in ("us1", "ie1"):
        key = stage.credentials[region]["api_key"]
        words += ["--region", f"{region}={key},file:{stage.folder}/{region}.api_secret"]
    return words


def test_a_workbook_is_drafted_from_the_account(tmp_path: Path) -> None:
    """Flows by what answers them, valid, without a secret; a second run changes nothing; wrong use is told."""
    with real_stage(tmp_path) as stage:
        drafted = tmp_path / "mine" / "drafted.yaml"
        said = voicedr("init", "--workbook", str(drafted), *options(stage))
        assert said.code == 0, said.err
        assert "next: look for DECIDE" in said.out
        workbook = load_workbook(drafted)
        text = drafted.read_text()
        assert stage.credentials["us1"]["api_secret"] not in text
        by_number = {number: flow.id for flow in workbook.flows for number in flow.numbers}
        assert len({by_number[number] for number in SUPPORT_LINE if number in by_number}) == 1
        assert any(s.name == LOBBY_DOMAIN for flow in workbook.flows for s in flow.subjects)

        again = voicedr("init", "--workbook", str(drafted), "--json")
        assert (again.code, again.lines[0]["written"], drafted.read_text()) == (0, False, text)

        refused = voicedr("init", "--workbook", str(drafted), *options(stage))
        assert (refused.code, "names its own account" in refused.err) == (2, True)
        for words, told in (
            ([], "--account"),
            (["--account", "AC1", *options(stage)[4:]], "AC"),
            (["--account", stage.twin.told["account_sid"], "--region", "us1=SK1"], "NAME=KEY,SECRET"),
            (["--account", stage.twin.told["account_sid"], "--region", "mars=SK1,env:X"], "a Region"),
            ([*options(stage), "--region", options(stage)[-1]], "twice"),
            (options(stage)[:-2], "at least two Regions"),
        ):
            wrong = voicedr("init", "--workbook", str(tmp_path / "none.yaml"), *words)
            assert wrong.code == 2, words
            assert told in wrong.err, (words, wrong.err)
            assert "Traceback" not in wrong.err
        assert not (tmp_path / "none.yaml").exists()

        broken = tmp_path / "broken.yaml"
        broken.write_text("voicedr: 1\nflows: [")
        assert voicedr("init", "--workbook", str(broken)).code == 2
        assert broken.read_text() == "voicedr: 1\nflows: ["


def test_it_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    """Interrupted while routes are read, the same command asks for what is left only."""
    with real_stage(tmp_path) as stage:
        drafted = tmp_path / "drafted.yaml"
        before = stage.requests_to("us1") + stage.requests_to("ie1")
        process = subprocess.Popen(
            [PROGRAM, "init", "--workbook", str(drafted), *options(stage)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        kept = tmp_path / ".voicedr" / f"init-{stage.twin.told['account_sid']}"
        for _ in range(600):
            if len(list(kept.glob("*.part"))) >= 9:
                break
            if process.poll() is not None:
                break
            subprocess.run(["sleep", "0.05"], check=False)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert not drafted.exists()
        used = stage.requests_to("us1") + stage.requests_to("ie1") - before
        said = voicedr("init", "--workbook", str(drafted), *options(stage), "--json")
        assert said.code == 0, said.err
        assert json.loads(said.out)["written"]
        left = stage.requests_to("us1") + stage.requests_to("ie1") - before - used
        whole = load_workbook(drafted)
        assert left < sum(len(flow.subjects) for flow in whole.flows), "routes that were kept are not asked for again"
        assert not kept.exists(), "nothing is left behind when it is done"
