"""What a customer's SBC engineers run beside their own systems: find, probe, register, steer, watch.

``resolve`` finds the places that a name leads to, ``probe`` looks at them. Both give values and never raise for what
the other end does. Nothing here knows of the rest of the product.
"""

from voicedr.runtime.sipkit.asked import Asked, Transport, WrongName, read_asked
from voicedr.runtime.sipkit.certificates import Certificate, CertificateFinding
from voicedr.runtime.sipkit.lines import Trust
from voicedr.runtime.sipkit.probe import probe
from voicedr.runtime.sipkit.questions import NoServers, read_server
from voicedr.runtime.sipkit.registration import Login, Registered, register_at
from voicedr.runtime.sipkit.resolve import resolve
from voicedr.runtime.sipkit.standing import Heard, Latency, Probed, Standing, latencies
from voicedr.runtime.sipkit.targets import Resolved, Target

__all__ = [
    "Asked", "Certificate", "CertificateFinding", "Heard", "Latency", "Login", "NoServers", "Probed", "Registered",
    "Resolved", "Standing", "Target", "Transport", "Trust", "WrongName", "latencies", "probe", "read_asked",
    "read_server", "register_at", "resolve",
]  # fmt: skip
