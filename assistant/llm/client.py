"""One small streaming client for `/v1/completions`, which vLLM and llama.cpp both serve."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypedDict
from urllib.parse import unquote

import httpx
from pydantic import BaseModel, ValidationError

from assistant.errors import BrainUnavailable
from assistant.llm.ebnf import Schema, ebnf

log = logging.getLogger(__name__)

ServerKind = Literal["vllm", "llama.cpp", "other"]

CONNECT_SECONDS = 3.0
MOST_BUILT = 64
"""Grammars that are remembered as built; vLLM keeps more."""
MOST_WRITTEN = 8
"""Schemas whose EBNF is remembered: those of the house, and of the house as it was a moment ago."""
KEPT_SECONDS = 2.0
"""How long an idle connection is kept; vLLM hangs up after five, perhaps just when the next request is on its way."""
GOODBYE_SECONDS = 0.25
"""How long a server may take to close an answer whose end it has told."""
BACKGROUND = 10
"""Its priority; that of a live request is 0, and the lower goes first."""
LARGEST_EVENT = 1 << 20
"""Bytes without a line's end; a server that sends more is broken."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What is asked of the model."""

    prompt: str
    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    schema: Schema | None = None
    """JSON schema that the answer is held to from its first token."""
    silence_seconds: float | None = None
    """How long the server may say nothing, where that is not as usual."""
    background: bool = False
    """Nobody waits for it: a vLLM with priorities lets every live request pass."""


class CompletionClient:
    """Async context manager. Every failure is a BrainUnavailable with its reason."""

    def __init__(self, url: str, model: str, api_key: str | None = None, silence_seconds: float = 60.0) -> None:
        self.url, user = _without_user(url.rstrip("/"))
        self.model = model
        self._kind: ServerKind | None = None
        self._built: deque[str] = deque(maxlen=MOST_BUILT)
        self._written: deque[tuple[Schema, str]] = deque(maxlen=MOST_WRITTEN)
        self._reads_ebnf = True
        self._http = httpx.AsyncClient(
            auth=user,
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(silence_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(keepalive_expiry=KEPT_SECONDS),
            verify=self.url.startswith("https:"),  # else all the world's authorities are read for nothing, 70 ms
            trust_env=False,  # the brain stands in the house: its words go through nobody's proxy
        )

    async def __aenter__(self) -> CompletionClient:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def ready(self) -> bool:
        """Whether the server has loaded its model; False, never an error."""
        try:
            health = await self._http.get(f"{self.url.removesuffix('/v1')}/health", timeout=CONNECT_SECONDS)
            if health.status_code == httpx.codes.NOT_FOUND:
                health = await self._http.get(f"{self.url}/models", timeout=CONNECT_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.debug("no brain at %s: %s", shown(self.url), _in_words(error))
            return False
        return health.is_success

    async def stream(self, request: Completion) -> AsyncGenerator[str, None]:
        """The answer, piece by piece. Closing the stream makes the server stop working on it.

        Who refuses a grammar as EBNF gets it as JSON schema, at once and from then on.
        """
        kind, begun = await self._server_kind(), False
        as_ebnf = kind == "vllm" and request.schema is not None and self._reads_ebnf
        try:
            async with aclosing(self._pieces(request, kind, as_ebnf)) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
        except _Refused as refusal:
            if begun or not as_ebnf:
                raise
            async with aclosing(self._pieces(request, kind, as_ebnf=False)) as pieces:
                async for piece in pieces:
                    # What is refused for another reason is refused again, and never gets here.
                    self._read_no_ebnf(refusal)
                    yield piece

    async def _pieces(self, request: Completion, kind: ServerKind, as_ebnf: bool) -> AsyncGenerator[str, None]:
        async with self._answer(self._body(request, kind, as_ebnf), request.silence_seconds) as response:
            await _refuse_error(response)
            finished = False
            async for event in _events(response.aiter_bytes()):
                choice = _choice(event)
                finished = finished or choice.finish_reason is not None
                if choice.text:
                    yield choice.text
            if not finished:
                raise BrainUnavailable("the model's server broke off in the middle of its answer")

    def _read_no_ebnf(self, refusal: BrainUnavailable) -> None:
        if self._reads_ebnf:
            log.info("%s reads no EBNF (%s): plans are held by their JSON schema", shown(self.url), refusal.reason)
            self._reads_ebnf = False

    async def build(self, schema: Schema) -> None:
        """Let vLLM build a grammar before it is needed: it keeps those that it has built. Others are left alone."""
        written = self._ebnf(schema)
        if written in self._built or await self._server_kind() != "vllm":
            return
        await self.read(Completion("a", max_tokens=1, schema=schema, background=True))
        self._built.append(written)

    async def read(self, request: Completion) -> None:
        """Let the server read the prompt, and keep it; what it writes is of no use."""
        async with aclosing(self.stream(request)) as pieces:
            async for _ in pieces:
                pass

    async def recall(self, name: str) -> bool | None:
        """Bring back what a llama.cpp server once read and kept. None: this server keeps nothing."""
        return await self._slot("restore", name)

    async def keep(self, name: str) -> None:
        """Let a llama.cpp server keep what it has read, for after its next start."""
        await self._slot("save", name)

    async def _slot(self, action: str, name: str) -> bool | None:
        if await self._server_kind() != "llama.cpp":
            return None
        address = f"{self.url.removesuffix('/v1')}/slots/0?action={action}"
        async with _failures():
            response = await self._send(self._http.build_request("POST", address, json={"filename": name}))
        log.debug("%s %s: %s", action, name, response.status_code)
        return None if response.status_code in (404, 501) else response.is_success

    def _body(self, request: Completion, kind: ServerKind, as_ebnf: bool) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self.model,
            "prompt": request.prompt,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stream": True,
        }
        if request.stop:
            body["stop"] = list(request.stop)
        if kind == "llama.cpp":
            body["cache_prompt"] = True
        if kind == "vllm" and request.background:
            body["priority"] = BACKGROUND
        if request.schema is not None:
            body |= self._grammar(request.schema, kind, as_ebnf)
        return body

    def _grammar(self, schema: Schema, kind: ServerKind, as_ebnf: bool) -> dict[str, object]:
        match kind:
            case "vllm":
                return {"structured_outputs": {"grammar": self._ebnf(schema)} if as_ebnf else {"json": schema}}
            case "llama.cpp":
                return {"json_schema": schema}
            case "other":
                named = _JsonSchema(name="plan", schema=schema, strict=True)
                return {"response_format": {"type": "json_schema", "json_schema": named}}

    def _ebnf(self, schema: Schema) -> str:
        """Written once for each of a house's grammars."""
        known = next((text for each, text in self._written if each is schema), None)
        if known is None:
            known = ebnf(schema)
            self._written.append((schema, known))
        return known

    async def _server_kind(self) -> ServerKind:
        """Asked once: unknown fields are ignored in silence, so the grammar must come under the server's own name."""
        if self._kind is None:
            async with _failures():
                response = await self._http.get(f"{self.url}/models")
            await _refuse_error(response)
            owners = response.text.replace(" ", "").lower()
            self._kind = "vllm" if '"owned_by":"vllm"' in owners else "llama.cpp" if "llamacpp" in owners else "other"
            log.info("the brain at %s is served by %s", shown(self.url), self._kind)
        return self._kind

    @asynccontextmanager
    async def _answer(self, body: Mapping[str, object], silence: float | None) -> AsyncIterator[httpx.Response]:
        patience = httpx.Timeout(silence, connect=CONNECT_SECONDS) if silence else self._http.timeout
        address = f"{self.url}/completions"
        request = self._http.build_request("POST", address, json=body, timeout=patience)
        async with _failures():
            response = await self._send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()

    async def _send(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """Once more where the server was just hanging up a kept connection: it answered nothing, so it may be asked."""
        try:
            return await self._http.send(request, stream=stream)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return await self._http.send(request, stream=stream)


def _without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address, and apart from it the user:password that it held: so whoever logs the address shows no secret."""
    found = _USER.match(url)
    if found is None:
        return url, None
    name, _, password = found["user"].partition(":")
    return found["scheme"] + url[found.end() :], (unquote(name), unquote(password))


def shown(text: str) -> str:
    """Without what may be a user and password of an address, be it ever so badly written."""
    return re.sub(r"(?<=://)\S*@", "…@", text)


_USER = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^/?#]*)@")


# ── the wire ─────────────────────────────────────────────────────────────────────────────


class _Refused(BrainUnavailable):
    """400: as the status of the answer or, as vLLM does that is asked to stream, in its first event."""


class _Choice(BaseModel):
    text: str = ""
    finish_reason: str | None = None


class _Event(BaseModel):
    choices: list[_Choice] = []
    error: object = None


class _JsonSchema(TypedDict):
    name: str
    schema: Schema
    strict: bool


async def _events(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The data of server-sent events, up to `[DONE]`. The rest is heard out, so that the connection can be kept.

    Lines are cut at line feeds only: the text inside may hold the other characters that str.splitlines cuts at.
    """
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LARGEST_EVENT:
            raise BrainUnavailable("the model's server sent a line without end")
        for line in lines:
            name, _, data = line.strip().partition(b":")
            if name == b"data" and data.strip() == b"[DONE]":
                await _hear_out(chunks)
                return
            if name in (b"data", b"error") and data.strip():
                yield data.strip()


async def _hear_out(chunks: AsyncIterable[bytes]) -> None:
    with suppress(TimeoutError, httpx.HTTPError):  # the answer is whole: no matter how its server takes its leave
        async with asyncio.timeout(GOODBYE_SECONDS):
            async for _ in chunks:
                pass


def _choice(event: bytes) -> _Choice:
    try:
        answer = _Event.model_validate_json(event)
    except ValidationError as error:
        raise BrainUnavailable("the model's server sent something that is no completion") from error
    if answer.error is not None or (not answer.choices and b'"message"' in event):
        code = answer.error.get("code") if isinstance(answer.error, dict) else None
        kind = _Refused if code == httpx.codes.BAD_REQUEST else BrainUnavailable
        raise kind(f"the model's server reported: {_short(event)}")
    return answer.choices[0] if answer.choices else _Choice()


async def _refuse_error(response: httpx.Response) -> None:
    if response.is_success:
        return
    match response.status_code:
        case 401 | 403:
            raise BrainUnavailable("the model's server wants another API key")
        case 503:
            raise BrainUnavailable("the model is still loading")
        case status:
            body = await response.aread()
            kind = _Refused if status == httpx.codes.BAD_REQUEST else BrainUnavailable
            raise kind(f"the model's server answered {status}: {_short(body)}")


def _short(body: bytes) -> str:
    """The message of an error, if it has one, in at most 200 characters."""
    try:
        error = json.loads(body)
        error = error.get("error", error) if isinstance(error, dict) else error
        text = str(error.get("message", error) if isinstance(error, dict) else error)
    except ValueError:
        text = body.decode(errors="replace")
    return shown(" ".join(text.split()))[:200]


@asynccontextmanager
async def _failures() -> AsyncIterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise BrainUnavailable(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return "no model's server answers there"
        case httpx.TimeoutException():
            return "the model's server fell silent"
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return "the model's server broke off in the middle of its answer"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "brain.url is not an address such as http://gpu-box:8000/v1"  # the error may quote a password
        case _:
            return f"the model's server cannot be used: {type(error).__name__}"
