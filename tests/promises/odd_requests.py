"""44 requests as no decent client sends them, and how each must be answered for the next one to be understood."""

from typing import NamedTuple

HOST = b"Host: localhost\r\n"
TOKEN = b"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=emulated-api-key"
POST = b"POST /identity/token HTTP/1.1\r\n" + HOST
GET = b"GET /api/v1/versions HTTP/1.1\r\n" + HOST
SMUGGLED = b"DELETE /api/v1/jobs/smuggled HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"
"""What stands in bodies, and must never be taken for a request."""

LAST = b"GET /api/v1/versions?last HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
"""The decent request that follows each odd one on the same connection."""

BODY_LIMIT = 1 << 20
HEAD_LIMIT = 1 << 14


class Odd(NamedTuple):
    """What is sent, and the status of each answer that is due: that to `LAST` too, if the connection goes on."""

    sent: bytes
    statuses: tuple[int, ...]
    method: str = "GET"


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a body in chunks."""
    return b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def posting(headers: bytes, body: bytes, *statuses: int) -> Odd:
    return Odd(POST + headers + b"\r\n\r\n" + body, statuses)


def asking(headers: bytes, *statuses: int, body: bytes = b"") -> Odd:
    return Odd(GET + headers + b"\r\n" + body, statuses)


SIZED = b"Content-Length: %d" % len(TOKEN)
CODED = b"Transfer-Encoding: chunked"

ODD = {
    # Bodies in chunks are read.
    "one chunk": posting(CODED, chunked(TOKEN), 200, 200),
    "many chunks": posting(CODED, chunked(*(bytes([byte]) for byte in TOKEN)), 200, 200),
    "chunks with extensions": posting(CODED, b"%x;a=b\r\n%s\r\n0;c\r\n\r\n" % (len(TOKEN), TOKEN), 200, 200),
    "chunks with trailers": posting(CODED, chunked(TOKEN, end=b"0\r\nContent-Length: 5\r\n\r\n"), 200, 200),
    "a request in a chunk": posting(CODED, chunked(SMUGGLED), 400, 200),
    "a request in a body": posting(b"Content-Length: %d" % len(SMUGGLED), SMUGGLED, 400, 200),
    "a question with a request in its body": asking(b"Content-Length: %d\r\n" % len(SMUGGLED), 200, 200, body=SMUGGLED),
    # Bodies of no clear length are refused.
    "two lengths of two kinds": posting(SIZED + b"\r\n" + CODED, chunked(TOKEN), 400),
    "two lengths that differ": posting(b"Content-Length: 0\r\n" + SIZED, SMUGGLED, 400),
    "two lengths that agree": posting(SIZED + b"\r\n" + SIZED, TOKEN, 200, 200),
    "a length below zero": posting(b"Content-Length: -1", SMUGGLED, 400),
    "a length with a sign": posting(b"Content-Length: +5", SMUGGLED, 400),
    "a length in words": posting(b"Content-Length: many", SMUGGLED, 400),
    "a length of 5,000 digits": posting(b"Content-Length: " + b"9" * 5000, SMUGGLED, 400),
    "a space before the colon": posting(b"Content-Length : 5", SMUGGLED, 400),
    "no length": Odd(POST + b"\r\n" + SMUGGLED, (411,)),
    "no length in HTTP/1.0": Odd(POST.replace(b"1.1", b"1.0") + b"\r\n" + SMUGGLED, (411,)),
    "another coding": posting(b"Transfer-Encoding: gzip, chunked", SMUGGLED, 501),
    "no coding": posting(b"Transfer-Encoding: identity", SMUGGLED, 501),
    "two codings": posting(CODED + b"\r\n" + CODED, SMUGGLED, 501),
    # Chunks that are none.
    "a chunk of a size in words": posting(CODED, b"five\r\n" + SMUGGLED, 400),
    "a chunk of a size below zero": posting(CODED, b"-5\r\n" + SMUGGLED, 400),
    "a chunk of 30 digits": posting(CODED, b"f" * 30 + b"\r\n" + SMUGGLED, 400),
    "a chunk that is longer than it says": posting(CODED, b"2\r\nabcd\r\n" + SMUGGLED, 400),
    # Bodies and heads that are too long.
    "a length that is too long": posting(b"Content-Length: %d" % 10**12, SMUGGLED, 413),
    "a body that becomes too long": posting(CODED, chunked(*[b"x" * 65536] * 17), 413),
    "a body that is announced and too long": posting(b"Expect: 100-continue\r\nContent-Length: %d" % 10**9, b"", 413),
    "a body that is announced": posting(b"Expect: 100-continue\r\n" + SIZED, TOKEN, 100, 200, 200),
    "a target that is too long": Odd(b"GET /" + b"a" * HEAD_LIMIT + b" HTTP/1.1\r\n" + HOST + b"\r\n", (431,)),
    "headers that are too long": asking(b"X: y\r\n" * HEAD_LIMIT, 431),
    # Hosts.
    "no host": Odd(b"GET /api/v1/versions HTTP/1.1\r\n\r\n", (400,)),
    "two hosts": asking(b"Host: 127.0.0.1\r\n", 400),
    "another host": Odd(b"GET /api/v1/versions HTTP/1.1\r\nHost: attacker.example\r\n\r\n", (421,)),
    "a host that is none": Odd(b"GET /api/v1/versions HTTP/1.1\r\nHost: a@b/c\r\n\r\n", (421,)),
    "a target with a host, as a proxy gets it": Odd(
        b"GET http://quantum.emu.test/api/v1/versions HTTP/1.1\r\nHost: quantum.emu.test\r\n\r\n", (200, 200)
    ),
    # Methods and versions.
    "a method that there is not": Odd(b"BREW /pot HTTP/1.1\r\n" + HOST + b"\r\n", (501,)),
    "a tunnel": Odd(b"CONNECT quantum.emu.test:443 HTTP/1.1\r\n" + HOST + b"\r\n", (501,)),
    "the greeting of HTTP/2": Odd(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (505,)),
    "the greeting of TLS": Odd(bytes.fromhex("16030100c6010000c203") + bytes(100), (400,)),
    "the head of an answer alone": Odd(GET.replace(b"GET", b"HEAD") + b"\r\n", (200, 200), "HEAD"),
    "the methods of the server": Odd(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", (204, 200)),
    # What is odd and harmless.
    "three at once": Odd(3 * (GET + b"\r\n"), (200, 200, 200, 200)),
    "lines that end in a line feed": Odd((GET + b"\r\n").replace(b"\r\n", b"\n"), (200, 200)),
    "the last, and one more": asking(b"Connection: close\r\n", 200),
}
