"""What people declare, as the workbook has it: who says what, from when until when, and the form of each value.

``VALUE_FORMS`` is the one table of forms: the schema, the messages, the reference page and editors have them from it.
"""

from __future__ import annotations

from voicedr.program.readiness.declared import About
from voicedr.program.scope.schema_forms import NUMBER_PATTERN, SECRET_PATTERN, Schema, list_of, object_of, text_of

DECLARATIONS_MAX = 500
"""Thirty things for each of a dozen flows are fewer."""

DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

_TEXT: Schema = {"type": "string", "minLength": 1, "title": "a sentence"}
_NAME: Schema = {"type": "string", "minLength": 1, "title": "text"}
_PLACE: Schema = {"type": "string", "minLength": 1, "title": "a place in words", "examples": ["aws eu-west-1 a"]}
_URL: Schema = {
    "type": "string", "pattern": r"^https?://[^\s/?#]+[^\s]*$", "title": "an absolute http or https URL",
    "examples": ["https://app.example/health"],
}  # fmt: skip
_FILE: Schema = {
    "type": "string", "pattern": r"^(?![A-Za-z]+:)[^\s~/\x00-\x1f][^\x00-\x1f]*$",
    "title": "the path of a file, relative to the workbook", "examples": ["exports/firewall-dublin.json"],
}  # fmt: skip
_DATE: Schema = {"type": "string", "pattern": DATE_PATTERN, "title": "a day (YYYY-MM-DD)", "examples": ["2026-11-21"]}
_AMOUNT: Schema = {"type": "number", "exclusiveMinimum": 0, "title": "a number"}
_VERSION: Schema = {
    "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*", "title": "a version in quotes", "examples": ["2.11.0"],
}  # fmt: skip
_SERVICE: Schema = {
    "anyOf": [
        _URL,
        object_of("", ("url",), {"url": _URL, "bearer": {"type": "string", "pattern": SECRET_PATTERN}}),
    ],
    "title": "an absolute URL, or {url: …, bearer: env:NAME} with a reference to the secret",
}
_EXPIRES: Schema = {"type": "string", "pattern": f"{DATE_PATTERN}|^never$"}
_SECRETS_AT: Schema = {
    "anyOf": [_NAME, object_of("", ("where",), {"where": _NAME, "expires": _EXPIRES})],
    "title": "where they are read, or {where: …, expires: YYYY-MM-DD or never}",
}
_NEED = {"calls_per_second": _AMOUNT, "concurrent_calls": _AMOUNT}


def _every(of: Schema, title: str, *examples: object) -> Schema:
    return {"type": "array", "items": of, "minItems": 1, "title": title, "examples": list(examples)}


def _each(of: Schema, title: str, *examples: object) -> Schema:
    return {"type": "object", "additionalProperties": of, "title": title, "examples": list(examples)}


def _by_region(of: Schema, title: str, *examples: object) -> Schema:
    return _each(of, title, *examples) | {"propertyNames": {"$ref": "#/$defs/region"}}


def _known(properties: dict[str, Schema], title: str, *examples: object) -> Schema:
    return {
        "type": "object", "properties": properties, "additionalProperties": False, "title": title,
        "examples": list(examples),
    }  # fmt: skip


_FILES = _every(_FILE, "a list of files, relative to the workbook", ["exports/dublin.json"])
_PAGES = _by_region(
    _every(_NAME, "a list of URLs or names"), "for each Region a list", {"ie1": ["https://grafana.example/ie1"]}
)

VALUE_FORMS: dict[About, Schema] = {
    About.FIREWALL_EXPORT: _FILES,
    About.SBC_CONFIG: _FILES,
    About.SBC_PLACES: _each(_PLACE, "for each SBC its place", {"sbc1.acme.example": "dublin hall 2"}),
    About.DEVICE_EDGES: _every(_NAME, "a list of edges, the first one first", ["dublin", "ashburn"]),
    About.EXCHANGE_LOCATIONS: _each(_NAME, "for each exchange location its region", {"london-ix": "europe"}),
    About.APPLICATION_INSTANCES: _each(
        _PLACE, "for each instance's URL its place", {"https://a.app.example/health": "aws eu-west-1 a"}
    ),
    About.BALANCER: _TEXT | {"examples": ["two HAProxy with a shared address, in two zones"]},
    About.DEPENDENCIES: _each(
        _known(
            {
                "instances": {"type": "integer", "minimum": 1, "title": "a whole number"},
                "places": _every(_PLACE, "a list of places"),
                "fails_over": {"type": "boolean"},
            },
            "instances, places, fails_over",
        ),
        "for each dependency its instances, places, and whether it fails over",
        {"database": {"instances": 2, "places": ["aws eu-west-1", "aws us-east-1"], "fails_over": True}},
    ),
    About.HOST_PLACES: _each(_PLACE, "for each host its place", {"app.acme.example": "aws eu-west-1"}),
    About.TOKEN_SERVICES: _every(_SERVICE, "a list of URLs that give an access token", ["https://tokens.example/test"]),
    About.TOKEN_TTL: _AMOUNT | {"title": "a number of seconds", "examples": [3600]},
    About.CLIENT_EDGES: _by_region(
        _every(_NAME, "a list of edges"), "for each Region a list of edges", {"ie1": ["dublin", "frankfurt"]}
    ),
    About.CLIENT_VERSIONS: _known(
        {"js": _VERSION, "ios": _VERSION, "android": _VERSION}, "js, ios and android with their versions",
        {"js": "2.11.0"},
    ),
    About.REST_CLIENTS: _FILES | {"minItems": 0, "title": "a list of files; empty: the application uses no REST API"},
    About.PUSH_CREDENTIALS: _by_region(
        _every(
            {
                "type": "string", "pattern": "^CR[0-9a-fA-F]{32}$", "title": "the SID of a push credential (CR…)",
                "examples": ["CR0123456789abcdef0123456789abcdef"],
            },
            "a list of SIDs",
        ),
        "for each Region a list of SIDs",
        {"ie1": ["CR0123456789abcdef0123456789abcdef"]},
    ),
    About.CAPACITY: _by_region(
        _known(_NEED | {"trunk_calls_per_second": _AMOUNT}, "calls_per_second, concurrent_calls"),
        "for each Region what it takes", {"ie1": {"calls_per_second": 30, "concurrent_calls": 400}},
    ),
    About.NEED: _known(_NEED, "the busy hour", {"calls_per_second": 12, "concurrent_calls": 240}),
    About.REGIONAL_SECRETS: _by_region(
        _SECRETS_AT, "for each Region where its credentials are read", {"ie1": "vault kv/voice/ie1"}
    ),
    About.DASHBOARDS: _PAGES,
    About.ALERTS: _PAGES,
    About.APM: _PAGES,
    About.SUPPORT_TOOLING: _PAGES,
    About.ANALYTICS: _PAGES,
    About.REGULATORY: _TEXT | {"examples": ["bundles allow use from any Region, ticket LEGAL-7"]},
    About.RELEASE_PROCESS: _TEXT | {"examples": ["https://ci.example/jobs/sync-check"]},
    About.SECOND_WAY: _TEXT | {"examples": ["the carrier reroutes the numbers to the SBC in Dublin in 20 minutes"]},
    About.PEOPLE_REACHED: _each(_DATE, "for each person the day of the last call", {"ruiz": "2026-11-02"}),
    About.OUTBOUND_CALLER_IDS: _every(
        {
            "type": "string", "pattern": NUMBER_PATTERN,
            "title": "a telephone number in quotes, with its plus and country code", "examples": ["+14155550100"],
        },
        "a list of numbers; empty: it calls nobody", ["+14155550100"],
    ) | {"minItems": 0},
    About.OUTBOUND_COUNTRIES: _every(
        {"type": "string", "pattern": "^[A-Z]{2}$", "title": "an ISO country code in capitals", "examples": ["IE"]},
        "a list of ISO country codes; empty: it calls nobody", ["IE", "GB"],
    ) | {"minItems": 0},
    About.SERVED_BY_HAND: _TEXT | {"examples": ["the night desk answers from the paper list"]},
}  # fmt: skip
"""What the value of a declaration looks like, by what it is about."""

DECLARATION: Schema = object_of(
    "One thing that somebody says, which no program can read.",
    ("about", "value", "owner", "on", "until"),
    {
        "about": {"enum": [str(about) for about in VALUE_FORMS], "description": "What it is about.",
                  "examples": ["balancer"]},
        "value": {"description": "What they say, in the form that `about` asks for.",
                  "title": "what `about` asks for"},
        "owner": text_of("Who says so: the id of a person.", "ruiz"),
        "on": {**_DATE, "description": "The day they said it."},
        "until": {**_DATE, "description": "The last day on which it counts. After it the checks are unknown again.",
                  "examples": ["2027-05-21"]},
        "flows": list_of(
            "The flows that it is about. Left out: all of them.", {"type": "string", "minLength": 1}, minItems=1,
            examples=[["support-line"]],
        ),
        "evidence": text_of("Where it can be looked up.", "change CHG-1182"),
    },
    allOf=[
        {"if": {"properties": {"about": {"const": str(about)}}, "required": ["about"]},
         "then": {"properties": {"value": form}}}
        for about, form in VALUE_FORMS.items()
    ],
)  # fmt: skip

DECLARED: Schema = list_of(
    "What people say about what no program can read: firewalls, instances, dashboards, people. Each has an owner and an"
    " end. Left out: nothing, and the checks that need it are unknown.",
    DECLARATION,
    maxItems=DECLARATIONS_MAX,
    examples=[
        [{"about": "balancer", "value": "two HAProxy", "owner": "ruiz", "on": "2026-11-21", "until": "2027-05-21"}]
    ],
)
