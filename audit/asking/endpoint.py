"""One HTTP exchange with the lender's endpoint: a checked address, a deadline, a limit of bytes; no proxy, no redirect.

The standard library's client is used on purpose: it reads no proxy settings, so masked words go to the address
that was checked and nowhere else.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from audit.errors import SettingsError

MOST_BYTES = 1 << 20
"""A whole answer is a few kilobytes; the list of models a little more."""
PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback (RFC 1122, 4291), private (RFC 1918) and unique local addresses (RFC 4193)."""


class UnreachableError(Exception):
    """No usable answer came; `why` holds no words of a call.

    `again`: the same request may succeed at once; `final`: no request of this run can succeed.
    """

    def __init__(self, why: str, again: bool = True, final: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.again = again
        self.final = final


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask. `name` is what receipts call it: an address without credentials."""

    scheme: str
    host: str
    port: int
    path: str
    allow_public: bool = False
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the body, and after how many seconds a new try is asked for, if said."""

    status: int
    body: bytes
    wait_s: float | None = None


def endpoint_of(address: str, allow_public: bool = False, ca_file: Path | None = None) -> Endpoint:
    """The endpoint of an address such as http://127.0.0.1:8000/v1, as settings.Asking let it through.

    Raises SettingsError where it is a public one and public ones are not allowed, or not over https.
    """
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = Endpoint(parts.scheme, parts.hostname or "", port, parts.path.rstrip("/"), allow_public, ca_file)
    with contextlib.suppress(UnreachableError):  # A name that does not resolve now is told when it is asked.
        addresses_of(found)
    return found


def is_private(address: str) -> bool:
    """Whether an IP address is on the lender's own network as far as its number tells."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    number = mapped or found
    return any(number.version == net.version and number in net for net in PRIVATE)


def addresses_of(endpoint: Endpoint) -> list[str]:
    """The IP addresses of an endpoint, all checked; raises SettingsError for a public one, UnreachableError for none."""
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError("the endpoint's name does not resolve") from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    public = [address for address in addresses if not is_private(address)]
    if public and not endpoint.allow_public:
        raise SettingsError(
            f"asking.endpoint: {endpoint.host} is not on a private network. Calls must not leave the house: "
            "name an address of your own network, or set allow_public = true if your lawyers agree."
        )
    if public and endpoint.scheme != "https":
        raise SettingsError(f"asking.endpoint: {endpoint.host} is public and must be asked over https.")
    return addresses


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name that was given: a name cannot move in between."""

    def __init__(self, endpoint: Endpoint, address: str, timeout_s: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=timeout_s)
        self.endpoint = endpoint
        self.address = address
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        self.wire = socket.create_connection((self.address, self.port), self.timeout)
        if self.endpoint.scheme == "https":
            context = ssl.create_default_context(cafile=self.endpoint.ca_file)
            self.wire = context.wrap_socket(self.wire, server_hostname=self.endpoint.host)
        self.sock = self.wire


class _Deadline:
    """Cuts a connection off after some seconds in all, however slowly it drips."""

    def __init__(self, connection: _Pinned, seconds: float) -> None:
        self.connection = connection
        self.passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        self.passed = True
        # Not `connection.sock`: the client forgets it while an answer that closes is still being read.
        wire = self.connection.wire
        if wire is not None:
            with contextlib.suppress(OSError):  # It was closed meanwhile.
                wire.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def exchange(endpoint: Endpoint, path: str, body: bytes | None, key: str | None, timeout_s: float) -> Reply:
    """POST `body` (GET without one) to `path` below the endpoint; the whole within `timeout_s` seconds.

    Raises UnreachableError for anything but a whole HTTP answer, SettingsError for a public address.
    """
    began = time.monotonic()
    last: UnreachableError | None = None
    for address in addresses_of(endpoint):
        left = timeout_s - (time.monotonic() - began)
        if left <= 0:
            break
        try:
            return _once(endpoint, address, path, body, key, left)
        except ConnectionRefusedError:
            last = UnreachableError("the endpoint refuses connections")
    raise last or UnreachableError("no whole answer in time")


def _once(
    endpoint: Endpoint, address: str, path: str, body: bytes | None, key: str | None, timeout_s: float
) -> Reply:
    connection = _Pinned(endpoint, address, timeout_s)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "conduct-audit"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if key:
        headers["Authorization"] = f"Bearer {key}"
    with _Deadline(connection, timeout_s) as deadline:
        try:
            connection.request("GET" if body is None else "POST", endpoint.path + path, body, headers)
            reply = _read(connection.getresponse())
            if deadline.passed:  # A connection that was cut off ends like one that was closed.
                raise TimeoutError
            return reply
        except ConnectionRefusedError:
            raise
        except ssl.SSLError as error:
            raise UnreachableError(
                "the endpoint's certificate or TLS does not hold", again=False, final=True
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if deadline.passed or isinstance(error, TimeoutError):
                raise UnreachableError("no whole answer in time") from error
            raise UnreachableError("the connection broke off") from error
        finally:
            connection.close()


def _read(response: http.client.HTTPResponse) -> Reply:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnreachableError("the answer is compressed, which was not asked for", again=False)
    content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreachableError(f"the answer is longer than {MOST_BYTES >> 10} KiB", again=False)
    expected = response.headers.get("Content-Length", "")
    if expected.isdigit() and int(expected) > len(content):
        raise UnreachableError("the connection broke off")
    wait = response.headers.get("Retry-After", "")
    return Reply(response.status, content, float(wait) if wait.isdigit() else None)
