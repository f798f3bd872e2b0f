"""A plan and a run on the terminal: every number has its denominator, every wait says what for and how long."""

from __future__ import annotations

import io

import msgspec
from rich.console import Console, RenderableType

from made_journals import Writer, at, crashed, good_failover, make_plan, rolled_back
from voicedr.cli.execution_output import event_line, plan_text, progress, progress_line, progress_lines, progress_values
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.scope.moving import OnInterrupt, Overlap
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Verdict


def shown(renderable: RenderableType) -> str:
    """What a terminal 140 wide shows, without colour."""
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(renderable)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_plan_says_what_moves_how_long_it_takes_and_how_to_approve_it() -> None:
    """Everything an approver needs, before anything moves."""
    plan = make_plan(unknowns=("route writes during a us1 outage are not documented",))
    text = shown(plan_text(plan, plan_hash(plan), tier=1, said={"ready": "41 pass · 0 fail"}))
    for words in (
        "support-line · tier 1 · us1 → ie1 · ungraceful (us1 is not asked for anything)",
        "6 numbers in 2 cohorts · application context",
        "2 min to 13 min, decision not included · RTO 15 min",
        "? route writes during a us1 outage",
        "2 bad in a row pause it, 32 good pass",
        "needs 2 approvals (on-call lead and operations director)",
        f"voicedr approve {plan_hash(plan)[:12]}",
    ):
        assert words in text
    assert text.index("ready") < text.index("takes")


def test_a_plan_says_how_much_is_at_risk_and_what_an_interruption_means() -> None:
    """Approvers see the budget that they put their name to, and the time without it."""
    plan = make_plan(overlap=Overlap(cohorts_max=2, entry_points_max=40), on_interrupt=OnInterrupt(gating="pause"))
    terms = ("overlapped within 40 entry points at risk: 80.0 to 400.0 s; one after another: 90.0 to 900.0 s",)
    plan = msgspec.structs.replace(plan, forecast=msgspec.structs.replace(plan.forecast, terms=terms))
    text = " ".join(shown(plan_text(plan, plan_hash(plan))).split())
    assert "while at most 2 cohorts wait, at most 40 entry points at risk · one after another: 90.0 to 900.0 s" in text
    assert "if nobody has it for more than 1 min: people are asked while gating; a rollback goes on" in text


def test_the_expected_end_is_shown_with_its_band() -> None:
    """For people and for machines; while somebody has to be asked, none is promised."""
    w = Writer().approve().run().move("canary", 166)
    assert " ± " in shown(progress(tell(w.journal), at(180)))
    assert "ETA " in progress_line(tell(w.journal), at(180))
    eta = progress_values(tell(w.journal), at(180))["eta"]
    assert isinstance(eta, dict)
    assert set(eta) == {"at", "plus_minus_s", "earliest", "latest"}
    w.add(ev.Paused(at=at(181), by="voicedr", why="a route may be stuck"))
    assert "ETA" not in shown(progress(tell(w.journal), at(182)))
    assert progress_values(tell(w.journal), at(182))["eta"] is None


def test_markup_in_names_is_not_obeyed() -> None:
    """Square brackets in a name are part of the name."""
    plan = make_plan({"[bold red]x[/]": 1}, flow="[link=http://evil]y[/]")
    text = shown(plan_text(plan, "ab" * 32))
    assert "[bold red]x[/]" in text
    assert "[link=http://evil]y[/]" in text
    assert "[bold red]x[/]" in shown(progress(tell(Writer(plan).journal), at(50)))


def test_a_cohort_says_what_it_waits_for_and_how_long() -> None:
    """Writes, then propagation, then calls."""
    w = Writer().approve().run().move("canary", 166)
    waiting = shown(progress(tell(w.journal), at(180)))
    assert "2 not seen in ie1 yet: propagation, at most 4 min 46 s more" in waiting
    assert "starts when canary is go" in waiting
    late = shown(progress(tell(w.journal), at(600)))
    assert "longer than propagation may take" in late
    w.prove("canary", 190).calls("canary", 192, 20)
    assert "not enough calls yet: 12 more good ones, ~12 s" in shown(progress(tell(w.journal), at(240)))
    w.gate("canary", 250, Verdict.GO, 32, 0)
    assert "go (00:04:10)" in shown(progress(tell(w.journal), at(251)))


def test_after_the_start_of_moving_the_writes_left_are_counted() -> None:
    """So many to write, at the pace of the account."""
    w = Writer(make_plan({"canary": 101})).run().add(ev.CohortStarted(at=at(166), cohort="canary"))
    assert "101 to write at 20/s: ~5 s" in shown(progress(tell(w.journal), at(167)))


def test_the_next_line_names_who_must_do_what() -> None:
    """An approval, a decision, a pause: each with the way on."""
    w = Writer()
    assert "next: 0 of 2 approvals. voicedr approve" in shown(progress(tell(w.journal), at(50)))
    w.approve().run()
    assert "next: nothing to do. voicedr pause x-0042" in shown(progress(tell(w.journal), at(170)))
    w.add(ev.Paused(at=at(180), by="voicedr", why="a route may be stuck"))
    assert "paused by voicedr: a route may be stuck. voicedr resume x-0042" in shown(progress(tell(w.journal), at(181)))
    w.add(ev.DecisionAsked(at=at(182), cohort="canary", question="Go on?", roles=("lead",)))
    assert "next: lead must say go or no-go for canary: Go on?" in shown(progress(tell(w.journal), at(183)))


def test_the_clock_against_the_rto_is_drawn_and_says_when_it_is_over() -> None:
    """A bar of fifteen cells."""
    story = tell(Writer().journal)
    assert "RTO 15:00 ▕███████░░░░░░░░▏" in shown(progress(story, at(450)))
    assert "OVER" in shown(progress(story, at(901)))


def test_every_record_of_a_run_can_be_shown() -> None:
    """From no record to the last, on a screen and in a log."""
    for journal in (good_failover(), rolled_back(), crashed()):
        for length in range(len(journal) + 1):
            story = tell(journal[:length])
            assert progress_lines(story, at(500))
            assert "\n" not in progress_line(story, at(500))
    assert "↩ rollback  7/7 moved back   equal to the snapshot" in shown(progress(tell(rolled_back()), at(500)))
    assert "6/6 moved, 6/6 proved" in progress_line(tell(good_failover()), at(500))


def test_a_log_has_the_notable_events_only() -> None:
    """What changes what a person would do; not every request."""
    lines = [line for event in rolled_back() if (line := event_line(event)) is not None]
    assert any("no-go" in line for line in lines)
    assert any("it may have taken effect" in line for line in lines)
    assert not any("about to" in line for line in lines)
    assert len(lines) < len(rolled_back()) / 2
