"""Stands before every request: the right host, the right page, a known browser, and headers that keep pages apart."""

from __future__ import annotations

import hmac
import ipaddress
import re
import socket
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.config import ConsoleSettings
from assistant.password import Password, is_this_machine
from assistant.web.login import SESSION_SECONDS, Browsers, session_of
from assistant.web.refused import Refused

COOKIE = "mimo_session"

LARGEST_BODY = 64 * 1024
"""Bytes; nothing that is asked here is longer."""

SAFE = ("GET", "HEAD", "OPTIONS")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

OPEN = ("/", "/healthz", "/api/login", "/api/me", "/favicon.ico")
"""What needs no login; and /static/, the page itself, which holds nothing of the house."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "media-src 'self' blob:", "font-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'",
    "frame-ancestors 'none'", "form-action 'self'",
))  # fmt: skip

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request."""

    token: str
    """Of their cookie; empty: they have none."""
    csrf: str
    logged_in: bool
    address: str

    @property
    def session(self) -> str:
        return session_of(self.token)


class Guard:
    """ASGI, around the whole application."""

    def __init__(self, app: ASGIApp, settings: ConsoleSettings, password: Password, browsers: Browsers) -> None:
        self._app = app
        self._settings = settings
        self._password = password
        self._browsers = browsers
        self._origin = (settings.public_origin or "").rstrip("/").lower()
        self._names = _own_names(settings)
        self._secure = settings.tls_cert is not None or self._origin.startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        adorned = self._adorned(scope, send)
        try:
            visitor = self._visitor(scope, headers)
            self._admit(scope, headers, visitor)
        except Refused as refused:
            if scope["type"] == "websocket":
                return await _turn_away(receive, send)
            return await refused.response()(scope, receive, adorned)
        scope.setdefault("state", {})["visitor"] = visitor
        if scope["type"] == "websocket":
            return await self._app(scope, receive, send)
        return await self._app(scope, _limited(receive), adorned)

    def cookie(self, token: str, *, seconds: int = SESSION_SECONDS) -> str:
        """The Set-Cookie header that makes a browser keep it; 0 seconds: forget it."""
        secure = "; Secure" if self._secure else ""
        return f"{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"

    # ── who is it ──

    def _visitor(self, scope: Scope, headers: Headers) -> Visitor:
        token = _cookie(headers)
        known = bool(token) and (not self._password.needed or self._browsers.knows(token))
        if not known:
            token = "" if self._password.needed else self._browsers.fresh()
        csrf = self._browsers.csrf(token) if token else ""
        return Visitor(token, csrf, bool(token), self._address(scope, headers))

    def _address(self, scope: Scope, headers: Headers) -> str:
        """The proxy's word for it is taken only from the proxy that is configured, on this machine."""
        peer = str((scope.get("client") or ("", 0))[0])
        if self._origin and is_this_machine(peer) and (forwarded := headers.get("x-forwarded-for")):
            return forwarded.rpartition(",")[2].strip()[:64]
        return peer

    # ── may they ──

    def _admit(self, scope: Scope, headers: Headers, visitor: Visitor) -> None:
        """Raises Refused."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise Refused(421, "This console is not called that; set console.public_origin if it is behind a proxy.")
        if not self._password.needed and any(name in headers for name in FORWARDED):
            raise Refused(403, "Behind a proxy the console needs a password: mimo-assistant console password.")
        is_socket, path = scope["type"] == "websocket", scope["path"]
        changes = not is_socket and scope["method"] not in SAFE
        origin = headers.get("origin")
        if (is_socket or changes) and not self._is_own_page(origin, host, required=is_socket):
            raise Refused(403, "This was sent by a page of another site.")
        if changes and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            raise Refused(403, "This was sent by a page of another site.")
        if _body_length(headers) > LARGEST_BODY:
            raise Refused(413, f"More than {LARGEST_BODY // 1024} kB are not taken.")
        if not visitor.logged_in and not self._is_open(path, headers, visitor):
            raise Refused(401, "Log in first.")
        if changes and path != "/api/login" and not self._has_csrf(headers, visitor):
            raise Refused(403, "The header X-CSRF-Token is missing or old; GET /api/me tells it.")

    def _is_ours(self, host: str) -> bool:
        """A name that somebody else's DNS may point at us is not ours; a bare address cannot be pointed."""
        name = urlsplit(f"//{host}").hostname if host else None
        if name is None:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True

    def _is_own_page(self, origin: str | None, host: str, *, required: bool) -> bool:
        if origin is None:
            return not required  # a program; every browser says where it comes from
        scheme = "https" if self._settings.tls_cert is not None else "http"
        return origin.lower() in (f"{scheme}://{host.lower()}", self._origin or None)

    def _is_open(self, path: str, headers: Headers, visitor: Visitor) -> bool:
        if path == "/metrics":
            return self._may_measure(headers, visitor)
        return path in OPEN or path.startswith("/static/")

    def _may_measure(self, headers: Headers, visitor: Visitor) -> bool:
        if is_this_machine(visitor.address) and not any(name in headers for name in FORWARDED):
            return True
        token = self._settings.metrics_token
        sent = headers.get("authorization", "")
        return token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode())

    def _has_csrf(self, headers: Headers, visitor: Visitor) -> bool:
        return hmac.compare_digest(headers.get("x-csrf-token", "").encode(), visitor.csrf.encode())

    # ── what goes back ──

    def _adorned(self, scope: Scope, send: Send) -> Send:
        async def adorned(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                headers.setdefault("cache-control", "no-store")
                visitor: Visitor | None = scope.get("state", {}).get("visitor")
                if visitor is not None and visitor.token and not self._password.needed and _is_new(scope, visitor):
                    headers.append("set-cookie", self.cookie(visitor.token))
            await send(message)

        return adorned


def _is_new(scope: Scope, visitor: Visitor) -> bool:
    return _cookie(Headers(scope=scope)) != visitor.token


def _cookie(headers: Headers) -> str:
    """Ours, if it looks like one that we made."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    token = morsel.value if morsel else ""
    return (
        token
        if 40 <= len(token) <= 64 and token.isascii() and token.replace("-", "").replace("_", "").isalnum()
        else ""
    )


def _own_names(settings: ConsoleSettings) -> frozenset[str]:
    names = {"localhost", settings.host.lower(), (host := socket.gethostname().lower()), f"{host}.local"}
    if settings.public_origin:
        names.add(urlsplit(settings.public_origin).hostname or "")
    return frozenset(names)


def _body_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """A body that does not tell its length is cut off as well."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413, f"More than {LARGEST_BODY // 1024} kB are not taken.")
        return message

    return limited


async def _turn_away(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
