"""What a schema cannot say: Regions, edges, people, and targets that contradict each other.

Rules look at nodes, not at finished values, so that one mistake does not hide the others: a rule that needs a value
that is not there, or not of the right form, says nothing, because structure has spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicedr.program.scope.checkpoints import checkpoint_problems
from voicedr.program.scope.declarations import declaration_problems
from voicedr.program.scope.durations import parse_duration_s, write_duration
from voicedr.program.scope.lint_approvals import approval_problems
from voicedr.program.scope.lint_authority import authority_problems
from voicedr.program.scope.lint_cohorts import cohort_problems
from voicedr.program.scope.lint_gates import gate_problems
from voicedr.program.scope.lint_moving import moving_problems
from voicedr.program.scope.lint_sbc import sbc_problems
from voicedr.program.scope.lint_sync import sync_problems
from voicedr.program.scope.members import range_problems
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Findings, Place
from voicedr.program.scope.schema_forms import KEY_PATTERN, SECRET_PATTERN
from voicedr.program.scope.structure import cut, suggestion
from voicedr.program.vocabulary import PROPAGATION_S_MAX, REGIONS, US1, Region

PUBLIC_EDGES = ("ashburn", "umatilla", "dublin", "frankfurt", "sydney", "singapore", "tokyo", "sao-paulo")
"""Edges that may stand in a host name. In ``api.sydney.us1.twilio.com`` the Region label decides, so us1 takes any.
Source: https://www.twilio.com/docs/global-infrastructure/edge-locations (read 2026-11-21)."""

PROPAGATION_S_LIMIT = 3600.0
"""Twelve times what the provider documents; more is a slip of the pen."""

_CREDENTIALS = (("api_key", KEY_PATTERN), ("api_secret", SECRET_PATTERN), ("auth_token", SECRET_PATTERN))

Found = Iterator[tuple[Place, str]]


def lint(root: Node, findings: Findings) -> None:
    """Note every semantic mistake."""
    findings.add_all(_account(root.get("account")))
    findings.add_all(_people(root.get("people")))
    findings.add_all(approval_problems(root))
    findings.add_all(authority_problems(root))
    findings.add_all(checkpoint_problems(root.get("checkpoints")))
    findings.add_all(sync_problems(root))
    findings.add_all(declaration_problems(root))
    ranges, small_enough = range_problems(root)
    findings.add_all(ranges)
    for entry in root.get("flows").entries:
        findings.add_all(_flow(root, entry.key, entry.value))
        findings.add_all(_roles(root, entry.key, entry.value))
        findings.add_all(gate_problems(entry.key, entry.value))
        findings.add_all(moving_problems(entry.key, entry.value))
    findings.add_all(sbc_problems(root.get("flows")))
    if small_enough:
        findings.add_all(cohort_problems(root))


def _account(account: Node) -> Found:
    yield from _positive(account.get("limits"), "propagation_max", "account.limits")
    propagation = account.get("limits").get("propagation_max")
    seconds = parse_duration_s(propagation.text or "")
    if seconds is not None and seconds > PROPAGATION_S_LIMIT:
        yield (
            propagation.place,
            f"propagation_max of account.limits is {propagation.text}; at most {write_duration(PROPAGATION_S_LIMIT)}"
            f" is taken. The provider documents {write_duration(PROPAGATION_S_MAX)}.",
        )
    for entry in account.get("regions").entries:
        yield from _edge(entry.key, entry.value.get("edge"))
    yield from _shared_credentials(account.get("regions"))


def _edge(region: str, edge: Node) -> Found:
    own = {str(known): edge for known, edge in REGIONS.items()}.get(region)
    if own is None or edge.text is None or edge.text == own:
        return
    name = f'edge of Region "{region}" is "{cut(edge.text)}"'
    if edge.text not in PUBLIC_EDGES:
        hint = suggestion(edge.text, PUBLIC_EDGES, otherwise=f'Write "{own}".')
        yield edge.place, f"{name}, which is not a public edge. {hint}"
    elif region != US1:
        yield (
            edge.place,
            f'{name}; {region} is reached through its own edge, {own}, or its host names do not exist. Write "{own}".',
        )


def _shared_credentials(regions: Node) -> Found:
    """Keys belong to one Region: https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials."""
    seen: dict[tuple[str, str], tuple[str, Place]] = {}
    for entry in regions.entries:
        for key, pattern in _CREDENTIALS:
            node = entry.value.get(key)
            if node.text is None or not re.fullmatch(pattern, node.text):
                continue
            first = seen.setdefault((key, node.text), (entry.key, node.place))
            if first[0] != entry.key:
                yield (
                    node.place,
                    f'{key} of Region "{entry.key}" is the one of Region "{first[0]}" (line {first[1].line}). Keys'
                    f" and tokens belong to one Region and are refused in every other: name the one of {entry.key}.",
                )


def _people(people: Node) -> Found:
    seen: dict[str, tuple[int, Place]] = {}
    for index, person in enumerate(people.items):
        node = person.get("id")
        if node.text is None:
            continue
        first, place = seen.setdefault(node.text, (index, node.place))
        if first != index:
            yield (
                person.place if node.place == place else node.place,
                f'person "{cut(node.text)}" is already on line {place.line}. An id means one person:'
                " change one of them, or put their roles together.",
            )


def _positive(owner: Node, key: str, name: str) -> Found:
    if parse_duration_s(owner.get(key).text or "") == 0:
        yield (
            owner.get(key).place,
            f"{key} of {name} is {owner.get(key).text}; it must be longer than nothing, e.g. 15m.",
        )


def _region(node: Node) -> Region | None:
    return next((region for region in REGIONS if region == node.text), None)


def _flow(root: Node, flow_id: str, flow: Node) -> Found:
    name = f'flow "{flow_id}"'
    yield from _positive(flow, "rto", name)
    yield from _positive(flow.get("failback"), "primary_healthy_for", f"failback of {name}")
    primary, standby = _region(flow.get("primary")), _region(flow.get("standby"))
    if primary is not None and primary == standby:
        yield (
            flow.get("standby").place,
            f"standby of {name} is {standby}, which is its primary (line {flow.get('primary').place.line}). When"
            f" {primary} fails there would be nowhere to go: name another Region.",
        )
    reachable = root.get("account").get("regions")
    for key, region in (("primary", primary), ("standby", standby)):
        if region is not None and reachable.kind == "mapping" and not reachable.get(region):
            yield (
                flow.get(key).place,
                f"{key} of {name} is {region}, but account.regions does not say how {region} is reached. Add it there"
                " with its edge, api_key and api_secret.",
            )
    allowed = [text for text, _ in flow.get("residency").texts]
    for key, region in (("primary", primary), ("standby", standby)):
        if region is not None and allowed and region not in allowed:
            yield (
                flow.get(key).place,
                f"{key} of {name} is {region}, which residency (line {flow.key_place('residency').line}) does not"
                f" allow: {cut(', '.join(allowed))}. Name a Region that it allows, or have it changed by its owner.",
            )


def _roles(root: Node, flow_id: str, flow: Node) -> Found:
    people: dict[str, set[str]] = {}
    for index, person in enumerate(root.get("people").items):
        for role, _ in person.get("roles").texts:
            people.setdefault(role, set()).add(person.get("id").text or f"person {index + 1}")
    if not root.get("people").items:
        return
    roles, home = flow.get("roles"), flow.get("failback").get("approval")
    approval = roles.get("approval")
    named = [roles.get(key) for key in ("detection", "technical_assessment", "business_impact")]
    for node in (*named, *approval.get("roles").items, *home.get("roles").items):
        if node.text and node.text not in people:
            hint = suggestion(node.text, people, otherwise="Give it to a person, or name a role that somebody has.")
            yield node.place, f'flow "{flow_id}" needs the role "{cut(node.text)}", which nobody in people has. {hint}'
    yield from _able(flow_id, "", approval, roles.key_place("approval"), people)
    if home:
        yield from _able(flow_id, " for failback", home, flow.get("failback").key_place("approval"), people)


def _able(flow_id: str, what: str, approval: Node, place: Place, people: dict[str, set[str]]) -> Found:
    """More approvals are asked for than people can give."""
    asked_node = approval.get("approvals")
    asked = 2.0 if not asked_node else asked_node.number
    able = set().union(*(people.get(role, set()) for role, _ in approval.get("roles").texts))
    if asked is None or not approval.get("roles").items or len(able) >= asked:
        return
    who = f" ({cut(', '.join(sorted(able)))})" if able else ""
    yield (
        asked_node.place if asked_node else place,
        f'flow "{flow_id}" asks for {asked:g} approval{"" if asked == 1 else "s"}{what}, but the people who can give'
        f" one are {len(able)}{who}. Give an approving role to more people, or ask for fewer approvals.",
    )
