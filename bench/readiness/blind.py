"""Faults that readiness is known not to find: nobody looks there. When one is found, it moves to ``faults``."""

from __future__ import annotations

from random import Random

from bench.readiness import estate as has
from bench.readiness.account import HealthyAccount
from bench.readiness.faults.trunks import set_sbc, trunk
from bench.readiness.faults.webhooks import VOICES, document
from bench.readiness.kind import Seed


def _recording(account: HealthyAccount, _chance: Random) -> None:
    trunk(account, account.way.standby).recording_mode = "record-from-answer"


def _leaves_by_primarys_edge(account: HealthyAccount, _chance: Random) -> None:
    edge = has.EDGES[account.way.primary]
    set_sbc(account, account.way.standby, has.SBCS[1], SipUrl=f"sip:{has.SBCS[1]};transport=tls;edge={edge}")


def _says(text: str, kind: str) -> Seed:
    def seed(account: HealthyAccount, chance: Random) -> None:
        account.customer.instead[chance.choice(VOICES)] = document(text, kind)

    return seed


BLIND: dict[str, tuple[str, Seed]] = {
    "trunk-recording-drift": ("a trunk's recording is a resource of its own, which is not read", _recording),
    "origination-by-primarys-edge": (
        "whether calls of the standby's trunk leave by the primary's edge is not looked at", _leaves_by_primarys_edge,
    ),
    "document-without-verbs": (
        "an empty document is valid, and hangs up on the caller", _says("<Response/>", "text/xml"),
    ),
    "document-as-plain-text": (
        "plain text is valid, and is read to the caller, brackets and all",
        _says("<Response><Say>Hello</Say></Response>", "text/plain"),
    ),
}  # fmt: skip
"""Each with why."""
