"""Acme Clinics' workbook is a good one, and speaks of the account's things."""

from __future__ import annotations

from pathlib import Path

from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import IE1, US1
from voicedr.runtime.sample_customer import (
    CustomerUrls,
    GateOptions,
    KeyReference,
    LimitOptions,
    example_account,
    example_workbook,
)

URLS = CustomerUrls("http://127.0.0.1:9001", "http://127.0.0.2:9002", "http://127.0.0.3:9003")
SID = "AC" + "0" * 32


def read(**options: object) -> Workbook:
    """The example workbook, read as the program reads it."""
    given: dict[str, object] = {"urls": URLS, "context_path": Path("/var/lib/acme/context.json")} | options
    return read_workbook(example_workbook(SID, **given), "workbook.yaml")  # type: ignore[arg-type]


def test_it_reads_without_a_problem() -> None:
    """All four flows are there, and the support line moves in four cohorts with the context before the third."""
    workbook = read()
    assert [flow.id for flow in workbook.flows] == ["support-line", "sales", "dispatch", "lobby"]
    flow = workbook.flow("support-line")
    assert flow is not None
    assert (flow.tier, flow.primary, flow.standby, flow.rto_s) == (1, US1, IE1, 900)
    assert [(cohort.name, len(cohort.subjects), cohort.switch_context) for cohort in flow.cohorts] == [
        ("canary", 2, False),
        ("low-risk", 16, False),
        ("priority", 40, True),
        ("rest", 60, False),
    ]
    assert flow.application is not None
    assert flow.application.context == "file:/var/lib/acme/context.json"
    assert flow.application.confirm == ("http://127.0.0.1:9001/health", "http://127.0.0.2:9002/health")


def test_every_role_is_somebodys_and_two_people_approve() -> None:
    """A. Ruiz, M. Chen, J. Okafor and S. Patel share the decision chain of every flow."""
    workbook = read()
    assert [person.name for person in workbook.people] == ["A. Ruiz", "M. Chen", "J. Okafor", "S. Patel"]
    held = {role for person in workbook.people for role in person.roles}
    for flow in workbook.flows:
        roles = flow.roles
        assert {roles.detection, roles.technical_assessment, roles.business_impact, *roles.approval} <= held
        assert roles.approvals == 2


def test_it_names_exactly_what_the_account_has() -> None:
    """Every number, trunk and SIP domain of the account is in one flow, once, and test calls come from the account."""
    account = example_account(URLS)
    subjects = [(subject.kind, subject.name) for flow in read().flows for subject in flow.subjects]
    owned = [("number", number["e164"]) for number in account["numbers"]]
    owned += [("trunk", trunk["domain_name"]) for trunk in account["trunks"]["us1"]]
    owned += [("sip-domain", domain["domain_name"]) for domain in account["sip_domains"]["us1"]]
    assert sorted(subjects) == sorted(owned)
    callers = {flow.test_caller for flow in read().flows}
    assert callers <= {number["e164"] for number in account["numbers"]}


def test_gate_limits_address_and_keys_are_as_asked() -> None:
    """What a demonstration sets differently arrives, also with a path that YAML must quote."""
    keys = {region: KeyReference(f"file:/run/{region}.key", f"file:/run/{region}.secret") for region in ("us1", "ie1")}
    workbook = read(
        address="http://127.0.0.1:8080",
        context_path=Path("/tmp/odd: #name/context.json"),
        keys=keys,
        gate=GateOptions(bad_share_bad=0.3, numbers_min=1, on_no_go="roll-back", wait_max="90s"),
        limits=LimitOptions(requests_per_second=100, calls_per_second=10, propagation_max="6s"),
    )
    flow = workbook.flow("support-line")
    assert flow is not None
    for cohort in flow.cohorts:
        assert (cohort.gate.test.bad_share_bad, cohort.gate.test.numbers_min) == (0.3, 1)
        assert (cohort.gate.on_no_go, cohort.gate.wait_s_max) == ("roll-back", 90)
    account = workbook.account
    assert (account.sid, account.address) == (SID, "http://127.0.0.1:8080")
    assert account.regions[IE1].api_secret == "file:/run/ie1.secret"
    assert account.regions[IE1].edge == "dublin"
    limits = account.limits
    assert (limits.requests_per_second, limits.calls_per_second, limits.propagation_s_max) == (100, 10, 6)
    assert flow.application is not None
    assert flow.application.context == "file:/tmp/odd: #name/context.json"
