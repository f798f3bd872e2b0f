"""Fixtures that several tests of commands begin with."""

from __future__ import annotations

from approval_desk import desk as desk
from approval_desk import laptops as laptops
