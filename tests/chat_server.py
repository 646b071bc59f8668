"""A chat server on loopback that speaks the OpenAI protocol (chat/completions, models) and misbehaves on request."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]


class ChatServer(ThreadingHTTPServer):
    """`behaviour` answers a request; `seen` holds the bodies asked, `keys` their Authorization headers."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.behaviour = behaviour
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are what is tested."""


class Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.keys.append(self.headers.get("Authorization"))
        self.send(
            {"object": "list", "data": [{"id": "tiny", "object": "model"}]},
            status=200 if self.path == "/v1/models" else 404,
        )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.keys.append(self.headers.get("Authorization"))
        self.server.seen.append(body)
        if self.path != "/v1/chat/completions":
            self.send({"error": {"message": "no such path"}}, 404)
        else:
            self.server.behaviour(self, body)

    def send(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def say(self, content: str, finish: str = "stop", usage: Any = None) -> None:
        """A whole answer with this content."""
        self.send(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": "tiny-q4",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": content},
                        "finish_reason": finish,
                    }
                ],
                "usage": usage or {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
            }
        )


def asked_of(body: dict[str, Any]) -> dict[str, Any]:
    """The call's data of a request."""
    found: dict[str, Any] = json.loads(body["messages"][1]["content"])
    return found


def finding(name: str, quote: str, certainty: str = "certain") -> dict[str, str]:
    return {"id": name, "quote": quote, "certainty": certainty}


def answer(*findings: dict[str, str]) -> Behaviour:
    """Always these findings."""
    return lambda handler, _: handler.say(json.dumps({"findings": list(findings)}, ensure_ascii=False))


def sees(word: str, name: str) -> Behaviour:
    """A reader that sees `name` wherever `word` is said in the asked turn, if it may be answered."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        text = asked_of(body)["asked"]["text"]
        may = f"- {name}:" in body["messages"][0]["content"]
        found = [finding(name, word)] if word in text and may else []
        handler.say(json.dumps({"findings": found}, ensure_ascii=False))

    return behave


def text(content: str) -> Behaviour:
    return lambda handler, _: handler.say(content)


def status(code: int, headers: dict[str, str] | None = None) -> Behaviour:
    return lambda handler, _: handler.send({"error": {"message": "no"}}, code, headers)


def raw(content: bytes) -> Behaviour:
    return lambda handler, _: handler.send(content)


def silent(seconds: float) -> Behaviour:
    return lambda handler, _: time.sleep(seconds)


def dripping(handler: Handler, _: dict[str, Any]) -> None:
    """A byte now and then, without end, and the connection closing after it."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler: Handler, _: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b'{"a":' * 4096)


def half(handler: Handler, _: dict[str, Any]) -> None:
    """Less than was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.close_connection = True


def reset(handler: Handler, _: dict[str, Any]) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def first(*behaviours: Behaviour) -> Behaviour:
    """One after the other; the last one stays."""
    left = list(behaviours)

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler, body)

    return behave


@contextmanager
def serving(behaviour: Behaviour, tls: tuple[Path, Path] | None = None) -> Iterator[ChatServer]:
    """The server while it runs; `tls` is a certificate and its key."""
    server = ChatServer(behaviour, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
