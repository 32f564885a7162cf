"""Threads by message-id, from a server on loopback that answers as public-inbox does."""

from __future__ import annotations

import gzip
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lorelens.errors import InputError, NetworkError
from lorelens.fetch.source import lore
from lorelens.fetch.source.lore import Lore, find_message_id
from lorelens.fetch.source.sources import read_messages

SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
FIRST = b"Message-ID: <1@pond.example>\nFrom: ada@pond.example\nSubject: [PATCH] a pond\n\n>From here\n"
REPLY = b"Message-ID: <2/b@pond.example>\nFrom: bob@pond.example\nDate: 8 Mar 2022 11:11:13\n\nNo.\n"
THREAD = gzip.compress(SEPARATOR + FIRST + b"\n" + SEPARATOR + REPLY)


class Answers(BaseHTTPRequestHandler):
    """What lore would serve; everything asked is kept."""

    asked: list[str]
    down = False

    def log_message(self, *_arguments):
        pass

    def answer(self, status: int, body: bytes = b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        type(self).asked.append(f"{self.command} {self.path}")
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if self.command == "POST":
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if type(self).down:
            self.answer(503)
        elif path in ("/all/1@pond.example/t.mbox.gz", "/all/2/b@pond.example/t.mbox.gz"):
            self.answer(200, THREAD)
        elif path == "/all/1@pond.example/raw":
            self.answer(200, FIRST)
        elif path == "/all/half@pond.example/t.mbox.gz":
            self.answer(200, THREAD[:-30])
        elif path == "/all/bomb@pond.example/t.mbox.gz":
            self.answer(200, gzip.compress(b"x" * 300_000))
        elif path == "/all/page@pond.example/t.mbox.gz":
            self.answer(200, b"<html>sorry</html>")
        elif self.command == "POST" and "change-id:20220308-pond-1" in query.get("q", [""])[0]:
            self.answer(200, THREAD)
        else:
            self.answer(404)

    do_HEAD = do_POST = do_GET  # noqa: N815


@pytest.fixture
def server():
    class Fresh(Answers):
        asked: list[str] = []  # noqa: RUF012

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    Fresh.url = f"http://127.0.0.1:{httpd.server_port}/all"
    yield Fresh
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    """No git configuration and no proxy of the machine's takes part."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("source", "message_id"),
    [
        ("1@pond.example", "1@pond.example"),
        ("<1@pond.example>", "1@pond.example"),
        ("mid:1@pond.example", "1@pond.example"),
        ("https://lore.kernel.org/linux-mm/1@pond.example/", "1@pond.example"),
        ("https://lore.kernel.org/all/1@pond.example/T/#u", "1@pond.example"),
        ("https://lore.kernel.org/r/1@pond.example", "1@pond.example"),
        ("https://lore.kernel.org/all/2%2Fb@pond.example/t.mbox.gz", "2/b@pond.example"),
        ("https://lore.kernel.org/all/1%40pond.example/raw", "1@pond.example"),
    ],
)
def test_message_id_of(source, message_id):
    assert find_message_id(source) == message_id


def test_url_without_a_message_id():
    with pytest.raises(InputError, match="no message-id"):
        find_message_id("https://lore.kernel.org/linux-mm/")


def test_thread(server):
    messages = list(read_messages([f"{server.url}/1@pond.example/T/"], archive=Lore(server.url)))
    assert [m.message_id for m in messages] == ["1@pond.example", "2/b@pond.example"]
    assert messages[0].body == "From here\n"  # mboxrd
    assert messages[1].date is not None  # a date without a zone, which ends liblore's own parsing
    assert server.url in messages[0].origin
    assert len(list(Lore(server.url).read_thread("<2/b@pond.example>"))) == 2


def test_one_mail(server):
    assert Lore(server.url).read_mail("1@pond.example").raw == FIRST


def test_cache_then_offline(server, tmp_path):
    list(Lore(server.url).read_thread("1@pond.example"))
    list(Lore(server.url).read_thread("1@pond.example"))
    assert len(server.asked) == 1
    assert (tmp_path / "cache/lorelens").is_dir()
    offline = Lore(server.url, offline=True)
    assert len(list(offline.read_thread("1@pond.example"))) == 2
    with pytest.raises(NetworkError, match="offline") as error:
        list(offline.read_thread("2/b@pond.example"))
    assert error.value.next
    assert len(server.asked) == 1


def test_stale_answer(server, monkeypatch):
    list(Lore(server.url).read_thread("1@pond.example"))
    monkeypatch.setattr(lore, "FRESH", -1)
    list(Lore(server.url).read_thread("1@pond.example"))
    assert len(server.asked) == 2
    server.down = True
    first, _ = Lore(server.url).read_thread("1@pond.example")
    assert [note.kind for note in first.notes] == ["cache"]


def test_unknown(server):
    with pytest.raises(InputError, match="does not know"):
        list(Lore(server.url).read_thread("nobody@pond.example"))


def test_server_fails(server):
    server.down = True
    with pytest.raises(NetworkError) as error:
        list(Lore(server.url).read_thread("1@pond.example"))
    assert error.value.next
    with pytest.raises(NetworkError):
        list(Lore("http://127.0.0.1:9/all").read_thread("1@pond.example"))


def test_bad_answers(server, monkeypatch):
    for broken in ("half", "page"):
        with pytest.raises(NetworkError):
            list(Lore(server.url).read_thread(f"{broken}@pond.example"))
    monkeypatch.setattr(lore, "MAX_INFLATED", 100_000)
    with pytest.raises(NetworkError, match="too large"):
        list(Lore(server.url).read_thread("bomb@pond.example"))


def test_other_revisions(server):
    found = list(
        Lore(server.url).read_revisions(
            change_id="20220308-pond-1", title='a "pond"', author="ada@pond.example"
        )
    )
    assert len(found) == 2
    asked = [urllib.parse.unquote_plus(path) for path in server.asked]
    assert 'nq:"change-id:20220308-pond-1"' in asked[0]
    assert (
        '(s:"a pond" AND f:"ada pond.example")' in asked[1]
        or '(s:"a pond" AND f:"ada@pond.example")' in asked[1]
    )
    assert list(Lore(server.url).read_revisions(change_id="other")) == []
