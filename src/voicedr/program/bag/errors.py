"""Why a go-bag is not used.

BagError
├── BagBroken      it is not a bag, or not as it was made: changed, cut off, added to
├── BagVersion     it was made in a format that this release does not read
├── BagUntrusted   it is whole, and nobody whom this machine knows has signed it
├── BagExpired     it is whole and signed, and its time is not now
└── BagLacks       it is good, and has not what was asked for
"""

from __future__ import annotations


class BagError(Exception):
    """What, where, how it stands, and the next step. Nothing was changed."""


class BagBroken(BagError):
    """Not a bag, or not a whole one."""


class BagVersion(BagError):
    """Another format."""


class BagUntrusted(BagError):
    """Signed by nobody who is known here."""


class BagExpired(BagError):
    """Its time is over, or has not begun."""


class BagLacks(BagError):
    """It has no such plan."""
