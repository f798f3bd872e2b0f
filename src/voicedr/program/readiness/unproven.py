"""What a cutover depends on and the provider does not document. It is shown with every judgement, pass or not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.subjects import Case


class Unproven(msgspec.Struct, frozen=True):
    """One dependency that nobody has promised.

    Attributes:
        what: The dependency, in words.
        stands: How it stands today, as far as anybody has seen.
        next: What lessens the doubt.
        source: The page that should say it and does not.
    """

    what: str
    stands: str
    next: str
    source: str


def unproven(case: Case) -> Iterator[Unproven]:
    """The dependencies of a flow's cutover that no check can pass."""
    flow = case.flow
    standby, primary = flow.standby, flow.primary
    works = isinstance(case.standby_route_write, Observed)
    yield Unproven(
        what=f"route writes through {standby}'s host during a {primary} outage: not documented by the provider",
        stands=f"works from {standby} today" if works else f"not seen to work from {standby} today either",
        next="keep a second way that needs no route: a reroute at the carrier or SBC, or numbers that live in"
        f" {standby}",
        source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    )
    if flow.numbers or any(subject.kind == "sip-domain" for subject in flow.subjects):
        yield Unproven(
            what=f"which Region's Auth Token signs webhooks in {standby}: not documented by the provider",
            stands=f"people report {standby}'s own",
            next="let the application accept the Auth Tokens of both Regions",
            source="https://www.twilio.com/docs/usage/security",
        )
    if flow.test_caller is not None:
        yield Unproven(
            what=f"test calls from {standby} with a caller number that is routed to {primary}: not documented by the"
            " provider",
            stands="not tried here",
            next=f"place one test call from {flow.test_caller} through {standby}",
            source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
        )
