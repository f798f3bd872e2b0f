"""An application for fallback URLs, to run where nothing of the primary is: ``voicedr fallback serve``.

It answers by a policy file, says why the primary failed to whoever must know, and depends on nothing of the primary's.
"""

from voicedr.runtime.fallback.app import Settings, Unsafe, create_app
from voicedr.runtime.fallback.places import PolicyBroken
from voicedr.runtime.fallback.policy import Policy
from voicedr.runtime.fallback.read_policy import read_policy

__all__ = ["Policy", "PolicyBroken", "Settings", "Unsafe", "create_app", "read_policy"]
