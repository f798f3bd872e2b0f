"""The OpenAPI document of the control API, made from its operations."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from voicedr.twin.control.operations import OPERATIONS
from voicedr.twin.control.shapes import ErrorShown


def _free(kind: type) -> dict[str, Any]:
    """The schema of what may be anything."""
    return {}


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    kinds = [operation.body for operation in OPERATIONS if operation.body is not None]
    kinds += [operation.answer for operation in OPERATIONS if operation.answer is not None]
    every = [*kinds, ErrorShown]
    schemas, components = msgspec.json.schema_components(
        every, ref_template="#/components/schemas/{name}", schema_hook=_free
    )
    schema_of = {repr(kind): schema for kind, schema in zip(every, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", operation.path)
        ]
        parameters += [
            {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": "string"}}
            for name, meaning in operation.query.items()
        ]
        answer: dict[str, Any] = {"description": operation.summary}
        if operation.status != 204:
            schema = schema_of[repr(operation.answer)] if operation.answer is not None else {"type": "object"}
            answer["content"] = {"application/json": {"schema": schema}}
        wrong = {"description": "Nothing was changed", "content": {"application/json": {"schema": _ERROR}}}
        described: dict[str, Any] = {
            "operationId": operation.run.__name__.rstrip("_"),
            "summary": operation.summary,
            "parameters": parameters,
            "responses": {str(operation.status): answer, "4XX": wrong},
        }
        if operation.body is not None:
            content = {"application/json": {"schema": schema_of[repr(operation.body)]}}
            described["requestBody"] = {"required": True, "content": content}
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of the twin",
            "version": "1",
            "description": "Places calls, breaks things and looks. It is no part of the provider's API.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }
    # Defaults such as tuples become what they are in JSON.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made))
    return plain


_ERROR = {"$ref": "#/components/schemas/ErrorShown"}
