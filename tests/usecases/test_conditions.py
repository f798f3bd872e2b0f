"""What must hold beside the approvals, over what glass may be broken, and every way of breaking it wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from program.governance.governed import CHAIN, PEOPLE, governed, person
from scenes import Scene
from ssh_keys import Laptop, laptop
from voicedr.adapters.journal.incidents import JournalIncidents
from voicedr.adapters.signatures import SshSignatures
from voicedr.ports.incidents import IncidentOpen, IncidentsBroken
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.incident import GlassBroken, Incident
from voicedr.program.governance.statement import StatementRefused
from voicedr.program.scope.authority import Rule
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Kind
from voicedr.testing.virtual_time import run_virtual
from voicedr.usecases.approve import Approving
from voicedr.usecases.break_glass import Sign, break_glass
from voicedr.usecases.conditions import Conditions
from voicedr.usecases.cut_over import NotApproved, open_execution
from voicedr.usecases.decide import (
    DecisionRefused,
    assess,
    declare,
    open_incident,
    open_reviews,
    review,
    stand_down,
    with_incident,
)

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NIGHT = NOON + timedelta(hours=10)
FREEZE = 'freeze: [{from: "2026-11-18T00:00Z", to: "2026-11-19T00:00Z", why: end of the quarter}]\n'


@dataclass
class Room:
    """A governed workbook around a small flow, and the records."""

    scene: Scene
    workbook: Workbook
    flow: Flow
    plan: Plan
    incidents: JournalIncidents
    approving: Approving

    def approve(self, *people: str, now: datetime = NOON) -> None:
        """By word."""
        for name in people:
            one = person(self.workbook, name)
            role = next(role for role in self.plan.approval_roles if role in one.roles)
            self.scene.journal.approve(
                ev.Approved(at=now, person=one.name, role=role, plan_hash=plan_hash(self.plan), person_id=name)
            )

    def incident(self) -> Incident | None:
        """The open one."""
        return open_incident(self.incidents, self.flow.id)

    def open(self, now: datetime = NOON, executor: str | None = None, execution: str = "x1") -> ev.Opened:
        """Open the execution; what its journal begins with."""
        who = None if executor is None else person(self.workbook, executor)
        open_execution(
            self.scene.journal,
            self.plan,
            execution=execution,
            kind=Kind.DRILL_TWIN,
            by="ana",
            now=now,
            approving=self.approving,
            conditions=Conditions(self.workbook, self.flow, self.incident(), who),
        )
        opened = self.scene.journal.read(execution)[0].event
        assert isinstance(opened, ev.Opened)
        return opened

    def glass(
        self,
        rule: Rule = Rule.QUORUM,
        who: str = "chen",
        now: datetime = NOON,
        why: str = "alone",
        sign: Sign | None = None,
    ) -> GlassBroken:
        """Break it."""
        return break_glass(
            self.incidents, self.workbook, self.flow, self.plan, rule, person(self.workbook, who), why, now,
            new_incident=f"i-{now:%H%M}", sign=sign,
        )  # fmt: skip


def room(folder: Path, chain: str = CHAIN, people: str = PEOPLE) -> Room:
    """A room without signatures."""
    scene = Scene(folder)
    workbook, flow = governed(chain=chain, people=people)
    plan = msgspec.structs.replace(scene.plan(), approval_roles=("on-call lead", "operations director"))
    incidents = JournalIncidents(scene.journal)
    return Room(scene, workbook, flow, plan, incidents, Approving(workbook.approvals, workbook.people))


@pytest.fixture
def here(tmp_path: Path) -> Room:
    """The same, as most tests need it."""
    return room(tmp_path)


def test_two_people_in_their_hours_are_enough(here: Room) -> None:
    """Without an incident nothing but the quorum and the hours is asked for."""
    here.approve("ruiz", "chen")
    opened = here.open()
    assert (opened.incident, opened.broke, opened.rule) == ("", (), "")


def test_an_approval_outside_the_hours_does_not_count(here: Room) -> None:
    """Ruiz at night: said whose and when; Okafor, the deputy for the night, counts."""
    here.approve("ruiz", "chen", now=NIGHT)
    with pytest.raises(
        NotApproved, match=r"A\. Ruiz's does not count: A\. Ruiz was not on when it was given \(Wed 22:00"
    ):
        here.open(NIGHT)
    here.approve("okafor", now=NIGHT)
    assert here.open(NIGHT).broke == ()


def test_a_deputy_counts_while_the_first_is_on_too(tmp_path: Path) -> None:
    """The order says who is asked, not whose word holds."""
    people = PEOPLE.replace('from: "18:00", to: "08:00"', 'from: "00:00", to: "24:00"')
    here = room(tmp_path, people=people)
    here.approve("okafor", "chen")
    assert here.open().broke == ()


def test_somebody_who_left_the_workbook_does_not_count(here: Room) -> None:
    """Also with their word from before."""
    here.approve("ruiz", "chen")
    here.approving = replace(here.approving, people=here.approving.people[1:])
    with pytest.raises(NotApproved, match=r'"A\. Ruiz" is nobody in the workbook'):
        here.open()


def test_who_assessed_needs_another_approver_beside_them(tmp_path: Path) -> None:
    """One of two approvers may have assessed; both may not, nor one who assessed and one who carries it out."""
    people = PEOPLE + "  - {id: diaz, name: C. Diaz, roles: [on-call lead, voice engineer, operations director]}\n"
    here = room(tmp_path, people=people)
    declare(here.incidents, here.workbook, here.flow, person(here.workbook, "diaz"), "silence", NOON, incident="i1")
    for who, part in (("ruiz", "technical"), ("chen", "business")):
        assess(here.incidents, here.workbook, here.flow, person(here.workbook, who), part, "go", NOON)  # type: ignore[arg-type]
    here.approve("ruiz", "chen")
    with pytest.raises(NotApproved, match=r"everybody who approved \(chen and ruiz\) also assessed it"):
        here.open()
    here.approve("diaz")
    with pytest.raises(NotApproved, match="also assessed it or carries it out"):
        here.open(executor="diaz")
    assert here.open(executor="ruiz").incident == "i1"


def test_functions_that_the_workbook_keeps_apart(tmp_path: Path) -> None:
    """A stricter rule names the pair and the person; glass may be broken over it."""
    pair = CHAIN.replace("authority:\n", "authority:\n  different_people: [[technical_assessment, approval]]\n")
    here = room(tmp_path, chain=pair)
    declare(here.incidents, here.workbook, here.flow, person(here.workbook, "ruiz"), "silence", NOON, incident="i1")
    assess(here.incidents, here.workbook, here.flow, person(here.workbook, "ruiz"), "technical", "go", NOON)
    here.approve("ruiz", "chen")
    with pytest.raises(
        NotApproved, match="ruiz acts in technical assessment and in approval, which the workbook keeps"
    ):
        here.open()
    here.glass(Rule.DIFFERENT_PEOPLE, why="nobody else is awake")
    (broke,) = here.open().broke
    assert broke == "different-people, by B. Chen, until 2026-11-18 12:30:00 UTC: nobody else is awake"


def test_nothing_moves_in_a_freeze_unless_glass_is_broken(tmp_path: Path) -> None:
    """The refusal says until when and why; what glass was broken over is in the record."""
    here = room(tmp_path, chain=CHAIN + FREEZE)
    here.approve("ruiz", "chen")
    with pytest.raises(NotApproved, match="nothing is moved until 2026-11-19 00:00:00 UTC: end of the quarter"):
        here.open()
    here.glass(Rule.FREEZE_WINDOW)
    assert [one.split(",")[0] for one in here.open().broke] == ["freeze-window"]


def test_a_freeze_never_holds_a_real_event(tmp_path: Path) -> None:
    """Practice can wait; callers cannot."""
    here = room(tmp_path, chain=CHAIN + FREEZE)
    here.approve("ruiz", "chen")
    open_execution(
        here.scene.journal,
        here.plan,
        execution="x1",
        kind=Kind.REAL,
        by="voicedr",
        now=NOON,
        approving=here.approving,
        conditions=Conditions(here.workbook, here.flow),
    )
    assert [one.execution for one in here.scene.journal.executions()] == ["x1"]


def test_broken_quorum_from_the_deed_to_the_review(here: Room) -> None:
    """It opens an incident, moves the flow, and stays open until somebody else has looked at it."""
    glass = here.glass(why="the others are in the air")
    incident = here.incident()
    assert incident is not None
    assert incident.declared.why.startswith("by breaking glass over quorum")
    opened = here.open()
    assert opened.incident == incident.incident
    assert opened.broke == ("quorum, by B. Chen, until 2026-11-18 12:30:00 UTC: the others are in the air",)
    assert run_virtual(here.scene.run).finished is not None
    stand_down(here.incidents, here.workbook, here.flow, person(here.workbook, "chen"), "over", NOON)
    assert [one.glass for _, one in open_reviews(here.incidents)] == [glass.glass]
    with pytest.raises(DecisionRefused, match="a review is by somebody else"):
        review(here.incidents, here.workbook, person(here.workbook, "chen"), glass.glass, "fine", NOON)
    with pytest.raises(DecisionRefused, match="say what the review found"):
        review(here.incidents, here.workbook, person(here.workbook, "ruiz"), glass.glass, "", NOON)
    with pytest.raises(DecisionRefused, match=rf"no review 'review-x' is open. Open: {glass.glass}"):
        review(here.incidents, here.workbook, person(here.workbook, "ruiz"), "review-x", "fine", NOON)
    review(here.incidents, here.workbook, person(here.workbook, "ruiz"), glass.glass, "right", NOON)
    assert open_reviews(here.incidents) == []


WRONG: dict[str, tuple[Callable[[Room], object], str]] = {
    "a rule that the workbook does not name": (
        lambda here: here.glass(Rule.READINESS_GAP),
        "does not let readiness-gap be broken; it lets: quorum, freeze-window, different-people, hours",
    ),
    "without a reason": (lambda here: here.glass(why="  "), "say why, in one line: --why"),
    "with a reason of two lines": (lambda here: here.glass(why="a\nplan: x"), 'must begin with "person: "'),
}


@pytest.mark.parametrize("case", WRONG)
def test_glass_that_cannot_be_broken(case: str, here: Room) -> None:
    """Nothing is recorded, not even an incident."""
    deed, words = WRONG[case]
    with pytest.raises((DecisionRefused, StatementRefused)) as refused:
        deed(here)
    assert words in str(refused.value)
    assert here.incident() is None


def test_glass_holds_for_one_plan_and_for_a_time_and_while_its_breaker_may(tmp_path: Path) -> None:
    """Expired, over another plan, by somebody who may not any more, or changed in the file: it breaks nothing."""
    here = room(tmp_path)
    here.glass()
    with pytest.raises(NotApproved, match="2 more of 2 people"):
        here.open(NOON + timedelta(minutes=30))
    another = replace(here, plan=msgspec.structs.replace(here.plan, unknowns=("new",)))
    with pytest.raises(NotApproved):
        another.open()
    no_more, _ = governed(chain=CHAIN.replace("rules: [quorum, ", "rules: ["))
    with pytest.raises(NotApproved):
        replace(here, workbook=no_more).open()
    incident = here.incident()
    assert incident is not None
    forged = msgspec.structs.replace(incident.broken[0], rule=Rule.FREEZE_WINDOW)
    here.incidents.append(incident.incident, forged)
    waived = Conditions(here.workbook, here.flow, here.incident()).waived(here.plan, here.approving, NOON)
    assert set(waived) == {Rule.QUORUM}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    """Chen's, made once."""
    return laptop(tmp_path_factory.mktemp("homes") / "chen")


def test_where_signatures_are_required_glass_is_signed(here: Room, key: Laptop, tmp_path: Path) -> None:
    """A word breaks nothing; a signature does, and is verified again when it is used."""
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"chen {key.public}\n")
    signatures = SshSignatures(signers)
    rules = msgspec.structs.replace(here.workbook.approvals, required=True, allowed_signers="allowed_signers")
    here.workbook = msgspec.structs.replace(here.workbook, approvals=rules)
    here.approving = Approving(rules, here.workbook.people, signatures)
    with pytest.raises(DecisionRefused, match="requires signatures, and this is not signed"):
        here.glass()

    def sign(text: str) -> tuple[str, str]:
        signature = key.sign(text)
        return signature, str(signatures.verify(text, signature, "chen"))

    assert here.glass(sign=sign).key.startswith("ed25519 SHA256:")
    signers.write_text("")
    with pytest.raises(NotApproved):
        here.open()
    signers.write_text(f"chen {key.public}\n")
    assert len(here.open().broke) == 1


def test_an_incidents_record_is_one_chain(here: Room) -> None:
    """An edit, a cut tail and a second open incident are refused with what to do."""
    declare(here.incidents, here.workbook, here.flow, person(here.workbook, "ruiz"), "silence", NOON, incident="i1")
    assess(here.incidents, here.workbook, here.flow, person(here.workbook, "chen"), "business", "go", NOON)
    with pytest.raises(IncidentOpen, match="voicedr stand-down support-line"):
        declare(here.incidents, here.workbook, here.flow, person(here.workbook, "ruiz"), "again", NOON, incident="i2")
    engine = here.scene.journal.engine
    for change, words in (
        (
            "UPDATE incident_records SET body = replace(body, 'silence', 'noise') WHERE seq = 1",
            "record 1 of i1 was edited",
        ),
        ("DELETE FROM incident_records WHERE seq = 2", "record 2 of i1 is missing: its tail was cut off"),
    ):
        with engine.connect() as connection, connection.begin() as step:
            connection.exec_driver_sql(change)
            step.commit()
        with pytest.raises(IncidentsBroken, match=words):
            here.incidents.read("i1")
        if "UPDATE" in change:
            with engine.connect() as connection, connection.begin() as step:
                connection.exec_driver_sql("UPDATE incident_records SET body = replace(body, 'noise', 'silence')")
                step.commit()


def test_nobody_says_go_over_a_gap(here: Room) -> None:
    """The technical verdict is refused with the gap; no-go and not known are taken."""
    ruiz = person(here.workbook, "ruiz")
    declare(here.incidents, here.workbook, here.flow, ruiz, "silence", NOON, incident="i1")
    with pytest.raises(DecisionRefused, match="the technical verdict is not go: no handler in ie1"):
        assess(here.incidents, here.workbook, here.flow, ruiz, "technical", "go", NOON, gaps=("no handler in ie1",))
    said = assess(here.incidents, here.workbook, here.flow, ruiz, "technical", "not known", NOON, gaps=("x",))
    assert said.gaps == ("x",)


def test_a_rule_opens_without_people_and_still_not_in_a_freeze(tmp_path: Path) -> None:
    """The rule stands in the record instead of approvals; the other rules hold as ever."""

    def by_rule(here: Room) -> None:
        open_execution(
            here.scene.journal,
            here.plan,
            execution="x1",
            kind=Kind.DRILL_TWIN,
            by="voicedr",
            now=NOON,
            approving=here.approving,
            conditions=Conditions(here.workbook, here.flow),
            rule="automatic: 3 successful drills",
        )

    frozen = room(tmp_path / "frozen", chain=CHAIN + FREEZE)
    with pytest.raises(NotApproved, match="nothing is moved until"):
        by_rule(frozen)
    free = room(tmp_path / "free")
    by_rule(free)
    events = [record.event for record in free.scene.journal.read("x1")]
    assert [type(event) for event in events] == [ev.Opened]
    story = tell(events)
    assert "It was opened WITHOUT PEOPLE, by the rule automatic: 3 successful drills." in story.summary


def test_the_report_tells_who_decided_what_and_how_soon(here: Room) -> None:
    """With the targets of the workbook, what was late, and what nobody said."""
    ruiz = person(here.workbook, "ruiz")
    seen = NOON - timedelta(minutes=3)
    declare(here.incidents, here.workbook, here.flow, ruiz, "silence", NOON, incident="i1", detected_at=seen)
    assess(here.incidents, here.workbook, here.flow, ruiz, "technical", "go", NOON, unknowns=("a", "b"))
    here.approve("ruiz", "chen")
    here.open()
    records = here.scene.journal.read("x1")
    told = with_incident(tell([record.event for record in records]), records, here.incidents, here.flow).summary
    assert told[0] == "A. Ruiz declared i1 at 12:00:00: silence."
    assert told[1] == "A. Ruiz said go (technical) at 12:00:00; 2 things were not known."
    assert told[2] == "Nobody gave the business assessment."
    assert told[3] == (
        "Clock of the decision, from detection: declared after 3 min (target 2 min: LATE), assessed not known (target"
        " 5 min: cannot be judged), approved after 3 min (target 10 min: in time), first act not known (target 12 min:"
        " cannot be judged)."
    )
