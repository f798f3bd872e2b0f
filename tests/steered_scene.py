"""A scene whose flow steers two targets of an SBC with its canary: Dublin in, then Ashburn out."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from scenes import NOW, Scene, account_values, snapshot_of
from voicedr.ports.clock import Clock
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.sbc import DispatcherTarget, Sbc, SbcMove, TargetState
from voicedr.program.scope.workbook import Flow
from voicedr.testing.fake_dispatcher import FakeDispatcher
from voicedr.testing.fake_provider import FakeProvider
from voicedr.usecases.cut_over import cut_over

RPC, RPC_2 = "http://10.0.0.5:8080/RPC", "http://10.0.0.6:8080/RPC"
ASHBURN, DUBLIN = "sip:acme.pstn.ashburn.twilio.com", "sip:acme.pstn.dublin.twilio.com"
ACTIVE, DISABLED = TargetState.ACTIVE, TargetState.DISABLED
AT_HOME = {ASHBURN: ACTIVE, DUBLIN: DISABLED}
AWAY = {ASHBURN: DISABLED, DUBLIN: ACTIVE}
MOVES = (SbcMove(DUBLIN, ACTIVE, DISABLED), SbcMove(ASHBURN, DISABLED, ACTIVE))


def an_sbc(name: str = "sbc-1", rpc: str = RPC, **changes: object) -> Sbc:
    """One that goes over to Dublin."""
    return msgspec.structs.replace(Sbc(name, rpc, 1, MOVES), **changes)


def with_sbcs(flow: Flow, *sbcs: Sbc) -> Flow:
    """The flow with these."""
    return msgspec.structs.replace(flow, sbcs=sbcs or (an_sbc(),))


def standing(**states: TargetState) -> Observed[tuple[DispatcherTarget, ...]]:
    """What a list shows; by default as at home."""
    now = {ASHBURN: states.get("ashburn", ACTIVE), DUBLIN: states.get("dublin", DISABLED)}
    seen = tuple(DispatcherTarget(1, uri, state, state is ACTIVE) for uri, state in now.items())
    return Observed(seen, NOW, "test")


def seen(snapshot: Snapshot, **facts: object) -> Snapshot:
    """Facts with the dispatchers' lists: of ``rpc`` and of ``rpc_2``."""
    places = {"rpc": RPC, "rpc_2": RPC_2}
    found = {places[name]: fact for name, fact in facts.items()}
    return msgspec.structs.replace(snapshot, dispatchers=found or {RPC: standing()})


@dataclass
class SteeredScene(Scene):
    """Everything an execution needs that also steers an SBC. ``sbcs`` outlives every process."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.flow = with_sbcs(self.flow)
        self.sbcs = FakeDispatcher({RPC: {1: dict(AT_HOME)}})

    def plan(self) -> Plan:
        """The flow's plan from the facts of now."""
        now = self.sbcs.standing[RPC][1]
        listed = standing(ashburn=now[ASHBURN], dublin=now[DUBLIN])
        facts = seen(snapshot_of(self.account, self.flow), rpc=listed)
        return make_plan(self.flow, account_values(), facts, purpose=self.purpose, mode=self.mode)

    async def run(
        self,
        clock: Clock,
        providers: dict[str, FakeProvider] | None = None,  # type: ignore[override]
        *,
        holder: str = "me",
        stay: bool = False,
    ) -> Execution:
        """Work until it is finished or paused."""
        self.sbcs.clock = clock
        return await cut_over(
            self.execution,
            self.journal,
            providers or self.providers(clock),  # type: ignore[arg-type]
            None,
            clock,
            holder=holder,
            listener=lambda event, _state: self.events.append(event),
            stay_when_paused=stay,
            dispatcher=self.sbcs,
        )

    def stands(self) -> dict[str, TargetState]:
        """How the targets stand."""
        return self.sbcs.standing[RPC][1]

    def changed(self) -> list[tuple[str, TargetState]]:
        """What was changed, in order."""
        return [(target, to) for _, _, target, to in self.sbcs.changes]
