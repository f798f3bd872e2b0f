"""How often we look and how long we wait, where the provider documents no figure. All of it is ours to set."""

from __future__ import annotations

import msgspec


class Tempo(msgspec.Struct, frozen=True):
    """The rhythm of an execution, in seconds.

    Attributes:
        look_s: Between two looks at the call log.
        alert_lag_s: An alert follows its call within this, as far as we wait; a later one still counts.
        test_call_s: How long our side of a test call stays on the line: long enough to be answered and to fetch the
            first document. Whole seconds: it becomes a Pause.
        again_s: A number that is not proved is called again after so long: the route may have arrived meanwhile.
        proof_grace_s: So long after the longest propagation a number may be unproved: test calls are paced, and the
            call log lags.
    """

    look_s: float = 1.0
    alert_lag_s: float = 3.0
    test_call_s: int = 4
    again_s: float = 10.0
    proof_grace_s: float = 60.0

    @property
    def outstanding_s(self) -> float:
        """A test call placed less than this ago may still come to be judged; no more are placed on top of it."""
        return self.test_call_s + self.alert_lag_s + 2 * self.look_s + 3.0


def tempo_for(propagation_s_max: float) -> Tempo:
    """The rhythm for an account: where routes arrive sooner than usual, unproved numbers are called again sooner."""
    usual = Tempo()
    return msgspec.structs.replace(usual, again_s=min(usual.again_s, max(2.0, propagation_s_max / 2)))
