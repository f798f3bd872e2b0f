"""What can be broken in the sample deployment, and what callers may lose by it: the table of docs/sample_deployment.md.

A promise is about callers of one Region's numbers. ``voicedr sample measure`` and the tests hold the deployment to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What a call came to."""

    NOTED = "noted"
    MESSAGE = "message"
    FALLBACK = "fallback"
    ERROR = "error"
    NOBODY = "nobody"
    CUT = "cut"


MEANINGS: Mapping[Fate, str] = {
    Fate.NOTED: "greeted, put on the list, told the place",
    Fate.MESSAGE: "greeted, and asked for a message instead of being put on the list",
    Fate.FALLBACK: "asked for a message by the fallback app",
    Fate.ERROR: "heard the provider's error message",
    Fate.NOBODY: "heard nothing, or could not be connected",
    Fate.CUT: "was greeted and heard no end",
}

ELECTION_S_MAX = 5.0
"""Until the store has another leader and callers notice nothing any more; about a second unless the machine is busy."""

HANG_S_MAX = 6.0
"""Until the balancer has left a hanging instance out, and what it had taken has been asked elsewhere."""


@dataclass(frozen=True)
class Promise:
    """What one Region's callers may lose.

    Attributes:
        may: What else than ``NOTED`` may happen to a call.
        for_s_max: Only to calls that arrive so soon after the break; None: until it is healed.
        wait_s_max: How long callers who hear words may wait for the next ones. Ordinary is less than a second.
        certainly: What must have been seen, so that a row which promises loss is about a real one.
    """

    may: frozenset[Fate] = frozenset()
    for_s_max: float | None = None
    wait_s_max: float = 3.0
    certainly: tuple[Fate, ...] = ()

    def and_(self, other: Promise) -> Promise:
        """What may be lost if both are broken at once."""
        ends = [one.for_s_max for one in (self, other) if one.may]
        return Promise(
            self.may | other.may,
            None if None in ends else max((end for end in ends if end is not None), default=None),
            max(self.wait_s_max, other.wait_s_max),
            self.certainly + other.certainly,
        )


NOTHING = Promise()


@dataclass(frozen=True)
class Breakage:
    """One way to break it.

    Attributes:
        title: What is done, in words.
        practice: Which practice keeps callers from losing more.
        kill: Parts that are killed (SIGKILL).
        hang: Parts that are stopped (SIGSTOP): they take connections and do not answer.
        store: Nodes of the store that are killed by the role they have at that moment.
        fault: A fault of the twin, with its parameters.
        callers: The promise by Region of the number called.
        tokens_lost: Whether no client gets a token meanwhile.
    """

    title: str
    practice: str
    kill: tuple[str, ...] = ()
    hang: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    fault: Mapping[str, Any] = field(default_factory=dict)
    callers: Mapping[str, Promise] = field(default_factory=lambda: {"us1": NOTHING, "ie1": NOTHING})
    tokens_lost: bool = False


def _us1(promise: Promise) -> Mapping[str, Promise]:
    return {"us1": promise, "ie1": NOTHING}


def _both(promise: Promise) -> Mapping[str, Promise]:
    return {"us1": promise, "ie1": promise}


_UNTIL_HEALED = Promise(frozenset({Fate.FALLBACK}), certainly=(Fate.FALLBACK,))

BREAKAGES: Mapping[str, Breakage] = {
    "us1-a": Breakage(
        "one instance of us1 is killed",
        "two instances that share their state; the balancer asks the other one within the same request",
        kill=("us1-a",),
    ),
    "us1-a-hangs": Breakage(
        "one instance of us1 hangs: it takes connections and answers nothing",
        "a time-out, a retry that is safe because answers are kept, health checks",
        hang=("us1-a",),
        callers=_us1(Promise(frozenset({Fate.FALLBACK, Fate.MESSAGE}), for_s_max=HANG_S_MAX, wait_s_max=9.0)),
    ),
    "us1-instances": Breakage(
        "both instances of us1 are killed",
        "the balancer says 503 and the provider goes on to the fallback URL",
        kill=("us1-a", "us1-b"),
        callers=_us1(_UNTIL_HEALED),
    ),
    "us1-balancer": Breakage(
        "the balancer of us1 is killed",
        "a fallback URL on a host that shares nothing with the balancer",
        kill=("us1-balancer",),
        callers=_us1(_UNTIL_HEALED),
    ),
    "us1-application": Breakage(
        "the whole application of us1 is killed: both instances and the balancer",
        "nothing of us1's is needed by the fallback, nor by ie1",
        kill=("us1-a", "us1-b", "us1-balancer"),
        callers=_us1(_UNTIL_HEALED),
    ),
    "store-leader": Breakage(
        "the store's leader is killed",
        "three nodes in three places: the two that are left choose a leader",
        store=("leader",),
        callers=_both(Promise(frozenset({Fate.MESSAGE}), for_s_max=ELECTION_S_MAX)),
    ),
    "store-follower": Breakage(
        "another node of the store is killed",
        "two nodes of three are enough, and instances know all three",
        store=("follower",),
        callers=_both(Promise(frozenset({Fate.MESSAGE}), for_s_max=1.0)),
    ),
    "store": Breakage(
        "two nodes of the store are killed, so nothing can be written",
        "the greeting needs no store, the health check does not ask it, and a message takes the list's place",
        store=("leader", "follower"),
        callers=_both(Promise(frozenset({Fate.MESSAGE}), wait_s_max=4.5, certainly=(Fate.MESSAGE,))),
    ),
    "fallback": Breakage(
        "the fallback app is killed",
        "it is asked only when the application fails; watch it, for nobody calls it",
        kill=("fallback",),
    ),
    "us1-balancer-and-fallback": Breakage(
        "the balancer of us1 and the fallback app are killed",
        "there is no third: this is why the fallback must share nothing",
        kill=("us1-balancer", "fallback"),
        callers=_us1(Promise(frozenset({Fate.ERROR}), certainly=(Fate.ERROR,))),
    ),
    "tokens-a": Breakage(
        "one token service is killed",
        "two at different places, both known to whoever asks",
        kill=("tokens-a",),
    ),
    "tokens": Breakage(
        "both token services are killed",
        "clients that have a token keep it until it ends; callers by telephone need none",
        kill=("tokens-a", "tokens-b"),
        tokens_lost=True,
    ),
    "edge": Breakage(
        "the edge ashburn is lost: webhooks that leave through it are never connected",
        "connection overrides: another edge after 2 s (#e=ashburn,umatilla&rc=2&ct=2000)",
        fault={"fault": "edge-down", "edge": "ashburn", "mode": "black-hole"},
        callers=_us1(Promise(wait_s_max=4.5)),
    ),
    "region": Breakage(
        "the Region us1 is black-holed",
        "nothing that customers run can answer; numbers are moved to ie1: voicedr failover",
        fault={"fault": "region-down", "region": "us1", "mode": "black-hole"},
        callers=_us1(Promise(frozenset({Fate.NOBODY, Fate.CUT}), certainly=(Fate.NOBODY,))),
    ),
}
