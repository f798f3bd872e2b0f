"""Counters as Prometheus reads them (https://prometheus.io/docs/instrumenting/exposition_formats/, read 2026-11-21).

Labels come from the policy or from short lists, never from a caller; hosts that failed are told apart up to a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

HOSTS_MAX = 50
"""Hosts that have a line of their own; all others share one."""

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

KIND = "text/plain; version=0.0.4; charset=utf-8"

HELP = {
    "answers_total": "Answers by kind, route, what was done, and language.",
    "errors_total": "First requests by class of error and host that failed.",
    "refused_total": "Requests that were refused, by reason.",
    "steps_total": "Later requests of calls, by step.",
    "troubles_total": "Answers replaced by the last words, by why.",
    "alerts_total": "Alerts by what became of them.",
    "log_lines_dropped_total": "Lines of the log that did not fit.",
}


class Metrics:
    """Counts. Used from one event loop only."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._hosts: set[str] = set()
        self._buckets = [0] * (len(BUCKETS_S) + 1)
        self._sum_s = 0.0

    def count(self, name: str, **labels: str) -> None:
        """One more."""
        self._counts[name, tuple(labels.items())] += 1

    def error(self, kind: str, host: str) -> None:
        """A first request, by class of error and host."""
        if host not in self._hosts:
            if len(self._hosts) >= HOSTS_MAX:
                host = "other"
            else:
                self._hosts.add(host)
        self.count("errors_total", **{"class": kind, "host": host})

    def took(self, seconds: float) -> None:
        """An answer took so long to make."""
        self._sum_s += seconds
        place = next((at for at, bound in enumerate(BUCKETS_S) if seconds <= bound), len(BUCKETS_S))
        self._buckets[place] += 1

    def text(self, more: Mapping[tuple[str, str, str], int]) -> bytes:
        """Everything. ``more``: (name, label, value of the label) → count, of what others count; label may be empty."""
        lines: dict[str, list[str]] = {name: [] for name in HELP}
        for (name, labels), count in sorted(self._counts.items()):
            shown = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
            lines[name].append(f"voicedr_fallback_{name}{{{shown}}} {count}")
        for (name, label, value), count in more.items():
            shown = f'{{{label}="{_escaped(value)}"}}' if label else ""
            lines[name].append(f"voicedr_fallback_{name}{shown} {count}")
        text = []
        for name, found in lines.items():
            text += [f"# HELP voicedr_fallback_{name} {HELP[name]}", f"# TYPE voicedr_fallback_{name} counter", *found]
        name = "voicedr_fallback_answer_seconds"
        text += [f"# HELP {name} How long answers took to make.", f"# TYPE {name} histogram"]
        total = 0
        for bound, count in zip((*BUCKETS_S, None), self._buckets, strict=True):
            total += count
            text.append(f'{name}_bucket{{le="{"+Inf" if bound is None else f"{bound:g}"}"}} {total}')
        text += [f"{name}_sum {self._sum_s:.6f}", f"{name}_count {total}"]
        return ("\n".join(text) + "\n").encode()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")[:200]
