"""A draft laid beside a workbook that people have edited: what is new is added, nothing that stands there is touched.

    a number of the account                          what becomes of it
    in the workbook, in any flow                     nothing
    new, and what answers it answers a flow's own    added to that flow's entry points, and to its last cohort unless
                                                     that one has `rest: true`
    new, with a purpose of its own                   a new flow, at the end
    in the workbook, and gone from the account       told; people take it out

Comments, order and quoting survive: the text is edited as a tree that keeps them (ruamel.yaml), and if nothing is new
the file stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from voicedr.program.drafting.clusters import Cluster
from voicedr.program.drafting.document import flow_text
from voicedr.program.drafting.proposals import Proposal, propose
from voicedr.program.drafting.seen import Seen
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Flow, Roles, Workbook
from voicedr.program.vocabulary import E164

WIDTH = 4096
"""Lines are not folded anew."""


class Merged(msgspec.Struct, frozen=True):
    """The workbook's new text.

    Attributes:
        text: As it should be written; the very same text if nothing is new.
        added: What was added, a line each.
        gone: What the workbook names and the account does not have.
    """

    text: str
    added: tuple[str, ...]
    gone: tuple[str, ...]


def merge(text: str, workbook: Workbook, clusters: Sequence[Cluster], seen: Seen) -> Merged:
    """Add to a workbook what the account has and it does not.

    Args:
        text: The workbook's text, which is valid.
        workbook: What it holds.
        clusters: Of the whole account.
        seen: What they were made from.
    """
    known = {subject: flow for flow in workbook.flows for subject in (*flow.subjects, *flow.trickle)}
    joining: dict[str, list[Routable]] = {}
    fresh: list[Cluster] = []
    for cluster in clusters:
        subjects = _subjects(cluster)
        new = [subject for subject in subjects if subject not in known]
        if not new:
            continue
        flows = {known[subject].id for subject in subjects if subject in known}
        if len(flows) == 1:
            joining.setdefault(flows.pop(), []).extend(new)
        else:
            fresh.append(_only(cluster, new))
    gone = tuple(f"{flow.id}: {subject.name}" for subject, flow in known.items() if _is_gone(subject, clusters, seen))
    if not joining and not fresh:
        return Merged(text, (), gone)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    data = yaml.load(text)
    mapping, offset = _indentation(data)
    yaml.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    # By their place: a flow called 911 or null is text to the workbook, and something else to YAML.
    there = dict(zip((flow.id for flow in workbook.flows), data["flows"].values(), strict=True))
    added = [_join(there[flow_id], workbook.flow(flow_id), new) for flow_id, new in joining.items()]
    taken = {flow.id for flow in workbook.flows}
    for proposal in propose(fresh, seen, workbook.account):
        named = _untaken(proposal, taken)
        data["flows"][named.cluster.name] = _flow(yaml, named, workbook.flows[0].roles)
        added.append(f"{named.cluster.name}: a new flow of {named.cluster.size} entry points")
    written = StringIO()
    yaml.dump(data, written)
    return Merged(written.getvalue(), tuple(added), gone)


def _indentation(data: CommentedMap) -> tuple[int, int]:
    """How far the text indents: a mapping in a mapping, and the hyphen of a list; the first of each decides.

    ruamel.yaml writes a text with one of each. Its own guess goes by lines, and one comment behind a key misleads it.
    """
    mapping: int | None = None
    offset: int | None = None
    left: list[Any] = [data]
    while left:
        one = left.pop(0)
        if one.fa.flow_style():
            continue
        held = one.values() if isinstance(one, CommentedMap) else one
        for value in (value for value in held if isinstance(value, CommentedMap | CommentedSeq) and value):
            left.append(value)
            if value.fa.flow_style() or not isinstance(one, CommentedMap):
                continue
            further = value.lc.col - one.lc.col
            if isinstance(value, CommentedMap):
                mapping = further if mapping is None else mapping
            else:
                offset = further if offset is None else offset
    return max(1, mapping or 2), max(0, offset or 0)


def _subjects(cluster: Cluster) -> list[Routable]:
    return [
        *(Routable("number", number) for number in cluster.numbers),
        *(Routable("trunk", name) for name in cluster.trunks),
        *(Routable("sip-domain", name) for name in cluster.sip_domains),
    ]


def _only(cluster: Cluster, subjects: Sequence[Routable]) -> Cluster:
    """The cluster with these entry points alone."""
    names = {subject.name for subject in subjects}
    return msgspec.structs.replace(
        cluster,
        numbers=tuple(number for number in cluster.numbers if number in names),
        trunks=tuple(name for name in cluster.trunks if name in names),
        sip_domains=tuple(name for name in cluster.sip_domains if name in names),
    )


def _is_gone(subject: Routable, clusters: Sequence[Cluster], seen: Seen) -> bool:
    """True only if the account was read and does not have it: what could not be read is not gone."""
    if any(subject in _subjects(cluster) for cluster in clusters):
        return False
    kinds = {"number": "numbers", "trunk": "trunks", "sip-domain": "sip_domains"}
    facts = [getattr(region, kinds[subject.kind]) for region in seen.snapshot.regions.values()]
    if not facts or any(not hasattr(fact, "value") for fact in facts):
        return False
    if subject.kind == "number":
        return all(E164(subject.name) not in fact.value for fact in facts)
    return all(subject.name not in {one.domain_name for one in fact.value} for fact in facts)


def _join(flow: CommentedMap, known: Flow | None, new: Sequence[Routable]) -> str:
    """Add entry points to a flow that is there."""
    keys = {"number": "numbers", "trunk": "trunks", "sip-domain": "sip_domains"}
    places = [flow["entry_points"]]
    last = flow["cohorts"][-1]
    if not last.get("rest"):
        places.append(last)
    for subject in new:
        for place in places:
            listed = place.setdefault(keys[subject.kind], CommentedSeq())
            listed.append(DoubleQuotedScalarString(subject.name) if subject.kind == "number" else subject.name)
    shown = ", ".join(subject.name for subject in new[:4]) + (f" and {len(new) - 4} more" if len(new) > 4 else "")
    return f"{known.id if known else 'a flow'}: {shown} joined it, in its last cohort"


def _flow(yaml: YAML, proposal: Proposal, roles: Roles) -> Any:
    """The drafted flow with its comments. Its roles are those of the first flow: people have them."""
    (flow,) = yaml.load("flows:\n" + flow_text(proposal, roles))["flows"].values()
    return flow


def _untaken(proposal: Proposal, taken: set[str]) -> Proposal:
    name, n = proposal.cluster.name, 2
    while name in taken:
        name, n = f"{proposal.cluster.name}-{n}", n + 1
    taken.add(name)
    return msgspec.structs.replace(proposal, cluster=msgspec.structs.replace(proposal.cluster, name=name))
