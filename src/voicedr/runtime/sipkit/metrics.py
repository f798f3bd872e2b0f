"""What was seen, as Prometheus reads it (text format 0.0.4). Pure.

``voicedr_sip_up`` is there only for a place that could be looked at: what is not known is neither 0 nor 1. A watch that
has stopped is seen by ``voicedr_sip_looked_at_timestamp_seconds``, which stands still then.
"""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.runtime.sipkit.rounds import Round
from voicedr.runtime.sipkit.standing import Probed, Standing

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ABOUT = {
    "voicedr_sip_up": "Whether calls can be sent to a place: it answers, takes calls, and its certificate is good",
    "voicedr_sip_unknown": "Whether a place could not be looked at from here",
    "voicedr_sip_answer_seconds": "From OPTIONS to the first response",
    "voicedr_sip_connect_seconds": "Until the connection stood, with TLS if it is TLS",
    "voicedr_sip_certificate_expires_timestamp_seconds": "When the certificate ends",
    "voicedr_sip_targets": "Places that a name leads to",
    "voicedr_sip_dns_complete": "Whether every question about a name was answered",
    "voicedr_sip_looked_at_timestamp_seconds": "When the last round ended",
    "voicedr_sip_round_seconds": "How long the last round took",
}


def exposition(round_: Round, at_s: float, took_s: float) -> str:
    """The page that Prometheus reads.

    Args:
        at_s: When the round ended, seconds since 1970.
    """
    samples: dict[str, list[str]] = {name: [] for name in _ABOUT}
    for one in round_.probed:
        labels = _labels(name=one.target.name, place=one.target.place, transport=one.target.transport)
        for name, value in _of_place(one):
            samples[name].append(f"{name}{labels} {value}")
    for resolved in round_.resolved:
        labels = _labels(name=resolved.name)
        samples["voicedr_sip_targets"].append(f"voicedr_sip_targets{labels} {len(resolved.targets)}")
        samples["voicedr_sip_dns_complete"].append(f"voicedr_sip_dns_complete{labels} {int(resolved.complete)}")
    samples["voicedr_sip_looked_at_timestamp_seconds"] = [f"voicedr_sip_looked_at_timestamp_seconds {at_s:.3f}"]
    samples["voicedr_sip_round_seconds"] = [f"voicedr_sip_round_seconds {took_s:.6f}"]
    lines: list[str] = []
    for name, found in samples.items():
        if found:
            lines += [f"# HELP {name} {_ABOUT[name]}", f"# TYPE {name} gauge", *dict.fromkeys(found)]
    return "\n".join(lines) + "\n"


def _of_place(one: Probed) -> Iterator[tuple[str, str]]:
    unknown = one.standing is Standing.UNKNOWN
    yield "voicedr_sip_unknown", str(int(unknown))
    if not unknown:
        yield "voicedr_sip_up", str(int(one.fit))
    if one.options.answer_s is not None:
        yield "voicedr_sip_answer_seconds", f"{one.options.answer_s:.6f}"
    if one.connect_s is not None:
        yield "voicedr_sip_connect_seconds", f"{one.connect_s:.6f}"
    if one.certificate is not None:
        yield "voicedr_sip_certificate_expires_timestamp_seconds", f"{one.certificate.not_after.timestamp():.0f}"


def _labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
