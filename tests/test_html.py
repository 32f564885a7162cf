"""The HTML report: nothing leaves the machine, nothing in mail is markup, and everybody can read it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lorelens.config import Options
from lorelens.fetch.patch.trailer import Trailer
from lorelens.pipeline import review
from lorelens.reports.html import render_html
from lorelens.reports.text import first_screen

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
THREAD = ROOT / "examples" / "thread.mbox"
TREE = ROOT / "examples" / "tree"
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Elements in order, and the text in each."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.text = ""
        self.feed(page.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        element = (tag, dict(attributes), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.text += data
        for element in self.open:
            element[2].append(data)

    def all(self, tag):
        return [(attributes, "".join(text)) for name, attributes, text in self.elements if name == tag]

    def ids(self):
        return [attributes["id"] for _, attributes, _ in self.elements if "id" in attributes]

    def by_id(self, wanted):
        return next("".join(text) for _, attributes, text in self.elements if attributes.get("id") == wanted)


def reviewed(source, tree=TREE):
    options = Options(sources=(str(source),), trees=(str(tree),), command="lorelens demo", timeout=0.5)
    (found,) = review(options)
    return found


@pytest.fixture(scope="module")
def demo():
    return reviewed(THREAD)


@pytest.fixture(scope="module")
def page(demo):
    files = render_html(demo)
    assert list(files) == ["index.html"]
    return Page(files["index.html"])


@pytest.fixture
def hostile(tmp_path):
    """The demo's thread with something replaced in its bytes, rendered."""

    def render(*pairs):
        mail = THREAD.read_bytes()
        for before, after in pairs:
            assert before in mail
            mail = mail.replace(before, after)
        path = tmp_path / "hostile.mbox"
        path.write_bytes(mail)
        return render_html(reviewed(path))

    return render


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def assert_only_lorelens_markup(page: Page, like: Page) -> None:
    """Whatever the mail says, the elements and attributes are those of an ordinary report."""
    assert {tag for tag, _, _ in page.elements} <= {tag for tag, _, _ in like.elements}
    assert {a for _, attributes, _ in page.elements for a in attributes} <= {
        a for _, attributes, _ in like.elements for a in attributes
    }
    assert len(page.all("script")) == 1
    for attributes, _ in page.all("a"):
        assert attributes["href"].startswith(("#", "https://lore.kernel.org/all/"))


def test_nothing_is_asked_of_anybody(page):
    (policy,) = [
        a["content"] for a, _ in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    ((_, style),) = page.all("style")
    ((_, script),) = page.all("script")
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src {digest(style)};" in policy
    assert f"script-src {digest(script)};" in policy
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|EventSource|import\(", style + script
    )
    for tag, attributes, _ in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "form", "base"}
        assert not {"src", "srcset", "action", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)


def test_every_link_inside_the_page_leads_somewhere(page):
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for attributes, _ in page.all("a"):
        href = attributes["href"]
        assert href.startswith("https://lore.kernel.org/all/") or href[1:] in ids


def test_a_comment_leads_to_the_line_it_speaks_of_and_back(page):
    lines = [(a, text) for a, text in page.all("span") if "id" in a and "STASH_MODE_NOWAIT\t" in text]
    ((attributes, text),) = lines
    assert text.startswith("+#define STASH_MODE_NOWAIT")
    assert "Tomas Okafor" in text
    back = [a for a, _ in page.all("a") if a["href"] == f"#{attributes['id']}"]
    assert len(back) == 1
    comments = [text for a, text in page.all("article") if "comment" in a["class"]]
    assert any("include/uapi/linux/stash.h, line" in c and "A\nprogram does not read" in c for c in comments)


def test_the_first_screen_is_the_one_of_the_terminal(demo, page):
    screens = [text for a, text in page.all("pre") if a.get("class") == "screen"]
    assert screens == [first_screen(demo)]


def test_sections_appear_only_with_something_in_them(page):
    headings = [text for _, text in page.all("h2")]
    assert headings == ["Behaviour", "Matrix", "Checks", "Patches", "Revisions", "Comments", "Limits", "Keys"]


def test_a_thread_without_a_patch_has_its_comments_alone(tmp_path):
    mail = tmp_path / "reply.eml"
    mail.write_text(
        "From: Ada <ada@example.org>\nSubject: Re: mm: an idea\nMessage-ID: <a@example.org>\n"
        "Date: Mon, 2 Mar 2026 10:00:00 +0000\n\nOn Sunday, Bo wrote:\n> Let us drop the lock.\n\n"
        "Could you say which one?\n"
    )
    page = Page(render_html(reviewed(mail))["index.html"])
    assert [text for _, text in page.all("h2")] == ["Comments", "Limits", "Keys"]
    assert [text for _, text in page.all("mark")] == ["Marked", "Could you say which one?"]


def test_the_same_review_gives_the_same_bytes():
    program = (
        "import hashlib, sys; from lorelens.config import Options; from lorelens.pipeline import review;"
        "from lorelens.reports.html import render_html;"
        f"o = Options(sources=({str(THREAD)!r},), trees=({str(TREE)!r},), command='x', timeout=0.001);"
        "r, = review(o);"
        "print(hashlib.sha256(b''.join(render_html(r).values())).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    "markup",
    [
        b"<script>alert(1)</script>",
        b"</title></style></script><script src=//evil.example>",
        b'"><img src=x onerror=alert(1)>',
        b"' autofocus onfocus='alert(1)",
        b"</pre></details></main><h1>owned</h1>",
        b"{{ 7 * 7 }} {% include 'style.css' %}",
        b"<!-- --!> ]]> &lt;b&gt; &#60;b&#62;",
    ],
)
def test_markup_in_mail_is_text(hostile, page, markup):
    files = hostile(
        (b"mm/stash: add STASH_NOWAIT", b"mm/stash: add " + markup),
        (b"give up rather than wait", markup),
        (b"Mira Halvorsen <mira", b"Mira " + markup.replace(b"<", b"(").replace(b">", b")") + b" <mira"),
        (b"That is not what the last line", b"That is not " + markup + b" what the last line"),
        (b"Callers without STASH_NOWAIT are", markup + b" are"),
        (b"static int stash_one(struct", b"static int stash_one(/* " + markup + b" */ struct"),
    )
    shown = Page(files["index.html"])
    assert_only_lorelens_markup(shown, page)
    assert markup.decode() in shown.text


@pytest.mark.parametrize(
    "bad", [b"javascript:alert(1)//", b'x"onclick="alert(1)', b"../../../etc/passwd", b"a%22b c"]
)
def test_a_message_id_is_one_escaped_segment_of_a_lore_link(hostile, page, bad):
    shown = Page(hostile((b"20260302101406.", bad + b"20260302101406."))["index.html"])
    assert_only_lorelens_markup(shown, page)
    for attributes, _ in shown.all("a"):
        if attributes["href"].startswith("https:"):
            assert re.fullmatch(r"https://lore\.kernel\.org/all/[^/\"<>\s]+/", attributes["href"])


def test_a_trojan_source_is_seen(hostile):
    files = hostile(
        (b"0x08\t/* give up", "0x08\t/*\u202e \u2066give\u200b up".encode()),
        (b"return -EBUSY", "return -EBUS\u0423".encode()),
        (b"That is not what", b"That is\x1b[2J not\x00\x07 what"),
    )
    page = files["index.html"].decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", page)
    seen = Page(files["index.html"])
    assert "/*<U+202E> <U+2066>give<U+200B> up" in seen.text
    assert "return -EBUS<U+0423>" in seen.text
    assert [a["title"] for a, text in seen.all("b") if text == "<U+202E>"] == ["right-to-left override"]
    assert re.search(r"\d+ characters in the diffs cannot be seen", seen.text)


def test_a_very_long_line_is_bounded_and_counted(hostile):
    files = hostile((b"give up rather than wait", b"x" * 3_000_000))
    assert len(files["index.html"]) < 300_000
    assert "more characters" in Page(files["index.html"]).text


def test_bytes_that_are_no_text_do_not_stop_it(hostile):
    files = hostile((b"give up rather than wait", bytes(range(0x80, 0x100))))
    Page(files["index.html"])


@pytest.fixture(scope="module")
def folder(demo):
    """The demo's second patch sixty times."""
    second = demo.patches[1]
    patches = tuple(
        replace(second, patch=replace(second.patch, position=n, title=f"number {n}")) for n in range(1, 61)
    )
    return render_html(replace(demo, patches=patches))


def test_many_patches_make_a_folder_with_the_same_anchors(folder):
    assert sorted(folder) == ["index.html", *(f"patch-{n:04d}.html" for n in range(1, 61))]
    pages = {name: Page(content) for name, content in folder.items()}
    ids = {name: set(page.ids()) for name, page in pages.items()}
    for name, page in pages.items():
        for attributes, _ in page.all("a"):
            file, _, anchor = attributes["href"].partition("#")
            assert attributes["href"].startswith("https://lore") or anchor in ids[file or name], attributes
    assert "p7" in ids["patch-0007.html"]
    assert any(anchor.startswith("p7-3-n") for anchor in ids["patch-0007.html"])


def test_a_big_report_makes_a_folder(demo):
    grown = []
    for reviewed_patch in demo.patches:
        file = reviewed_patch.recovered[0]
        body = file.diff + "@@ -900,0 +900,4000 @@\n" + "".join(f"+{'y' * 600} {n}\n" for n in range(4000))
        grown.append(replace(reviewed_patch, recovered=(replace(file, diff=body),)))
    files = render_html(replace(demo, patches=tuple(grown)))
    assert sorted(files) == ["index.html", "patch-0001.html", "patch-0002.html"]


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STYLE = (ROOT / "templates" / "style.css").read_text()


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((front, back) for front in ("text", "quiet", "link") for back in ("page", "soft")),
        ("add", "add-page"),
        ("del", "del-page"),
        ("hunk", "page"),
        ("quiet", "page"),
        ("text", "asked-page"),
        ("alarm", "alarm-page"),
    ],
)
def test_text_has_the_contrast_of_wcag_aa(scheme, front, back):
    blocks = re.findall(r":root\s*\{([^}]*)\}", STYLE)
    colours = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", blocks[scheme]))
    assert contrast(colours[front], colours[back]) >= 4.5


def test_every_colour_comes_from_the_two_palettes():
    rules = re.sub(r":root\s*\{[^}]*\}", "", STYLE)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules)
    light, dark = (
        set(re.findall(r"--([\w-]+):", block)) for block in re.findall(r":root\s*\{([^}]*)\}", STYLE)
    )
    assert light == dark


def test_it_can_be_read_without_eyes_or_mouse(page):
    assert page.elements[0][1]["lang"] == "en"
    first_link = page.all("a")[0][0]
    assert (first_link["class"], first_link["href"]) == ("skip", "#main")
    assert all(attributes.get("scope") in ("row", "col") for attributes, _ in page.all("th"))
    ids = set(page.ids())
    for attributes, _ in page.all("section"):
        assert attributes["aria-labelledby"] in ids
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert ":focus-visible" in STYLE
    assert "@media print" in STYLE


@pytest.fixture
def named_nowhere(tmp_path):
    """A patch whose mail has neither author, date nor title, and that changes a type alone."""
    mail = tmp_path / "bare.eml"
    mail.write_text(
        "Subject: [PATCH]\nMessage-ID: <p@example.org>\n\n---\n"
        "--- a/include/linux/out.h\n+++ b/include/linux/out.h\n@@ -1,3 +1,4 @@\n"
        " struct out_ops {\n \tint (*open)(struct out *out);\n+\tint (*fill)(struct out *out);\n };\n"
    )
    return Page(render_html(reviewed(mail))["index.html"])


def test_a_patch_without_a_title_has_a_link_all_the_same(named_nowhere):
    links = [text for a, text in named_nowhere.all("a") if a["href"] == "#p1"]
    assert links == ["(no title)"]
    assert all(text.strip() for _, text in named_nowhere.all("a") + named_nowhere.all("h3"))
    assert "author not known" in [text for _, text in named_nowhere.all("dd")]


def test_the_table_of_patches_names_changed_types(named_nowhere):
    cells = [text for _, text in named_nowhere.all("td")]
    assert "struct out_ops (modified)" in [text.strip() for text in cells]


def test_many_functions_do_not_hide_a_changed_type(demo):
    patch = demo.patches[1]
    (a_struct,) = (one for one in patch.functions if one.symbol == "struct")
    functions = tuple(replace(demo.patches[0].functions[0], name=f"f{n}") for n in range(40))
    grown = replace(demo, patches=(replace(patch, functions=(*functions, a_struct)),))
    page = Page(render_html(grown)["index.html"])
    (cell,) = [text for _, text in page.all("td") if "more functions" in text]
    assert "struct stash_populate (modified)" in cell
    screen = " ".join(first_screen(grown).split())
    assert "struct stash_populate (modified)" in screen


def test_a_claimed_trailer_stands_apart(demo):
    claim = Trailer(name="Acked-by", value="Ada <ada@x.example>", given_by="m@x.example", mismatch=True)
    patch = replace(demo.revision.patches[0], trailers=(claim,))
    revision = replace(demo.revision, patches=(patch,))
    page = Page(render_html(replace(demo, revision=revision))["index.html"])
    said = [text for _, text in page.all("dd") if "ada@x.example" in text]
    assert said == ["1/2 Acked-by: Ada <ada@x.example>, claimed by a mail from another address"]
    assert "Given in replies" not in [text for _, text in page.all("dt")]
    assert "Not counted" in [text for _, text in page.all("dt")]


def test_a_patch_of_too_many_files_is_bounded_and_counted(demo):
    patch = demo.patches[0]
    files = tuple(replace(patch.recovered[0], path=f"mm/{n}.c") for n in range(1203))
    functions = tuple(replace(patch.functions[0], name=f"f{n}") for n in range(1101))
    grown = replace(patch, recovered=files, functions=functions)
    page = Page(b"".join(render_html(replace(demo, patches=(grown,))).values()))
    assert "203 more files" in page.text
    assert "101 more changed definitions" in page.text
