"""Judges a large account in a process of its own, and says its processor time and memory: one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import time

from bench import large_account
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.readiness.judge import report
from voicedr.program.readiness.resource_map import resource_maps
from voicedr.program.scope.standby_copy import Sync
from voicedr.program.vocabulary import Mode, Purpose


def main() -> None:
    """As many flows as the first word says; each with twenty numbers."""
    count = int(sys.argv[1])
    account, flows, snapshot = large_account.account(), large_account.flows(count), large_account.snapshot(count)
    began_s = time.process_time()
    judged = report(flows, account, snapshot, declarations=large_account.declarations(), people=large_account.PEOPLE)
    judged_s = time.process_time()
    plans = [make_plan(flow, account, snapshot, purpose=Purpose.FAILOVER, mode=Mode.UNGRACEFUL) for flow in flows]
    ended_s = time.process_time()
    maps = resource_maps(flows, account, snapshot, Sync())
    mapped_s = time.process_time()
    said = {
        "flows": len(judged.flows),
        "checks": len(judged.flows[0].checks),
        "conclusions": sum(result.looked_at for flow in judged.flows for result in flow.checks),
        "moves": sum(len(plan.actions) for plan in plans),
        "lines": sum(len(one.lines) for one in maps.values()),
        "judging_s": judged_s - began_s,
        "planning_s": ended_s - judged_s,
        "mapping_s": mapped_s - ended_s,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
