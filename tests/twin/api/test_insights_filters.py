"""Call summaries are filtered by how calls went and what was said of them; what is not known is refused."""

from __future__ import annotations

import pytest

from asking_the_twin import N0, T0, Client, small_world
from voicedr.twin.api.insights_filters import NOT_KNOWN
from voicedr.twin.world.model import Call, World
from voicedr.twin.world.permissions import Annotation


def _world() -> World:
    """Three calls: one that went well and was long, one that failed, one that was annotated."""
    world = small_world()
    store = world.regions["us1"]
    for number, (status, begun, ended) in enumerate(
        (("completed", 9000, 2000), ("failed", 8000, 7000), ("completed", 7500, 7400)), 1
    ):
        sid = f"CA{number:032x}"
        at = T0 - begun
        store.calls[sid] = Call(sid, "+16465550123", N0, "inbound", status, at, at, T0 - ended, at + 1)
    store.annotations[sid] = Annotation(
        "human", "dropped_call", ("echo", "latency"), spam=True, call_score=2, comment="drill"
    )
    return world


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, [3, 2, 1]),
        ({"SortBy": "start_time"}, [3, 2, 1]),
        ({"SortBy": "end_time"}, [1, 2, 3]),
        ({"AbnormalSession": "true"}, [2]),
        ({"AbnormalSession": "false"}, [3, 1]),
        ({"HasTag": "true"}, []),
        ({"HasTag": "false"}, [3, 2, 1]),
        ({"AnsweredBy": "human"}, []),
        ({"AnsweredBy": "unknown"}, [3, 2, 1]),
        ({"SpamAnnotation": "true"}, [3]),
        ({"SpamAnnotation": "false"}, [2, 1]),
        ({"CallScoreAnnotation": "2"}, [3]),
        ({"CallScoreAnnotation": "5"}, []),
        ({"ConnectivityIssueAnnotation": "dropped_call"}, [3]),
        ({"ConnectivityIssueAnnotation": "unknown_connectivity_issue"}, [2, 1]),
        ({"QualityIssueAnnotation": "echo"}, [3]),
        ({"AnsweredByAnnotation": "human"}, [3]),
        ({"Subaccount": "AC" + "0" * 32}, []),
        ({"AbnormalSession": "false", "SortBy": "end_time"}, [1, 3]),
    ],
)
def test_filters(fields: dict[str, str], found: list[int]) -> None:
    """Each filter leaves the calls that it names, in the order that is asked for."""
    page = Client(_world(), "us1").get("insights", "v1/Voice/Summaries", {"ProcessingState": "all", **fields})[1]
    assert [int(one["call_sid"][2:], 16) for one in page["call_summaries"]] == found


@pytest.mark.parametrize(
    "fields", [{"SortBy": "price"}, {"AbnormalSession": "maybe"}, *({name: "x"} for name in NOT_KNOWN)]
)
def test_a_filter_that_cannot_be_obeyed_is_refused(fields: dict[str, str]) -> None:
    """17400, instead of calls that were not asked for."""
    status, body = Client(_world(), "us1").get("insights", "v1/Voice/Summaries", fields)
    assert (status, body["code"]) == (400, 17400)
