"""What the account may do, what was done with it, and what was said of its calls: plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class CallerId:
    """A number of somebody else's that the account has proved it may show."""

    sid: str
    phone_number: str
    friendly_name: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class DialingPermission:
    """Which numbers of a country may be called."""

    low_risk: bool = True
    high_risk_special: bool = False
    high_risk_tollfraud: bool = False


@dataclass(slots=True)
class AuditEvent:
    """A change that somebody made through the REST API. ``kind`` is for example ``phone-number.updated``."""

    sid: str
    kind: str
    resource_sid: str
    resource_type: str
    actor: str
    at: float


@dataclass(slots=True)
class Annotation:
    """What people say of a call afterwards."""

    answered_by: str = "unknown_answered_by"
    connectivity_issue: str = "unknown_connectivity_issue"
    quality_issues: tuple[str, ...] = ()
    spam: bool = False
    call_score: int | None = None
    comment: str = ""
    incident: str = ""
