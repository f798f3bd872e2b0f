"""The status callback of every entry point, in the standby and at home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Trunk, VoiceHandler
from voicedr.program.readiness.subjects import Case, answered_in_both
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class CallbackIn:
    """An entry point's status callback. Observed None: it has none, or a trunk or nobody answers it."""

    name: str
    region: Region
    here: Fact[str | None]
    at_home: Fact[str | None]

    @property
    def kind(self) -> str:
        return "entry points"


def callbacks_in_standby(case: Case) -> Iterator[CallbackIn]:
    """Every number and SIP domain that URLs answer in the standby, beside the primary's."""
    entries = list(answered_in_both(case))
    home = {entry.name: _callback(entry.answered_by) for entry in entries if not entry.is_standby}
    for entry in entries:
        nobody = isinstance(entry.answered_by, Observed) and not isinstance(entry.answered_by.value, VoiceHandler)
        if entry.is_standby and not nobody:
            at_home = home.get(entry.name) or Unobserved("the primary was not read")
            yield CallbackIn(entry.name, entry.region, _callback(entry.answered_by), at_home)


def _callback(answered_by: Fact[VoiceHandler | Trunk | None]) -> Fact[str | None]:
    if isinstance(answered_by, Unobserved):
        return answered_by
    handler = answered_by.value
    url = handler.status_callback if isinstance(handler, VoiceHandler) else None
    return Observed(url or None, answered_by.at, answered_by.source)
