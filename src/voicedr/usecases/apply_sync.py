"""Carries out a plan of the standby's copy: intent before each write, then what was seen; nothing on a guess.

Whatever stops it, the next run goes on: it reads both Regions anew, and finds what this one did. What was asked for and
not answered is looked for by its name before anything else is sent, and belongs to the copy if it is as it was asked.

Things of one kind do not need each other, so several of them are written at once; the next kind waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider, Unsettled, WrongCredential
from voicedr.ports.syncs import Syncs
from voicedr.program.readiness.kinds import KINDS, Kind, Resource, Value
from voicedr.program.standby import records as rec
from voicedr.program.standby.compare import same
from voicedr.program.standby.desired import Ref, Secret
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key
from voicedr.program.standby.plan import Step
from voicedr.usecases.plan_sync import Planned

WRITES_AT_ONCE_MAX = 8
"""The adapter paces them; the provider limits how many requests an account has in flight."""

LOOKS_S = (0.5, 1.0, 2.0)
"""Waits before the looks after a lost answer. Something new may take a moment to be listed."""

FORBIDDEN = (401, 403)
"""The key lost the permission: what follows would be refused as well."""

T = TypeVar("T")


class NotNow(Exception):
    """A rule forbids to change the standby now: which, and the way on."""


@dataclass(frozen=True)
class Applied:
    """How a run ended.

    Attributes:
        outcome: ``done``; ``partly``: the provider refused something, and what does not need it is done; ``stopped``.
        seen: So many writes were seen to be done.
        problems: What was refused, differs or is not known, for people.
        differs: The provider answered with something else than was asked for.
        forbidden: A rule stopped it (an incident was declared meanwhile).
    """

    outcome: rec.Outcome
    seen: int = 0
    problems: tuple[str, ...] = ()
    differs: bool = False
    forbidden: bool = False


Outcome = rec.SyncSeen | rec.SyncDiffers | rec.SyncRefused | rec.SyncUnsettled


async def apply_sync(
    planned: Planned,
    provider: RegionalProvider,
    syncs: Syncs,
    clock: Clock,
    *,
    run: str,
    by: str,
    holder: str,
    secret: Callable[[str], str],
    may_go_on: Callable[[], str | None] = lambda: None,
    tell: Callable[[Step, Outcome], None] = lambda _step, _outcome: None,
    workbook_sha256: str = "",
) -> Applied:
    """Carry out a plan in its standby.

    Args:
        planned: The plan, from facts read now.
        provider: The standby's.
        syncs: Where it is recorded.
        clock: Time, and waiting.
        run: A new id for this run.
        by: Who does it.
        holder: This process.
        secret: Gives a secret by its reference.
        may_go_on: Asked before each write: why it may not go on; None if it may.
        tell: Told how each write ended.
        workbook_sha256: Of the workbook's file.

    Raises:
        NotNow: If a rule forbids it from the beginning. Nothing was changed.
        SyncHeld: If another process is at it. Nothing was changed.
        SyncFenced: If somebody took over. What was in flight is found by the next run.
    """
    if (why := may_go_on()) is not None:
        raise NotNow(why)
    plan = planned.plan
    opened = rec.SyncOpened(
        at=clock.now(),
        run=run,
        account=plan.account,
        primary=plan.primary,
        standby=plan.standby,
        plan_hash=planned.digest,
        by=by,
        steps=len(plan.writes),
        flows=plan.flows,
        workbook_sha256=workbook_sha256,
    )
    applying = _Applying(planned, provider, syncs, clock, run, holder, secret, may_go_on, tell)
    await applying.ask(lambda: syncs.open(opened, holder))
    return await applying.all()


class _Applying:
    def __init__(
        self,
        planned: Planned,
        provider: RegionalProvider,
        syncs: Syncs,
        clock: Clock,
        run: str,
        holder: str,
        secret: Callable[[str], str],
        may_go_on: Callable[[], str | None],
        tell: Callable[[Step, Outcome], None],
    ) -> None:
        self._planned = planned
        self._plan = planned.plan
        self._provider = provider
        self._syncs = syncs
        self._clock = clock
        self._run = run
        self._holder = holder
        self._secret = secret
        self._may_go_on = may_go_on
        self._tell = tell
        self._sids: dict[Key, str] = dict(planned.sids)
        self._failed: set[Key] = set()
        self._problems: list[str] = []
        self._seen = 0

    async def all(self) -> Applied:
        """Everything, or until something stops it."""
        taken = [
            rec.TakenOver(
                at=self._clock.now(), key=step.key, sid=step.sid, how=step.takes_over, parent_sid=step.parent_sid
            )
            for step in self._plan.steps
            if step.takes_over and step.sid is not None
        ]
        if taken:
            await self._record(*taken)
        for batch in _batches(self._plan.writes):
            if (why := self._may_go_on()) is not None:
                self._problems.append(why)
                return await self._finish("stopped", why, forbidden=True)
            outcomes = await self._write(batch)
            stops = [one for one in outcomes if self._stops(one)]
            if stops:
                differs = any(isinstance(one, rec.SyncDiffers) for one in stops)
                return await self._finish("stopped", self._problems[-1], differs=differs)
        return await self._finish("partly" if self._problems else "done")

    async def ask(self, work: Callable[[], T]) -> T:
        """Ask the record something; others go on meanwhile if it is asked over a network."""
        return await asyncio.to_thread(work) if self._syncs.remote else work()

    async def _record(self, *events: rec.SyncEvent) -> None:
        await self.ask(lambda: self._syncs.append(self._run, self._holder, events, self._clock.now()))

    async def _finish(
        self, outcome: rec.Outcome, why: str = "", *, differs: bool = False, forbidden: bool = False
    ) -> Applied:
        await self._record(rec.SyncFinished(at=self._clock.now(), outcome=outcome, why=why))
        return Applied(outcome, self._seen, tuple(self._problems), differs, forbidden)

    async def _write(self, batch: Sequence[tuple[int, Step]]) -> list[Outcome]:
        """Several of one kind at once: their intents, then their requests, then what was seen."""
        ready: list[tuple[int, Step, dict[str, Value]]] = []
        for number, step in batch:
            lacks = self._lacks(step)
            if lacks is not None:
                self._failed.add(step.key)
                self._problems.append(f"{step.key} was not done: it needs {lacks}, which was not done.")
            else:
                ready.append((number, step, self._payload(step)))
        if not ready:
            return []
        await self._record(
            *(
                rec.SyncIntended(
                    at=self._clock.now(),
                    step=number,
                    do=step.do,
                    key=step.key,
                    fields={change.field: change.after or "" for change in step.changes},
                    sid=step.sid,
                )
                for number, step, _ in ready
            )
        )
        outcomes = list(await asyncio.gather(*(self._one(*one) for one in ready)))
        await self._record(*outcomes)
        for (_, step, _), outcome in zip(ready, outcomes, strict=True):
            self._note(step, outcome)
        return outcomes

    def _lacks(self, step: Step) -> Key | None:
        if step.do is Do.TAKE_OFF:
            return None
        needs = sorted(self._planned.wanted[step.key].needs, key=str)
        return next((key for key in needs if key in self._failed or key not in self._sids), None)

    def _payload(self, step: Step) -> dict[str, Value]:
        """What is sent: the fields that differ, with the standby's own SIDs and the secrets themselves."""
        if step.do is Do.TAKE_OFF:
            return {}
        wanted = self._planned.wanted[step.key]
        fields: dict[str, Value] = {}
        for change in step.changes:
            value = wanted.fields[change.field]
            if isinstance(value, Ref):
                fields[change.field] = self._sids[value.key]
            elif isinstance(value, Secret):
                fields[change.field] = self._secret(value.reference)
            else:
                fields[change.field] = value
        # Setting one of the two deletes the other; an empty one beside it might undo that.
        for one, other in (("trunk_sid", "voice_application_sid"), ("voice_application_sid", "trunk_sid")):
            if fields.get(one) and other in fields and fields[other] is None:
                del fields[other]
        return fields

    async def _one(self, number: int, step: Step, fields: dict[str, Value]) -> Outcome:
        kind = KINDS[step.key.kind]
        parent_sid = None if step.key.parent is None else (step.parent_sid or self._sids[step.key.parent])
        try:
            if step.do is Do.TAKE_OFF:
                assert step.sid is not None  # noqa: S101 - what is taken off is there
                await self._provider.remove(kind, step.sid, parent_sid)
                return self._said_seen(number, step, step.sid, parent_sid)
            if step.do is Do.UPDATE:
                assert step.sid is not None  # noqa: S101 - what is updated is there
                answered = await self._provider.update(kind, step.sid, fields, parent_sid)
            else:
                answered = await self._provider.create(kind, fields, parent_sid)
        except Unsettled as exc:
            return await self._look(number, step, fields, parent_sid, exc)
        except ProviderError as exc:
            return rec.SyncRefused(at=self._clock.now(), step=number, key=step.key, why=_why(exc))
        return self._compared(number, step, fields, answered, parent_sid)

    def _said_seen(
        self, number: int, step: Step, sid: str, parent_sid: str | None, *, read_back: bool = False
    ) -> rec.SyncSeen:
        return rec.SyncSeen(
            at=self._clock.now(),
            step=number,
            do=step.do,
            key=step.key,
            sid=sid,
            read_back=read_back,
            parent_sid=parent_sid,
        )

    def _compared(
        self,
        number: int,
        step: Step,
        fields: Mapping[str, Value],
        seen: Resource,
        parent_sid: str | None,
        *,
        read_back: bool = False,
    ) -> Outcome:
        """What the provider shows must be what was asked for."""
        differing = tuple(sorted(_differing(KINDS[step.key.kind], fields, seen)))
        if differing:
            return rec.SyncDiffers(
                at=self._clock.now(),
                step=number,
                do=step.do,
                key=step.key,
                sid=seen.sid,
                fields=differing,
                parent_sid=parent_sid,
            )
        return self._said_seen(number, step, seen.sid, parent_sid, read_back=read_back)

    async def _look(
        self, number: int, step: Step, fields: Mapping[str, Value], parent_sid: str | None, lost: Unsettled
    ) -> Outcome:
        """After a lost answer: list the kind, and see whether it is there."""
        kind, why = KINDS[step.key.kind], str(lost)
        for wait_s in LOOKS_S:
            await self._clock.sleep(wait_s)
            try:
                listed = await self._provider.resources(kind, parent_sid)
            except ProviderError as exc:
                why = f"{lost} It could not be looked at: {exc}"
                continue
            if step.do is Do.TAKE_OFF:
                if not any(one.sid == step.sid for one in listed):
                    return self._said_seen(number, step, step.sid or "", parent_sid, read_back=True)
            elif step.do is Do.UPDATE:
                found = next((one for one in listed if one.sid == step.sid), None)
                if found is not None and not _differing(kind, fields, found):
                    return self._said_seen(number, step, found.sid, parent_sid, read_back=True)
            else:
                named = [one for one in listed if _is_named(kind, fields, one)]
                if len(named) == 1:
                    return self._compared(number, step, fields, named[0], parent_sid, read_back=True)
                if named:
                    why = f"{lost} Now there are {len(named)} of this name."
                    break
            why = f"{lost} It was looked for, and is not there."
        return rec.SyncUnsettled(at=self._clock.now(), step=number, key=step.key, why=why)

    def _note(self, step: Step, outcome: Outcome) -> None:
        match outcome:
            case rec.SyncSeen():
                self._seen += 1
                self._sids[step.key] = outcome.sid
            case rec.SyncDiffers():
                self._sids[step.key] = outcome.sid
                names = ", ".join(outcome.fields)
                self._problems.append(
                    f"{step.key}: the provider answered with something else than was asked for in {names}. It stays as"
                    " the provider has it; look at it there, then run this again."
                )
            case rec.SyncRefused():
                self._failed.add(step.key)
                self._problems.append(f"{step.key}: {outcome.why}")
            case rec.SyncUnsettled():
                self._failed.add(step.key)
                self._problems.append(f"{step.key} is UNSETTLED: {outcome.why}")
        self._tell(step, outcome)

    def _stops(self, outcome: Outcome) -> bool:
        match outcome:
            case rec.SyncSeen():
                return False
            case rec.SyncRefused():
                return not outcome.why.startswith(_GOES_ON)
            case _:
                return True


_GOES_ON = "refused: "
"""What the provider said no to for its own sake. Anything else would meet the next one as well."""


def _why(error: ProviderError) -> str:
    own = isinstance(error, Refused) and not isinstance(error, WrongCredential) and error.status not in FORBIDDEN
    return f"{_GOES_ON if own else ''}{error}"


def _batches(steps: Sequence[Step]) -> Iterator[list[tuple[int, Step]]]:
    """Steps in order, several of one kind and one way together."""
    numbered = list(enumerate(steps, 1))
    for _, group in groupby(numbered, key=lambda one: (one[1].key.kind, one[1].do)):
        alike = list(group)
        for first in range(0, len(alike), WRITES_AT_ONCE_MAX):
            yield alike[first : first + WRITES_AT_ONCE_MAX]


def _differing(kind: Kind, fields: Mapping[str, Value], seen: Resource) -> set[str]:
    """The fields that are not as asked; what is never shown is not compared."""
    found = set()
    for name, value in fields.items():
        field = kind.field(name)
        has = seen.sid if name == "sid" else seen.fields.get(name)
        if field.role.value != "secret" and not same(value, has, field.default):
            found.add(name)
    return found


def _is_named(kind: Kind, fields: Mapping[str, Value], one: Resource) -> bool:
    names = kind.identity if any(fields.get(name) is not None for name in kind.identity) else ("friendly_name",)
    for name in names:
        has = one.sid if name == "sid" else one.fields.get(name)
        if not same(fields.get(name), has, kind.field(name).default):
            return False
    return True
