"""SIP CredentialLists and their Credentials: who may send calls or register, by user name, in one Region.

Sources: https://www.twilio.com/docs/voice/sip/api/sip-credentiallist-resource and
https://www.twilio.com/docs/voice/sip/api/sip-credential-resource: a user name has at most 32 characters; a password at
least 12, with a digit and both cases, and is never shown again, so a standby Region has to be told it anew. A bad list
is 21240, also one whose name is taken; a bad credential 21243 (https://www.twilio.com/docs/api/errors/21240 and
/21243; all read 2026-11-21). That a mapped list cannot be deleted, with 21241, is an assumption.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.sip_lists import CredentialList, SipCredential
from voicedr.wire.http import Response

NAME_CHARACTERS_MAX = 64
USERNAME_CHARACTERS_MAX = 32
PASSWORD_CHARACTERS_MIN = 12


def show(ask: Ask, made: CredentialList) -> dict[str, Any]:
    """A list, without its credentials."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/CredentialLists/{made.sid}"
    return {
        "sid": made.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": made.friendly_name,
        "date_created": rfc2822(made.created_at),
        "date_updated": rfc2822(made.updated_at),
        "subresource_uris": {"credentials": uri + "/Credentials.json"},
        "uri": uri + ".json",
    }


def show_credential(ask: Ask, of: CredentialList, credential: SipCredential) -> dict[str, Any]:
    """A credential without its password."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/CredentialLists/{of.sid}/Credentials/{credential.sid}"
    return {
        "sid": credential.sid,
        "account_sid": ask.world.account_sid,
        "credential_list_sid": of.sid,
        "username": credential.username,
        "date_created": rfc2822(credential.created_at),
        "date_updated": rfc2822(credential.updated_at),
        "uri": uri + ".json",
    }


def list_(ask: Ask) -> Response:
    """The Region's lists."""
    found = list(ask.store.credential_lists.values())
    return page_2010(ask, "credential_lists", found, lambda made: show(ask, made))


def fetch(ask: Ask) -> Response:
    """One list."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new list, with nobody in it and mapped to nothing."""
    made = CredentialList("", _name(ask, None), ask.now, ask.now)
    made.sid = ask.world.mint("CL")
    ask.store.credential_lists[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Rename it."""
    made = _one(ask)
    made.friendly_name, made.updated_at = _name(ask, made), ask.now
    return resource(show(ask, made))


def delete(ask: Ask) -> Response:
    """Delete it, unless a SIP domain or a trunk uses it."""
    made = _one(ask)
    users = [
        *(
            domain.sid
            for domain in ask.store.sip_domains.values()
            if made.sid in domain.credential_lists or made.sid in domain.registration_credential_lists
        ),
        *(trunk.sid for trunk in ask.store.trunks.values() if made.sid in trunk.credential_lists),
    ]
    if users:
        raise Refused(400, 21241, f"{made.sid} is mapped to {', '.join(users)}; delete the mappings first")
    del ask.store.credential_lists[made.sid]
    return NO_CONTENT


def list_credentials(ask: Ask) -> Response:
    """The credentials of a list, without passwords."""
    made = _one(ask)
    found = list(made.credentials.values())
    return page_2010(ask, "credentials", found, lambda credential: show_credential(ask, made, credential))


def fetch_credential(ask: Ask) -> Response:
    """One credential."""
    return resource(show_credential(ask, _one(ask), _one_credential(ask)))


def create_credential(ask: Ask) -> Response:
    """A new user."""
    made = _one(ask)
    username, password = ask.required("Username", 21243), _password(ask)
    if len(username) > USERNAME_CHARACTERS_MAX:
        raise Refused(400, 21243, f"Username has {len(username)} characters; at most {USERNAME_CHARACTERS_MAX}")
    if any(other.username == username for other in made.credentials.values()):
        raise Refused(400, 21243, f"Username {username} is in {made.sid} already")
    new = SipCredential(ask.world.mint("CR"), username, password, ask.now, ask.now)
    made.credentials[new.sid] = new
    return resource(show_credential(ask, made, new), 201)


def update_credential(ask: Ask) -> Response:
    """Change the password, the only thing that can be changed."""
    made, credential = _one(ask), _one_credential(ask)
    if "Password" in ask.form:
        credential.password, credential.updated_at = _password(ask), ask.now
    return resource(show_credential(ask, made, credential))


def delete_credential(ask: Ask) -> Response:
    """Let this user in no more."""
    del _one(ask).credentials[_one_credential(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> CredentialList:
    made = ask.store.credential_lists.get(ask.ids["list"])
    if made is None:
        raise ask.not_found()
    return made


def _one_credential(ask: Ask) -> SipCredential:
    credential = _one(ask).credentials.get(ask.ids["sid"])
    if credential is None:
        raise ask.not_found()
    return credential


def _name(ask: Ask, of: CredentialList | None) -> str:
    name = ask.required("FriendlyName", 21240)
    if len(name) > NAME_CHARACTERS_MAX:
        raise Refused(400, 21240, f"FriendlyName has {len(name)} characters; at most {NAME_CHARACTERS_MAX}")
    if any(other.friendly_name == name and other is not of for other in ask.store.credential_lists.values()):
        raise Refused(400, 21240, f"A credential list with the FriendlyName {name!r} exists in {ask.region}")
    return name


def _password(ask: Ask) -> str:
    password = ask.required("Password", 21243)
    if (
        len(password) < PASSWORD_CHARACTERS_MIN
        or not any(c.isdigit() for c in password)
        or not any(c.islower() for c in password)
        or not any(c.isupper() for c in password)
    ):
        raise Refused(
            400, 21243, f"Password needs {PASSWORD_CHARACTERS_MIN} characters, with a digit, a lower and an upper case"
        )
    return password


_LISTS = "SIP/CredentialLists"
endpoints = (
    Endpoint("api", "2010-04-01", _LISTS, {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", f"{_LISTS}/{{list}}", {"GET": fetch, "POST": update, "DELETE": delete}),
    Endpoint(
        "api", "2010-04-01", f"{_LISTS}/{{list}}/Credentials", {"GET": list_credentials, "POST": create_credential}
    ),
    Endpoint(
        "api",
        "2010-04-01",
        f"{_LISTS}/{{list}}/Credentials/{{sid}}",
        {"GET": fetch_credential, "POST": update_credential, "DELETE": delete_credential},
    ),
)
