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
from ruamel.yaml.util import load_yaml_guess_indent

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
    _, indent, offset = load_yaml_guess_indent(text)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    mapping = indent or 2
    yaml.indent(mapping=mapping, sequence=(offset or 0) + 2, offset=offset or 0)
    data = yaml.load(text)
    added = [_join(data["flows"][flow_id], workbook.flow(flow_id), new) for flow_id, new in joining.items()]
    taken = {flow.id for flow in workbook.flows}
    for proposal in propose(fresh, seen, workbook.account):
        named = _untaken(proposal, taken)
        data["flows"][named.cluster.name] = _flow(yaml, named, workbook.flows[0].roles)
        added.append(f"{named.cluster.name}: a new flow of {named.cluster.size} entry points")
    written = StringIO()
    yaml.dump(data, written)
    return Merged(written.getvalue(), tuple(added), gone)


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
    return yaml.load("flows:\n" + flow_text(proposal, roles))["flows"][proposal.cluster.name]


def _untaken(proposal: Proposal, taken: set[str]) -> Proposal:
    name, n = proposal.cluster.name, 2
    while name in taken:
        name, n = f"{proposal.cluster.name}-{n}", n + 1
    taken.add(name)
    return msgspec.structs.replace(proposal, cluster=msgspec.structs.replace(proposal.cluster, name=name))
