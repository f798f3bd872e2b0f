"""The desk to which SIP equipment comes: it decides by what the world says now, and hands calls to the switchboard."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Protocol

from voicedr.twin import faults
from voicedr.twin.calls.arrival import Admission, Admitted, Arrival, Refused, Registrant, Silence, SipCaller, ToDomain
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.inbound import arriving
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.sip_domain import domain_of
from voicedr.twin.calls.sip_domain_desk import admit_registration, admit_to_domain, warn_registrant
from voicedr.twin.calls.termination import admit, person_at_the_end, terminating
from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.live import Live
from voicedr.twin.verbs import VERBS
from voicedr.twin.world.model import NetworkCall


class Board(Protocol):
    """As much of a switchboard as is needed here."""

    def look(self) -> Office:
        """What all calls share, with the time set to now."""
        ...

    def note(self, from_: str, to: str) -> NetworkCall:
        """Write down a call from the network."""
        ...

    def take(self, live: Live, script: Callable[[Callable[[Line], None]], Script[None]]) -> bool:
        """Run a call's script; False if no more calls are taken."""
        ...


class FrontDesk:
    """Decides about INVITE and REGISTER."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def admit(self, arrival: Arrival) -> Silence | Refused | Admission:
        """Decide what becomes of an INVITE: the host says whether it is for a SIP domain or a trunk."""
        office = self._board.look()
        return admit(office, arrival) if domain_of(arrival.host) is None else admit_to_domain(office, arrival)

    def connect(self, admitted: Admission, caller: SipCaller) -> Callable[[], None]:
        """Ring whom such a call is for, or run its TwiML. What is given back ends it from the customer's side."""
        office = self._board.look()
        if isinstance(admitted, Admitted):
            live = Live(person_at_the_end())
            taken = self._board.take(
                live, lambda connected: terminating(office, admitted, caller, live.person, VERBS, connected)
            )
        else:
            live = self._to_domain(admitted)
            network = live.network or NetworkCall("", "", "", office.now)
            taken = self._board.take(
                live, lambda connected: arriving(office, network, live.person, VERBS, connected, admitted, caller)
            )
            if not taken:
                network.outcome, network.ended_at = "busy", office.now
        if not taken:
            live.over = True
            caller.refuse(503)
        return live.hang_up

    def register(self, arrival: Arrival) -> Silence | Refused | Registrant:
        """Decide whether a device may register."""
        return admit_registration(self._board.look(), arrival)

    def warn(self, registrant: Registrant, code: int, text: str) -> None:
        """Write down what was wrong with a registration that was allowed."""
        warn_registrant(self._board.look(), registrant, code, text)

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        """What becomes of SIP at an address of an edge now."""
        office = self._board.look()
        return faults.sip(office.world, edge, number, key, office.now) if office.world.faults else None

    def _to_domain(self, admitted: ToDomain) -> Live:
        """A call that is listed beside those from the public network; whoever calls stays until they hang up."""
        network = self._board.note(admitted.arrival.from_uri, admitted.dialled.uri)
        return Live(Person(Caller(hangs_up_after_s=inf), network), network)
