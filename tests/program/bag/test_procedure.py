"""The procedure for hands does what the plan does: the same requests, in the same order, by the same ids."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from html import unescape

import msgspec
import pytest

from scenes import NOW, account_values, fake_account, flow_of, snapshot_of
from voicedr.adapters.providers.twilio import region as adapter
from voicedr.program.bag.credentials import Credential, credentials_of, settings
from voicedr.program.bag.printed import as_text, commands_of
from voicedr.program.bag.procedure import PATHS, Procedure, procedure
from voicedr.program.execution.actions import action_id, inverse
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import Plan
from voicedr.program.scope.workbook import ApplicationContext, RegionAccess, Workbook
from voicedr.program.vocabulary import IE1, US1, Mode, Purpose
from voicedr.usecases.write_manual import manual_html


def scene(
    *, address: str | None = None, with_context: bool = False, context: ApplicationContext | None = None
) -> tuple[Workbook, Plan, Procedure]:
    """A workbook of two cohorts, its plan, and the procedure."""
    flow = flow_of({"canary": 1, "rest": 2})
    if with_context or context is not None:
        cohorts = (
            tuple(msgspec.structs.replace(one, switch_context=True) for one in flow.cohorts[:1]) + flow.cohorts[1:]
        )
        application = context or ApplicationContext(
            "app", "file:/var/it's here/context.json", ("http://app.example:8080",)
        )
        flow = msgspec.structs.replace(flow, cohorts=cohorts, application=application)
    regions = {
        US1: RegionAccess("ashburn", "env:KEY_US1", "env:SECRET_US1"),
        IE1: RegionAccess("dublin", "SK" + "0" * 32, "file:/run/secrets/it's"),
    }
    account = msgspec.structs.replace(account_values(), regions=regions, address=address)
    workbook = Workbook(account, (), (flow,))
    plan = make_plan(
        flow, account, snapshot_of(fake_account(flow), flow), purpose=Purpose.FAILOVER, mode=Mode.UNGRACEFUL
    )
    return workbook, plan, procedure(workbook, flow, plan, NOW, NOW + timedelta(days=30))


def test_every_action_is_a_step_with_its_id_in_the_plans_order() -> None:
    """Forwards as planned, and backwards the inverse of each, from the last."""
    _, plan, made = scene(with_context=True)
    assert [step.id for step in made.steps if step.id] == [action_id(one) for one in plan.actions]
    back = [step.id for part in made.back for step in part.steps]
    assert back == [action_id(inverse(one)) for one in reversed(plan.actions)]


def test_a_step_posts_what_the_program_posts_and_reads_it_back() -> None:
    """Routes v2 of the standby's own host, with the plus as %2B, by the standby's key."""
    _, _, made = scene()
    step = next(one for one in made.steps if one.id)
    post, get = (shlex.split(command) for command in step.commands)
    url = "https://routes.dublin.ie1.twilio.com/v2/PhoneNumbers/%2B14155550000"
    assert post[-1] == get[-1] == url
    assert post[post.index("-d") + 1] == "VoiceRegion=ie1"
    assert "-d" not in get
    assert get[get.index("-u") + 1] == "${VOICEDR_IE1_KEY}:${VOICEDR_IE1_SECRET}"
    assert '"voice_region":"ie1"' in step.expects[0]
    assert PATHS == adapter._ROUTE_PATHS


def test_page_and_text_have_the_same_commands_one_to_one() -> None:
    """Whichever is printed."""
    _, _, made = scene(with_context=True)
    page = [
        unescape(re.sub(r"</?span>", "", one)) for one in re.findall(r"<pre>(.*?)</pre>", manual_html(made), re.DOTALL)
    ]
    assert page == commands_of(as_text(made))
    assert len(page) > 10


def test_everything_that_is_printed_can_be_printed_on_paper_and_only_commands_begin_with_four_blanks() -> None:
    """Each step has a box, a time and initials; words are at most as long as a line."""
    _, _, made = scene(with_context=True)
    text = as_text(made)
    lines = text.splitlines()
    commands = {command for one in (*made.forward, *made.back) for step in one.steps for command in step.commands}
    assert set(commands_of(text)) == commands | set(made.settings)
    assert max(len(line) for line in lines if not line.startswith("    ")) <= 100
    steps = sum(len(part.steps) for part in (*made.forward, *made.back))
    assert sum("initials" in line and line.startswith("  time") for line in lines) == steps
    assert sum(line.startswith("[ ] go or no-go") for line in lines) == 2


def test_a_twin_is_said_loudly_and_gets_the_requests_with_the_providers_host() -> None:
    """Whatever address the workbook has, every command goes there."""
    for address, target in (
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v2/PhoneNumbers/%2B14155550000"),
        ("env:TWIN", "${TWIN}/v2/PhoneNumbers/%2B14155550000"),
    ):
        _, _, made = scene(address=address)
        post = shlex.split(next(one for one in made.steps if one.id).commands[0])
        assert post[-1] == target
        assert post[post.index("-H") + 1] == "Host: routes.dublin.ie1.twilio.com"
        assert "NOT THE PROVIDER" in as_text(made)
    assert "NOT THE PROVIDER" not in as_text(scene()[2])


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("env:A_KEY", ': "${A_KEY:?is not set: export it, then begin again}"'),
        ("file:/run/a b", "export V=\"$(cat '/run/a b')\""),
        ("file:~/a b", 'export V="$(cat "$HOME"/\'a b\')"'),
        ("keyring:voice/dr/key", 'export V="$(keyring get voice/dr key)"'),
        ("SK123", "export V=SK123"),
    ],
)
def test_a_secret_is_taken_from_its_reference(reference: str, line: str) -> None:
    """By a line of shell that holds the reference and never a value."""
    variable = "A_KEY" if reference.startswith("env:") else "V"
    assert settings(Credential("key", reference, variable)) == line


def test_every_reference_of_the_workbook_is_listed() -> None:
    """Both Regions' keys, alerts, the journal."""
    workbook, _, _ = scene()
    workbook = msgspec.structs.replace(workbook, alerts=("env:ALERT",))
    assert [(one.what, one.reference) for one in credentials_of(workbook)] == [
        ("API key of us1", "env:KEY_US1"), ("API secret of us1", "env:SECRET_US1"),
        ("API key of ie1", "SK" + "0" * 32), ("API secret of ie1", "file:/run/secrets/it's"),
        ("alert 1", "env:ALERT"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("context", "key", "command"),
    [
        ("etcd:http://a:1,b:2/k", None, ["etcd:http://a:1,b:2/k", "--to", "ie1"]),
        ("env:PLACE", None, ["env:PLACE", "--to", "ie1"]),
        ("file:/var/it's.json", "file:/k e y", ["file:/var/it's.json", "--to", "ie1", "--key", "file:/k e y"]),
    ],
)
def test_a_context_that_no_shell_writes_well_is_switched_by_the_kit(
    context: str, key: str | None, command: list[str]
) -> None:
    """One that is signed, or that is no file: the step looks first, and waits for every instance."""
    application = ApplicationContext("app", context, ("http://app.example:8080",), key)
    _, _, made = scene(context=application)
    step = next(one for one in made.steps if one.title.startswith("the application"))
    show, switch = (shlex.split(one) for one in step.commands)
    assert show == ["voicedr", "region", "show", context]
    assert switch == ["voicedr", "region", "switch", *command, "--confirm", "http://app.example:8080/health"]
    assert "higher epoch" in step.expects[0]
