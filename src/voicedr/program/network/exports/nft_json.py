"""``nft -j list ruleset`` (libnftables-json(5))."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voicedr.program.network.exports.nft_tables import NftChain, NftRuleset
from voicedr.program.network.rules import BrokenExport


def read_nft_json(document: Mapping[str, Any], name: str) -> NftRuleset:
    """The ruleset.

    Raises:
        BrokenExport: If it is not shaped as nft writes it.
    """
    items = document["nftables"]
    if not isinstance(items, list):
        raise BrokenExport(f"{name}: 'nftables' is not a list. Export it again: nft -j list ruleset")
    ruleset = NftRuleset()
    for at, item in enumerate(items):
        if not isinstance(item, Mapping) or len(item) != 1:
            raise _broken(name, at)
        ((kind, body),) = item.items()
        if not isinstance(body, Mapping):
            raise _broken(name, at)
        try:
            _take(ruleset, kind, body, name, at)
        except KeyError as exc:
            raise _broken(name, at) from exc
    return ruleset


def _broken(name: str, at: int) -> BrokenExport:
    return BrokenExport(
        f"{name}: nftables[{at}] is not shaped as nft writes it. Nothing was judged. Export again: nft -j list ruleset"
    )


def _take(ruleset: NftRuleset, kind: str, body: Mapping[str, Any], name: str, at: int) -> None:
    match kind:
        case "chain":
            ruleset.chains.append(
                NftChain(
                    body["family"], body["table"], body["name"], body.get("type", ""), body.get("hook", ""),
                    body.get("policy", "accept"),
                )
            )  # fmt: skip
        case "set" | "map":
            flags = body.get("flags", [])
            moving = kind == "map" or "dynamic" in flags or "timeout" in flags or "timeout" in body
            sets = ruleset.sets.setdefault((body["family"], body["table"]), {})
            sets[body["name"]] = None if moving else body.get("elem", [])
        case "rule":
            chain = ruleset.chain(body["family"], body["table"], body["chain"])
            expressions = body["expr"]
            if (
                chain is None
                or not isinstance(expressions, list)
                or not all(isinstance(e, Mapping) for e in expressions)
            ):
                raise _broken(name, at)
            chain.rules.append((f"rule handle {body.get('handle', '?')}", expressions))
        case _:
            pass  # Tables, counters, limits: they decide nothing by themselves.
