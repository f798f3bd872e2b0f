"""The same plan for hands: every action of it as commands for a shell with curl, in the plan's order, by its ids.

A step is a POST, the GET that reads it back, and what the answer must show; a cohort ends with calls and a signature.
The way back is the inverse of each action, from the last to the first.

The hosts and paths are those that the program itself uses: routes v2 of the standby's own host
(https://www.twilio.com/docs/global-infrastructure/inbound-processing-api, read 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from shlex import quote
from typing import assert_never
from urllib.parse import quote as percent
from urllib.parse import urlsplit

import msgspec

from voicedr.program.bag.credentials import key_of, settings
from voicedr.program.bag.steps import Step, env_setting, steer_by_hand
from voicedr.program.execution.actions import Action, SetRoute, SteerDispatcher, SwitchContext, action_id, inverse
from voicedr.program.execution.plan import Plan, PlannedCohort, plan_hash
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.spoken import count, span
from voicedr.program.vocabulary import REGIONS, US1, Mode

PATHS = {"number": "PhoneNumbers", "trunk": "Trunks", "sip-domain": "SipDomains"}
"""As in ``adapters/providers/twilio``: a test holds them together."""

ANSWER_S_MAX = 15
EPOCHS_SKIPPED = 10
"""A switch of the context by hand leaves out so many epochs: a program that was interrupted may have begun some."""


class Part(msgspec.Struct, frozen=True):
    """Steps under one heading. ``decides``: it ends with a decision by name."""

    title: str
    words: tuple[str, ...]
    steps: tuple[Step, ...]
    decides: str = ""


class Procedure(msgspec.Struct, frozen=True):
    """The whole of it. ``twin`` names the address that every request goes to, if it is not the provider."""

    flow: str
    title: str
    plan_hash: str
    mode: Mode
    leaves: str
    to: str
    facts_at: datetime
    expires_at: datetime
    approvals: int
    approval_roles: tuple[str, ...]
    takes: str
    unknowns: tuple[str, ...]
    settings: tuple[str, ...]
    forward: tuple[Part, ...]
    back: tuple[Part, ...]
    twin: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps that move the flow, in order."""
        return tuple(step for part in self.forward for step in part.steps)


def procedure(workbook: Workbook, flow: Flow, plan: Plan, facts_at: datetime, expires_at: datetime) -> Procedure:
    """The procedure of a plan."""
    writer = _Writer(workbook, flow, plan)
    address = workbook.account.address
    return Procedure(
        flow=flow.id,
        title=flow.title,
        plan_hash=plan_hash(plan),
        mode=plan.mode,
        leaves=plan.leaves,
        to=plan.to,
        facts_at=facts_at,
        expires_at=expires_at,
        approvals=plan.approvals,
        approval_roles=plan.approval_roles,
        takes=f"{span(plan.forecast.shortest_s)} to {span(plan.forecast.longest_s)} by program; by hand about"
        f" {span(len(plan.actions) * 20.0)} of typing more",
        unknowns=plan.unknowns,
        settings=tuple(writer.settings()),
        forward=tuple(writer.forward()),
        back=tuple(writer.back()),
        twin=address or "",
    )


class _Writer:
    def __init__(self, workbook: Workbook, flow: Flow, plan: Plan) -> None:
        self._workbook, self._flow, self._plan = workbook, flow, plan
        self._key, self._secret = key_of(workbook, plan.via)
        access = workbook.account.regions.get(plan.via)
        self._place = f"{access.edge if access else REGIONS[plan.via]}.{plan.via}.twilio.com"

    def settings(self) -> Iterator[str]:
        yield settings(self._key)
        yield settings(self._secret)
        address = self._workbook.account.address or ""
        if address.startswith("env:"):
            yield f': "${{{address[4:]}:?is not set: the address of the twin}}"'

        places = dict.fromkeys(one.rpc for one in self._plan.actions if isinstance(one, SteerDispatcher))
        yield from (line for place in places if (line := env_setting(place)))

    def forward(self) -> Iterator[Part]:
        first = next(one for one in self._plan.actions if isinstance(one, SetRoute))
        yield Part(
            "Look first",
            ("Nothing is changed here. If an answer is another one than expected, stop and find out why.",),
            (
                Step(
                    "",
                    f"the key of {self._plan.via} is taken by {self._place}",
                    (self._get(self._api("Applications.json?PageSize=1")),),
                    ("the last line is 200; 401 means: the key of another Region, or a wrong secret",),
                ),
                Step(
                    "",
                    f"{first.subject.name} is where the plan has it",
                    (self._get(self._route(first.subject)),),
                    (_stands(first),),
                ),
            ),
        )
        for number, cohort in enumerate(self._plan.cohorts, 1):
            of = len(self._plan.cohorts)
            yield Part(
                f"Cohort {number} of {of}: {cohort.name}",
                (f"{count(len(cohort.actions), 'change')}. Do them in this order; tick each.",),
                (*(self._step(action) for action in cohort.actions), *self._proof(cohort)),
                decides=f"go or no-go after {cohort.name}",
            )

    def back(self) -> Iterator[Part]:
        words = [
            f"Only if {self._plan.leaves} takes calls again, or was never dead: a call to a number there must be"
            f" answered. Never into a dead Region.",
            "Undo only what was done, from the last to the first.",
        ]
        if any(isinstance(one, SetRoute) and not one.was_explicit for one in self._plan.actions):
            words.append(
                "A route that was never set cannot be made absent again: it becomes an explicit us1, the same."
            )
        yield Part("The way back", tuple(words), tuple(self._step(inverse(one)) for one in self._plan.actions[::-1]))

    def _step(self, action: Action) -> Step:
        match action:
            case SetRoute(subject=subject, was=was, to=to):
                url = self._route(subject)
                return Step(
                    action_id(action),
                    f"{subject.name}: {was} to {to}",
                    (self._post(url, f"VoiceRegion={to}"), self._get(url)),
                    (f'both answers show "voice_region":"{to}" (with or without a blank), and end with 200 (or 201)',),
                )
            case SwitchContext(application=application, was=was, to=to):
                commands, expects = self._switch(to)
                return Step(action_id(action), f"the application {application}: {was} to {to}", commands, expects)
            case SteerDispatcher():
                return steer_by_hand(action, ANSWER_S_MAX)
            case _:
                assert_never(action)

    def _switch(self, to: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        reference = self._plan.context or ""
        application = self._flow.application
        key = application.signing_key if application is not None else None
        if key is not None or re.match(r"(?!file:)[a-z]+:", reference):
            return self._switch_elsewhere(reference, key, to)
        path = reference.removeprefix("file:")
        file, new = quote(path), quote(f"{path}.new")
        document = f'{{"region": "{to}", "epoch": %d, "written_at": "%s"}}\\n'
        commands = (
            f"""epoch="$(sed -n 's/.*"epoch": *\\([0-9][0-9]*\\).*/\\1/p' {file})"; echo "epoch now: $epoch\"""",
            f'cp -p {file} {new} && printf {quote(document)} "$((epoch + {EPOCHS_SKIPPED}))"'
            f' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > {new} && mv {new} {file}',
            f"cat {file}",
            *(
                f"curl -sS -m {ANSWER_S_MAX} -w '\\n%{{http_code}}\\n' {quote(_health(url))}"
                for url in self._plan.context_confirm
            ),
        )
        expects = [f'the file shows "region": "{to}", with a higher epoch than before']
        if self._plan.context_confirm:
            expects.append(
                f'every instance shows "active_region":"{to}"; one that is lost with its Region cannot, and need not'
            )
        return commands, tuple(expects)

    def _switch_elsewhere(self, reference: str, key: str | None, to: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A context that is signed, or that is no file of this machine: a shell cannot write it well by hand."""
        signed = "" if key is None else f" --key {quote(key)}"
        confirm = "".join(f" --confirm {quote(_health(url))}" for url in self._plan.context_confirm)
        commands = (
            f"voicedr region show {quote(reference)}",
            f"voicedr region switch {quote(reference)} --to {to}{signed}{confirm}",
        )
        expects = [f"the second answer names {to} with a higher epoch than the first showed, written and read back"]
        if self._plan.context_confirm:
            expects.append("every instance follows; one that is lost with its Region cannot, and need not")
        return commands, tuple(expects)

    def _proof(self, cohort: PlannedCohort) -> Iterator[Step]:
        numbers = [
            one.subject.name for one in cohort.actions if isinstance(one, SetRoute) and one.subject.kind == "number"
        ]
        if not numbers:
            return
        yield Step(
            "",
            f"calls to {cohort.name} arrive in {self._plan.to}",
            (self._get(self._api(f"Calls.json?To={percent(numbers[0], safe='')}&PageSize=5")),),
            (
                f"call {numbers[0]} from a telephone, again and again for up to {span(self._plan.propagation_s_max)}:"
                " that long may a route take to reach every edge",
                f"the call is in this list, which is the log of {self._plan.to}, and you heard the greeting",
            ),
        )

    def _get(self, url: str) -> str:
        return self._curl(url, "")

    def _post(self, url: str, field: str) -> str:
        return self._curl(url, f" -d {field}")

    def _curl(self, url: str, data: str) -> str:
        host, target = "", quote(url)
        address = self._workbook.account.address
        if address is not None:
            # A twin, or a test: the request goes there, and keeps the provider's host.
            parts = urlsplit(url)
            rest = url.partition(parts.netloc)[2]
            host = f" -H {quote(f'Host: {parts.netloc}')}"
            target = (
                f'"${{{address[4:]}}}"{quote(rest)}'
                if address.startswith("env:")
                else quote(address.rstrip("/") + rest)
            )
        user = f'"${{{self._key.variable}}}:${{{self._secret.variable}}}"'
        return f"curl -sS -m {ANSWER_S_MAX} -w '\\n%{{http_code}}\\n' -u {user}{host}{data} {target}"

    def _api(self, rest: str) -> str:
        return f"https://api.{self._place}/2010-04-01/Accounts/{self._workbook.account.sid}/{rest}"

    def _route(self, subject: Routable) -> str:
        return f"https://routes.{self._place}/v2/{PATHS[subject.kind]}/{percent(subject.name, safe='')}"


def _stands(action: SetRoute) -> str:
    if action.was_explicit:
        return f'the answer shows "voice_region":"{action.was}" (with or without a blank) and 200'
    return f"the last line is 404: no route was ever set, which means {US1}"


def _health(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path="/health").geturl() if parts.path in ("", "/") else url
