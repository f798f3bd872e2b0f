"""The words of the house. One word for one thing; new words come here first.

account       a provider account: numbers, trunks, keys
Region        where calls are processed: us1, ie1, au1. A number is in one Region at a time
edge          where traffic enters or leaves the provider's network: ashburn, dublin, sydney
primary       the Region a flow lives in on an ordinary day
standby       the Region it is moved to when the primary fails
route         the provider's global entry that says which Region gets a number's (trunk's, SIP domain's) calls
propagation   the time a route change takes to reach every edge: up to five minutes
flow          a set of entry points that serve one business purpose: the support line
entry point   a number, a trunk domain or a SIP domain
cohort        the entry points that are moved and judged together
canary        the first cohort
gate          what a cohort must pass before the next one starts
verdict       what a gate says: go, no-go, not enough data
proof         a call seen in the standby Region, to a number that was moved
steer         to put a target of the dispatcher of the customer's own SBC into or out of service
trickle       a few numbers that live in the standby all the year
cutover       moving a flow from the primary to the standby
rollback      undoing a cutover that went badly, back to the snapshot
failback      bringing a flow home on another day, as a plan of its own
execution     one run of one plan, with one journal
journal       the append-only record of an execution: intent, then what was seen
incident      what was declared, assessed and broken about a flow before and beside its executions, in one record
deputy        who is asked next where the first one of a function does not answer
packet        the one page that a decision is taken by
go-bag        one signed, time-boxed file from which a flow can be moved on any laptop, by program or by hand
break glass   to go past a rule by name, signed, for a time, and reviewed by somebody else
UNSETTLED     how an action stands whose request was sent and whose answer was lost: look, never repeat on a guess
graceful      both Regions may be asked
ungraceful    the failed Region is asked nothing
emergency stop  nothing that changes anything is sent by anybody until a person goes on with a reason
overlap       a cohort starts while earlier ones are moved and not yet passed, within a budget of what is at risk
at risk       what was started towards the new Region and has not the word of its gate
assertion     what must hold before a cohort moves, or after it has moved, looked at then
waived        a person goes on in spite of an assertion that does not hold, or that nobody could see
workbook      the YAML file that holds the DR program
finding       what a check says when it does not pass
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NewType

Region = NewType("Region", str)
"""A processing Region, e.g. ``us1``."""

E164 = NewType("E164", str)
"""A telephone number with its plus, e.g. ``+14155550100``."""

US1, IE1, AU1 = Region("us1"), Region("ie1"), Region("au1")

REGIONS: dict[Region, str] = {US1: "ashburn", IE1: "dublin", AU1: "sydney"}
"""The Regions where calls are processed and the edge that belongs to each.
Source: https://www.twilio.com/docs/global-infrastructure (read 2026-11-21)."""

PROPAGATION_S_MAX = 300.0
"""A route change may take up to five minutes.
Source: https://www.twilio.com/docs/global-infrastructure/inbound-processing-api (read 2026-11-21)."""

ROUTE_WRITES_PER_SECOND_MAX = 300.0
"""Routing changes stay below this over all requests of an account.
Source: the provider's SIP Domains and Elastic SIP Trunking regional best-practice pages (read 2026-11-21)."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def is_e164(text: str) -> bool:
    """True for a plus, a country code and at most 15 digits in all."""
    return _E164.fullmatch(text) is not None


class Mode(StrEnum):
    """Whether the Region that is being left may be asked anything."""

    GRACEFUL = "graceful"
    UNGRACEFUL = "ungraceful"


class Purpose(StrEnum):
    """What an execution is for."""

    FAILOVER = "failover"
    FAILBACK = "failback"


class Kind(StrEnum):
    """How real an execution is. The same code runs for each; the journal says which it was."""

    REAL = "real"
    DRILL_TWIN = "drill-twin"
    DRILL_LIVE = "drill-live"
    DRY_RUN = "dry-run"


class Verdict(StrEnum):
    """What a gate says. The third is not a weak form of the first."""

    GO = "go"
    NO_GO = "no-go"
    NOT_ENOUGH_DATA = "not enough data"
