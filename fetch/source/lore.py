"""lore.kernel.org, or another public-inbox server, -> raw mails of a thread, through liblore and its cache.

    message-id      id@host, <id@host>, mid:id@host
    URL             https://lore.kernel.org/<list>/<message-id>/, and below it T/, t/, r/, raw, t.mbox.gz

Of liblore only what gives bytes is called (get_mbox_by_msgid, get_message_by_msgid, get_mbox_by_query): its
own parsing puts the whole batch at the mercy of one mail's date, and its trailer pattern is quadratic.
What it fetched stays in the cache; an answer older than FRESH is asked for again, and serves where the server
is not reached, with a Note. `offline` asks nobody.
"""

from __future__ import annotations

import functools
import gzip
import io
import logging
import os
import re
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from liblore import LibloreError, LoreNode, RemoteError
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from ...errors import InputError, NetworkError
from ..mail.message import MAX_MAIL
from ..mail.note import Note
from .mbox import split_mbox
from .sources import RawMail

DEFAULT_URL = "https://lore.kernel.org/all"
FRESH = 600
"""Seconds for which an answer in the cache is not asked for again."""
MAX_ANSWER = 64 << 20
"""Bytes of an answer as it travels."""
MAX_INFLATED = 4 * MAX_MAIL
"""Bytes of an answer when inflated; liblore inflates without a bound, so it is counted before."""
MAX_RESULTS = 200
"""Mails of a search that are taken."""

_FOREVER = 1 << 40
_ANGLE = re.compile(r"<([^<>\s]+)>$")
_WORDS = re.compile(r"[^\w\s.:/()+-]+")


def default_cache() -> Path:
    """$XDG_CACHE_HOME/lorelens, or ~/.cache/lorelens."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".cache") / "lorelens"


def find_message_id(source: str) -> str:
    """The message-id that a URL, "mid:" or "<...>" names. Raises InputError where there is none."""
    source = source.strip()
    angle = _ANGLE.match(source)
    if angle:
        return angle[1]
    if source.lower().startswith("mid:"):
        return urllib.parse.unquote(source[4:]).strip("<>/")
    if "://" not in source:
        return source.strip("<>")
    try:
        path = urllib.parse.urlsplit(source).path
    except ValueError as error:
        raise InputError(source, f"it is no URL: {error}", "give a message-id") from error
    parts = [urllib.parse.unquote(part) for part in path.split("/") if part]
    found = next((part for part in parts if "@" in part), None)
    if found is None:
        raise InputError(source, "the URL names no message-id", "give .../<list>/<message-id>/ or the id")
    return found.strip("<>")


class Lore:
    """A public-inbox server and the cache of its answers."""

    def __init__(self, url: str = DEFAULT_URL, *, cache: Path | None = None, offline: bool = False) -> None:
        self._offline = offline
        self._url = url
        folder = cache or default_cache()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            node = functools.partial(LoreNode.from_git_config, url, cache_dir=str(folder), cache_ttl=_FOREVER)
            # Probing for the fastest mirror and asking another's upstream would leave the refusing session.
            self._node = node(auto_probe=False, follow_upstream=False) if offline else node()
        except (LibloreError, OSError) as error:
            raise InputError(url, f"this server or cache cannot be used: {error}") from error
        liblore = logging.getLogger("liblore")
        if not liblore.handlers:  # else its warnings of what is told below go to standard error as well
            liblore.addHandler(logging.NullHandler())
        session = requests.Session()
        session.headers["User-Agent"] = "lorelens"
        adapter = _Refusing() if offline else _Bounded()
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        self._node.set_requests_session(session)

    def read_thread(self, source: str) -> Iterator[RawMail]:
        """Every mail of the thread around a message-id or URL, in the server's order.

        Raises NetworkError where the server cannot be asked and the cache has no answer, InputError where
        no such mail is known or the source names none.
        """
        message_id = find_message_id(source)
        what = f"the thread of {message_id}"
        get = self._node.get_mbox_by_msgid
        mbox, notes = self._ask(what, lambda nocache: get(message_id, nocache=nocache))
        yield from _mails(mbox, f"{self._url}/{message_id}", notes)

    def read_mail(self, source: str) -> RawMail:
        """One mail by message-id or URL. Raises as read_thread does."""
        message_id = find_message_id(source)
        what = f"the mail {message_id}"
        get = self._node.get_message_by_msgid
        raw, notes = self._ask(what, lambda nocache: get(message_id, nocache=nocache))
        return RawMail(raw=raw, origin=f"{self._url}/{message_id}/", notes=notes)

    def read_revisions(self, *, change_id: str = "", title: str = "", author: str = "") -> Iterator[RawMail]:
        """The threads of other revisions of a series, as the archive's search finds them; none where it
        finds none.

        By the change-id that b4 writes, and by title and author's address (b4's own way, dig.py). Which of
        them belong together is for series.py to judge. Raises NetworkError as read_thread does.
        """
        queries = []
        if change_id:
            queries.append(f'nq:"change-id:{_phrase(change_id)}"')
        if title and author:
            queries.append(f'(s:"{_phrase(title)}" AND f:"{_phrase(author)}")')
        for query in queries:
            try:
                mbox, notes = self._ask(f"a search for {query}", self._search(query))
            except InputError:
                continue  # the server's "nothing found"
            for number, mail in enumerate(_mails(mbox, f"{self._url}/?q={query}", notes)):
                if number >= MAX_RESULTS:
                    break
                yield mail

    def _search(self, query: str) -> Callable[[bool], bytes]:
        return lambda nocache: self._node.get_mbox_by_query(query, full_threads=True, nocache=nocache)

    def _ask(self, what: str, fetch: Callable[[bool], bytes]) -> tuple[bytes, tuple[Note, ...]]:
        """The answer out of the cache while it is fresh, else from the server, else out of the cache with a
        Note.
        """
        try:
            answer = fetch(False)
        except (LibloreError, requests.RequestException, OSError, EOFError, zlib.error) as error:
            raise self._error(what, error) from error
        as_of = self._node.last_as_of
        age = time.time() - as_of.timestamp() if as_of else 0.0
        if self._offline or age <= FRESH:
            return answer, ()
        try:
            return fetch(True), ()
        except (LibloreError, requests.RequestException, OSError, EOFError, zlib.error) as error:
            detail = f"{self._url} did not answer ({error}); the copy read is {age / 3600:.1f} hours old"
            return answer, (Note(kind="cache", detail=detail),)

    def _error(self, what: str, error: Exception) -> Exception:
        if self._offline:
            why = "it is not in the cache, and --offline asks no server"
            return NetworkError(what, why, "run once without --offline, or give an mbox")
        if isinstance(error, RemoteError) and error.status_code in (300, 400, 404, 410):
            why = f"{self._url} does not know it"
            return InputError(what, why, "check it, or choose another server by $LORELENS_LORE_URL")
        return NetworkError(what, str(error), "try again later, or give an mbox that holds the thread")


def _phrase(text: str) -> str:
    """Words that may stand in a quoted phrase of the archive's query language (Xapian's)."""
    return " ".join(_WORDS.sub(" ", text).split())[:200]


def _mails(mbox: bytes, origin: str, notes: tuple[Note, ...]) -> Iterator[RawMail]:
    for number, mail in enumerate(split_mbox(io.BytesIO(mbox)), 1):
        yield RawMail(raw=mail.raw, origin=f"{origin}, mail {number}", notes=notes + mail.notes)


class _Refusing(HTTPAdapter):
    """No request leaves: the network is off."""

    def send(self, *_arguments: Any, **_options: Any) -> requests.Response:
        raise requests.ConnectionError("the network is off (--offline)")


class _Bounded(HTTPAdapter):
    """Answers of a bounded size, both as they travel and when inflated."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        options["stream"] = True
        response = super().send(request, *arguments, **options)
        try:
            body: bytes = response.raw.read(MAX_ANSWER + 1, decode_content=True)
        except HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        if len(body) > MAX_ANSWER or _inflated_size(body) > MAX_INFLATED:
            raise requests.exceptions.ContentDecodingError("the answer is too large", response=response)
        response.raw = HTTPResponse(
            body=io.BytesIO(body), status=response.status_code, preload_content=False, decode_content=False
        )
        return response


def _inflated_size(body: bytes) -> int:
    """Bytes of a gzip answer when inflated, counted up to the limit; 0 where it is none."""
    if not body.startswith(b"\x1f\x8b"):
        return 0
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as inflated:
            while size <= MAX_INFLATED and (piece := inflated.read1(1 << 20)):
                size += len(piece)
    except (OSError, EOFError, zlib.error):
        return size
    return size
