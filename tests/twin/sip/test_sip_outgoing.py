"""Several INVITEs seen as one call: who wins, who is cancelled, what is told if nobody does."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicedr.twin.calls.commands import FarEnd, Invite
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.outgoing import Outgoing, Way
from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import URI, Request, Response, parse, respond

ORDER = Invite("sip:alice@acme.sip.twilio.com", "+16465550123", "", "ashburn", "acme.sip.twilio.com", 32.0)


def way(number: int) -> Way:
    """A device."""
    flow = Flow("udp", ("127.60.10.1", 5060), ("127.0.0.9", 6000 + number))
    return Way(URI.parse(f"sip:alice@127.0.0.9:{6000 + number}"), flow, "ashburn")


class Fork:
    """A call to several devices, and what each was sent."""

    def __init__(self, devices: int) -> None:
        self.now = 0.0
        self.sent: dict[int, list[Request]] = {number: [] for number in range(devices)}
        numbers = count(1)
        self.agent = Agent(self._transmit, lambda prefix: f"{prefix}{next(numbers)}", lambda: self.now)
        self.call: Outgoing = self.agent.call(ORDER, [way(number) for number in range(devices)])

    def _transmit(self, message: Request | Response, flow: Flow) -> None:
        copy = parse(bytes(message))
        if isinstance(copy, Request):
            self.sent[flow.remote[1] - 6000].append(copy)

    def answers(self, device: int, code: int) -> None:
        """A device answers its INVITE."""
        contact = [("Contact", f"<sip:alice@127.0.0.9:{6000 + device}>")]
        invite = self.sent[device][0]
        self.agent.receive(bytes(respond(invite, code, tag=f"d{device}", headers=contact)), way(device).flow)

    def words(self, device: int) -> list[str]:
        """What a device was sent."""
        return [request.method for request in self.sent[device]]

    def wind(self, to: float) -> None:
        """Let time pass."""
        while self.agent.next_at is not None and self.agent.next_at <= to:
            self.now = self.agent.next_at
            self.agent.due()
        self.now = to


class Tied:
    """Another call, which ends with this one."""

    answered = over = False
    outcome = ""

    def __init__(self) -> None:
        self.hung_up = 0

    def hang_up(self) -> None:
        """Be hung up."""
        self.hung_up += 1

    def tie(self, other: FarEnd) -> None:
        """Nothing ends with it."""


def test_the_first_answer_wins() -> None:
    """Who rings is cancelled; who answers all the same is acknowledged and hung up; the winner's BYE ends the call."""
    fork = Fork(3)
    tied = Tied()
    fork.call.tie(tied)
    for device in (0, 1, 2):
        fork.answers(device, 180)
    fork.answers(1, 200)
    assert (fork.call.answered, fork.call.over, fork.call.sip_code) == (True, False, 200)
    assert fork.call.call_id == fork.sent[1][0].call_id
    fork.answers(0, 200)
    fork.answers(2, 487)
    assert fork.words(0) == ["INVITE", "CANCEL", "ACK", "BYE"]
    assert fork.words(1) == ["INVITE", "ACK"]
    assert fork.words(2) == ["INVITE", "CANCEL", "ACK"]
    assert tied.hung_up == 0
    fork.call.hang_up()
    assert (fork.words(1), fork.call.over, fork.call.outcome, tied.hung_up) == (
        ["INVITE", "ACK", "BYE"],
        True,
        "served",
        1,
    )


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ((486, 480), 480),
        ((503, 486), 486),
        ((404, 603), 603),
        ((None, 486), 486),
        ((486, None), 486),
        ((None, None), 0),
    ],
)
def test_what_is_told_if_nobody_answers(codes: tuple[int | None, ...], told: int) -> None:
    """A response before none, 6xx before others, then the lowest (RFC 3261 section 16.7); until the last it rings."""
    fork = Fork(len(codes))
    for device, code in enumerate(codes):
        assert not fork.call.over
        if code is not None:
            fork.answers(device, code)
    fork.wind(33.0)
    assert (fork.call.over, fork.call.answered, fork.call.sip_code, fork.call.outcome) == (True, False, told, "failed")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([100, 180, 200, 302, 401, 486, 603])), max_size=14),
       st.integers(0, 14))  # fmt: skip
def test_whatever_happens_one_is_left(steps: list[tuple[int, int]], hangs_up_at: int) -> None:
    """In whatever order devices answer, at most one is left in the call, and none once it was hung up."""
    fork = Fork(4)
    for at, (device, code) in enumerate(steps):
        if at == hangs_up_at:
            fork.call.hang_up()
        fork.answers(device, code)
    finals = {device: code for device, code in reversed(steps) if code >= 200}
    took = {device for device, code in finals.items() if code == 200}
    left = {device for device in took if "BYE" not in fork.words(device)}
    assert len(left) == int(fork.call.answered and not fork.call.over)
    fork.call.hang_up()
    fork.wind(200.0)
    assert {device for device in range(4) if "BYE" in fork.words(device)} == took
    assert fork.call.over == (fork.call.answered or fork.agent.next_at is None)
