"""How much chance the property tests take: none by default, so that a run can be repeated; much of it in a soak.

``HYPOTHESIS_PROFILE=soak`` chooses the second; ``scripts/soak`` does, with a new seed each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from postgres_server import postgres as postgres

settings.register_profile("dev", derandomize=True, deadline=None, max_examples=50)
settings.register_profile(
    "soak",
    derandomize=False,
    deadline=None,
    max_examples=2000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


LONGEST = ("test_docs_run.py", "test_demo.py", "test_stopped_from_elsewhere.py", "test_failover_without_us1.py")
"""Each is one long story that cannot be split."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules first: they wait more than they work, and at the end one of them would be waited for alone."""
    slow = {item.path for item in items if "end_to_end" in item.path.parts or item.get_closest_marker("slow")}
    items.sort(key=lambda item: 0 if item.path.name in LONGEST else 1 if item.path in slow else 2)
