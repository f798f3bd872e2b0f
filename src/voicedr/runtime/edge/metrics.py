"""Counters of one client, and their Prometheus text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from voicedr.runtime.edge.circuit import State

_HELP = {
    "voicedr_edge_requests_total": "Requests of callers, by how they ended.",
    "voicedr_edge_attempts_total": "Attempts on an edge, by how they ended.",
    "voicedr_edge_failovers_total": "Attempts that went to this edge because of another one.",
    "voicedr_edge_hedges_total": "Second requests for late reads, by which of the two won.",
    "voicedr_edge_throttled_total": "Answers 429.",
    "voicedr_edge_attempt_seconds": "How long answered attempts took.",
}
SERIES_MAX = 4096
"""Labels are products, edges and reasons, which are few. Beyond this, new ones are counted together as ``other``."""

Labels = tuple[tuple[str, str], ...]


class EdgeMetrics:
    """Counts. Safe for threads."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._lock = Lock()
        self._counts: dict[tuple[str, Labels], float] = {}
        self._answered: dict[tuple[str, str], list[float]] = {}

    def count_answered(self, product: str, edge: str) -> None:
        """A request was answered. Ordinary, so no label is made."""
        with self._lock:
            self._kept(product, edge)[0] += 1

    def attempt_answered(self, product: str, edge: str, seconds: float) -> None:
        """An attempt was answered."""
        with self._lock:
            kept = self._kept(product, edge)
            kept[1] += 1
            kept[2] += seconds

    def count(self, name: str, **labels: str) -> None:
        """Add one."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            if key not in self._counts and len(self._counts) >= SERIES_MAX:
                key = (name, tuple((label, "other") for label in sorted(labels)))
            self._counts[key] = self._counts.get(key, 0) + 1

    def value(self, name: str, **labels: str) -> float:
        """The sum of a counter over the labels that are not said."""
        wanted = labels.items()
        return sum(value for of, given, value in self._all() if of == name and wanted <= dict(given).items())

    def prometheus(self, states: Mapping[tuple[str, str], State] | None = None) -> str:
        """The counters as text for a scrape (Prometheus text format 0.0.4)."""
        lines: list[str] = []
        series = sorted(self._all())
        for name, meaning in _HELP.items():
            timing = name.endswith("_seconds")
            own = [one for one in series if one[0] == name or (timing and one[0] in {f"{name}_sum", f"{name}_count"})]
            if own:
                lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {'summary' if timing else 'counter'}"]
                lines += [f"{of}{self._text(labels)} {value:g}" for of, labels, value in own]
        if states:
            name = "voicedr_edge_open"
            lines += [f"# HELP {name} Whether requests avoid this edge.", f"# TYPE {name} gauge"]
            for (product, edge), state in sorted(states.items()):
                labels = (("edge", edge), ("product", product))
                lines.append(f"{name}{self._text(labels)} {int(state is not State.CLOSED)}")
        return "\n".join(lines) + "\n" if lines else ""

    def _kept(self, product: str, edge: str) -> list[float]:
        """Requests, attempts and their seconds."""
        kept = self._answered.get((product, edge))
        if kept is None:
            if len(self._answered) >= SERIES_MAX:
                product, edge = "other", "other"
            kept = self._answered.setdefault((product, edge), [0.0, 0.0, 0.0])
        return kept

    def _all(self) -> Iterable[tuple[str, Labels, float]]:
        with self._lock:
            counts = dict(self._counts)
            answered = {key: tuple(kept) for key, kept in self._answered.items()}
        for (product, edge), (requests, attempts, seconds) in answered.items():
            place = (("edge", edge), ("product", product))
            for name, number in (("requests", requests), ("attempts", attempts)):
                key = (f"voicedr_edge_{name}_total", (place[0], ("outcome", "answered"), place[1]))
                counts[key] = counts.get(key, 0) + number
            counts["voicedr_edge_attempt_seconds_sum", place] = seconds
            counts["voicedr_edge_attempt_seconds_count", place] = attempts
        return [(name, labels, value) for (name, labels), value in counts.items()]

    def _text(self, labels: Labels) -> str:
        pairs = (("region", self._region), *labels)
        return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
