"""The evidence pack of an execution: all that somebody needs who was not there, in one folder that can be verified.

Its four assets are the workbook, the readiness baseline, the execution path, and the plan of validation and recovery;
around them the report in every form, and the evidence itself. What is not recorded is said to be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from voicedr.ports.journal import Record
from voicedr.program.evidence import pack
from voicedr.program.evidence.file import Checkpoint, execution_of, write_evidence
from voicedr.program.evidence.incident_file import incident_of, opened_checkpoint, verify_incident
from voicedr.program.execution.events import Event, Opened
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.story import tell
from voicedr.usecases.report_figures import AROUND, SCHEMA, figures
from voicedr.usecases.report_markdown import report_markdown
from voicedr.usecases.tell_execution import Told
from voicedr.usecases.write_recovery import recovery_markdown
from voicedr.usecases.write_report import report_html, report_json

MISSING_READINESS = "not recorded: `voicedr ready --format json > FILE` before the run, then `--readiness FILE`"
MISSING_PDF = "WeasyPrint could not be used here: `pip install 'voicedr[pdf]'`"
MISSING_INCIDENT = "no incident was declared for this execution"


class Beside(msgspec.Struct, frozen=True):
    """What the caller has beside the journal; None: it has not.

    Attributes:
        workbook: The bytes of the workbook's file as it is now.
        readiness: What ``voicedr ready --format json`` wrote before the run.
        pdf: The report on paper.
        incident: The evidence file of the incident that the execution names.
        checkpoint: A checkpoint of the journal, with the public key that verifies it.
    """

    workbook: bytes | None = None
    readiness: bytes | None = None
    pdf: bytes | None = None
    incident: bytes | None = None
    checkpoint: Checkpoint | None = None
    public_key: str = ""


class _Opening(msgspec.Struct):
    plan: msgspec.Raw


def pack_files(told: Told, flow: Flow | None, beside: Beside) -> dict[str, bytes]:
    """Every file of the pack by its name, with the manifest. Equal records and files give equal bytes.

    Args:
        told: The execution, with what lies around it.
        flow: As the workbook has it now.
        beside: What else there is.
    """
    opened = told.records[0].event
    if not isinstance(opened, Opened):
        raise pack.PackBroken("the journal has no opening record, so there is no plan to pack. Verify it first")
    files: dict[str, bytes] = {
        "report.html": report_html(told.story, flow).encode(),
        pack.REPORT: report_json(told.story),
        "report.md": report_markdown(told.story).encode(),
        pack.PLAN: bytes(msgspec.json.decode(told.records[0].body, type=_Opening).plan),
        "recovery.md": recovery_markdown(opened.plan, flow).encode(),
        pack.EVIDENCE: _evidence(opened, told.records),
    }
    if beside.pdf is not None:
        files["report.pdf"] = beside.pdf
    if beside.workbook is not None:
        files[pack.WORKBOOK] = beside.workbook
    if beside.readiness is not None:
        files["readiness.json"] = beside.readiness
    if beside.incident is not None:
        files[pack.INCIDENT] = beside.incident
    if beside.checkpoint is not None:
        files[pack.CHECKPOINTS] = msgspec.json.encode(beside.checkpoint) + b"\n"
        files["checkpoint-key.pem"] = beside.public_key.encode()
    files["README.md"] = _read_me(told, opened, files).encode()
    return {**files, pack.MANIFEST: pack.write_manifest(opened.execution, files)}


def _evidence(opened: Opened, records: Sequence[Record]) -> bytes:
    rows = ((one.seq, one.term, one.previous, one.hash, one.body) for one in records)
    return write_evidence(opened.execution, opened.plan.flow, opened.plan_hash, rows)


def _read_me(told: Told, opened: Opened, files: Mapping[str, bytes]) -> str:
    story = told.story

    def line(asset: str, name: str, words: str, missing: str = "") -> str:
        return (
            f"| {asset} | {f'`{name}`' if name in files else '**missing**'} | {words if name in files else missing} |"
        )

    return "\n".join(
        [
            f"# Evidence pack of {opened.execution}",
            "",
            f"{story.title}. {story.outcome_words[:1].upper()}{story.outcome_words[1:]}.",
            "",
            "| asset | file | what it is |",
            "| --- | --- | --- |",
            line("DR workbook", pack.WORKBOOK, f"{story.around.workbook}", "it was not at hand"),
            line("readiness baseline", "readiness.json", "what was ready before it, as it was read", MISSING_READINESS),
            line("execution path", pack.PLAN, f"SHA-256 {opened.plan_hash}: what was approved", ""),
            line("validation and recovery plan", "recovery.md", "gates, proof, the way back", ""),
            line("report", "report.html", "opens from disk; also as `report.md` and `report.json`", ""),
            line("report on paper", "report.pdf", "A4", MISSING_PDF),
            line("evidence", pack.EVIDENCE, f"{story.records} records, head {story.head}", ""),
            line("incident", pack.INCIDENT, "who declared, assessed, broke and reviewed", MISSING_INCIDENT),
            line("checkpoint", pack.CHECKPOINTS, "how long the journal was when this was packed, signed", "no key"),
            "",
            "## How to verify it",
            "",
            "    sha256sum -c MANIFEST",
            "    voicedr verify .",
            "    voicedr verify . --checkpoint PLACE --public-key FILE   # with checkpoints that were kept elsewhere",
            "    voicedr verify . --allowed-signers FILE                 # and the signatures of approvals",
            "",
            "The first finds a changed file. The second also finds a changed record, a plan or a report that is not of"
            " this evidence, and a figure that the evidence does not give. A folder that was written anew as a whole is"
            " found only by what is kept elsewhere: the hash of MANIFEST, or checkpoints. The key in"
            " `checkpoint-key.pem` proves nothing by itself, since it came with the folder.",
            "",
            "There are telephone numbers and names of people in it: hand it only to whom they concern. `voicedr export"
            " --redacted` makes an edition without them.",
            "",
        ]
    )


def disagreements(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Where plan, report, workbook and incident do not belong to the evidence, in words. The evidence itself must hold.

    Raises:
        EvidenceBroken: If the evidence cannot be read.
        PackBroken: If the report cannot be read.
    """
    events = pack.events_of(files[pack.EVIDENCE])
    opened = events[0] if events else None
    if not isinstance(opened, Opened):
        return (f"{execution_of(files[pack.EVIDENCE])} has no opening record",)
    wrong: list[str] = []
    if pack.PLAN in files and pack.sha256(files[pack.PLAN]) != opened.plan_hash:
        wrong.append(f"{pack.PLAN} is not the plan that was approved ({opened.plan_hash[:12]}…)")
    workbook = files.get(pack.WORKBOOK)
    if workbook is not None and opened.workbook_sha256 and pack.sha256(workbook) != opened.workbook_sha256:
        wrong.append(f"{pack.WORKBOOK} was changed after the opening (it was {opened.workbook_sha256[:12]}…)")
    if pack.INCIDENT in files:
        wrong += _incident_wrong(files[pack.INCIDENT], opened)
    if pack.REPORT in files:
        wrong += _report_wrong(files[pack.REPORT], events)
    return tuple(wrong)


def _incident_wrong(body: bytes, opened: Opened) -> list[str]:
    if incident_of(body) != opened.incident:
        return [f"{pack.INCIDENT} is of {incident_of(body)}, and the execution names {opened.incident or 'none'}"]
    kept = opened_checkpoint(opened)
    verdict = verify_incident(body, [] if kept is None else [kept])
    return [] if verdict.whole else [f"{pack.INCIDENT}: {verdict.what}"]


class _ToldStory(msgspec.Struct):
    callers: CallerTally | None


class _Report(msgspec.Struct):
    schema: str
    figures: dict[str, int | float | str | bool | None]
    story: _ToldStory


def _report_wrong(body: bytes, events: Sequence[Event]) -> list[str]:
    """The figures are told again from the evidence; those that rest on other records are left out."""
    try:
        report = msgspec.json.decode(body, type=_Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise pack.PackBroken(f"{pack.REPORT} cannot be read ({exc})") from exc
    if report.schema != SCHEMA:
        return []
    again = figures(tell(events, report.story.callers))
    return [
        f"{pack.REPORT} says {name} is {report.figures[name]}, and the evidence gives {value}"
        for name, value in again.items()
        if name in report.figures and name not in AROUND and report.figures[name] != value
    ]
