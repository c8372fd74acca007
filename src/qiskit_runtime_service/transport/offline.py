"""The carrier of what came out of a pickle: it has no key, and sends nothing."""

from returns.result import Failure, Result

from ..records.exchange import Request, Response
from ..records.problem import KeyStayedBehind, Problem


class OfflineTransport:
    """Refuse every request: a pickle holds no key."""

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Refuse to send."""
        return Failure(KeyStayedBehind(url=request.url))

    def close(self) -> None:
        """Have nothing to give up."""
