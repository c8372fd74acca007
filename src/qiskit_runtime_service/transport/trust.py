"""Whom TLS trusts."""

import ssl
from importlib.util import find_spec
from pathlib import Path

from urllib3.util import create_urllib3_context


def build_context(verify: bool | str) -> ssl.SSLContext:
    """Return the rules for TLS.

    Args:
        verify: `True` for the authorities that the system trusts, read by `truststore` where it is
            installed; `False` for anybody; or the file or directory of the authorities to trust. Lists
            of revoked certificates in that file count.

    Raises:
        OSError: The authorities cannot be read.

    Source: behaviour B225.
    """
    if verify is True and find_spec("truststore") is not None:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
    if verify is False:
        context.check_hostname = False
    elif verify is True:
        context.load_default_certs()
    elif Path(verify).is_dir():
        context.load_verify_locations(capath=verify)
    else:
        context.load_verify_locations(cafile=verify)
        if context.cert_store_stats()["crl"]:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context
