"""The protocol: chat/completions with a JSON schema where the server can, bounded tries, and a circuit breaker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.asking.endpoint import Endpoint, Reply, UnreachableError, exchange

MODES = ("json_schema", "json_object", "text")
"""Ways of asking for JSON, best first; the next one is tried where a server refuses the request."""
REFUSED = (400, 422, 501)
BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
FINAL = (401, 403, 404, 405, 410)
"""Nothing another turn could change: a wrong key, a wrong path or an unknown model."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
FAILURES, REST_S = 3, 60.0
"""After so many failures one after the other the circuit opens; after the rest one turn may try again."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Completion:
    """The content of an answer, what it cost, and how it was asked for."""

    content: str
    tokens: int
    latency_s: float
    model: str
    mode: str


@dataclass(slots=True)
class Breaker:
    """Closed at first; open after FAILURES failures in a row, or at once after a final one; tried again after REST_S."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float | None = None
    final: bool = False
    why: str = ""

    def allows(self) -> bool:
        """Whether a turn may be asked now."""
        if self.final:
            return False
        return self.opened_at is None or self.clock() - self.opened_at >= REST_S

    def succeeded(self) -> None:
        self.failures, self.opened_at = 0, None

    def failed(self, why: str, final: bool = False) -> None:
        self.failures += 1
        self.why = why
        self.final = self.final or final
        if self.failures >= FAILURES or self.opened_at is not None or final:
            self.opened_at = self.clock()


@dataclass(slots=True)
class Chat:
    """Asks one model of one endpoint. `mode` is the best way of asking that the server has not refused."""

    endpoint: Endpoint
    model: str
    key: str | None = None
    timeout_s: float = 30.0
    retries: int = 2
    answer_tokens: int = 400
    sleep: Callable[[float], None] = time.sleep
    mode: str = MODES[0]
    requests: int = 0

    def models(self) -> list[str]:
        """The names of the endpoint's models; raises UnreachableError, SettingsError."""
        reply = exchange(self.endpoint, "/models", None, self.key, self.timeout_s)
        if reply.status != 200:
            raise UnreachableError(_said(reply.status), again=False, final=reply.status in FINAL)
        value = _object(reply.body)
        rows = value.get("data")
        if not isinstance(rows, list):
            raise UnreachableError("the list of models is none", again=False)
        return [str(row["id"]) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def complete(self, messages: list[dict[str, str]], schema: dict[str, Any], budget_s: float) -> Completion:
        """One answer, within `budget_s` seconds and the bounds of timeout and retries.

        Raises UnreachableError, SettingsError.
        """
        refused = None
        for mode in MODES[MODES.index(self.mode) :]:
            reply, latency_s = self._tried(self._body(messages, schema, mode), budget_s)
            if reply.status not in REFUSED:
                completion = _read(reply, latency_s, mode)
                self.mode = mode
                return completion
            refused = reply.status
        raise UnreachableError(_said(refused or 400), again=False)

    def _body(self, messages: list[dict[str, str]], schema: dict[str, Any], mode: str) -> bytes:
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "seed": SEED,
            "max_tokens": self.answer_tokens,
            "stream": False,
        }
        if mode == "json_schema":
            named = {"name": "findings", "strict": True, "schema": schema}
            asked["response_format"] = {"type": mode, "json_schema": named}
        elif mode == "json_object":
            asked["response_format"] = {"type": mode}
        return json.dumps(asked, ensure_ascii=False).encode()

    def _tried(self, body: bytes, budget_s: float) -> tuple[Reply, float]:
        """The reply of the first try that is not busy and its seconds; raises UnreachableError after the last."""
        began = time.monotonic()
        for attempt in range(self.retries + 1):
            left = budget_s - (time.monotonic() - began)
            wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt)
            asked_at = time.monotonic()
            try:
                self.requests += 1
                timeout_s = max(0.01, min(self.timeout_s, left))
                reply = exchange(self.endpoint, "/chat/completions", body, self.key, timeout_s)
                if reply.status not in BUSY:
                    return reply, time.monotonic() - asked_at
                failure = UnreachableError(_said(reply.status))
                wait = min(LONGEST_WAIT_S, reply.wait_s) if reply.wait_s is not None else wait
            except UnreachableError as error:
                failure = error
            spent = time.monotonic() - began
            if not failure.again or attempt == self.retries or spent + wait >= budget_s:
                raise failure
            self.sleep(wait)
        raise UnreachableError("no try was left")


def _said(status: int) -> str:
    """A status in words."""
    known = {
        401: "it wants another key (AUDIT_ASKING_KEY)",
        403: "the key may not do this",
        404: "it knows no such model or path",
        429: "it is asked too often",
    }
    return f"the endpoint answers {status}" + (f": {known[status]}" if status in known else "")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreachableError("the endpoint's answer is not JSON", again=False) from error
    if not isinstance(value, dict):
        raise UnreachableError("the endpoint's answer is not a JSON object", again=False)
    return value


def _read(reply: Reply, latency_s: float, mode: str) -> Completion:
    """The message of a chat/completions answer."""
    if reply.status != 200:
        raise UnreachableError(_said(reply.status), again=False, final=reply.status in FINAL)
    value = _object(reply.body)
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, str):
        raise UnreachableError("the answer holds no message", again=False)
    if choice.get("finish_reason") == "length":
        raise UnreachableError("the answer was cut off: raise answer_tokens", again=False)
    model = value.get("model")
    return Completion(
        content, _tokens(value, reply), round(latency_s, 3), str(model)[:120] if model else "", mode
    )


def _tokens(value: dict[str, Any], reply: Reply) -> int:
    """The tokens the server counted; where it counted none, half the bytes of the answer."""
    usage = value.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    if isinstance(total, int) and not isinstance(total, bool) and 0 <= total < 10**9:
        return total
    return len(reply.body) // 2
