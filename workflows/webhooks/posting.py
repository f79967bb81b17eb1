"""One POST to an address that somebody typed in, and nothing more: no redirects, no body read back, no private machine reached.

The name is resolved once, every address that it has is checked, and the connection goes to the one that was checked. What
the other side says beyond its status is not read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

SECONDS = 10.0
PORTS = (80, 443, 8080, 8443)
# Not global, though `ipaddress` says so (or says nothing): NAT64, IETF protocol assignments, 6to4, Teredo, shared space.
_REFUSED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "192.0.0.0/24", "2002::/16", "2001::/32", "100.64.0.0/10")))


class Refused(ValueError):
    """Why an address is not one that news may go to."""


def parsed(url: str, *, private: bool = False) -> SplitResult:
    """The address in parts. `Refused` on another scheme, a user in it, an unusual port, or a private machine's number;
    `private` lets the operator's own machines and any port through."""
    if len(url) > 2000 or not url.isprintable() or " " in url:
        raise Refused("an address of at most 2000 characters, without blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("an address that begins with https:// or http://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("no user, password or # in the address")
    if not private and port is not None and port not in PORTS:
        raise Refused(f"the port must be one of {', '.join(map(str, PORTS))}")
    if not private:
        try:  # numbers, in every spelling that the system takes for one
            found = socket.getaddrinfo(parts.hostname, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            found = []
        for each in found:
            require_public(str(each[4][0]))
        if parts.hostname.rstrip(".").lower() in ("localhost", "metadata.google.internal") or parts.hostname.endswith((".localhost", ".internal")):
            raise Refused("is a private machine")
    return parts


def require_public(text: str) -> None:
    """`Refused` when the number is that of a private, local, shared or reserved machine."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if not address.is_global or address.is_multicast or any(address in net for net in _REFUSED if net.version == address.version):
        raise Refused("is a private machine; the operator may allow those (SLUICE_WEBHOOK_PRIVATE=1)")


def resolved(parts: SplitResult, *, private: bool) -> str:
    """The number to connect to, when all that the name stands for may be reached."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise OSError("the name is not known") from error
    for number in found if not private else ():
        require_public(number)
    return found[0]


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False, seconds: float = SECONDS) -> int:
    """The status of the answer. `Refused` when the address may not be reached, OSError or HTTPException when it cannot."""
    parts = parsed(url, private=private)
    number = resolved(parts, private=private)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    line = socket.create_connection((number, port), timeout=seconds)
    if parts.scheme == "https":
        line = ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname, do_handshake_on_connect=False)
    ending = threading.Timer(seconds, _end, (line,))  # whatever trickles in, it is over then
    ending.daemon = True
    ending.start()
    try:
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=seconds)
        connection.sock = line
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers={**headers, "Content-Type": "application/json", "User-Agent": "Sluice", "Connection": "close"})
        return int(connection.getresponse().status)
    finally:
        ending.cancel()
        line.close()


def _end(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
