"""Puts a go-bag together: facts read once, the plans made of them, the procedure for hands, and what vouches for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec

from voicedr.program.bag import contents as listed
from voicedr.program.bag.archive import write_archive
from voicedr.program.bag.contents import BagPlan, Contents
from voicedr.program.bag.credentials import credentials_of
from voicedr.program.bag.printed import as_text
from voicedr.program.bag.procedure import Procedure, procedure
from voicedr.program.bag.read_me import read_me
from voicedr.program.bag.resource_map import Entry, hosts_of, resource_map
from voicedr.program.bag.vouching import Vouched, write_vouched
from voicedr.program.execution.make_plan import PlanRefused, make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.authority import matrix
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Mode, Purpose
from voicedr.usecases.write_manual import manual_html


@dataclass(frozen=True)
class Maker:
    """Who makes it.

    Attributes:
        name: The person, if one said so, and the machine.
        release: Of the program.
        key: The machine's public key, in PEM.
        sign: Signs with the machine's key (Ed25519).
        person: The id of the person who vouches for it; None: nobody does.
        vouch: Signs a text with that person's own key.
    """

    name: str
    release: str
    key: bytes
    sign: Callable[[bytes], bytes]
    person: str | None = None
    vouch: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Papers:
    """Files that go in as they are. ``signers``: where the list lies beside the workbook, and its text."""

    workbook: bytes
    signers: tuple[str, bytes] | None = None


Addresses = Mapping[str, tuple[str, ...] | str]
"""By host: the addresses that its name led to when the bag was made, or why that is not known."""


def plans_of(
    workbook: Workbook, flows: Sequence[Flow], snapshot: Snapshot
) -> dict[tuple[str, Mode], Plan | tuple[str, ...]]:
    """Both plans of each flow, or the reasons why there is none."""
    made: dict[tuple[str, Mode], Plan | tuple[str, ...]] = {}
    for flow in flows:
        for mode in (Mode.UNGRACEFUL, Mode.GRACEFUL):
            try:
                made[flow.id, mode] = make_plan(flow, workbook.account, snapshot, purpose=Purpose.FAILOVER, mode=mode)
            except PlanRefused as refused:
                made[flow.id, mode] = refused.reasons
    return made


def hosts_to_reach(workbook: Workbook, flows: Sequence[Flow], snapshot: Snapshot) -> dict[str, str]:
    """Every host of the bag, and what for."""
    found: dict[str, str] = {}
    for flow in flows:
        for host, what in hosts_of(workbook, flow, resource_map(flow, snapshot)):
            found.setdefault(host, what)
    return found


def make_bag(
    workbook: Workbook,
    flows: Sequence[Flow],
    snapshot: Snapshot,
    papers: Papers,
    addresses: Addresses,
    maker: Maker,
    made_at: datetime,
    expires_at: datetime,
) -> tuple[bytes, Contents]:
    """The bag's bytes, and its table of contents. Equal input gives equal bytes."""
    plans = plans_of(workbook, flows, snapshot)
    files: dict[str, bytes] = {}
    procedures: list[Procedure] = []
    listing: list[BagPlan] = []
    for flow in flows:
        entries = resource_map(flow, snapshot)
        written = False
        for mode in (Mode.UNGRACEFUL, Mode.GRACEFUL):
            plan = plans[flow.id, mode]
            if not isinstance(plan, Plan):
                listing.append(BagPlan(flow.id, mode, refused=plan))
                continue
            path = f"plans/{flow.id}.{mode.value}.json"
            files[path] = listed.plan_file(plan)
            listing.append(BagPlan(flow.id, mode, path, plan_hash(plan), len(plan.actions), plan.approvals))
            if not written:
                # The requests of both modes are the same; the ungraceful one needs less of the world.
                made = procedure(workbook, flow, plan, snapshot.taken_at, expires_at)
                procedures.append(made)
                files[f"manual/{flow.id}.txt"] = as_text(made).encode()
                files[f"manual/{flow.id}.html"] = manual_html(made).encode()
                written = True
        files[f"regions/{flow.id}.json"] = _json(entries)
        files[f"regions/{flow.id}.txt"] = _table(entries).encode()
    hosts = hosts_to_reach(workbook, flows, snapshot)
    files["hosts.json"] = _json(_hosts(workbook, hosts, addresses))
    files["credentials.json"] = _json(credentials_of(workbook))
    files["authority.json"] = _json([matrix(workbook, flow, made_at) for flow in flows])
    files[listed.WORKBOOK] = papers.workbook
    if papers.signers is not None:
        files[listed.SIGNERS] = papers.signers[1]
    files[listed.KEY] = maker.key
    contents = Contents(
        listed.VERSION,
        maker.release,
        maker.name,
        made_at,
        expires_at,
        snapshot.taken_at,
        workbook.account.sid,
        tuple(listing),
        (),
        papers.signers[0] if papers.signers is not None else "",
    )
    files = {listed.READ_ME: read_me(contents, listed.fingerprint(maker.key)).encode(), **files}
    files[listed.SUMS] = listed.sums_of(files)
    contents = msgspec.structs.replace(contents, members=listed.members_of(files))
    table = listed.encode_contents(contents)
    sealed = {listed.CONTENTS: table, listed.SIGNATURE: maker.sign(table), **_vouched(maker, table, contents)}
    return write_archive({listed.READ_ME: files[listed.READ_ME], **sealed, **files}), contents


def _vouched(maker: Maker, table: bytes, contents: Contents) -> dict[str, bytes]:
    if maker.person is None or maker.vouch is None:
        return {}
    text = write_vouched(Vouched(sha256(table).hexdigest(), maker.person, contents.made_at, contents.expires_at))
    return {listed.VOUCHED: text.encode(), listed.VOUCHED_SIGNATURE: maker.vouch(text).encode()}


def _hosts(workbook: Workbook, hosts: Mapping[str, str], addresses: Addresses) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for host, what in hosts.items():
        found = addresses.get(host, "nobody looked")
        row: dict[str, object] = {"host": host, "what": what}
        row |= {"not_known": found} if isinstance(found, str) else {"addresses": list(found)}
        rows.append(row)
    if workbook.account.address is not None:
        rows.insert(0, {"host": workbook.account.address, "what": "every provider request goes here: a twin or a test"})
    return rows


def _table(entries: Sequence[Entry]) -> str:
    lines = []
    for one in entries:
        lines.append(f"{one.name} ({one.kind}, cohort {one.cohort}) is routed to {one.route}")
        for place in (one.primary, one.standby):
            who = f"not known: {place.not_known}" if place.not_known else place.handler or "NOBODY ANSWERS"
            fallback = f", fallback {place.fallback}" if place.fallback else ""
            lines.append(f"  {place.region}: {who}{fallback}")
    return "\n".join(lines) + "\n"


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
