"""Which document holds, of the one that held and the one that is offered. Every reader decides here.

| offered | what happens |
| --- | --- |
| nothing, or nothing that can be believed | what held holds; why is told |
| the first document | it holds |
| a higher epoch | it holds |
| the same epoch and the same Region | what held holds; there is nothing to tell |
| the same epoch and another Region | what held holds: two writers disagree, and a person must say |
| a lower epoch | what held holds: it is an old message, or somebody restored a backup |

So the epoch in force only rises, an epoch never changes its Region, and the order in which documents arrive, and how
often each does, makes no difference to what holds in the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.runtime.region.document import Document, NotADocument
from voicedr.runtime.region.signing import ANYBODY, Trust


@dataclass(frozen=True, slots=True)
class Unusable:
    """Nothing that can hold was read; ``why`` ends a sentence."""

    why: str


Offered = Document | Unusable


def offered(content: bytes, trust: Trust = ANYBODY) -> Offered:
    """What some bytes offer, to those who believe these keys."""
    try:
        return trust.read(content)
    except NotADocument as exc:
        return Unusable(str(exc))


def adopt(held: Document | None, offer: Offered) -> tuple[Document | None, str | None]:
    """What holds now, and why the offer does not; None if it does, or says the same."""
    match offer:
        case Unusable(why):
            return held, f"{why}; {holds(held)}"
        case Document() if held is None or offer.epoch > held.epoch:
            return offer, None
        case Document() if offer.epoch < held.epoch:
            return held, f"epoch {offer.epoch} ({offer.region}) is older than ours; {holds(held)}"
        case Document() if offer.region != held.region:
            return held, (
                f"epoch {offer.epoch} was {held.region} and now says {offer.region}: two writers disagree;"
                f" {holds(held)}"
            )
        case _:
            return held, None


def holds(held: Document | None) -> str:
    """The end of a sentence about what did not win."""
    if held is None:
        return "no Region has been named yet"
    return f"{held.region} (epoch {held.epoch}) holds until there is a newer one"
