"""Which Region is active, read from a document on the local disk, in the path of every call: the kit's reader."""

from voicedr.runtime.region.on_disk import Context
from voicedr.runtime.region.on_disk import RegionOnDisk as RegionContext

__all__ = ["Context", "RegionContext"]
