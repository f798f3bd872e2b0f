"""Allow-lists are loaded by the programs that they are for, and let in what is published and nothing else."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import botocore.session
import hcl2
import msgspec
import pytest
from botocore.validate import ParamValidator

from debian_programs import programs
from voicedr.program.network.allow_list import WRITERS, allow_list
from voicedr.program.network.allow_lists.aws import GROUPS_MAX, RULES_MAX
from voicedr.program.network.coverage import Standing, coverage
from voicedr.program.network.firewall import read_firewall
from voicedr.program.network.published import PublishedRanges, published_ranges

RANGES = published_ranges()
INSIDE = ["unshare", "--net"]


def run(*command: str, text: str = "") -> str:
    """What a program says in a network of its own."""
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    programs("unshare", "nft", "iptables-restore")
    done = subprocess.run([*INSIDE, *command], input=text, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shuffled(ranges: PublishedRanges) -> PublishedRanges:
    """The same in another order."""
    return msgspec.structs.replace(ranges, ranges=tuple(reversed(ranges.ranges)))


@pytest.mark.parametrize("form", WRITERS)
def test_equal_ranges_give_equal_bytes(form: str) -> None:
    """Whatever order the ranges come in; and each says where it was read and when."""
    text = allow_list(RANGES, form, interconnect=True)
    assert text == allow_list(shuffled(RANGES), form, interconnect=True)
    assert RANGES.source[0] in text
    assert "2026-11-21" in text
    other = msgspec.structs.replace(RANGES, read_on=date(2027, 1, 2))
    assert "2027-01-02" in allow_list(other, form)


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "json"])
def test_one_edge_alone_is_said_to_be_incomplete(form: str) -> None:
    """Who asks for one edge is told in the text what is left out."""
    assert "INCOMPLETE" in allow_list(RANGES, form, ["dublin"])
    assert "INCOMPLETE" not in allow_list(RANGES, form)


def test_nft_loads_it_again_and_again(tmp_path: Path) -> None:
    """The real nft checks it and loads it twice; an address that is no longer published is gone after the second."""
    every, one = tmp_path / "every.nft", tmp_path / "one.nft"
    every.write_text(allow_list(RANGES, "nftables", interconnect=True))
    one.write_text(allow_list(RANGES, "nftables", ["dublin"]))
    run("nft", "-c", "-f", str(every))
    listed = run("sh", "-c", f"nft -f {every} && nft -f {one} && nft list ruleset")
    assert "54.171.127.192/30" in listed
    assert "54.172.60.0/30" not in listed
    assert listed.count("dport 5061 accept") == 1


HOOKED = "table inet voicedr { chain input { type filter hook input priority 0; policy drop; jump voice_provider; }; }"


@pytest.mark.parametrize("export", ["nft -j list ruleset", "nft list ruleset"])
def test_what_nft_has_loaded_covers_everything(tmp_path: Path, export: str) -> None:
    """With a jump from an input chain that drops, the export of the real nft is covered; without it, nothing is."""
    file = tmp_path / "all.nft"
    file.write_text(allow_list(RANGES, "nftables", interconnect=True) + HOOKED + "\n")
    firewall = read_firewall(run("sh", "-c", f"nft -f {file} && {export}"), "fw")
    assert {one.standing for one in coverage(firewall, RANGES, interconnect=True)} == {Standing.COVERED}
    file.write_text(file.read_text().replace("jump voice_provider; }", "}"))
    firewall = read_firewall(run("sh", "-c", f"nft -f {file} && {export}"), "fw")
    assert {one.standing for one in coverage(firewall, RANGES, interconnect=True)} == {Standing.MISSING}


def test_iptables_loads_it(tmp_path: Path) -> None:
    """The real iptables-restore takes it, and the export of what it took is covered."""
    file = tmp_path / "rules"
    file.write_text(allow_list(RANGES, "iptables", interconnect=True))
    run("iptables-restore", "--test", "--noflush", str(file))
    hooked = f"iptables-restore --noflush {file} && iptables -I INPUT -j VOICE_PROVIDER && iptables -P INPUT DROP"
    for export in ("iptables-save", "iptables-save -c", "nft -j list ruleset"):
        firewall = read_firewall(run("sh", "-c", f"{hooked} && {export}"), "fw")
        assert {one.standing for one in coverage(firewall, RANGES, interconnect=True)} == {Standing.COVERED}, export


def test_aws_takes_the_permissions() -> None:
    """AWS' own library finds each group's permissions valid; no group has more rules than it may, and none is lost."""
    document = json.loads(allow_list(RANGES, "aws", interconnect=True))
    model = botocore.session.get_session().get_service_model("ec2")
    shape = model.operation_model("AuthorizeSecurityGroupIngress").input_shape
    groups = document["SecurityGroups"]
    assert 1 < len(groups) <= GROUPS_MAX
    for one in groups:
        asked = {"GroupId": "sg-0123456789abcdef0", "IpPermissions": one["IpPermissions"]}
        report = ParamValidator().validate(asked, shape)
        assert not report.has_errors(), report.generate_report()
        assert sum(len(permission["IpRanges"]) for permission in one["IpPermissions"]) <= RULES_MAX
    both = tuple(one["GroupName"] for one in groups)
    firewall = read_firewall(json.dumps(document), "aws.json", only=both)
    assert {one.standing for one in coverage(firewall, RANGES, interconnect=True)} == {Standing.COVERED}
    half = coverage(read_firewall(json.dumps(document), "aws.json", only=both[:1]), RANGES, interconnect=True)
    assert Standing.MISSING in {one.standing for one in half}


def test_a_wrong_permission_is_found_by_the_same_judge() -> None:
    """The judge of the test above does object."""
    model = botocore.session.get_session().get_service_model("ec2")
    shape = model.operation_model("AuthorizeSecurityGroupIngress").input_shape
    assert ParamValidator().validate({"IpPermissions": [{"FromPort": "5060", "Ports": 1}]}, shape).has_errors()


def test_google_has_the_same_rules() -> None:
    """Names, numbers and shapes are those of the resource; what is covered by its reader is everything."""
    text = allow_list(RANGES, "gcp", interconnect=True)
    rules = json.loads(text)
    assert len({one["name"] for one in rules}) == len(rules)
    for one in rules:
        assert set(one["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert len(one["name"]) <= 63
        assert len(one["sourceRanges"]) <= 256
    covered = coverage(read_firewall(text, "gcp.json"), RANGES, interconnect=True)
    assert {one.standing for one in covered} == {Standing.COVERED}


def test_terraform_is_well_formed() -> None:
    """A parser of HCL reads every prefix out of it, in both halves. It was not planned by Terraform."""
    document = hcl2.load(io.StringIO(allow_list(RANGES, "terraform", interconnect=True)))
    kinds: dict[str, list[dict[str, object]]] = {}
    for resource in document["resource"]:
        for kind, named in resource.items():
            kinds.setdefault(kind.strip('"'), []).extend(named.values())
    prefixes = {prefix for one in RANGES.ranges for prefix in one.prefixes}
    google = {str(p).strip('"') for rule in kinds["google_compute_firewall"] for p in rule["source_ranges"]}  # type: ignore[attr-defined]
    amazon = {
        str(p).strip('"')
        for group in kinds["aws_security_group"]
        for ingress in group["ingress"]  # type: ignore[attr-defined]
        for p in ingress["cidr_blocks"]
    }
    assert google == amazon == prefixes


def test_terraform_itself_has_nothing_to_format() -> None:
    """`terraform fmt`, which parses it, would not change a byte. Its providers are not asked."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("terraform is not there, and it is no package of Debian's")
    text = allow_list(RANGES, "terraform", interconnect=True)
    done = subprocess.run([program, "fmt", "-"], input=text, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == text
