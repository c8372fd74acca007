"""A server on loopback that sends given bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def saying(*responses: bytes, reset: bool = False) -> Iterator[str]:
    """Serve connections one after the other: read one request each, send the next bytes, hang up.

    With `reset` the hanging up is rude. Yields the base URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, responses, reset))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.close()
            thread.join()


def serve(listener: socket.socket, responses: tuple[bytes, ...], reset: bool) -> None:
    """Serve one connection for each of `responses`."""
    listener.settimeout(5.0)
    for response in responses:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5.0)
            read_request(connection)
            connection.sendall(response)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def read_request(connection: socket.socket) -> bytes:
    """Read head and body of one request, or what is there of something that is none."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        read += piece
        if not piece or not read[:1].isalpha():
            return read
    head, _, body = read.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(sizes[0].partition(b":")[2]) if sizes else 0
    while len(body) < wanted:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body
