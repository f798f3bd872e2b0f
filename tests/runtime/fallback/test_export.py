"""The policy as files: each is TwiML that leads somewhere, and the index says what goes where and what is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from voicedr.runtime.fallback import read_policy
from voicedr.runtime.fallback.export import CannotExport, export, write
from voicedr.wire.twiml import parse

POLICY = """\
fallback: 1
languages: {numbers: {"+49*": de-DE}}
flows: {support: ["+14155550100..+14155550109"]}
routes:
  - name: blip
    when: {flow: support, errors: http}
    do: resume
    url: failed
    otherwise:
      do: forward
      to: "+14155550150"
      otherwise: {do: voicemail, say: {en-US: Speak & go, de-DE: Bitte}, recording_callback: "https://hooks.example/r?a=1&b=2"}
  - name: trunk
    when: {kind: trunk}
    do: queue
    queue: dispatch
    wait_play: {en-US: "https://cdn.example/en.mp3", de-DE: "https://cdn.example/de.mp3"}
  - name: texts
    when: {kind: message}
    do: reply
    say: {en-US: Down, de-DE: Gestört}
default: {do: message, say: {en-US: Later, de-DE: Später}}
"""


def test_every_file_is_twiml_and_leads_to_files_that_are_there() -> None:
    """No document has a warning, every URL in one is absolute or another file, and none of them needs POST."""
    made = export(read_policy(POLICY, "p.yaml"))
    documents = {name: parse(body, "text/xml") for name, body in made.files.items() if name.endswith(".xml")}
    for name, document in documents.items():
        assert not document.warnings, name
        for path, element in document.root.walk():
            for attribute in ("action", "waitUrl", "recordingStatusCallback"):
                url = element.get(attribute)
                assert not url or url.startswith("https://") or url in documents, (name, path, url)
            if element.get("action"):
                assert element.get("method") == "GET"
            assert path != "Redirect"
    assert documents["blip.de-DE.xml"].verbs == ("Dial", "Dial/Number", "Say", "Record")
    assert documents["trunk.en-US.xml"].verbs == ("Enqueue", "Say", "Hangup")
    assert documents["texts.de-DE.xml"].root.spoken == "Gestört"
    record = documents["blip.en-US.xml"].root.children[-1]
    assert record.get("recordingStatusCallback") == "https://hooks.example/r?a=1&b=2"


def test_the_index_says_what_goes_where() -> None:
    """Each document has its numbers, the field to set, and what it cannot do."""
    made = export(read_policy(POLICY, "p.yaml"))
    index = json.loads(made.files["index.json"])
    by_file = {one["file"]: one for one in index["documents"]}
    blip = by_file["blip.en-US.xml"]
    assert (blip["numbers"], blip["method"]) == (["+14155550100..+14155550109"], "GET")
    assert any("back to the primary" in one for one in blip["cannot"])
    assert any("not only http" in one for one in blip["cannot"])
    assert by_file["trunk.en-US.xml"]["set"] == "DisasterRecoveryUrl"
    assert by_file["texts.en-US.xml"]["set"] == "SmsFallbackUrl"
    assert "signature" not in blip["cannot"]
    assert any("requests from others" in one for one in index["cannot"])
    read_me = made.files["README.md"].decode()
    assert all(f"`{name}`" in read_me for name in by_file)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said which, and why."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotExport, match="cannot be written"):
        write(export(read_policy(POLICY, "p.yaml")), tmp_path / "file" / "below")


def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "voicedr.cli.fallback", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_commands(tmp_path: Path) -> None:
    """Exit codes: 0 nothing found, 1 findings, 2 a policy that cannot be used; JSON has the same facts."""
    file = tmp_path / "p.yaml"
    file.write_text(POLICY + "auth_tokens: {us1: env:A, ie1: env:B}\n")
    assert cli("check", str(file)).returncode == 0
    file.write_text(POLICY)
    found = cli("check", str(file), "--json")
    assert (found.returncode, json.loads(found.stdout)["usable"]) == (1, True)
    file.write_text(POLICY.replace("do: queue", "do: wait").replace("flow: support", "flow: sales"))
    broken = cli("check", str(file), "--json")
    assert broken.returncode == 2
    assert [one["line"] for one in json.loads(broken.stdout)["mistakes"]] == [6, 15]
    said = cli("check", str(file))
    assert (said.returncode, f"{file}:6:18: there is no flow 'sales'" in said.stderr) == (2, True)
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in cli("check", str(file)).stderr
    missing = cli("export", str(tmp_path / "none.yaml"), "--to", str(tmp_path))
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)
    assert json.loads(cli("schema").stdout)["title"] == "A policy of voicedr fallback"
