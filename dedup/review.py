"""A report served on this machine alone, so that its page can save what the desk decides into the report folder.

Whoever asks must have the token of the address that was printed. A page of another site cannot know it; if it did, its
requests would still carry its own origin, or a host that is not ours (DNS rebinding), and be refused.
"""

from __future__ import annotations

import hashlib
import html
import json
import logging
import re
import secrets
import shutil
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, quote, urlsplit

from dedup.decisions import DECISIONS_FILE, as_csv, parse_decisions, save_decisions
from dedup.errors import ConfigError
from dedup.report.writer import is_report

__all__ = ["MAX_BODY", "ReviewServer"]

#: Bytes of decisions that are taken at a time: some ten thousand of them.
MAX_BODY = 5_000_000
#: Bytes of a refused request that are read all the same.
_HEARD = 20_000_000
#: Seconds that a connection may keep us waiting.
_PATIENCE = 30
_LOOPBACK = "127.0.0.1"
#: The page says what it may do in its head; where it does not, it may do nothing but look as it does.
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_PLAIN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = logging.getLogger(__name__)


class ReviewServer(ThreadingHTTPServer):
    """Serves one report folder on the loopback address until `shutdown`.

    Raises:
        ConfigError: the folder is no report, nothing can be saved in it, or the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        if not is_report(folder) or not (folder / "report.html").is_file():
            raise ConfigError(f"{folder} is no report: it must be a folder that `dedup scan` wrote")
        self.folder = folder
        self.token = secrets.token_urlsafe(24)
        self.saving = threading.Lock()
        self.stored()  # a file that cannot be read is said now, and not over the first decision
        try:
            super().__init__((_LOOPBACK, port), _Handler)
        except OSError as error:
            raise ConfigError(f"cannot serve on port {port}: {error.strerror}") from error

    @property
    def url(self) -> str:
        """The address of the page, with the token."""
        return f"http://{_LOOPBACK}:{self.server_port}/?token={quote(self.token)}"

    def stored(self) -> bytes:
        """The decisions in the folder as a file; only the names of the columns where there are none.

        Raises:
            ConfigError: it cannot be read.
        """
        path = self.folder / DECISIONS_FILE
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return as_csv([]).encode()
        except OSError as error:
            raise ConfigError(f"cannot read {path}: {error.strerror}") from error
        parse_decisions(_text(data), str(path))
        return data

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is nobody's concern."""
        _log.info("a request from %s failed", client_address, exc_info=True)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{DECISIONS_FILE} is not in UTF-8") from None


def _etag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version = "dedup"
    sys_version = ""
    timeout = _PATIENCE
    _read = False
    """Whether the body of the request has been read."""

    def do_GET(self) -> None:
        path = self._admitted()
        if path == "/":
            self._page()
        elif path == f"/{DECISIONS_FILE}":
            try:
                data = self.server.stored()
            except ConfigError as error:
                self._say(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
            else:
                self._send(HTTPStatus.OK, data, "text/csv; charset=utf-8", ETag=_etag(data))
        elif path:
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def do_POST(self) -> None:
        self._read = False
        path = self._admitted()
        if not path:
            return
        if path != "/decisions":
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")
        elif not self._from_our_page():
            self._say(HTTPStatus.FORBIDDEN, "Decisions are only taken from the page that is served here.")
        elif self.headers.get_content_type() != "text/csv":
            self._say(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Decisions come as text/csv.")
        elif (body := self._body()) is not None:
            self._save(body)

    def _admitted(self) -> str:
        """The path that is asked for, if the request may ask at all; else it has been refused."""
        asked = urlsplit(self.path)
        given = parse_qs(asked.query).get("token", [""])[0]
        if self.headers.get("Host", "") not in self._hosts():
            self._say(HTTPStatus.FORBIDDEN, f"This server is called {_LOOPBACK}:{self.server.server_port}.")
        elif not secrets.compare_digest(given.encode(), self.server.token.encode()):
            self._say(HTTPStatus.FORBIDDEN, "Open the address that `dedup review` has printed, with its token.")
        else:
            return asked.path
        return ""

    def _hosts(self) -> list[str]:
        return [f"{name}:{self.server.server_port}" for name in (_LOOPBACK, "localhost")]

    def _from_our_page(self) -> bool:
        """Whether the browser says that our own page sends this."""
        ours = [f"http://{host}" for host in self._hosts()]
        origin, referrer = self.headers.get("Origin"), self.headers.get("Referer")
        if origin and origin != "null":
            return origin in ours
        if self.headers.get("Sec-Fetch-Site"):
            return self.headers["Sec-Fetch-Site"] == "same-origin"
        return bool(referrer) and any(f"{referrer}/".startswith(f"{own}/") for own in ours)

    def _body(self) -> bytes | None:
        """The body of the request; None if it has been refused."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._say(HTTPStatus.LENGTH_REQUIRED, "The length of the decisions must be said.")
        elif int(length) > MAX_BODY:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"More than {MAX_BODY:,} bytes of decisions are not taken.")
        else:
            self._read = True
            return self.rfile.read(int(length))
        return None

    def _save(self, body: bytes) -> None:
        """Put the decisions in the place of those in the folder, if they can be read."""
        path = self.server.folder / DECISIONS_FILE
        try:
            decisions = parse_decisions(_text(body))
            with self.server.saving:
                known = self.headers.get("If-Match")
                if known is not None and known != _etag(self.server.stored()):
                    self._say(HTTPStatus.PRECONDITION_FAILED, "The decisions in the folder have changed meanwhile.")
                    return
                save_decisions(decisions, path)
                etag = _etag(path.read_bytes())
        except ConfigError as error:
            self._say(HTTPStatus.BAD_REQUEST, str(error))
        except OSError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"cannot write {path}: {error.strerror}")
        else:
            answer = json.dumps({"decisions": len(decisions)}).encode()
            self._send(HTTPStatus.OK, answer, "application/json", ETag=etag)

    def _page(self) -> None:
        try:
            file = open(self.server.folder / "report.html", "rb")  # noqa: SIM115
        except OSError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"cannot read report.html: {error.strerror}")
            return
        with file:
            policy = _POLICY.search(file.read(8192).decode("utf-8", "replace"))
            size = file.seek(0, 2)
            file.seek(0)
            told = html.unescape(policy[1]) if policy else _PLAIN_POLICY
            self._send(HTTPStatus.OK, file, "text/html; charset=utf-8", size, told)

    def _say(self, status: HTTPStatus, sentence: str) -> None:
        """Refuse, in a sentence, and hang up."""
        self.close_connection = True
        self._hear_out()
        self._send(status, f"{sentence}\n".encode(), "text/plain; charset=utf-8", Connection="close")

    def _hear_out(self) -> None:
        """Read what is left of a request that is refused: hanging up on it could take our answer along."""
        length = self.headers.get("Content-Length", "") if self.command == "POST" and not self._read else ""
        left = min(int(length), _HEARD) if length.isdecimal() else 0
        while left > 0 and (piece := self.rfile.read(min(left, 1 << 16))):
            left -= len(piece)

    def _send(
        self,
        status: HTTPStatus,
        body: bytes | IO[bytes],
        kind: str,
        size: int | None = None,
        policy: str = "default-src 'none'",
        **headers: str,
    ) -> None:
        self.send_response(status)
        told = {"Content-Security-Policy": f"{_one_line(policy)}; frame-ancestors 'none'", "Content-Type": kind}
        length = len(body) if isinstance(body, bytes) else size
        for name, value in {**_HEADERS, **told, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if isinstance(body, bytes):
            self.wfile.write(body)
        else:
            shutil.copyfileobj(body, self.wfile)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses: a broken request, or a method that nothing here has."""
        self._say(HTTPStatus(code), message or HTTPStatus(code).phrase)

    def log_message(self, format: str, *args: Any) -> None:
        """To the log, without the token."""
        _log.info("%s", (format % args).replace(self.server.token, "..."))


def _one_line(policy: str) -> str:
    return " ".join(re.sub(r"[^\x20-\x7e]", " ", policy).split())
