"""Changing the JSON that the REST API answered: a list with fewer records, another next page, other dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from voicedr.twin.api.answers import JSON, error
from voicedr.wire.http import Response

_NO_RECORDS = ("uri", "subresource_uris")


def decoded(response: Response) -> dict[str, Any] | None:
    """The object that an answer holds; None if it is no success or no object."""
    if response.status >= 400 or not response.body:
        return None
    try:
        body = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return None
    return body if isinstance(body, dict) else None


def with_body(response: Response, body: dict[str, Any]) -> Response:
    """The answer with another object in it."""
    return Response(response.status, response.headers, msgspec.json.encode(body))


def list_key(body: dict[str, Any]) -> str | None:
    """The key under which the records stand, in either family of the API; None if it is no list."""
    meta = body.get("meta")
    if isinstance(meta, dict):
        return str(meta.get("key")) if meta.get("key") in body else None
    if "next_page_uri" not in body:
        return None
    return next((key for key, value in body.items() if isinstance(value, list)), None)


def keep_records(response: Response, keep: Callable[[dict[str, Any]], bool]) -> Response | None:
    """The list with only these records; a single record that is not kept is not found. None if nothing changes."""
    body = decoded(response)
    if body is None:
        return None
    key = list_key(body)
    if key is None:
        return None if keep(body) else error(404, 20404, "The requested resource was not found")
    kept = [record for record in body[key] if not isinstance(record, dict) or keep(record)]
    if len(kept) == len(body[key]):
        return None
    return with_body(response, {**body, key: kept})


def next_page(body: dict[str, Any]) -> str | None:
    """Where the next page is said to be."""
    meta = body.get("meta")
    found = meta.get("next_page_url") if isinstance(meta, dict) else body.get("next_page_uri")
    return found if isinstance(found, str) else None


def with_next_page(response: Response, body: dict[str, Any], address: str | None) -> Response:
    """The same page, with its next one elsewhere."""
    meta = body.get("meta")
    if isinstance(meta, dict):
        return with_body(response, {**body, "meta": {**meta, "next_page_url": address}})
    return with_body(response, {**body, "next_page_uri": address})


def made_at(record: dict[str, Any]) -> float | None:
    """When a record was made, as it says; None if it does not."""
    return instant(record.get("date_created") or record.get("created_time") or record.get("dateCreated"))


def instant(text: Any) -> float | None:
    """A time as either family of the API writes it; None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError):
        return None


def empty(response: Response) -> Response:
    """The same status with nothing in it."""
    return Response(response.status, JSON, b"")
