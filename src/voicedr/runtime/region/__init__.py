"""Which Region, which credentials, which hosts, now: for the applications of customers, without a code change.

::

    from voicedr.runtime.region import ActiveRegion, RegionAsgi

    active = ActiveRegion("file:/var/lib/voicedr/support-app.json", keep="/var/lib/app/region.json")
    app = RegionAsgi(app, active)       # scope["voicedr.region"], and GET /region

It needs ``cryptography`` and ``msgspec``; a row of PostgreSQL needs ``psycopg`` as well.
"""

from voicedr.runtime.region.active import ActiveRegion
from voicedr.runtime.region.asgi import RegionAsgi
from voicedr.runtime.region.current import Credentials, Current, SettingsBroken
from voicedr.runtime.region.document import Document, NotADocument
from voicedr.runtime.region.fold import Unusable, adopt, offered
from voicedr.runtime.region.on_disk import Context, RegionOnDisk
from voicedr.runtime.region.places.address import sink_of, source_of
from voicedr.runtime.region.places.place import (
    PlaceError,
    PlaceRefused,
    PlaceSilent,
    PlaceUnsettled,
    Sink,
    Source,
    WrongAddress,
)
from voicedr.runtime.region.racing import SinkBroken, prove, race
from voicedr.runtime.region.signing import KeyUnusable, SigningKey, Trust
from voicedr.runtime.region.switching import SwitchLost, SwitchRefused, switch
from voicedr.runtime.region.wsgi import RegionWsgi

__all__ = [
    "ActiveRegion",
    "Context",
    "Credentials",
    "Current",
    "Document",
    "KeyUnusable",
    "NotADocument",
    "PlaceError",
    "PlaceRefused",
    "PlaceSilent",
    "PlaceUnsettled",
    "RegionAsgi",
    "RegionOnDisk",
    "RegionWsgi",
    "SettingsBroken",
    "SigningKey",
    "Sink",
    "SinkBroken",
    "Source",
    "SwitchLost",
    "SwitchRefused",
    "Trust",
    "Unusable",
    "WrongAddress",
    "adopt",
    "offered",
    "prove",
    "race",
    "sink_of",
    "source_of",
    "switch",
]
