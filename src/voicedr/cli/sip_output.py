"""What the SIP kit found, as tables for people and as values for machines. Both say the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from voicedr.cli.sip_options import out
from voicedr.runtime.sipkit.dispatcher import Destination
from voicedr.runtime.sipkit.registration import Registered
from voicedr.runtime.sipkit.rounds import Change, Round, outcome_of
from voicedr.runtime.sipkit.standing import Probed, Standing, latencies
from voicedr.runtime.sipkit.targets import Resolved, Target

GOOD, BAD, UNSEEN, ODD = ("✔", "green"), ("✖", "bold red"), ("?", "bold yellow"), ("!", "yellow")


def show_resolved(resolved: Sequence[Resolved]) -> None:
    """A table for each name, and what was odd."""
    for one in resolved:
        if one.targets:
            table = _table("try", "transport", "address", "host", "prio", "weight", "TTL", "found by")
            for at, target in enumerate(one.targets, 1):
                table.add_row(
                    str(at), target.transport, _address(target), target.host, str(target.priority),
                    str(target.weight), "" if target.ttl_s is None else f"{target.ttl_s} s", " → ".join(target.source),
                )  # fmt: skip
            out.print(f"{one.name}: {len(one.targets)} places, found in {_ms(one.took_s)}", markup=False)
            out.print(table)
        _oddities(one)


def show_round(round_: Round) -> None:
    """How every place stands, the latency of each name, and what was odd."""
    now = datetime.now(UTC)
    if round_.probed:
        columns = ("", "name", "place", "stands", "answer", "after", "connected", "certificate")
        rows = [
            (
                _mark(one), one.target.name, one.target.place, one.standing.value, _said(one),
                _ms(one.options.answer_s), _ms(one.connect_s), _certificate(one, now),
            )
            for one in round_.probed
        ]  # fmt: skip
        out.print(_filled(columns, rows))
        speeds = _table("edge", "fit", "least", "median", "most")
        for line in latencies(round_.probed):
            speeds.add_row(line.name, f"{line.fit}/{line.of}", _ms(line.least_s), _ms(line.median_s), _ms(line.most_s))
        out.print(speeds)
    for resolved in round_.resolved:
        _oddities(resolved)


def show_registered(found: Sequence[Registered]) -> None:
    """How registering went at each edge."""
    columns = ("", "edge", "answered by", "accepted", "expires", "after", "digest", "read back", "taken out")
    rows: list[tuple[str | Text, ...]] = []
    for one in found:
        mark = UNSEEN if not one.looked else GOOD if one.accepted and one.removed else BAD
        back = f"{len(one.contacts)} contacts{'' if one.seen else ', not as ours'}" if one.accepted else ""
        rows.append((
            Text(*mark), one.name, one.place, "yes" if one.accepted else f"no: {one.why}",
            "" if one.expires_s is None else f"{one.expires_s} s", _ms(one.answer_s), one.algorithm, back,
            {True: "yes", False: "NO: it stands until it expires", None: ""}[one.removed],
        ))  # fmt: skip
    out.print(_filled(columns, rows))


def show_destinations(destinations: Sequence[Destination]) -> None:
    """A dispatcher list."""
    table = _table("", "set", "target", "state", "flags", "prio", "attributes")
    for one in destinations:
        table.add_row(
            Text(*(GOOD if one.in_service else ODD)), str(one.set_id), one.uri,
            one.state.value if one.state is not None else "not known", one.flags, str(one.priority), one.attributes,
        )  # fmt: skip
    out.print(table)


def change_line(change: Change, at: datetime) -> str:
    """One change in one line."""
    mark = BAD[0] if change.bad else GOOD[0]
    was = f" (was {change.was})" if change.was and change.now else ""
    return f"{at:%H:%M:%S}  {mark} {change.name}  {change.what}  {change.now or 'no longer there'}{was}"


def resolved_values(resolved: Sequence[Resolved]) -> dict[str, Any]:
    """The same for machines."""
    return {"outcome": outcome_of(resolved).name.lower(), "names": [_name_values(one) for one in resolved]}


def round_values(round_: Round) -> dict[str, Any]:
    """The same for machines."""
    return {
        "outcome": round_.outcome.name.lower(),
        "names": [_name_values(one) for one in round_.resolved],
        "probed": [
            {**msgspec.to_builtins(one), "standing": one.standing.value, "fit": one.fit} for one in round_.probed
        ],
        "latency": msgspec.to_builtins(latencies(round_.probed)),
    }


def destination_values(one: Destination) -> dict[str, Any]:
    """The same for machines."""
    state = one.state.value if one.state is not None else None
    return {**msgspec.to_builtins(one), "state": state, "in_service": one.in_service}


def _name_values(one: Resolved) -> dict[str, Any]:
    return {**msgspec.to_builtins(one), "complete": one.complete, "why_empty": one.why_empty}


def _filled(columns: Sequence[str], rows: Sequence[tuple[str | Text, ...]]) -> Table:
    """A table without the columns in which nothing stands: on a narrow terminal the others need their room."""
    kept = [at for at in range(len(columns)) if any(str(row[at]) for row in rows)]
    table = _table(*(columns[at] for at in kept))
    for row in rows:
        table.add_row(*(row[at] for at in kept))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _oddities(one: Resolved) -> None:
    if one.why_empty:
        _line(UNSEEN, one.why_empty)
    else:
        for text in one.unanswered:
            _line(UNSEEN, f"{one.name}: {text}; the list may be too short")
    for text in one.notes:
        # A note on an address begins with it, and where nothing was looked up that is the name.
        _line(ODD, text if text.startswith(f"{one.name}: ") else f"{one.name}: {text}")


def _line(mark: tuple[str, str], text: str) -> None:
    out.print(Text(*mark), Text(text), soft_wrap=True)


def _mark(one: Probed) -> Text:
    return Text(*(UNSEEN if one.standing is Standing.UNKNOWN else GOOD if one.fit else BAD))


def _said(one: Probed) -> str:
    return one.options.said if one.invite is None else f"OPTIONS {one.options.said}; INVITE {one.invite.said}"


def _certificate(one: Probed, now: datetime) -> str:
    shown = one.certificate
    if shown is None:
        return ""
    found = ", ".join(finding.value for finding in shown.findings)
    if shown.why_untrusted:
        found += f" ({shown.why_untrusted})"
    ends = f"{shown.subject}, ends {shown.not_after:%Y-%m-%d} ({shown.days_left(now):.0f} days)"
    return f"{found}: {ends}" if found else ends


def _address(target: Target) -> str:
    return target.place.partition(" ")[2]


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.1f} ms"
