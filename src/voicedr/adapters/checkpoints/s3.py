"""Checkpoints in an S3-compatible bucket, an object each, put only where none is.

The write is conditional (``If-None-Match: *``), so that nobody overwrites one by this way; a bucket with object lock
keeps others from doing it in another. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

Credentials are those of the machine (boto3's own order: environment, shared files, instance role), or a reference each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from voicedr.adapters.checkpoints.line import LINE_BYTES_MAX, in_order, is_there, path_of, read_lines, write_line
from voicedr.ports.checkpoints import Contradicted, PlaceAway, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint

CONNECT_S = 5.0
READ_S = 20.0
OBJECTS_MAX = 10_000
"""Checkpoints of one execution that are read."""

_ATTEMPTS = 3
_THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class S3Place:
    """A bucket.

    Args:
        endpoint: An S3-compatible server's address; None: the provider's own.
        key, secret: Credentials; None: those of the machine.

    Raises:
        PlaceUnusable: If boto3 is not installed.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str | None = None,
        region: str | None = None,
        key: str | None = None,
        secret: str | None = None,
    ) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError as exc:
            raise PlaceUnusable("checkpoints in S3 need boto3. Install it: pip install 'voicedr[s3]'.") from exc
        self._bucket, self._prefix = bucket, prefix.strip("/")
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(
                connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"max_attempts": _ATTEMPTS, "mode": "standard"}
            ),
        )

    @property
    def name(self) -> str:
        """``s3://bucket/prefix``."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Put it. See the port."""
        await asyncio.to_thread(self._put, checkpoint)

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """Every object of an execution. See the port."""
        return in_order(await asyncio.to_thread(self._all, execution), execution)

    def _put(self, checkpoint: Checkpoint) -> None:
        key = self._key(path_of(checkpoint.execution, checkpoint.size))
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=write_line(checkpoint),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except Exception as exc:
            if _code(exc) not in _THERE:
                raise self._told(exc, f"put {key}") from exc
            if not is_there(checkpoint, self._get(key), self.name):
                raise Contradicted(
                    f"{self.name}: {key} holds a checkpoint of something else. It was left alone; look who wrote it."
                ) from exc

    def _all(self, execution: str) -> list[Checkpoint]:
        folder = self._key(path_of(execution, 0).partition("/")[0] + "/")
        found: list[Checkpoint] = []
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
            keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        except Exception as exc:
            raise self._told(exc, f"list {folder}") from exc
        if len(keys) > OBJECTS_MAX:
            raise PlaceUnusable(f"{self.name}: {folder} holds {len(keys)} objects; {OBJECTS_MAX} are read at most.")
        for key in keys:
            found += self._get(key)
        return found

    def _get(self, key: str) -> list[Checkpoint]:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read(LINE_BYTES_MAX)
        except Exception as exc:
            raise self._told(exc, f"get {key}") from exc
        return read_lines(body, f"{self.name}: {key}")

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    def _told(self, exc: Exception, what: str) -> PlaceAway | PlaceUnusable:
        """The failure in our words. Only botocore's own exceptions are expected; others are a defect and go on."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError

        if isinstance(exc, ClientError):
            status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status == 429 or status >= 500:
                return PlaceAway(f"{self.name}: cannot {what} ({status} {_code(exc)}). It is tried again.")
            return PlaceUnusable(
                f"{self.name}: may not {what} ({status} {_code(exc)}). Look at its name and permissions."
            )
        if isinstance(exc, NoCredentialsError | ParamValidationError):
            return PlaceUnusable(f"{self.name}: cannot {what}: {exc}.")
        if isinstance(exc, BotoCoreError):
            return PlaceAway(f"{self.name}: cannot {what}: {type(exc).__name__}. It is tried again.")
        raise exc


def _code(exc: Exception) -> str:
    response = getattr(exc, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
