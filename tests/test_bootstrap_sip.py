"""The prober says of each SIP URI what the addresses behind it said, in our port's words."""

from __future__ import annotations

import asyncio
import builtins
import sys
from typing import Any

import pytest

from voicedr.bootstrap_sip import URIS_MAX, SipkitProbe, sip_prober
from voicedr.program.readiness.outside.sip import SipAnswer

pytest.importorskip("dns", reason="the packages of voicedr.runtime.sipkit are not installed")


class Peer(asyncio.DatagramProtocol):
    """Answers every request with one status; None answers nothing."""

    def __init__(self, status: str | None) -> None:
        self.status = status
        self.methods: list[str] = []

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Answer with the headers that a response repeats (RFC 3261 section 8.2.6.2)."""
        lines = data.decode().split("\r\n")
        self.methods.append(lines[0].split()[0])
        if self.status is None:
            return
        kept = [one for one in lines if one.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        tagged = [one + ";tag=peer" if one.startswith("To:") else one for one in kept]
        answer = "\r\n".join([f"SIP/2.0 {self.status}", *tagged, "Content-Length: 0", "", ""])
        self.transport.sendto(answer.encode(), address)


def asked(*statuses: str | None, more: tuple[str, ...] = ()) -> tuple[list[tuple[SipAnswer, ...] | str], list[Peer]]:
    """What the prober says of peers with these statuses, and of more URIs."""

    async def main() -> tuple[list[tuple[SipAnswer, ...] | str], list[Peer]]:
        loop = asyncio.get_running_loop()
        peers, uris = [], []
        for status in statuses:
            transport, peer = await loop.create_datagram_endpoint(lambda s=status: Peer(s), ("127.0.0.1", 0))  # type: ignore[misc]
            peers.append(peer)
            uris.append(f"sip:127.0.0.1:{transport.get_extra_info('sockname')[1]}")
        wanted = [*uris, *more]
        said = await SipkitProbe().options(wanted)
        assert list(said) == list(dict.fromkeys(wanted))
        for peer in peers:
            peer.transport.close()
        return [said[uri] for uri in wanted], peers

    return asyncio.run(main())


def test_any_answer_is_alive_but_503_and_silence_are_not() -> None:
    """403 is an answer; 503 takes no calls; nobody there is said in words; only OPTIONS goes out."""
    (fine, refusing, busy, silent), peers = asked("200 OK", "403 Forbidden", "503 Service Unavailable", None)
    for said, status in ((fine, 200), (refusing, 403)):
        (answer,) = said
        assert isinstance(answer, SipAnswer)
        assert (answer.status, answer.problem, answer.address) == (status, None, "127.0.0.1")
        assert answer.target.startswith("127.0.0.1:")
        assert answer.target.endswith(" udp")
    assert isinstance(busy[0], SipAnswer)
    assert busy[0].status == 503
    assert "takes no calls" in (busy[0].problem or "")
    assert isinstance(silent[0], SipAnswer)
    assert silent[0].status is None
    assert silent[0].problem
    assert {method for peer in peers for method in peer.methods} == {"OPTIONS"}


def test_what_is_no_address_is_said_in_words_and_once() -> None:
    """A URI that is none, and the same one twice."""
    (wrong, again, fine), _ = asked(more=("sip:", "sip:", "sip:127.0.0.1:1;transport=tcp"))
    assert isinstance(wrong, str)
    assert again == wrong
    assert isinstance(fine[0], SipAnswer)
    assert fine[0].problem


def test_too_many_are_not_asked_and_that_is_said() -> None:
    """The bound is on names, and what is beyond it is not taken for dead."""
    more = tuple(f"sip:no name {n}" for n in range(URIS_MAX + 1))
    said, _ = asked(more=more)
    assert isinstance(said[-1], str)
    assert "not asked" in said[-1]
    assert isinstance(said[0], str)
    assert "not asked" not in said[0]


def test_without_its_packages_there_is_no_prober(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is known of SIP; nothing fails."""
    assert isinstance(sip_prober(), SipkitProbe)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("voicedr.runtime.sipkit"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "voicedr.runtime.sipkit")
    monkeypatch.setattr(builtins, "__import__", without)
    assert sip_prober() is None
