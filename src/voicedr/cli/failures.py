"""What a failure means for whoever called the program: its exit code. The codes are stable.

0    done
1    a finding, or no-go
2    wrong use, or broken input
3    could not look: unknown
4    refused by a rule
5    stopped, and can be resumed
130  interrupted, and can be resumed
"""

from __future__ import annotations

from voicedr.adapters.bag_folder import FolderUnusable
from voicedr.adapters.http.listener import NotHere
from voicedr.adapters.machine_key import KeyUnusable
from voicedr.adapters.pdf import PdfUnusable
from voicedr.adapters.secrets import SecretError
from voicedr.bootstrap import CannotRead
from voicedr.ports.checkpoints import Contradicted, PlaceAway, PlaceUnusable
from voicedr.ports.context import ContextError
from voicedr.ports.exports import ExportUnusable
from voicedr.ports.gap_lists import GapListBroken, GapListUnusable
from voicedr.ports.incidents import IncidentOpen, IncidentOver, IncidentsBroken, NoSuchIncident
from voicedr.ports.journal import Fenced, Held, JournalAway, JournalBroken, JournalLost, NoSuchExecution
from voicedr.ports.provider import ProviderError
from voicedr.ports.signatures import SignatureRefused, SignaturesUnusable
from voicedr.ports.snapshots import NoSuchSnapshot, SnapshotBroken, SnapshotsUnusable
from voicedr.ports.syncs import SyncFenced, SyncHeld, SyncsBroken
from voicedr.program.bag.errors import BagError, BagLacks, BagVersion
from voicedr.program.evidence.brought import NotBroughtIn
from voicedr.program.execution.make_plan import PlanRefused, RoutesNotSeen
from voicedr.program.execution.state import BrokenHistory
from voicedr.program.governance.incident import BrokenIncident
from voicedr.program.governance.statement import StatementRefused
from voicedr.program.readiness.gaps import NoSuchGap, NotPossible
from voicedr.program.reconciliation.manifest import ManifestBroken
from voicedr.program.reconciliation.window import NothingThere
from voicedr.program.scope.read import WorkbookBroken
from voicedr.usecases.approve import ApprovalRefused
from voicedr.usecases.check_readiness import NoSuchFlow
from voicedr.usecases.cut_over import NotApproved
from voicedr.usecases.decide import DecisionRefused
from voicedr.usecases.keep_gaps import NoSuchPerson
from voicedr.usecases.reconcile import OtherExport

DONE, FINDING, WRONG_USE, UNKNOWN, REFUSED, STOPPED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class Stop(Exception):
    """Ends the command with a message and a code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (WorkbookBroken, WRONG_USE),
    (CannotRead, WRONG_USE),
    (NotHere, WRONG_USE),
    (SecretError, WRONG_USE),
    (KeyUnusable, WRONG_USE),
    (Contradicted, FINDING),
    (PlaceAway, UNKNOWN),
    (PlaceUnusable, WRONG_USE),
    (NoSuchFlow, WRONG_USE),
    (NoSuchExecution, WRONG_USE),
    (JournalBroken, WRONG_USE),
    (JournalLost, STOPPED),
    (NoSuchSnapshot, WRONG_USE),
    (SnapshotBroken, WRONG_USE),
    (SnapshotsUnusable, UNKNOWN),
    (GapListBroken, WRONG_USE),
    (GapListUnusable, UNKNOWN),
    (NoSuchGap, WRONG_USE),
    (NoSuchPerson, WRONG_USE),
    (NotPossible, REFUSED),
    (JournalAway, UNKNOWN),
    (BrokenHistory, WRONG_USE),
    (FolderUnusable, WRONG_USE),
    (BagVersion, WRONG_USE),
    (BagLacks, WRONG_USE),
    (BagError, REFUSED),
    (NotBroughtIn, REFUSED),
    (IncidentsBroken, WRONG_USE),
    (NoSuchIncident, WRONG_USE),
    (BrokenIncident, WRONG_USE),
    (IncidentOpen, REFUSED),
    (IncidentOver, REFUSED),
    (DecisionRefused, REFUSED),
    (PdfUnusable, WRONG_USE),
    (NothingThere, WRONG_USE),
    (OtherExport, WRONG_USE),
    (ManifestBroken, FINDING),
    (ExportUnusable, STOPPED),
    (RoutesNotSeen, UNKNOWN),
    (PlanRefused, REFUSED),
    (NotApproved, REFUSED),
    (ApprovalRefused, REFUSED),
    (StatementRefused, REFUSED),
    (SignatureRefused, REFUSED),
    (SignaturesUnusable, WRONG_USE),
    (SyncHeld, REFUSED),
    (SyncFenced, STOPPED),
    (SyncsBroken, WRONG_USE),
    (Held, REFUSED),
    (Fenced, STOPPED),
    (ProviderError, UNKNOWN),
    (ContextError, UNKNOWN),
)
"""The first class that fits decides."""


def exit_code(error: Exception) -> int | None:
    """The code for a failure; None for one that is a defect of ours."""
    if isinstance(error, Stop):
        return error.code
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), None)
