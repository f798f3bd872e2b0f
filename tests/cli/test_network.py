"""The commands around the network: what they print, write and refuse, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicedr.cli.failures import DONE, FINDING, UNKNOWN, WRONG_USE, exit_code
from voicedr.cli.main import app
from voicedr.program.network.allow_list import WRITERS as FORMS
from voicedr.program.network.sbc_config import WRITERS as PROGRAMS

TRUNK = ("--trunk", "acme.pstn.twilio.com", "--edge", "dublin", "--edge", "frankfurt")


def told(*arguments: str) -> tuple[int, str]:
    """The code and the words of a command, as ``main`` would give them."""
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    assert isinstance(result.exception, Exception)
    code = exit_code(result.exception)
    assert code is not None, f"a defect of ours: {result.exception!r}"
    return code, str(result.exception)


def file(folder: Path, text: str | bytes, name: str = "fw") -> str:
    """A file's path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


EVERYTHING = "0.0.0.0/0\n"
SIGNALLING_ONLY = "0.0.0.0/0 udp 5060\n0.0.0.0/0 tcp 5060-5061\n"
MARKED = "*filter\n:INPUT DROP [0:0]\n-A INPUT -m mark --mark 0x1 -j ACCEPT\n-A INPUT -i eth0 -j ACCEPT\nCOMMIT\n"


def test_a_firewall_that_lets_everything_in(tmp_path: Path) -> None:
    """Exit 0, all ranges counted, and where they were read."""
    code, words = told("firewall", "check", file(tmp_path, EVERYTHING))
    assert code == DONE
    assert "25 of 25 ranges let in" in words
    assert "2026-11-21" in words


def test_a_firewall_without_media(tmp_path: Path) -> None:
    """Exit 1, the range and the ports are named on top, and the command that makes an allow-list."""
    code, words = told("firewall", "check", file(tmp_path, SIGNALLING_ONLY))
    assert code == FINDING
    assert "24 of 25" in words
    assert "168.86.128.0/18 port 10000-60000" in words
    assert words.index("✖") < words.index("✔")
    assert "voicedr allow-list" in words
    code, words = told("firewall", "check", file(tmp_path, SIGNALLING_ONLY), "--json")
    assert code == FINDING
    ranges = json.loads(words)["ranges"]
    assert [one["standing"] for one in ranges].count("missing") == 1
    assert ranges[-1]["missing"][0]["prefixes"] == ["168.86.128.0/18"]


def test_a_firewall_that_nobody_can_judge(tmp_path: Path) -> None:
    """Exit 3 and why; with what was missing said it is 0."""
    path = file(tmp_path, MARKED)
    code, words = told("firewall", "check", path)
    assert code == UNKNOWN
    assert "25 unknown" in words
    assert "--interface" in words
    assert told("firewall", "check", path, "--interface", "eth0")[0] == DONE
    assert told("firewall", "check", path, "--interface", "eth1")[0] == UNKNOWN


def test_only_the_transport_that_one_uses(tmp_path: Path) -> None:
    """Who speaks UDP alone needs no TLS; media is needed always."""
    path = file(tmp_path, "0.0.0.0/0 udp\n")
    assert told("firewall", "check", path)[0] == FINDING
    assert told("firewall", "check", path, "--transport", "udp")[0] == DONE
    code, words = told("firewall", "check", file(tmp_path, "0.0.0.0/0 udp 5060\n"), "--transport", "udp")
    assert code == FINDING
    assert "8 of 9" in words


@pytest.mark.parametrize(
    ("body", "more", "words"),
    [
        (b"", (), "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", (), "is not text"),
        (b"%PDF-1.7\n", (), "no export that is known"),
        (b'{"Vpcs": []}', (), "'Vpcs'"),
        (b"::/0\n", ("--edge", "ie1"), "'ie1'"),
        (b"::/0\n", ("--address", "sbc"), "no IPv4 address"),
        (b"::/0\n", ("--format", "gcp"), "not whole JSON"),
        (b"::/0\n", ("--format", "cisco"), "cisco"),
        (b"::/0 icmp\n", (), "icmp"),
        (b"::/0\n", ("--ranges", "/nowhere"), "cannot be read"),
    ],
)
def test_wrong_use_of_the_check(tmp_path: Path, body: bytes, more: tuple[str, ...], words: str) -> None:
    """Exit 2 with words, never a traceback."""
    code, said = told("firewall", "check", file(tmp_path, body), *more)
    assert code == WRONG_USE, said
    assert words in said


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    """Its path is told; exit 2."""
    assert "cannot be read" in told("firewall", "check", str(tmp_path / "none"))[1]
    assert told("firewall", "check", str(tmp_path))[0] == WRONG_USE
    assert told("sbc", "check", str(tmp_path / "none"))[0] == WRONG_USE


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_allow_list(form: str) -> None:
    """Each is an option's value and is printed; one edge alone is possible, another's name is not."""
    code, words = told("allow-list", "--format", form)
    assert code == DONE
    assert "54.171.127.192/30" in words
    assert "208.78.112.64" not in words
    assert "208.78.112.64" in told("allow-list", "--format", form, "--interconnect")[1]
    assert "54.65.63.192" not in told("allow-list", "--format", form, "--edge", "dublin")[1]
    assert told("allow-list", "--format", form, "--edge", "paris")[0] == WRONG_USE


def test_a_newer_list(tmp_path: Path) -> None:
    """What --format json writes is changed by hand and given to everything else."""
    text = told("allow-list", "--format", "json")[1].replace("54.171.127.192/30", "54.171.127.0/30")
    path = file(tmp_path, text, "ranges.json")
    assert "54.171.127.0/30" in told("allow-list", "--format", "nftables", "--ranges", path)[1]
    assert told("firewall", "check", file(tmp_path, EVERYTHING), "--ranges", path)[0] == DONE
    assert told("allow-list", "--format", "nftables", "--ranges", file(tmp_path, "{}", "bad"))[0] == WRONG_USE


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_configuration_passes_its_own_check(tmp_path: Path, program: str) -> None:
    """It is written into a new folder, never over one; printed, it has every file's name."""
    to = tmp_path / "new"
    code, words = told("sbc-config", "--for", program, *TRUNK, "--to", str(to))
    assert code == DONE, words
    named = {"kamailio": "dispatcher.list", "asterisk": "pjsip.conf", "opensips": "dbtext/dispatcher"}
    checked = to / named.get(program, "sip_profiles/voice_provider.xml")
    code, words = told("sbc", "check", str(checked))
    assert code == DONE, words
    assert "2 edges named: dublin, frankfurt" in words
    code, words = told("sbc-config", "--for", program, *TRUNK, "--to", str(to))
    assert code == WRONG_USE
    assert "nothing was written" in words
    assert "==> " in told("sbc-config", "--for", program, *TRUNK)[1]


def test_the_files_of_one_sbc_together(tmp_path: Path) -> None:
    """A script says that its destinations are in a list: unknown alone, as it should be with the list beside it."""
    to = tmp_path / "new"
    assert told("sbc-config", "--for", "kamailio", *TRUNK, "--to", str(to))[0] == DONE
    assert told("sbc", "check", str(to / "kamailio.cfg"))[0] == UNKNOWN
    assert told("sbc", "check", str(to / "kamailio.cfg"), str(to / "dispatcher.list"))[0] == DONE


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("1 sip:acme.pstn.dublin.twilio.com\n", FINDING, "1 edges named"),
        ("1 sip:54.171.127.193\n", FINDING, "54.171.127.193"),
        ("1 sip:acme.pstn.twilio.com\n", FINDING, "no edge in it"),
        ("1 sip:acme.pstn.dublin.twilio.com\n2 sip:acme.pstn.paris.twilio.com\n", UNKNOWN, "fw:2"),
        ("hello\n", WRONG_USE, "no configuration"),
    ],
)
def test_a_configuration_with_a_fault(tmp_path: Path, text: str, code: int, words: str) -> None:
    """A pinned address or one edge is a finding; what could not be followed is unknown; exit codes say which."""
    found, said = told("sbc", "check", file(tmp_path, text))
    assert (found, words in said) == (code, True), said
    if code != WRONG_USE:
        assert json.loads(told("sbc", "check", file(tmp_path, text), "--json")[1])["edges_min"] == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--edge", "dublin"), "at least 2"),
        (("--edge", "dublin", "--edge", "ie1"), "'ie1'"),
        (("--edge", "dublin", "--edge", "frankfurt", "--user", "pbx", "--password", "Correct-Horse-1"), "never"),
        (("--edge", "dublin", "--edge", "frankfurt", "--listen", "::1"), "IPv4"),
    ],
)
def test_wrong_use_of_the_writer(more: tuple[str, ...], words: str) -> None:
    """Exit 2 with words; a password is not repeated."""
    code, said = told("sbc-config", "--for", "kamailio", "--trunk", "acme.pstn.twilio.com", *more)
    assert code == WRONG_USE
    assert words in said
    assert "Correct-Horse" not in said
