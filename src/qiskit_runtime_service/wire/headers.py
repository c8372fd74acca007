"""What the client says of itself."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

LIBRARY = "qiskit_runtime_service"
CALLER = "qiskit"
_PLAIN = "".join(map(chr, range(33, 127))).replace("%", "") + " "
"""What a header may hold as it is; anything else is escaped, so that no line can be added."""


def describe_client(
    packages: Mapping[str, str], *, custom: str = "", function: str = "", opted_out: bool = False
) -> tuple[tuple[str, str], ...]:
    """Return the headers that tell the runtime which client calls.

    Args:
        packages: Versions by name of what is loaded, ours included.
        custom: What the application adds.
        function: What calls in the name of a function of the platform.
        opted_out: Whether versions are kept to oneself.

    Source: behaviour B226.
    """
    versions = "" if opted_out else f"qiskit-version-2/{','.join(_versions(packages))}"
    application = "/".join([versions, CALLER, *([quote(custom, safe=_PLAIN)] if custom else [])])
    agent = LIBRARY.replace("_", "-") + ("" if opted_out else f"/{packages[LIBRARY]}")
    headers = (("X-Qx-Client-Application", application), ("User-Agent", agent))
    return (*headers, ("IBM-API-Function-Id", quote(function, safe=_PLAIN))) if function else headers


def _versions(packages: Mapping[str, str]) -> Iterable[str]:
    yield f"{LIBRARY}-{packages[LIBRARY]}"
    # The star says that the package is loaded, and only loaded ones are named.
    yield from (f"{name}-{version}*" for name, version in packages.items() if name != LIBRARY)
