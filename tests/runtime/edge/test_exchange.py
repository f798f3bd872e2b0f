"""Whatever edges do, a request ends in time and a write is executed at most once: as decided, without sockets."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.edge.circuit import Limits
from voicedr.runtime.edge.events import Kind
from voicedr.runtime.edge.exchange import Asked, Told, Tried, Try, Wait, exchange
from voicedr.runtime.edge.failures import EdgeError, MayHaveTakenEffect, NotAnswered, NotDelivered
from voicedr.runtime.edge.headers import Headers
from voicedr.runtime.edge.health import Health
from voicedr.runtime.edge.outcomes import NOT_THE_EDGE, UNDELIVERED, Answer, Lost, Why
from voicedr.runtime.edge.settings import EdgeSettings

EDGES = ("ashburn", "umatilla", "sydney")
SETTINGS = EdgeSettings("us1", EDGES, timeout=20.0)
CONCURRENCY = '{"code": 20429}'


@dataclass
class Notes:
    """Keeps what is told."""

    told: list[tuple[Kind, str, str]] = field(default_factory=list)

    def note(self, kind: Kind, product: str, edge: str, method: str, reason: str, seconds: float = 0.0) -> None:
        self.told.append((kind, edge, reason))

    def attempt_answered(self, product: str, edge: str, seconds: float) -> None:
        pass

    def chance(self) -> float:
        return 0.5

    def late_after_s(self) -> float | None:
        return None


def said(status: int, content: str = "", *fields: tuple[str, str]) -> Answer:
    """An answer."""
    return Answer(status, Headers(fields), content)


CAME = st.one_of(
    st.sampled_from([said(200), said(404), said(500), said(503), said(429, CONCURRENCY), said(429, "{}")]),
    st.sampled_from([said(429, "", ("Retry-After", "1")), said(429, CONCURRENCY, ("Retry-After", "999999"))]),
    st.builds(Lost, st.sampled_from(Why), reused=st.booleans()),
)


def executed(came: Answer | Lost) -> bool:
    """Whether the provider may have carried it out."""
    if isinstance(came, Lost):
        return came.why not in UNDELIVERED
    return came.status_code != 429


def run(
    method: str, script: list[tuple[Answer | Lost, float]], health: Health
) -> tuple[Answer | EdgeError, list[tuple[Try, Answer | Lost]], float, Notes]:
    """Play what comes in turn (then 200 for ever), each so much later; what it ends with, what was tried, when."""
    now_s, notes = 0.0, Notes()
    steps = exchange(Asked(method, "api", SETTINGS.total_s), health, SETTINGS, notes, now_s)
    tried: list[tuple[Try, Answer | Lost]] = []
    coming = iter(script)
    try:
        step = next(steps)
        for _ in range(100):
            if isinstance(step, Wait):
                now_s += step.seconds
                step = steps.send(Told(now_s))
                continue
            assert now_s < SETTINGS.total_s, "an attempt began after the deadline"
            assert step.connect_s <= step.left_s
            assert step.read_s <= step.left_s
            came, took_s = next(coming, (said(200), 0.0))
            took_s = min(took_s, step.left_s)
            now_s += took_s
            tried.append((step, came))
            step = steps.send(Told(now_s, [Tried(step.pick, came, took_s)]))
    except StopIteration as end:
        return end.value, tried, now_s, notes
    except EdgeError as error:
        return error, tried, now_s, notes
    raise AssertionError("it never ends")


SCRIPTS = st.lists(st.tuples(CAME, st.floats(0, 8)), max_size=25)


@given(st.sampled_from(["POST", "PUT", "DELETE"]), st.lists(SCRIPTS, min_size=1, max_size=4))
def test_a_write_is_executed_at_most_once_and_its_error_says_what_is_known(
    method: str, scripts: list[list[tuple[Answer | Lost, float]]]
) -> None:
    """Over several requests with one memory: at most one attempt of each may have been executed, and it is the last."""
    health = Health(EDGES, Limits())
    for script in scripts:
        end, tried, now_s, notes = run(method, script, health)
        done = [executed(came) for _, came in tried]
        assert not any(done[:-1])
        assert now_s <= SETTINGS.total_s + 1e-6
        assert isinstance(end, Answer | NotDelivered | MayHaveTakenEffect)
        if isinstance(end, NotDelivered):
            assert not any(done)
            assert Kind.GAVE_UP in [kind for kind, _, _ in notes.told]
        if isinstance(end, MayHaveTakenEffect):
            assert done[-1]


@given(SCRIPTS)
def test_a_read_tries_each_edge_once_and_never_says_that_it_may_have_taken_effect(
    script: list[tuple[Answer | Lost, float]],
) -> None:
    """Apart from waiting for 429 and one new connection for a stale one, no edge is asked again."""
    end, tried, now_s, _ = run("GET", script, Health(EDGES, Limits()))
    assert isinstance(end, Answer | NotAnswered | NotDelivered)
    assert now_s <= SETTINGS.total_s + 1e-6
    asked = [step.pick.edge for step, _ in tried]
    for edge in EDGES:
        again = [
            came
            for step, came in tried
            if step.pick.edge == edge
            and ((isinstance(came, Answer) and came.status_code == 429) or (isinstance(came, Lost) and came.reused))
        ]
        assert asked.count(edge) <= 1 + len(again)
    assert len([came for _, came in tried if isinstance(came, Answer) and came.status_code == 429]) <= 6
    given_up = isinstance(end, EdgeError) and end.attempts and end.attempts[-1].why in NOT_THE_EDGE
    if isinstance(end, EdgeError) and not given_up and now_s < SETTINGS.total_s:
        assert {*asked} == {*EDGES}


@given(SCRIPTS, st.sampled_from(["GET", "POST"]))
def test_429_never_goes_to_another_edge(script: list[tuple[Answer | Lost, float]], method: str) -> None:
    """The attempt after one is on the same edge."""
    _, tried, _, _ = run(method, script, Health(EDGES, Limits()))
    for (before, came), (after, _) in pairwise(tried):
        if isinstance(came, Answer) and came.status_code == 429:
            assert after.pick.edge == before.pick.edge
