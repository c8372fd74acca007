"""Names that stand on a cassette in place of real ones. A stand-in of a stand-in is itself.

What only its owner knows and nobody can guess, such as the id of an account, becomes a digest: a
replay finds the recorded instance under its real CRN and under its stand-in. What can be guessed,
such as an e-mail address, is numbered.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import Any

KEY = "stand-in-key"
TOKEN = "stand-in-token"  # noqa: S105  # this is what stands in place of one
SIGNATURE = "stand-in"
SOMEBODY = "somebody"

CRN = re.compile(r"crn(?::[^:\s\"'\\,;<>(){}\[\]&]*){9}")
JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
SCOPE = re.compile(r"(?<![A-Za-z0-9])a/([0-9a-f]{32})(?![0-9A-Za-z])")
ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")
INSTANCE = re.compile(r"(?<![0-9A-Za-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z-])", re.IGNORECASE)
LONG_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{32,}(?![0-9A-Za-z])", re.IGNORECASE)
"""What an id of an account looks like, or a digest, or a key in another form: digits and letters."""
MAIL = re.compile(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
USER = re.compile(r"IBMid-\w+|iam-(?:ServiceId|Profile)-[0-9A-Za-z-]+")

_ACCOUNT = re.compile(r"0{16}[0-9a-f]{16}")
_INSTANCE = re.compile(r"00000000-0000-4000-8000-[0-9a-f]{12}")
_CURSOR = re.compile(r"cursor-[0-9a-f]{12}")
_MAIL = re.compile(r"person-([0-9]+)@example\.com")
_USER = re.compile(r"IBMid-00000([0-9]{5})")
_SHORTEST_ID = 32
_SIGN = re.compile(
    r"(?:.*[._-])?(?:password|passwd|passphrase|passcode|secret|api[_-]?key|authorization|credentials?|cookie|token)"
    r"|.*(?:Password|Secret|ApiKey|Token)|(?:.*[._-])?(?:secret|private)[_-]?key",
    re.IGNORECASE,
)


def account_for(account: str) -> str:
    """Return the stand-in of the id of an account."""
    return account if not account or _ACCOUNT.fullmatch(account) else "0" * 16 + _digest("account", account, 16)


def instance_for(instance: str) -> str:
    """Return the stand-in of the id of an instance."""
    if not instance or _INSTANCE.fullmatch(instance):
        return instance
    return f"00000000-0000-4000-8000-{_digest('instance', instance, 12)}"


def crn_for(crn: str) -> str:
    """Return the stand-in of a CRN: the same region and service of another account."""
    parts = crn.split(":")
    kind, slash, account = parts[6].rpartition("/")
    parts[6] = f"{kind}{slash}{account_for(account)}"
    parts[7] = instance_for(parts[7])
    parts[9] = instance_for(parts[9])
    return ":".join(parts)


def crns_in(text: str) -> str:
    """Return `text` with stand-ins in place of its CRNs."""
    return CRN.sub(lambda found: crn_for(found[0]), text) if "crn:" in text else text


def ids_in(text: str) -> str:
    """Return `text` with stand-ins in place of all that has the form of an id of an account or an instance."""
    if len(text) < _SHORTEST_ID:
        return text
    text = LONG_HEX.sub(
        lambda found: account_for(found[0]), ACCOUNT.sub(lambda found: account_for(found[0]), crns_in(text))
    )
    return INSTANCE.sub(lambda found: instance_for(found[0]), text) if "-" in text else text


def is_sign(name: str) -> bool:
    """Tell whether a field is called as secrets are, whatever is in it.

    Source: behaviour B330.
    """
    return _SIGN.fullmatch(name) is not None


def cursor_for(cursor: str) -> str:
    """Return the stand-in of what leads to the next page of a search."""
    return cursor if not cursor or _CURSOR.fullmatch(cursor) else f"cursor-{_digest('cursor', cursor, 12)}"


def token_for(token: str) -> str:
    """Return a token that opens nothing and lives as long as `token`, by the dates in it."""
    claims = claims_of(token)
    dates = {key: claims[key] for key in ("iat", "exp") if isinstance(claims.get(key), int | float)}
    if len(dates) < 2:
        return TOKEN
    return ".".join((_encode({"alg": "none", "typ": "JWT"}), _encode(dates), SIGNATURE))


def claims_of(token: str) -> dict[str, Any]:
    """Return what a JSON web token says, or nothing for one that says nothing."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (Base64Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def user_for(number: int) -> str:
    """Return the stand-in of the user with that number."""
    return f"IBMid-00000{number:05}"


def mail_for(number: int) -> str:
    """Return the stand-in of the e-mail address with that number."""
    return f"person-{number}@example.com"


def number_of(text: str) -> int | None:
    """Return the number of a stand-in of a user or an e-mail address, or `None` for anything else."""
    found = _USER.fullmatch(text) or _MAIL.fullmatch(text)
    return int(found[1]) if found else None


def without_people(text: str) -> str:
    """Return `text` with all people in it called the same, so that it does not matter who asks."""
    if "@" in text:
        text = MAIL.sub(SOMEBODY, text)
    return USER.sub(SOMEBODY, text) if "IBMid-" in text or "iam-" in text else text


def _digest(kind: str, text: str, digits: int) -> str:
    return sha256(f"{kind} {text}".encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _encode(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()
