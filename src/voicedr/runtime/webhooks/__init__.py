"""What an application puts around its webhooks: who sent it, was it seen before, and TwiML whatever happens.

    SignedAsgi, SignedWsgi          only what the provider signed gets through
    OnceAsgi                        a retry gets the answer of the first attempt
    SafeAsgi, SafeWsgi, safely      valid TwiML whatever the handler does
    read_overrides, with_overrides  the ``#e=…&rc=…`` of a webhook's URL, with advice

It needs nothing but the standard library, and works around any ASGI or WSGI application.
"""

from voicedr.runtime.webhooks.answer_store import Answer, AnswerStore, MemoryStore
from voicedr.runtime.webhooks.checking import Refused, Webhook
from voicedr.runtime.webhooks.circuit import Rules
from voicedr.runtime.webhooks.guard import Guard
from voicedr.runtime.webhooks.once import OnceAsgi
from voicedr.runtime.webhooks.overrides import Advised, read_overrides, with_overrides
from voicedr.runtime.webhooks.public_url import PublicUrl
from voicedr.runtime.webhooks.safe_asgi import SafeAsgi
from voicedr.runtime.webhooks.safe_function import safely
from voicedr.runtime.webhooks.safe_wsgi import SafeWsgi
from voicedr.runtime.webhooks.seen import Seen
from voicedr.runtime.webhooks.signed_asgi import SignedAsgi, webhook_of
from voicedr.runtime.webhooks.signed_wsgi import SignedWsgi
from voicedr.runtime.webhooks.sql_store import PostgresStore, SqliteStore
from voicedr.wire.overrides import BadOverrides

__all__ = [
    "Advised",
    "Answer",
    "AnswerStore",
    "BadOverrides",
    "Guard",
    "MemoryStore",
    "OnceAsgi",
    "PostgresStore",
    "PublicUrl",
    "Refused",
    "Rules",
    "SafeAsgi",
    "SafeWsgi",
    "Seen",
    "SignedAsgi",
    "SignedWsgi",
    "SqliteStore",
    "Webhook",
    "read_overrides",
    "safely",
    "webhook_of",
    "with_overrides",
]
