"""An execution that people approved with their keys, and evidence files over any events, with every hash right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scenes import NOW, Scene
from ssh_keys import Laptop
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.file import write_evidence
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.approvals import statement_of
from voicedr.program.governance.statement import write_statement
from voicedr.program.scope.workbook import Approvals, Person
from voicedr.program.vocabulary import Kind

ANA, BEN = Person("ana", "Ana", ("lead",)), Person("ben", "Ben", ("director",))


def signers_text(laptops: Mapping[str, Laptop], options: str = "") -> str:
    """The list of signers, each line with these options."""
    return "".join(f"{name} {options}{one.public}\n" for name, one in laptops.items())


def signed_events(laptops: Mapping[str, Laptop], folder: Path) -> list[ev.Event]:
    """An execution is opened; two people approved it with their keys, and a third by word."""
    plan = Scene(folder, {"canary": 1}).plan()
    digest = plan_hash(plan)
    found: list[ev.Event] = [
        ev.Opened(at=NOW, execution="x1", plan=plan, plan_hash=digest, kind=Kind.DRILL_TWIN, by="ana")
    ]
    for person in (ANA, BEN):
        text = write_statement(statement_of(plan, digest, person, person.roles[0], NOW, Approvals()))
        signature = laptops[person.id].sign(text)
        found.append(
            ev.Approved(
                at=NOW, person=person.name, role=person.roles[0], plan_hash=digest, signed=True, person_id=person.id,
                statement=text, signature=signature,
            )
        )  # fmt: skip
    return [*found, ev.Approved(at=NOW, person="Cy", role="lead", plan_hash=digest)]


def evidence_of(events: list[ev.Event]) -> bytes:
    """A file over these events in which every hash is right."""
    opened, previous, rows = events[0], GENESIS, []
    assert isinstance(opened, ev.Opened)
    for seq, event in enumerate(events, start=1):
        body = encode(event)
        hashed = link("x1", seq, 1, previous, body)
        rows.append((seq, 1, previous, hashed, body))
        previous = hashed
    return write_evidence("x1", opened.plan.flow, opened.plan_hash, rows)
