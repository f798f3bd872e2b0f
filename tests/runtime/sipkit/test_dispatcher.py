"""What an action on a dispatcher needs, changes and undoes, as a function of the list."""

from __future__ import annotations

import pytest

from voicedr.runtime.sipkit.dispatcher import (
    Destination,
    NotUndoable,
    Reload,
    SetState,
    State,
    UnreadableList,
    action_id,
    done,
    inverse,
    read_list,
    same_state,
    to_take_out_again,
    why_not,
)

A, B = "sip:192.0.2.1:5060", "sip:192.0.2.2:5060"


def seen(a: str, b: str) -> tuple[Destination, ...]:
    """A list of two targets of set 1, and one of set 2 that stands alone."""
    return Destination(1, A, a), Destination(1, B, b), Destination(2, A, "AP")


@pytest.mark.parametrize(
    ("action", "a", "b", "said"),
    [
        (SetState(1, A, "AP", State.DISABLED), "AP", "AP", ""),
        (SetState(1, A, "AX", State.DISABLED), "AP", "AP", ""),
        (SetState(1, A, "TP", State.DISABLED), "AP", "AP", ""),
        (SetState(1, A, "AP", State.DISABLED), "IP", "AP", "was AP"),
        (SetState(1, A, "AP", State.DISABLED), "DX", "AP", "was AP"),
        (SetState(1, A, "AP", State.DISABLED), "AP", "IP", "last target"),
        (SetState(1, A, "AP", State.PROBING), "AP", "DX", "last target"),
        (SetState(1, A, "AP", State.DISABLED, last_may_go=True), "AP", "IP", ""),
        (SetState(1, A, "DX", State.ACTIVE), "DX", "IP", ""),
        (SetState(1, A, "DX", State.PROBING), "DX", "IP", ""),
        (SetState(2, A, "AP", State.DISABLED), "AP", "AP", "last target"),
        (SetState(1, "sip:x", "AP", State.DISABLED), "AP", "AP", "has no sip:x"),
        (SetState(9, A, "AP", State.DISABLED), "AP", "AP", "no target"),
        (Reload(seen("AP", "AP")), "AX", "AP", ""),
        (Reload(seen("AP", "AP")), "DX", "AP", "not what it was"),
        (Reload(seen("AP", "AP")[:2]), "AP", "AP", "not what it was"),
    ],
)
def test_what_must_not_be_done(action: SetState | Reload, a: str, b: str, said: str) -> None:
    """Only on the state that it was planned on, and never to the last target in service."""
    why = why_not(action, seen(a, b))
    assert bool(why) == bool(said)
    assert said in why


@pytest.mark.parametrize("was", ["AP", "AX", "IX", "IP", "DX", "DP"])
@pytest.mark.parametrize("to", State)
def test_the_inverse_leads_back(was: str, to: State) -> None:
    """Doing an action and its inverse leaves the state as it was, as far as new calls can tell."""
    action = SetState(1, A, was, to)
    back = inverse(action)
    assert why_not(back, [Destination(1, A, to.word.upper())]) == ""
    assert same_state(back.to.word.upper(), was)
    assert done(back, [Destination(1, A, back.to.word.upper())])
    assert action_id(action) != action_id(back) or Destination(1, A, was).state is to


def test_what_cannot_be_undone() -> None:
    """A reload, because the file of before is gone; and a letter that nobody knows."""
    with pytest.raises(NotUndoable):
        inverse(Reload(()))
    with pytest.raises(NotUndoable):
        inverse(SetState(1, A, "ZZ", State.ACTIVE))


def test_a_reload_undrains_and_is_told_what_to_drain_again() -> None:
    """What was disabled or inactive by hand goes out again; what a ping took out does not."""
    before = (Destination(1, A, "DX"), Destination(1, B, "IP"))
    again = to_take_out_again(before, (Destination(1, A, "AX"), Destination(1, B, "AX")))
    assert again == (SetState(1, A, "AX", State.DISABLED, last_may_go=True),)
    assert to_take_out_again(before, (Destination(1, B, "AX"),)) == ()


@pytest.mark.parametrize(
    "result", [None, [], {}, {"RECORDS": 1}, {"RECORDS": [{"SET": {"ID": "x", "TARGETS": []}}]},
               {"RECORDS": [{"SET": {"ID": 1, "TARGETS": [{"DEST": {"FLAGS": "AP"}}]}}]}],
)  # fmt: skip
def test_what_is_no_list(result: object) -> None:
    """It is said, and not taken for an empty one."""
    with pytest.raises(UnreadableList):
        read_list(result)


def test_an_unknown_letter_is_not_in_service() -> None:
    """What Kamailio says that we do not know never counts as able to take calls."""
    odd = Destination(1, B, "QX")
    assert (odd.state, odd.in_service) == (None, False)
    assert "last target" in why_not(SetState(1, A, "AP", State.DISABLED), [Destination(1, A, "AP"), odd])
