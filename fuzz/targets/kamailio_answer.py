"""Whatever comes back from Kamailio's JSON-RPC is a dispatcher list, or an error that says how things stand."""

from __future__ import annotations

import json

from voicedr.runtime.sipkit.dispatcher import (
    NotUndoable,
    Reload,
    SetState,
    State,
    UnreadableList,
    action_id,
    done,
    inverse,
    read_list,
    to_take_out_again,
    why_not,
)
from voicedr.runtime.sipkit.kamailio_rpc import RpcError, _result

_LIST = {
    "jsonrpc": "2.0",
    "result": {
        "NRSETS": 1,
        "RECORDS": [
            {
                "SET": {
                    "ID": 1,
                    "TARGETS": [
                        {
                            "DEST": {
                                "URI": "sip:a.example",
                                "FLAGS": "AP",
                                "PRIORITY": 0,
                                "ATTRS": {"BODY": "weight=50"},
                            }
                        },
                        {"DEST": {"URI": "sip:b.example", "FLAGS": "DX", "PRIORITY": 1}},
                    ],
                }
            },
            {"SET": {"ID": 2, "TARGETS": [{"DEST": {"URI": "sip:c.example", "FLAGS": "TP"}}]}},
        ],
    },
    "id": 1,
}
SEEDS = [
    json.dumps(_LIST).encode(),
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method Not Found"},"id":1}',
    b'{"result":{"RECORDS":[{"SET":{"ID":1e999,"TARGETS":[]}}]}}',
    b'{"result":' + b"[" * 9000 + b"]" * 9000 + b"}",
    b'{"error":{"code":"' + b"7" * 5000 + b'","message":"\x1b[2J"}}',
    b"\xff\xfe{}",
]


def one(data: bytes) -> None:
    """Read it as the answer to dispatcher.list, and think about every action on what it lists."""
    try:
        listed = read_list(_result("dispatcher.list", "here", data))
    except (RpcError, UnreadableList) as exc:
        said = str(exc)
        assert said
        assert said.isprintable(), f"a message sends something to the terminal: {said!r}"
        return
    once = len({(one.set_id, one.uri) for one in listed}) == len(listed)
    assert not once or to_take_out_again(listed, listed) == ()
    assert why_not(Reload(listed), listed) == ""
    for destination in listed[:20]:
        for to in State:
            action = SetState(destination.set_id, destination.uri, destination.flags, to)
            assert action_id(action)
            left = [one for one in listed if one.set_id == destination.set_id and one.uri != destination.uri]
            if not why_not(action, listed) and to is not State.ACTIVE and destination.in_service:
                assert any(one.in_service for one in left), "the last target of a set may go"
            done(action, listed)
            try:
                assert inverse(action).uri == action.uri
            except NotUndoable as exc:
                assert str(exc)
