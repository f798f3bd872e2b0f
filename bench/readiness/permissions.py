"""Which permissions a reading needs, found by being refused; and what it says when one of them is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from bench.readiness.account import HealthyAccount
from bench.readiness.estate import EDGES, Direction

ROUNDS_MAX = 8
"""Each round finds what stands behind the permissions of the round before: lists, then what is in them."""


def restrict(account: HealthyAccount, region: str, allowed: Iterable[str]) -> None:
    """The key of a Region may do this and nothing else."""
    key = account.world.regions[region].keys[account.beside.secrets[f"KEY_{region.upper()}"]]
    key.policy = json.dumps({"allow": sorted(allowed)})


@cache
def needed(way: Direction) -> dict[str, frozenset[str]]:
    """The permissions that a reading uses, by Region.

    Raises:
        RuntimeError: If there are ever more.
    """
    account = HealthyAccount(way)
    found: dict[str, set[str]] = {region: set() for region in EDGES}
    for _ in range(ROUNDS_MAX):
        account.heal()
        for region, allowed in found.items():
            restrict(account, region, allowed)
        account.read()
        more = [one for one in account.refusals if one[1] not in found[one[0]]]
        if not more:
            return {region: frozenset(allowed) for region, allowed in found.items()}
        for region, permission in more:
            found[region].add(permission)
    raise RuntimeError(f"after {ROUNDS_MAX} readings permissions are still refused: {account.refusals}")
