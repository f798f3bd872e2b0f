"""A good workbook becomes values; a text that is none becomes problems, whatever it is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.scope.support_line import GOOD, problems_of, with_line
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.positions import ALIASES_MAX, DEPTH_MAX, TEXT_BYTES_MAX
from voicedr.program.scope.read import WorkbookBroken, read_workbook
from voicedr.program.scope.workbook import (
    ApplicationContext,
    Approvals,
    Failback,
    Flow,
    Gate,
    Limits,
    Roles,
    SequentialTest,
    SignalRule,
)
from voicedr.program.vocabulary import IE1, REGIONS, US1


def support_line(text: str = GOOD) -> Flow:
    """The workbook's flow."""
    flow = read_workbook(text, "support-line.yaml").flow("support-line")
    assert flow is not None
    return flow


def test_how_approvals_are_given_arrives_and_has_defaults() -> None:
    """Left out: by word. Named: four hours and two minutes, unless the workbook says otherwise."""
    assert read_workbook(GOOD, "support-line.yaml").approvals == Approvals(None, False, 14400.0, 120.0)
    named = GOOD + "approvals: {allowed_signers: keys/signers, required: true, valid_for: 90m, clock_skew: 0s}\n"
    assert read_workbook(named, "support-line.yaml").approvals == Approvals("keys/signers", True, 5400.0, 0.0)


def test_ids_that_are_patterns_are_told_where_there_is_a_list_of_signers() -> None:
    """``che*`` in a list of signers would be everybody whose id begins so."""
    text = with_line("id: chen", 'id: "che*"')
    assert problems_of(text) == ()
    assert problems_of(text + "approvals: {allowed_signers: signers}\n") == (
        'support-line.yaml:14:10: person 2 has the id "che*", which cannot stand in a list of signers.'
        " Use letters, digits and . _ @ + - only.",
    )


def test_every_key_arrives_as_a_value() -> None:
    """Durations are seconds, references stay references, and the file's name is kept."""
    workbook = read_workbook(GOOD, "support-line.yaml")
    assert workbook.path == "support-line.yaml"
    assert workbook.account.sid == "AC00000000000000000000000000000001"
    assert workbook.account.address == "env:VOICEDR_ADDRESS"
    assert workbook.account.limits == Limits(requests_per_second=50, calls_per_second=2, propagation_s_max=240)
    assert workbook.account.regions[US1].api_secret == "env:TWILIO_SECRET_US1"
    assert workbook.account.regions[IE1].edge == "dublin"
    assert [(person.id, person.roles) for person in workbook.people] == [
        ("ruiz", ("on-call lead", "voice engineer")),
        ("chen", ("operations director",)),
    ]
    flow = support_line()
    assert (flow.title, flow.tier, flow.primary, flow.standby, flow.rto_s) == (
        "Customer support line",
        1,
        US1,
        IE1,
        900,
    )
    assert (flow.must_survive, flow.can_degrade) == (
        ("A caller reaches an agent",),
        ("Queue music instead of announcements",),
    )
    assert (flow.can_wait, flow.out_of_scope) == (("Call recordings",), ("Outbound campaigns",))
    assert flow.success == ("19 of 20 callers are greeted within 5 s",)
    assert flow.residency == (US1, IE1)
    assert flow.signals == (SignalRule("call-completes"), SignalRule("no-alert", veto=True))
    assert flow.roles == Roles(
        "on-call lead", "voice engineer", "operations director", ("on-call lead", "operations director"), 2
    )
    assert flow.failback == Failback(5400, ("The provider has closed the incident",))
    assert flow.application == ApplicationContext(
        "support-app", "file:/var/lib/voicedr/support-app.json", ("https://support.example/region",)
    )
    assert flow.test_caller == "+14155550199"


def test_ranges_are_written_out_and_the_rest_is_what_is_left() -> None:
    """Everything moves once, in order: numbers, trunks, SIP domains; the trickle stays where it lives."""
    flow = support_line()
    canary, priority, rest = flow.cohorts
    assert canary.numbers == ("+14155550100", "+14155550101")
    assert priority.numbers == ("+14155550110", "+14155550111", "+14155550112")
    assert rest.numbers == tuple(f"+141555501{last:02}" for last in (*range(2, 10), *range(13, 19)))
    assert rest.subjects[-2:] == (
        Routable("trunk", "acme.pstn.twilio.com"),
        Routable("sip-domain", "acme.sip.twilio.com"),
    )
    assert flow.trickle == (Routable("number", "+14155550150"),)
    assert len(flow.subjects) == len(set(flow.subjects)) == 21


def test_a_range_of_one_and_the_longest_country_code_work() -> None:
    """Both ends are included, and a range may cross a power of ten inside its length."""
    text = with_line("+14155550110..+14155550112", "+14155550110..+14155550110")
    assert support_line(text).cohorts[1].numbers == ("+14155550110",)
    text = with_line('"+14155550100..+14155550118"', '"+14155550100..+14155550118", "+882169999999..+882170000001"')
    assert support_line(text).cohorts[2].numbers[-3:] == ("+882169999999", "+882170000000", "+882170000001")


def test_a_cohorts_gate_is_its_own_keys_over_the_flows_over_the_defaults() -> None:
    """Nobody repeats a gate to change one number of it."""
    canary, priority, _ = support_line().cohorts
    assert canary.gate == Gate(SequentialTest(bad_share_bad=0.2, calls_max=60), on_go="continue", wait_s_max=1200)
    assert priority.gate == Gate(SequentialTest(bad_share_bad=0.2), on_go="ask", wait_s_max=1200)
    assert canary.switch_context
    assert not priority.switch_context


def test_what_is_left_out_has_the_cautious_value() -> None:
    """A short workbook is a whole one."""
    flow_lines = GOOD[GOOD.index("    must_survive") : GOOD.index("    entry_points")]
    text = GOOD.replace(flow_lines, "")
    for begin, end in (
        ("    trickle", "    cohorts"),
        ("    signals", "    roles"),
        ("    failback", "    application"),
    ):
        text = text[: text.index(begin)] + text[text.index(end) :]
    text = text.replace(', "+14155550150"]', "]").replace(", approvals: 2}", "}")
    text = text.replace("  limits: {requests_per_second: 50, calls_per_second: 2, propagation_max: 4m}\n", "")
    flow = support_line(text)
    assert read_workbook(text, "w.yaml").account.limits == Limits()
    assert flow.cohorts[1].gate == Gate()
    assert flow.roles.approvals == 2
    assert flow.residency == tuple(REGIONS)
    assert flow.failback == Failback()
    assert flow.signals == (SignalRule("call-completes"), SignalRule("no-alert"))


def two_flows(second_numbers: str) -> str:
    """The good workbook with a second flow of these numbers."""
    roles = GOOD[GOOD.index("    roles:") : GOOD.index("    failback:")]
    return (
        f"{GOOD}  sales:\n    title: Sales\n    tier: 2\n    primary: us1\n    standby: ie1\n    rto: 1h\n"
        f"    entry_points: {{numbers: [{second_numbers}]}}\n    cohorts: [{{name: all, rest: true}}]\n{roles}"
    )


def test_a_number_belongs_to_one_flow() -> None:
    """Two plans would pull it in two directions."""
    assert problems_of(two_flows('"+14155550200"')) == ()
    assert problems_of(two_flows('"+14155550200", "+14155550117..+14155550120"')) == (
        'support-line.yaml:64:46: flow "sales" has 2 entry points, the first +14155550117, which flow "support-line"'
        " (line 29) already has. An entry point belongs to one flow: take it out of one of them.",
    )


def test_a_cohort_repeated_by_an_alias_is_a_cohort_twice() -> None:
    """An alias has one place in the file and is two things all the same."""
    text = with_line("- name: priority\n", "- &again\n        name: priority\n")
    text = with_line("      - name: rest\n", "      - *again\n      - name: rest\n", text)
    problems = problems_of(text)
    assert any('43:9: cohort "priority" of flow "support-line" is already on line 41.' in line for line in problems)
    assert any('cohort "priority" names 3 entry points' in line for line in problems)


def test_a_regions_auth_token_is_optional_and_a_reference() -> None:
    """It is only needed to sign the probe's requests."""
    text = with_line("edge: dublin", "edge: dublin\n      auth_token: keyring:voicedr/ie1-token")
    assert read_workbook(text, "w.yaml").account.regions[IE1].auth_token == "keyring:voicedr/ie1-token"
    assert read_workbook(text, "w.yaml").account.regions[US1].auth_token is None


def test_an_alias_shares_a_value() -> None:
    """Anchors are the file's own way of saying something once."""
    text = with_line("gate: {bad_share_bad: 0.2, on_go: ask, wait_max: 20m}", "gate: &gate {numbers_min: 3}")
    text = with_line('numbers: ["+14155550110..+14155550112"]', 'numbers: ["+14155550110"]\n        gate: *gate', text)
    assert support_line(text).cohorts[1].gate.test.numbers_min == 3


def test_a_person_cannot_approve_twice() -> None:
    """Two roles of one person are one approval."""
    text = with_line("[on-call lead, voice engineer]", "[on-call lead, operations director, voice engineer]")
    text = with_line("roles: [operations director]}", "roles: [clerk]}", text)
    assert problems_of(text) == (
        'support-line.yaml:51:73: flow "support-line" asks for 2 approvals, but the people who can give one are 1'
        " (ruiz). Give an approving role to more people, or ask for fewer approvals.",
    )


def test_us1_takes_any_public_edge() -> None:
    """The Region label decides where a request is processed; us1 exists behind every edge's name."""
    for edge in ("umatilla", "frankfurt", "sao-paulo"):
        assert problems_of(with_line("edge: ashburn", f"edge: {edge}")) == ()


@pytest.mark.parametrize(
    "context",
    [
        "https://config.example/app", "etcd:http://a.example:2379,b.example:2379/voicedr/app", "consul:https://a.example/k",
        "postgresql://me@db.example/voice#support-app", "env:CONTEXT",
    ],
)  # fmt: skip
def test_a_context_may_be_elsewhere_and_signed(context: str) -> None:
    """Any place that can be written, and where the key is."""
    text = with_line("file:/var/lib/voicedr/support-app.json", f'"{context}"\n      signing_key: file:/etc/region.key')
    application = read_workbook(text, "x.yaml").flows[0].application
    assert application is not None
    assert (application.context, application.signing_key) == (context, "file:/etc/region.key")


@pytest.mark.parametrize(
    "context",
    [
        "https://me:s3cret@config.example/app", "etcd:http://me:s3cret@a.example/k", "etcd:a.example/k",
        "postgresql://me:s3cret@db.example/voice", "postgresql://me@db.example/voice?password=s3cret", "app.json",
        "environment:ACTIVE",
    ],
)  # fmt: skip
def test_a_context_with_a_password_or_that_cannot_be_written_is_refused(context: str) -> None:
    """A password belongs in a variable, env:NAME."""
    with pytest.raises(WorkbookBroken, match="an absolute file or an address without a password") as caught:
        read_workbook(with_line("file:/var/lib/voicedr/support-app.json", f'"{context}"'), "x.yaml")
    assert "s3cret" not in str(caught.value)


def test_a_context_path_may_have_spaces() -> None:
    """Paths do."""
    text = with_line("file:/var/lib/voicedr/support-app.json", '"file:/srv/our app/context.json"')
    application = support_line(text).application
    assert application is not None
    assert application.context == "file:/srv/our app/context.json"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", '1:1: the file is empty; a workbook begins with "voicedr: 1".'),
        ("# nothing\n", '1:1: the file is empty; a workbook begins with "voicedr: 1".'),
        ("- a\n", '1:1: a workbook is a mapping that begins with "voicedr: 1"; this is something else.'),
        ("[" * 40, f"1:{DEPTH_MAX + 1}: nested more than {DEPTH_MAX} levels deep; a workbook needs eight."),
        ("a: 1\nb: \x00\n", "2:4: a character that YAML does not allow; remove it or write it as an escape."),
        (
            "voicedr: 1\nx: &x 1\ny: [" + ", ".join(["*x"] * (ALIASES_MAX + 1)) + "]",
            f"3:{5 + 4 * ALIASES_MAX}: this is alias number {ALIASES_MAX + 1}; at most {ALIASES_MAX} are read.",
        ),
        (
            "#" * (TEXT_BYTES_MAX + 1),
            f"1:1: the file has {TEXT_BYTES_MAX + 1} bytes; at most {TEXT_BYTES_MAX} are read. Write runs of numbers as"
            ' ranges ("+14155550101..+14155550118") and the last cohort as "rest: true".',
        ),
    ],
    ids=["empty", "comment", "list", "deep", "nul", "aliases", "long"],
)
def test_what_is_no_workbook_stops_at_once(text: str, problem: str) -> None:
    """Size, depth and aliases have an end, and saying so is the whole answer."""
    assert problems_of(text) == (f"support-line.yaml:{problem}",)


def test_a_message_stays_on_its_line() -> None:
    """A name with a line feed or an escape code in it cannot write into the terminal."""
    text = with_line("  support-line:\n", '  "a\\n\\e[31m":\n')
    text = with_line("standby: ie1", "standby: us1", text)
    problems = problems_of(text)
    assert len(problems) == 2
    assert all(problem.isprintable() for problem in problems)
    assert 'flow "a··[31m"' in problems[1]


def test_a_billion_laughs_are_counted_not_told() -> None:
    """Aliases of aliases are refused by what they would expand to."""
    text = "voicedr: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    (problem,) = problems_of(text)
    assert problem.endswith("aliases expand to more than 200000 values; write the values out.")


EVERY = st.integers(min_value=0, max_value=len(GOOD))
SNIPPETS = st.one_of(
    st.sampled_from(
        [
            *"\n\t:-[]{}&*!|>'\"%@`#,?+~",
            "<<: ",
            "&a ",
            "*a",
            "- ",
            "? ",
            "---\n",
            "...\n",
            "%YAML 9.9\n",
            "\\x",
            "1e999",
            "null",
            "+1415",
            "..",
            "!!int ",
            '"\\UFFFFFFFF"',
            "\ufeff",
            "\ud800",
            "env:",
            "rest: true",
            "us1",
        ]
    ),
    st.text(max_size=6),
)
EDITS = st.lists(st.tuples(EVERY, st.integers(min_value=0, max_value=40), SNIPPETS), min_size=1, max_size=4)


@settings(max_examples=120, deadline=None)
@given(EDITS)
def test_a_damaged_workbook_reads_or_says_what_is_wrong(edits: list[tuple[int, int, str]]) -> None:
    """Whatever happens to the text, the answer is a workbook or problems with places; never another exception."""
    text = GOOD
    for at, cut, put in edits:
        text = text[:at] + put + text[at + cut :]
    places = []
    for line in problems_of(text):
        path, row, column, message = line.split(":", 3)
        assert path == "support-line.yaml"
        assert message.isprintable()
        places.append((int(row), int(column), message))
    assert places == sorted(places)
    assert all(row >= 1 and column >= 1 for row, column, _ in places)


SECRET = st.text(string.ascii_letters + string.digits + ":*&!'\"#{}[]%@,- ", min_size=3, max_size=12)


@settings(max_examples=100, deadline=None)
@given(SECRET, st.sampled_from(["api_secret: {}", "api_key: {}", "api_secret:{}", "{}", "api_secret: [{}]", "x: {}"]))
def test_a_secret_in_the_file_is_never_in_a_message(secret: str, line: str) -> None:
    """Wherever it stands among a Region's keys, and whatever YAML makes of it, nobody reads it in a terminal."""
    marked = f"q{secret}Zx9Kw7"
    text = with_line("api_secret: file:/run/secrets/twilio-ie1", line.replace("{}", marked))
    problems = problems_of(text)
    assert problems
    assert not any("Zx9Kw7" in problem for problem in problems)
