"""What each command means, as a table: command, how the execution stands, what happens or why nothing does.

The runner obeys by it, the command line asks it before anything is queued, and the reference page is printed from it.
A command that means nothing is refused in words with the next step, and a runner that reads one records that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SetRoute, SteerDispatcher
from voicedr.program.execution.state import Execution, Phase, Stage
from voicedr.program.vocabulary import Mode

LEFT_IS_BACK = "primary-is-back"
"""A roll-back with this word in its note: a person says that the Region which was left is alive again."""


class Name(StrEnum):
    """What one may say to an execution."""

    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    ABORT = "abort"
    STOP = "stop"
    GO = "go"
    NO_GO = "no-go"
    ROLL_BACK = "roll-back"
    SWITCH_MODE = "switch-mode"


class Standing(StrEnum):
    """How an execution stands, as far as commands are concerned. The first that fits, in this order from below."""

    MOVING = "moving"
    ASKING = "asking people"
    ROLLING_BACK = "rolling back"
    PAUSED = "paused"
    ROLLBACK_REFUSED = "rollback refused"
    ROLLBACK_PAUSED = "paused while rolling back"
    ROLLBACK_ASKED = "rollback asked"
    STOPPED = "stopped"
    ABORTED = "aborted"
    DRIFTED = "drifted"
    FINISHED = "finished"


@dataclass(frozen=True)
class Said:
    """One command as it was said."""

    name: str
    by: str
    note: str
    seq: int
    at: datetime


@dataclass(frozen=True)
class Obeyed:
    """What the command makes. ``look_first``: only if the Region that is left is seen alive right before."""

    events: tuple[ev.Event, ...]
    look_first: bool = False


@dataclass(frozen=True)
class Refused:
    """Why the command means nothing now, and what would."""

    why: str


Meaning = Obeyed | Refused
Does = Callable[[Said, Execution], Meaning]


@dataclass(frozen=True)
class Cell:
    """One cell of the table: ``words`` say what happens, or why nothing does; ``instead`` is the next step."""

    words: str
    does: Does | None = None
    instead: str = ""


def standing(execution: Execution) -> Standing:
    """How an execution stands."""
    if execution.finished is not None:
        return Standing.FINISHED
    if execution.drift is not None:
        return Standing.DRIFTED
    if execution.aborted is not None:
        return Standing.ABORTED
    if execution.stopped is not None:
        return Standing.STOPPED
    if execution.rollback_asked is not None and execution.rollback is None:
        return Standing.ROLLBACK_ASKED
    rolling_back = execution.phase is Phase.ROLLING_BACK
    if execution.paused is not None or execution.interrupted is not None:
        if rolling_back:
            return Standing.ROLLBACK_PAUSED
        return Standing.PAUSED if execution.rollback_refused is None else Standing.ROLLBACK_REFUSED
    if rolling_back:
        return Standing.ROLLING_BACK
    return Standing.ASKING if execution.asks_people else Standing.MOVING


def meaning(said: Said, execution: Execution) -> Meaning:
    """What a command means as the execution stands."""
    row = TABLE.get(said.name)
    if row is None:
        return Refused(f"{said.name!r} is no command. It takes: {', '.join(TABLE)}.")
    stands = standing(execution)
    cell = row[stands]
    if cell.does is not None:
        return cell.does(said, execution)
    instead = cell.instead.format(execution=execution.opened.execution, flow=execution.plan.flow)
    return Refused(f"{said.name} means nothing now: {cell.words}." + (f" {instead}" if instead else ""))


def mode_note(mode: Mode, why: str, role: str = "") -> str:
    """The note of a switch-mode command: the mode, the role in which it is said, and why."""
    return f"{mode} as {role}: {why}" if role else f"{mode}: {why}"


def _pause(said: Said, _execution: Execution) -> Meaning:
    return Obeyed((ev.Paused(at=said.at, by=said.by, why=said.note or "asked to", command=said.seq),))


def _resume(said: Said, _execution: Execution) -> Meaning:
    return Obeyed((ev.Resumed(at=said.at, by=said.by, why=said.note, command=said.seq),))


def _resume_stopped(said: Said, execution: Execution) -> Meaning:
    if not said.note.strip():
        who = execution.stopped.by if execution.stopped is not None else "somebody"
        return Refused(
            f"{who} stopped everything, so going on needs a reason: voicedr resume"
            f" {execution.opened.execution} --why REASON."
        )
    return _resume(said, execution)


def _skip(said: Said, execution: Execution) -> Meaning:
    """What was refused or cannot be settled is left; so is what is not fit to be moved. A doubt is taken on."""
    skipped = [
        ev.Skipped(at=said.at, action=name, by=said.by, why=action.why, command=said.seq)
        for name, action in execution.actions.items()
        if action.stage in (Stage.REFUSED, Stage.UNSETTLED) and said.note in ("", name)
    ]
    skipped += _after_those(skipped, said, execution)
    waived: list[ev.Event] = []
    for cohort in execution.current:
        doubt = cohort.doubted
        if doubt is None:
            continue
        unfit = {one.subject: one.words for one in doubt.failed} if doubt.when == "before" else {}
        for name, action in ((n, a) for n, a in execution.actions.items() if a.cohort == cohort.plan.name):
            subject = action.action.subject.key if isinstance(action.action, SetRoute) else ""
            if subject in unfit and action.stage is Stage.PENDING and said.note in ("", name):
                skipped.append(ev.Skipped(at=said.at, action=name, by=said.by, why=unfit[subject], command=said.seq))
        if said.note == "":
            waived.append(
                ev.Asserted(
                    at=said.at,
                    cohort=doubt.cohort,
                    when=doubt.when,
                    checked=doubt.checked,
                    failed=doubt.failed,
                    unseen=doubt.unseen,
                    not_looked=doubt.not_looked,
                    waived_by=said.by,
                    command=said.seq,
                )
            )
    if skipped or waived:
        # The doubt is lifted last: until then nothing of the cohort moves.
        return Obeyed((*skipped, *waived))
    return Refused(
        "skip means nothing now: nothing was refused, nothing is unsettled, and no assertion holds it up."
        f" See how it stands: voicedr status {execution.opened.execution}"
    )


def _after_those(skipped: Sequence[ev.Skipped], said: Said, execution: Execution) -> list[ev.Skipped]:
    """The targets of an SBC that come after one that is left: each relies on the one before it."""
    left = [execution.actions[one.action] for one in skipped]
    sbcs = {(state.cohort, state.action.sbc) for state in left if isinstance(state.action, SteerDispatcher)}
    return [
        ev.Skipped(
            at=said.at,
            action=name,
            by=said.by,
            why=f"a target of {state.action.sbc} before it was left where it is",
            command=said.seq,
        )
        for name, state in execution.actions.items()
        if isinstance(state.action, SteerDispatcher)
        and (state.cohort, state.action.sbc) in sbcs
        and state.stage is Stage.PENDING
    ]


def _abort(said: Said, _execution: Execution) -> Meaning:
    return Obeyed((ev.Aborted(at=said.at, by=said.by, why=said.note or "asked to", command=said.seq),))


def _stop(said: Said, _execution: Execution) -> Meaning:
    return Obeyed((ev.Stopped(at=said.at, by=said.by, why=said.note or "asked to", command=said.seq),))


def _answer(said: Said, execution: Execution) -> Meaning:
    asked = next((one for one in execution.current if one.asked and one.decided is None), None)
    if asked is None:
        return Refused(
            f"{said.name} means nothing now: no question is open."
            f" See how it stands: voicedr status {execution.opened.execution}"
        )
    return Obeyed(
        (
            ev.DecisionTaken(
                at=said.at,
                cohort=asked.plan.name,
                go=said.name == Name.GO,
                by=said.by,
                note=said.note,
                command=said.seq,
            ),
        )
    )


def _roll_back(said: Said, _execution: Execution) -> Meaning:
    back = LEFT_IS_BACK in said.note
    why = said.note or "asked to"
    return Obeyed((ev.RollbackAsked(at=said.at, by=said.by, why=why, left_is_back=back, command=said.seq),))


def _switch_mode(said: Said, execution: Execution) -> Meaning:
    head, _, why = said.note.partition(":")
    word, _, role = head.strip().partition(" as ")
    plan, run = execution.plan, execution.opened.execution
    mode = next((one for one in Mode if one == word), None)
    if mode is None or not why.strip():
        return Refused(f"say the mode and why: voicedr switch-mode {run} --to ungraceful --why REASON.")
    if mode is execution.mode:
        return Refused(f"switch-mode means nothing now: the execution is {mode} already.")
    if mode is Mode.UNGRACEFUL:
        refuses = (
            f"a rollback, unless a person says that {plan.leaves} is back: nobody would see whether it is alive",
        )
        switched = ev.ModeSwitched(
            at=said.at, mode=mode, by=said.by, why=why.strip(), role=role, refuses=refuses, command=said.seq
        )
        return Obeyed((switched,))
    if role not in plan.approval_roles:
        return Refused(
            f"to ask {plan.leaves} again needs somebody with an approving role ({', '.join(plan.approval_roles)}):"
            f" voicedr switch-mode {run} --to graceful --as PERSON --why REASON."
        )
    switched = ev.ModeSwitched(at=said.at, mode=mode, by=said.by, why=why.strip(), role=role, command=said.seq)
    return Obeyed((switched,), look_first=True)


_STATUS = "See how it stands: voicedr status {execution}"
_FINISHED = Cell("the execution is finished", instead="Its report: voicedr report {execution}")
_DRIFTED = Cell(
    "the world was not as the plan had it, and the execution ends without a change",
    instead="Make the plan again: voicedr failover {flow}",
)
_ABORTED = Cell(
    "the execution was aborted; it only settles what was in flight",
    instead="When it is finished, make a plan from how things are then",
)
_ROLLBACK_COMES = "a rollback was asked for and comes first"
_ENDS = {Standing.ABORTED: _ABORTED, Standing.DRIFTED: _DRIFTED, Standing.FINISHED: _FINISHED}


def _row(everywhere: Cell, differs: Mapping[Standing, Cell]) -> Mapping[Standing, Cell]:
    return {stands: differs.get(stands, _ENDS.get(stands, everywhere)) for stands in Standing}


_PAUSED_ALREADY = Cell("it is paused already", instead="Go on with: voicedr resume {execution}")
_NOT_PAUSED = Cell("it is not paused", instead=_STATUS)
_STOP = Cell("nothing that changes anything is sent from the next instant; what is in flight is settled", _stop)
_ANSWER = Cell("the open question is answered; refused if none is open", _answer)
_NO_QUESTION = Cell("everything is moved back, and no question is open", instead=_STATUS)
_MOVE_BACK = Cell("everything is moved back, if the Region that was left is seen alive", _roll_back)
_BACK_ALREADY = Cell("it is rolling back already", instead=_STATUS)
_SWITCH = Cell(
    "to ungraceful: the Region that is left is never asked from now on; to graceful: it is seen alive first, and a"
    " person of an approving role says so",
    _switch_mode,
)
_SWITCH_NO = Cell(
    "everything is being moved back into the Region that was left, which is asked for it",
    instead="If that Region is dead: voicedr abort {execution}",
)

TABLE: Mapping[str, Mapping[Standing, Cell]] = {
    Name.PAUSE: _row(
        Cell("nothing new is started; what is in flight is finished", _pause),
        {
            Standing.PAUSED: _PAUSED_ALREADY,
            Standing.ROLLBACK_REFUSED: _PAUSED_ALREADY,
            Standing.ROLLBACK_PAUSED: _PAUSED_ALREADY,
            Standing.STOPPED: Cell(
                "it is stopped, which holds more", instead="Go on: voicedr resume {execution} --why"
            ),
            Standing.ROLLBACK_ASKED: Cell(_ROLLBACK_COMES, instead="Pause it when it moves back, or stop everything"),
        },
    ),
    Name.RESUME: _row(
        Cell("it goes on: refused changes are tried again, what must hold is looked at again", _resume),
        {
            Standing.MOVING: _NOT_PAUSED,
            Standing.ASKING: Cell(
                "it is not paused, it waits for an answer",
                instead="Answer: voicedr go {execution} --as PERSON, or no-go",
            ),
            Standing.ROLLING_BACK: _NOT_PAUSED,
            Standing.ROLLBACK_ASKED: _NOT_PAUSED,
            Standing.STOPPED: Cell(
                "it goes on, if a reason is given; a rollback that was asked for first", _resume_stopped
            ),
        },
    ),
    Name.SKIP: _row(
        Cell("what was refused, is unsettled or not fit to be moved is left; refused if there is none", _skip),
        {
            Standing.ABORTED: Cell(
                "what cannot be settled is left, so that it can end; refused if there is none", _skip
            ),
            Standing.ROLLBACK_ASKED: Cell(_ROLLBACK_COMES, instead=_STATUS),
        },
    ),
    Name.ABORT: _row(
        Cell("nothing more is started, ever; what was moved stays where it is", _abort),
        {Standing.ABORTED: Cell("it was aborted already", instead=_STATUS)},
    ),
    Name.STOP: _row(
        _STOP, {Standing.STOPPED: Cell("it is stopped already", instead="Go on: voicedr resume {execution} --why")}
    ),
    Name.GO: _row(
        _ANSWER,
        {
            Standing.ROLLING_BACK: _NO_QUESTION,
            Standing.ROLLBACK_PAUSED: _NO_QUESTION,
            Standing.ROLLBACK_ASKED: Cell(_ROLLBACK_COMES, instead=_STATUS),
        },
    ),
    Name.NO_GO: _row(
        _ANSWER,
        {
            Standing.ROLLING_BACK: _NO_QUESTION,
            Standing.ROLLBACK_PAUSED: _NO_QUESTION,
            Standing.ROLLBACK_ASKED: Cell(_ROLLBACK_COMES, instead=_STATUS),
        },
    ),
    Name.ROLL_BACK: _row(
        _MOVE_BACK,
        {
            Standing.ROLLING_BACK: _BACK_ALREADY,
            Standing.ROLLBACK_PAUSED: Cell(
                "it is rolling back already", instead="Go on with: voicedr resume {execution}"
            ),
            Standing.ROLLBACK_ASKED: Cell("it was asked for already", instead=_STATUS),
            Standing.STOPPED: Cell("noted: it is the first thing done when somebody resumes", _roll_back),
        },
    ),
    Name.SWITCH_MODE: _row(
        _SWITCH,
        {Standing.ROLLING_BACK: _SWITCH_NO, Standing.ROLLBACK_PAUSED: _SWITCH_NO, Standing.ROLLBACK_ASKED: _SWITCH_NO},
    ),
}
"""What each command means, however the execution stands."""
