"""An S3-compatible bucket keeps checkpoints as every place does. The server is moto's, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from ports.checkpoint_promises import CheckpointPromises, checkpoint
from voicedr.adapters.checkpoints.s3 import S3Place
from voicedr.ports.checkpoints import CheckpointPlace, PlaceAway, PlaceUnusable

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed: pip install 'voicedr[s3]'")
server = pytest.importorskip("moto.server", reason="moto's server is not installed: make setup")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server on this machine."""
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def place(endpoint: str, bucket: str) -> S3Place:
    """A bucket on it."""
    return S3Place(bucket, "dr/checkpoints", endpoint=endpoint, region="eu-west-1", key="AK", secret="it-is-a-test")


class TestS3Place(CheckpointPromises):
    """The promises, kept by a bucket."""

    _buckets = 0

    @pytest.fixture(autouse=True)
    def _bucket(self, endpoint: str) -> None:
        TestS3Place._buckets += 1
        self._endpoint, self._name = endpoint, f"evidence-{TestS3Place._buckets}"
        client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="AK", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket=self._name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[CheckpointPlace]:
        """The bucket."""
        yield place(self._endpoint, self._name)


def test_no_such_bucket(endpoint: str) -> None:
    """A bucket that is not there is said to be so, and no key is in the message."""
    with pytest.raises(PlaceUnusable, match=r"s3://nowhere/dr/checkpoints: may not put .*NoSuchBucket") as caught:
        asyncio.run(place(endpoint, "nowhere").leave(checkpoint(1)))
    assert "it-is-a-test" not in str(caught.value)


def test_nobody_there() -> None:
    """A server that does not listen is away."""
    with pytest.raises(PlaceAway, match="It is tried again"):
        asyncio.run(place("http://127.0.0.1:9", "evidence").leave(checkpoint(1)))
