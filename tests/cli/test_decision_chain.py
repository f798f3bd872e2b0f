"""The decision chain from the command line, over a twin: who, declare, assess, packet, broken glass, and its review."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

from real_stage import Said, Stage, real_stage
from voicedr.adapters.journal.incidents import JournalIncidents
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.program.execution.events import Opened
from voicedr.program.governance.incident import GlassBroken, fold_incident
from voicedr.runtime.sample_customer.estate import SALES

pytestmark = pytest.mark.slow

CHAIN = """\
authority:
  approval:
    may: [approve-failover, approve-rollback, approve-failback, approve-drill, execute, stop, break-glass]
break_glass: {rules: [quorum, readiness-gap], valid_for: 30m}
alerts: ["file:ALERT"]
"""


SALES_LINE = "    title: Sales line\n"


def voicedr(stage: Stage, *arguments: str) -> Said:
    """Run a command as ``main`` does, in this process: there are many."""
    ended = CliRunner().invoke(app, [*arguments, "-w", str(stage.workbook)])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        code = exit_code(ended.exception) if isinstance(ended.exception, Exception) else None
        assert code is not None, ended.exception
        return Said(code, ended.stdout, ended.stderr + str(ended.exception))
    return Said(ended.exit_code, ended.stdout, ended.stderr)


def test_from_detection_to_the_review_of_broken_glass(tmp_path: Path) -> None:
    """us1 is dark and one approver is away: the move is declared, assessed, shown, made by breaking glass, reviewed."""
    with real_stage(tmp_path) as stage:
        alert = tmp_path / "alert"
        alert.write_text("json://127.0.0.1:9/nobody-listens/secret-token")
        text = stage.workbook.read_text()
        assert text.count(SALES_LINE) == 1
        text = text.replace(SALES_LINE, SALES_LINE + "    gate: {bad_share_ok: 0.02, bad_share_bad: 0.3}\n")
        stage.workbook.write_text(text + CHAIN.replace("ALERT", str(alert)))
        stage.twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})

        early = voicedr(stage, "assess", "support-line", "--business", "go", "--as", "patel")
        assert (early.code, "has no incident that is open" in early.err) == (4, True)
        other = voicedr(stage, "declare", "support-line", "--why", "silence", "--as", "patel")
        assert (other.code, "S. Patel may not declare" in other.err) == (4, True)
        declared = voicedr(stage, "declare", "support-line", "--why", "silence", "--look", "5", "--as", "ruiz")
        assert declared.code == 0, declared.err
        again = voicedr(stage, "declare", "support-line", "--why", "silence", "--as", "ruiz")
        assert (again.code, "has an incident that is not closed" in again.err) == (4, True)

        technical = voicedr(stage, "assess", "support-line", "--technical", "go", "--as", "okafor", "--json")
        assert technical.code == 0, technical.err
        assert technical.lines[0]["gaps"] == []
        assert technical.lines[0]["unknowns"]
        business = voicedr(
            stage, "assess", "support-line", "--business", "go", "--cost-per-minute", "900", "--as", "patel"
        )  # fmt: skip
        assert business.code == 0, business.err
        _look_at_the_page(stage)

        acting = voicedr(stage, "watch", "support-line", "--act")
        assert (acting.code, "is never failed over without people" in acting.err) == (4, True)
        alone = voicedr(stage, "failover", "support-line", "--when-paused", "exit", "--json")
        assert (alone.code, "2 more of 2 people" in alone.err) == (4, True)
        _break_glass(stage)


def _break_glass(stage: Stage) -> None:
    """The sales line has numbers without a handler in ie1, and one approver is away: both rules are broken by name."""
    forbidden = voicedr(stage, "failover", "sales", "--break-glass", "hours", "--why", "no time", "--as", "ruiz")
    assert forbidden.code == 4
    assert "no handler in ie1" in forbidden.err
    wanted = ("failover", "sales", "--break-glass", "readiness-gap", "--why", "chen is in the air", "--as", "ruiz")
    not_named = voicedr(stage, *wanted, "--break-glass", "hours")
    assert (not_named.code, "does not let hours be broken; it lets: quorum, readiness-gap" in not_named.err) == (
        4,
        True,
    )
    moved = voicedr(stage, *wanted, "--break-glass", "quorum", "--when-paused", "exit", "--json")
    assert moved.code == 0, moved.err
    assert moved.err.count("GLASS BROKEN") == 1, "over the gap it was broken before, for the same plan"
    assert "NOBODY WAS ALERTED" in moved.err
    assert "secret-token" not in moved.err + moved.out
    routes = stage.stored_routes()
    assert [routes[number] for number in SALES] == ["us1"] * 8 + ["ie1"] * 32

    execution = voicedr(stage, "executions", "--json").lines[0]["execution"]
    opened = stage.records(execution)[0].event
    assert isinstance(opened, Opened)
    assert sorted(words.split(", until")[0] for words in opened.broke) == [
        "quorum, by A. Ruiz",
        "readiness-gap, by A. Ruiz",
    ]
    assert opened.incident.startswith("sales-incident-")
    assert any("8 entry points stay in us1, without a handler in ie1" in words for words in opened.plan.unknowns)
    report = " ".join(voicedr(stage, "report", "--format", "markdown", "--to", "-").out.split())
    assert "GLASS BROKEN over quorum, by A. Ruiz" in report
    assert "is open: A. Ruiz broke quorum" in report
    assert "A. Ruiz declared sales-incident-" in report.replace("\\", "")
    assert "Nobody gave the technical assessment." in report
    _review(stage, opened.incident)
    _evidence(stage, execution)


def _evidence(stage: Stage, execution: str) -> None:
    """The record of the incident leaves with that of the execution, which was opened over its first three steps."""
    path = stage.folder / "moved.evidence.jsonl"
    exported = voicedr(stage, "export", execution, "--to", str(path))
    assert exported.out.split() == [str(path), str(stage.folder / "moved.incident.jsonl")], exported
    verified = CliRunner().invoke(
        app, ["verify", str(stage.folder / "moved.incident.jsonl"), "--execution", str(path), "--json"]
    )
    said = json.loads(verified.stdout)
    assert (verified.exit_code, said["whole"], said["bound"], said["records"]) == (0, True, True, 5)


def _look_at_the_page(stage: Stage) -> None:
    """HTML, one sheet of paper and JSON hold the same plan, what is not known, and the cost that was said."""
    html, pdf = stage.folder / "page.html", stage.folder / "page.pdf"
    made = voicedr(stage, "packet", "support-line", "--html", str(html), "--pdf", str(pdf), "--json")
    assert made.code == 0, made.err
    said = json.loads(made.out)
    packet = said["packet"]
    assert packet["plan_hash"] in html.read_text()
    paper = pypdf.PdfReader(io.BytesIO(pdf.read_bytes()))
    assert len(paper.pages) == 1
    text = " ".join(paper.pages[0].extract_text().split())
    assert "voicedr approve" in text
    assert "900" in text
    assert said["unknowns"] >= 2
    bad = [one for one in packet["signals"] if one["sure"] == "bad"]
    assert any("us1" in one["words"] for one in bad), packet["signals"]


def _review(stage: Stage, incident: str) -> None:
    """It stays open through the end of the incident until somebody else looks at it."""
    closed = voicedr(stage, "stand-down", "sales", "--why", "recovered", "--as", "ruiz")
    assert closed.code == 0, closed.err
    journal = SqliteJournal(stage.journal_file)
    events = [one.event for one in JournalIncidents(journal).read(incident)]
    journal.close()
    broken = [one.glass for one in events if isinstance(one, GlassBroken)]
    assert len(broken) == 2
    assert fold_incident(events).closed is not None
    assert all(glass in voicedr(stage, "who", "sales").out for glass in broken)
    own = voicedr(stage, "review", broken[0], "--note", "fine", "--as", "ruiz")
    assert (own.code, "by somebody else" in own.err) == (4, True)
    assert voicedr(stage, "review", broken[0], "--note", "right: she was", "--as", "chen").code == 0
    said = voicedr(stage, "who", "sales").out
    assert (broken[0] in said, broken[1] in said) == (False, True)
