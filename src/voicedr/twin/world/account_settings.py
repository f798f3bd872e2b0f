"""What the provider does not document, or what depends on the account, as settings of the twin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """What the provider does not document, or what depends on the account. All can be changed while it runs.

    Attributes:
        propagation_s: The least and the most a route write takes; drawn per write.
        calls_per_second: POST /Calls beyond this are queued (CPS; the default of a new account).
        requests_at_once: More concurrent REST requests than this are refused with 20429. Assumption: the number.
        requests_per_second: More than this in one second are refused with 20429; 0 is no limit. Assumption.
        routes_write_needs_us1: Assumption: whether a route write through another Region's host fails when us1 is down.
        answer_s: How long every REST answer takes.
        termination_calls_per_second: Calls that each trunk may place (the default of a new account).
        overrides_clamped: Whether a connection override that is out of its range is brought to the nearest end of it;
            otherwise it is the default. Assumption: which of the two.
        edge_lists_wrap: Whether retries past the end of a webhook's list of edges begin with its first again;
            otherwise they stay with the last. Assumption: which of the two.
        webhooks_leave_near_region: Whether a webhook whose URL names no edge leaves through the edge that is named with
            its Region. The documented default is ashburn, and no page says that a Region changes it.
        interconnect: Whether the account has Interconnect, whose edges webhooks may then take.
        dns_ttl_s: How long what a name resolves to may be kept (https://www.twilio.com/docs/sip-trunking says 10
            minutes of the addresses of trunks; for other names it is an assumption).
        private_addresses_refused: Whether a webhook to localhost or to a private address fails as 11205, as the
            provider's do. Off because the applications of a twin are on 127.0.0.0/8.
        webhook_certificates_checked: Whether a webhook's server has to prove its name; an account can switch it off.
        route_requests_per_second: More requests than this in one second to all of routing get Too many requests. The
            provider advises to stay below 300; 0 is no limit.
        debugger_webhook: The URL that is told every error and warning; empty for none.
    """

    propagation_s: tuple[float, float] = (0.0, 300.0)
    calls_per_second: float = 1.0
    requests_at_once: int = 100
    requests_per_second: float = 0.0
    routes_write_needs_us1: bool = False
    setup_s: float = 0.3
    termination_calls_per_second: float = 1.0
    words_per_second: float = 2.5
    answer_s: float = 0.0
    overrides_clamped: bool = True
    edge_lists_wrap: bool = True
    webhooks_leave_near_region: bool = False
    interconnect: bool = False
    dns_ttl_s: float = 600.0
    private_addresses_refused: bool = False
    webhook_certificates_checked: bool = True
    route_requests_per_second: float = 300.0
    debugger_webhook: str = ""
