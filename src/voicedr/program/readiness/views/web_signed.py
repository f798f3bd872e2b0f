"""Webhooks as each Region asks them: signed with its own token, and forged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.facts import Fact, Observed
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.subjects import Case, Webhook, webhooks, webhooks_in_each
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """A webhook, and what it said to a request that carried that Region's signature."""

    webhook: Webhook
    answer: Fact[WebhookAnswer]

    @property
    def kind(self) -> str:
        return "webhooks"

    @property
    def name(self) -> str:
        return self.webhook.name

    @property
    def region(self) -> Region:
        return self.webhook.region


def signed_webhooks(case: Case) -> Iterator[SignedWebhook]:
    """Every webhook of each Region that the customer runs, as that Region signs."""
    for webhook in webhooks_in_each(case):
        if product_of(webhook.url) is not None:
            continue
        if not webhook.url:
            yield SignedWebhook(webhook, webhook.answer)
            continue
        first = case.snapshot.webhooks.get(webhook.url)
        if isinstance(first, Observed) and first.value.signed_as == webhook.region:
            yield SignedWebhook(webhook, first)
        else:
            yield SignedWebhook(webhook, case.snapshot.web.signed_as(webhook.region, webhook.url))


def forged_webhooks(case: Case) -> Iterator[SignedWebhook]:
    """Every webhook that the customer runs, once, with what it said to a wrong signature."""
    for webhook in webhooks(case):
        if product_of(webhook.url) is None:
            fact = case.snapshot.web.forged_at(webhook.url) if webhook.url else webhook.answer
            yield SignedWebhook(webhook, fact)
