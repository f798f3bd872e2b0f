"""The prober of SIP addresses, if what it needs is installed: ``voicedr.runtime.sipkit`` behind our port.

It stands here and not among the adapters because adapters know nothing of what customers run beside their systems.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from voicedr.ports.sip_probe import SipProbe
from voicedr.program.readiness.outside.sip import SipAnswer

if TYPE_CHECKING:
    from voicedr.runtime.sipkit import Probed, Resolved, Target

NAMES_AT_ONCE = 16
"""Names that are looked up together; each takes five seconds at most."""

URIS_MAX = 200
"""Of one reading. More are not asked, and are said not to have been."""

TARGETS_MAX = 1000
"""Addresses of one reading: at 4 s each and 256 at once they end after about 16 s."""


def sip_prober() -> SipProbe | None:
    """The prober; None where the packages that it needs are not installed."""
    try:
        import voicedr.runtime.sipkit  # noqa: F401 - whether it is there is the question
    except ImportError:
        return None
    return SipkitProbe()


class SipkitProbe:
    """``SipProbe`` over sockets, from this machine. OPTIONS and nothing else: nobody's telephone rings."""

    async def options(self, uris: Sequence[str]) -> dict[str, tuple[SipAnswer, ...] | str]:
        """See ``SipProbe``."""
        from voicedr.runtime.sipkit import probe

        wanted = list(dict.fromkeys(uris))
        gate = asyncio.Semaphore(NAMES_AT_ONCE)
        resolved = await asyncio.gather(*(_resolved(uri, gate) for uri in wanted[:URIS_MAX]))
        found: dict[str, tuple[SipAnswer, ...] | str] = {}
        targets: dict[Target, None] = {}
        led: dict[str, tuple[Target, ...]] = {}
        for uri, places in zip(wanted, resolved, strict=False):
            if isinstance(places, str):
                found[uri] = places
            elif len(targets) + len(places.targets) > TARGETS_MAX:
                found[uri] = f"not asked: one reading asks at most {TARGETS_MAX} addresses"
            else:
                led[uri] = places.targets
                targets |= dict.fromkeys(places.targets)
        for uri in wanted[URIS_MAX:]:
            found[uri] = f"not asked: one reading asks at most {URIS_MAX} SIP URIs, and there are {len(wanted)}"
        probed = {one.target: one for one in await probe(tuple(targets))}
        for uri, places_of in led.items():
            found[uri] = _told([probed[target] for target in places_of])
        return {uri: found[uri] for uri in wanted}


async def _resolved(uri: str, gate: asyncio.Semaphore) -> Resolved | str:
    from voicedr.runtime.sipkit import NoServers, WrongName, resolve

    async with gate:
        try:
            places = await resolve(uri)
        except (WrongName, NoServers) as exc:
            return str(exc)
    return places if places.targets else places.why_empty


def _told(probed: Sequence[Probed]) -> tuple[SipAnswer, ...] | str:
    """The answers; in words, if none of them says anything about the other end."""
    if probed and all(one.options.ours for one in probed):
        return f"it cannot be asked from this machine: {probed[0].options.said}"
    return tuple(map(_answer, probed))


def _answer(one: Probed) -> SipAnswer:
    heard, certificate = one.options, one.certificate
    return SipAnswer(
        target=f"{one.target.place.partition(' ')[2]} {one.target.transport}",
        address=one.target.address,
        status=heard.code,
        seconds=round(heard.answer_s or 0.0, 3),
        problem=_problem(one),
        certificate_until=certificate.not_after if certificate is not None else None,
    )


def _problem(one: Probed) -> str | None:
    """Why calls cannot be sent there; None if they can. A certificate that will end soon still serves today."""
    from voicedr.runtime.sipkit import CertificateFinding, Standing

    if one.standing is Standing.UNKNOWN:
        return f"it cannot be asked from this machine: {one.options.said}"
    if one.standing is Standing.DEAD:
        return one.options.said
    if one.standing is Standing.UNAVAILABLE:
        return f"it answers {one.options.said}: it takes no calls"
    if one.certificate is None:
        return None
    wrong = [str(found) for found in one.certificate.findings if found is not CertificateFinding.EXPIRES_SOON]
    return f"its certificate is {', '.join(wrong)}" if wrong else None
