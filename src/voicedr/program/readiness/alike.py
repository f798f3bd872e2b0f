"""Whether a trunk or a SIP domain is in the standby as in the primary: one judgement for all lists and settings."""

from __future__ import annotations

from collections.abc import Callable

from voicedr.program.readiness.check import Conclusion, Outcome
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip_access import DoorPair, Who, lists_apart, settings_apart


def lists_alike(who: Who, what: str) -> Callable[[DoorPair], Conclusion | None]:
    """A judge of the lists that let somebody in.

    Args:
        who: Whom they let in.
        what: What they are called: ``"its access control lists"``.
    """

    def judge(pair: DoorPair) -> Conclusion | None:
        """Pass if names and members are the same; unknown if nobody could look. None where a Region has none."""
        match pair.both(who):
            case None:
                return None
            case Unobserved(reason):
                return Conclusion(Outcome.UNKNOWN, f"{what} could not be compared: {reason}")
            case (here, there):
                if not here.value and not there.value:
                    return None
                if (apart := lists_apart(here.value, there.value)) is not None:
                    return Conclusion(Outcome.FAIL, apart, here)
                return Conclusion(Outcome.PASS, f"{', '.join(sorted(there.value))}: the same in both", here)

    return judge


def settings_alike(pair: DoorPair) -> Conclusion | None:
    """Pass if every setting is the same; unknown if nobody could look. None where a Region has no such thing."""
    here, there = pair.here.found, pair.there.found
    for door in (here, there):
        if isinstance(door, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"its settings could not be compared: {door.reason}")
    if not isinstance(here, Observed) or not isinstance(there, Observed) or here.value is None or there.value is None:
        return None
    if apart := settings_apart(here.value, there.value):
        told = "; ".join(
            f"{name} {_said(here.value.fields.get(name))}, at home {_said(there.value.fields.get(name))}"
            for name in apart
        )
        return Conclusion(Outcome.FAIL, f"otherwise than at home: {told}", here)
    return Conclusion(Outcome.PASS, "set as at home", here)


def _said(value: object) -> str:
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
