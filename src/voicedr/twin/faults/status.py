"""The words of the provider's status page (https://status.twilio.com, in the format of its provider Statuspage)."""

from __future__ import annotations

COMPONENTS = ("Programmable Voice", "REST API", "Elastic SIP Trunking", "Inbound Processing", "Monitor")
"""What the page of the twin has a line for, in each Region."""

STATUSES = ("operational", "degraded_performance", "partial_outage", "major_outage")
"""From good to bad."""
