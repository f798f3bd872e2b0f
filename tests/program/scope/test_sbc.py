"""What the workbook says of SBCs, as values; every mistake at its place."""

from __future__ import annotations

import pytest

from program.scope.support_line import GOOD
from program.scope.test_moving import flow_with
from voicedr.program.scope.problems import WorkbookBroken
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.sbc import SbcMove, TargetState, why_no_place

SBC = """    sbc:
      - name: sbc-1
        rpc: http://10.0.0.5:8080/RPC
        set: 1
        moves:
          - {target: "sip:acme.pstn.dublin.twilio.com", to: active}
          - {target: "sip:acme.pstn.ashburn.twilio.com", to: disabled, home: active}
"""


def problems_of(lines: str) -> list[str]:
    """What is said of a workbook with these lines."""
    last = '    test_caller: "+14155550199"\n'
    with pytest.raises(WorkbookBroken) as told:
        read_workbook(GOOD.replace(last, last + lines), "support-line.yaml")
    return str(told.value).splitlines()


def test_left_out_there_is_none() -> None:
    """Workbooks of earlier releases mean what they meant."""
    assert flow_with("").sbcs == ()


def test_an_sbc_is_read_in_order() -> None:
    """Its moves as they stand, its cohort if one is named."""
    (sbc,) = flow_with(SBC).sbcs
    assert (sbc.name, sbc.rpc, sbc.set_id, sbc.cohort) == ("sbc-1", "http://10.0.0.5:8080/RPC", 1, None)
    assert sbc.moves == (
        SbcMove("sip:acme.pstn.dublin.twilio.com", TargetState.ACTIVE),
        SbcMove("sip:acme.pstn.ashburn.twilio.com", TargetState.DISABLED, TargetState.ACTIVE),
    )
    assert flow_with(SBC + "        cohort: rest\n").sbcs[0].cohort == "rest"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  set: 1\n", "  set: 1\n        cohort: nobody\n", 'steered with cohort "nobody", which the flow does'),
        ("http://10.0.0.5:8080/RPC", "http://8.8.8.8:8080/RPC", "8.8.8.8 can be reached from the internet"),
        ("http://10.0.0.5:8080/RPC", "http://sbc.example:8080/RPC", "no address of a machine"),
        ("http://10.0.0.5:8080/RPC", "http://user:hunter2@10.0.0.5/RPC", "rpc"),
        ("pstn.dublin", "pstn.ashburn", "is steered twice (first on line"),
        ("home: active", "home: disabled", "is disabled in the standby and at home"),
        ("to: active", "to: drained", "drained"),
        ("        set: 1\n", "", "set"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, words: str) -> None:
    """Each by itself, and no password is shown."""
    assert old in SBC
    told = problems_of(SBC.replace(old, new, 1))
    assert any(words in line for line in told), told
    assert all(line.startswith("support-line.yaml:") for line in told if words in line)
    assert "hunter2" not in " ".join(told)


def test_a_name_means_one_sbc() -> None:
    """A journal names actions by it."""
    again = SBC + "\n".join(SBC.splitlines()[1:]).replace("10.0.0.5", "10.0.0.6") + "\n"
    assert any('SBC "sbc-1" of flow "support-line" is already on line' in line for line in problems_of(again))


@pytest.mark.parametrize(
    ("place", "fit"),
    [
        ("http://127.0.0.1:8080/RPC", True),
        ("http://localhost:8080/RPC", True),
        ("https://192.168.1.5/RPC", True),
        ("http://[fd00::5]:8080/RPC", True),
        ("unix:/run/kamailio/kamailio_rpc.sock", True),
        ("env:SBC", True),
        ("file:/etc/voicedr/sbc", True),
        ("http://1.1.1.1/RPC", False),
        ("http://[2001:4860:4860::8888]/RPC", False),
        ("http://0.0.0.0:99999/RPC", False),
        ("ftp://10.0.0.5/", False),
        ("unix:relative", False),
        ("", False),
    ],
)
def test_where_an_sbc_may_be_asked(place: str, fit: bool) -> None:
    """Nowhere on the internet, and by no name."""
    assert (why_no_place(place) is None) is fit
