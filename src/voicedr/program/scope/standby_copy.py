"""What the workbook says of the standby's copy: other addresses, passwords, what is meant to differ.

``{region}`` and ``{edge}`` in a rule mean the primary's in ``from`` and the standby's in ``to``.
"""

from __future__ import annotations

import msgspec

from voicedr.program.readiness.kinds import KINDS
from voicedr.program.scope.positions import Node

PLACEHOLDERS = ("region", "edge")
"""What may stand in braces."""

COPIED = tuple(sorted(kind.id for kind in KINDS.values() if kind.makes != "none"))
"""The kinds that a copy has."""


class UrlRule(msgspec.Struct, frozen=True):
    """Where an address of the primary is found for the standby.

    Attributes:
        from_: How the address begins in the primary; ``;edge=ashburn`` instead is a parameter of a SIP URI.
        to: How it begins in the standby; the rest stays. Or the parameter that is there instead.
        flow: Only for what this flow uses, and before the rules for all; None: for all.
    """

    from_: str
    to: str
    flow: str | None = None


class Named(msgspec.Struct, frozen=True):
    """Something of a kind.

    Attributes:
        kind: The id of the kind.
        name: What names it in every Region; None: everything of the kind.
        fields: Only these fields; empty: all of it.
    """

    kind: str
    name: str | None = None
    fields: tuple[str, ...] = ()

    def names(self, kind: str, name: str) -> bool:
        """Whether this is meant."""
        return self.kind == kind and self.name in (None, name)


class Sync(msgspec.Struct, frozen=True):
    """How the standby's copy of the primary is made.

    Attributes:
        urls: Which addresses are others in the standby.
        credentials: Where the password of a SIP credential is, by ``list/username``. The provider never shows one.
        also: What is copied besides what the flows' numbers, trunks and SIP domains lead to.
        ours: Kinds of which everything in the standby is the copy's: it is changed without asking.
        ignore: What is meant to differ.
    """

    urls: tuple[UrlRule, ...] = ()
    credentials: dict[str, str] = {}
    also: tuple[Named, ...] = ()
    ours: tuple[str, ...] = ()
    ignore: tuple[Named, ...] = ()


def build_sync(node: Node) -> Sync:
    """The values of a workbook that was found right."""
    return Sync(
        urls=tuple(
            UrlRule(rule.get("from").text or "", rule.get("to").text or "", rule.get("flow").text)
            for rule in node.get("urls").items
        ),
        credentials={entry.key: entry.value.text or "" for entry in node.get("credentials").entries},
        also=_named(node.get("also")),
        ours=tuple(text for text, _ in node.get("ours").texts),
        ignore=_named(node.get("ignore")),
    )


def _named(node: Node) -> tuple[Named, ...]:
    return tuple(
        Named(
            one.get("kind").text or "",
            one.get("name").text,
            tuple(text for text, _ in one.get("fields").texts),
        )
        for one in node.items
    )
