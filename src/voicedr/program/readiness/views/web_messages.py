"""Where each number's messages go in each Region that has messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.web import WITHOUT_SMS, Messages, messages_in
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class MessagesIn:
    """A number's messages in one Region, and in the primary. Observed None: the account has no such number there."""

    e164: str
    region: Region
    messages: Fact[Messages]
    at_home: Fact[Messages]

    @property
    def kind(self) -> str:
        return "numbers"

    @property
    def name(self) -> str:
        return self.e164 or "its numbers"


def messages_in_both(case: Case) -> Iterator[MessagesIn]:
    """Every number whose messages go somewhere, in each Region that has messages."""
    home = _by_number(case, case.flow.primary)
    for region in (case.flow.standby, case.flow.primary):
        for fact in messages_in(case, region):
            if isinstance(fact, Unobserved):
                yield MessagesIn("", region, fact, fact)
            else:
                e164 = fact.value.e164
                at_home = home.get(e164) or Unobserved(f"its messages in {case.flow.primary} could not be read")
                yield MessagesIn(e164, region, fact, at_home)


def messages_in_standby(case: Case) -> Iterator[MessagesIn]:
    """The same in the standby only. Nothing where it has no messages at all."""
    if case.flow.standby not in WITHOUT_SMS:
        yield from (one for one in messages_in_both(case) if one.region == case.flow.standby)


def _by_number(case: Case, region: Region) -> dict[str, Fact[Messages]]:
    found: dict[str, Fact[Messages]] = {}
    for fact in messages_in(case, region):
        if isinstance(fact, Observed):
            found[fact.value.e164] = fact
    return found
