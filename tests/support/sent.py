"""What goes over the wire, in the clear."""

from qiskit_runtime_service.records.exchange import Request


def text_sent(request: Request) -> str:
    """Return all that is sent of a request, though what holds it hides itself."""
    head = "\n".join([request.url, *(f"{name}: {value}" for name, value in request.headers)])
    return f"{head}\n\n{bytes(request.body).decode('utf-8', 'backslashreplace')}"
