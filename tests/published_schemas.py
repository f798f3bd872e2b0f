"""The provider's own OpenAPI files, fetched when a test wants them and kept in the user's cache. Never in the repo.

They are in the provider's package ``@twilio/cli-core``; ``npm pack`` fetches it without installing anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

PACKAGE, VERSION = "@twilio/cli-core", "9.0.0"
FETCH_S_MAX = 60
FILES = (
    "accounts_v1", "api_v2010", "iam_v1", "insights_v1", "messaging_v1", "monitor_v1", "numbers_v2", "routes_v2",
    "routes_v3", "trunking_v1", "voice_v1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, as the provider publishes it."""

    product: str
    path: str
    method: str
    responses: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.product} {self.path}"


@cache
def published() -> dict[str, dict[str, Any]]:
    """The OpenAPI documents by name. The test is skipped, and says why, if they cannot be had."""
    which = hashlib.blake2b(" ".join(FILES).encode(), digest_size=4).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "voicedr" / f"openapi-{VERSION}-{which}"
    if not folder.exists():
        _fetch(folder)
    return {name: json.loads((folder / f"twilio_{name}.json").read_text()) for name in FILES}


def operations() -> Iterator[Operation]:
    """Every operation of the documents."""
    for name, document in published().items():
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                if method in ("get", "post", "delete", "put", "patch"):
                    yield Operation(name.split("_")[0], path, method.upper(), _answers(described, document))


def mistakes(schema: dict[str, Any], body: Any) -> list[str]:
    """What is wrong with an answer: names that are missing or unknown, types, words, ids, dates."""
    found = Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(body)
    return [f"{'.'.join(str(step) for step in one.absolute_path) or 'it'}: {one.message[:200]}" for one in found]


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed, so the provider's OpenAPI files ({PACKAGE}@{VERSION}) cannot be fetched")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        command = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=FETCH_S_MAX, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not fetch {PACKAGE}@{VERSION} within {FETCH_S_MAX} s")
        if done.returncode != 0:
            pytest.skip(f"npm could not fetch {PACKAGE}@{VERSION}: {done.stderr.strip()[-200:]}")
        (archive,) = Path(work).glob("*.tgz")
        made = Path(work) / "files"
        made.mkdir()
        with tarfile.open(archive) as packed:
            for name in FILES:
                member = packed.extractfile(f"package/src/services/twilio-api/twilio_{name}.json")
                assert member is not None
                (made / f"twilio_{name}.json").write_bytes(member.read())
        # Several test processes may fetch at once: the first to finish has it, and the others' copies are the same.
        try:
            made.rename(folder)
        except OSError:
            assert folder.exists()


def _answers(described: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """By status: the schema of the body, or None if there is none."""
    found: dict[str, Any] = {}
    for status, response in described["responses"].items():
        content = response.get("content", {}).get("application/json")
        found[status] = None if content is None else _plain(content["schema"], document)
    return found


def _plain(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 as JSON Schema: references put in, null said as a type, and every named property wanted.

    The published schemas require next to nothing; here an answer has all the names that they have and no others. An
    empty text counts as null, since the provider mixes both.
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _plain(document["components"]["schemas"][name] | _beside(schema), document)
    made = {key: deepcopy(value) for key, value in schema.items() if key in _KEPT}
    if "properties" in schema:
        made["properties"] = {name: _plain(value, document) for name, value in schema["properties"].items()}
        if "NON_NULL" not in schema.get("x-class-extra-annotation", ""):
            made["required"] = list(schema["properties"])
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = _plain(schema["items"], document)
    # Enumerations are not marked nullable where they are referred to, though their values may be absent.
    if schema.get("nullable") or "enum" in schema:
        return {"anyOf": [made, {"type": "null"}, {"const": ""}]}
    return made


def _beside(schema: dict[str, Any]) -> dict[str, Any]:
    return {"nullable": True} if schema.get("nullable") else {}


_KEPT = ("type", "enum", "pattern", "minLength", "maxLength", "format")
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def _rfc2822(text: object) -> bool:
    return not isinstance(text, str) or parsedate_to_datetime(text).tzinfo is not None


@_FORMATS.checks("date-time", raises=ValueError)
def _iso(text: object) -> bool:
    return not isinstance(text, str) or (text.endswith("Z") and datetime.fromisoformat(text).tzinfo is not None)


@_FORMATS.checks("http-method")
def _method(text: object) -> bool:
    return text in ("GET", "POST")
