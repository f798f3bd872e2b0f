"""The first page of a bag: what it is, for whom, until when, and how to believe it without this program."""

from __future__ import annotations

from voicedr.program.bag.contents import Contents, in_groups
from voicedr.program.validation.spoken import stamp


def read_me(contents: Contents, key: str) -> str:
    """The page. ``key``: the fingerprint of the maker's key."""
    plans = "\n".join(
        f"  {one.flow:<20} {one.mode:<11} "
        + (
            f"moves {one.moves}, needs {one.approvals} approvals\n    plan {one.plan_hash}"
            if one.path
            else f"NO PLAN: {'; '.join(one.refused)}"
        )
        for one in contents.plans
    )
    return f"""\
GO-BAG: moving voice flows to their standby from any laptop

made      {stamp(contents.made_at)}
by        {contents.made_by}
expires   {stamp(contents.expires_at)}
facts of  {stamp(contents.facts_at)}
account   {contents.account}
made with key
  {in_groups(key)}

{plans}

WITH voicedr ON THE LAPTOP (no database, no control plane)
  voicedr bag check BAG.zip
  voicedr can-i-act --bag BAG.zip --as YOU
  voicedr bag run BAG.zip FLOW

WITHOUT IT: manual/FLOW.html (print it), or manual/FLOW.txt. It needs curl and the key of the standby.

WHAT IS IN IT
  manual/        the procedure for hands: the same changes, in the same order, with the same ids
  plans/         what the program would do; what people approve is the SHA-256 of the file
  regions/       who answers each number in both Regions, as it was read
  hosts.json     what must be reached, and its addresses when this was made
  credentials.json  where the secrets are. There is no secret in this file, and none in the others
  authority.json    who decides what, and how to reach them
  workbook/      the workbook, and the keys that may sign

IS IT AS IT WAS MADE? Without voicedr, in the unpacked folder:
  sha256sum -c SHA256SUMS
  openssl pkey -pubin -in key.pem -outform DER | sha256sum     compare it with your paper
  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in contents.json -sigfile contents.json.sig
  and compare the sha256 of each file with contents.json
"""
