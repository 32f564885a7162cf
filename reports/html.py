"""Review -> static HTML: no server, no script needed, no request to anywhere (docs/report.md)."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..analyze.review import Review
from ..fetch.series.assembly import Patch, Revision
from . import markup, words
from .behaviour import show_behaviour
from .checked import aside_lines, show_checks
from .followed import gone_lines
from .history import (
    GLYPHS,
    claim_lines,
    reread_sentences,
    show_ledger,
    step_lines,
    told_trailers,
    trailer_line,
    tree_lines,
)
from .known import known_lines, links_of
from .models import show_models
from .page import ShownPatch, anchored_lines, group_comments, show_patches
from .revisions import MOST_ROWS, block_rows, life_rows, steady_lines
from .summary import Summary, patch_name, since_sentences, summarize_review, verdict_sentence
from .tags import CLAIMED, claimed, given
from .text import first_screen
from .unread import unread

ONE_PAGE_BYTES = 4_000_000
ONE_PAGE_PATCHES = 50
MOST_TOLD = 5
"""Functions, and other definitions, of one patch that stand in the table of patches."""
MOST_TRAILERS = 200
"""Trailers, claims and notices that a page lists."""
INDEX = "index.html"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def render_html(review: Review) -> dict[str, bytes]:
    """Return file name -> content: one page, or a folder of an index and a page for each patch.

    The same review gives the same bytes; no date of making stands in them.
    """
    facts = summarize_review(review)
    patches = show_patches(review, facts.asked)
    values = _values(review, facts, patches)
    if len(patches) <= ONE_PAGE_PATCHES:
        page = _render("page.html", values, {})
        if len(page) <= ONE_PAGE_BYTES or len(patches) < 2:
            return {INDEX: page}
    pages = {patch.id: f"patch-{int(patch.id[1:]):04d}.html" for patch in patches}
    files = {INDEX: _render("page.html", values, pages)}
    for patch in patches:
        files[pages[patch.id]] = _render("patch_page.html", values, pages, patch)
    return files


def render_page(template: str, values: dict[str, object]) -> bytes:
    """Render one page beside a report, in the same frame and under the same policy."""
    style, script = static_file("style.css"), static_file("keys.js")
    frame = {
        "style": Markup(style),  # noqa: S704 -- the package's own files
        "script": Markup(script),  # noqa: S704
        "policy": content_policy(style, script),
    }
    return _render(template, frame | values, {})


def _values(review: Review, facts: Summary, patches: tuple[ShownPatch, ...]) -> dict[str, object]:
    """Return what the templates of every page are filled in from."""
    style, script = static_file("style.css"), static_file("keys.js")
    return {
        "review": review,
        "revision": review.revision,
        "facts": facts,
        "patches": patches,
        "lines": anchored_lines(patches),
        "behaviour": show_behaviour(review, tuple(patch.id for patch in patches)),
        "checked": show_checks(review, patches),
        "gone": gone_lines(review)[:MOST_TRAILERS],
        "models": show_models(review, patches),
        "unread": unread(review),
        "titles": _titles(review),
        "groups": group_comments(facts.asked),
        "numbers": {one.comment.message_id: one.number for one in reversed(facts.asked)},
        "screen": first_screen(review),
        "verdict": verdict_sentence(review, facts),
        "since": since_sentences(facts, review.revision) if review.revision else [],
        **history_values(review, facts),
        "style": Markup(style),  # noqa: S704 -- the package's own files
        "script": Markup(script),  # noqa: S704
        "policy": content_policy(style, script),
    }


def history_values(review: Review, facts: Summary) -> dict[str, object]:
    """Return what the ledger's template is filled in from; "ledger" is None where there is none."""
    history, series = review.history, review.series
    if history is None:
        return {"ledger": None, "lives": (), "blocks": ()}
    told = told_trailers(history)
    return {
        "ledger": show_ledger(history, series),
        "glyphs": GLYPHS,
        "reread": reread_sentences(review),
        "comment_numbers": {(a.comment.message_id, a.comment.number): a.number for a in facts.asked},
        "step_texts": [
            (words.revision_name(series.revisions[step.revision]), step_lines(step, series))
            for step in reversed(history.steps)
        ],
        "claim_texts": claim_lines(history, series)[:MOST_TRAILERS],
        "trailer_texts": [trailer_line(life, series) for life in told[:MOST_TRAILERS]],
        "tree_texts": tree_lines(history)[:MOST_TRAILERS],
        "lives": life_rows(history, series)[:MOST_ROWS],
        "blocks": block_rows(history, series)[:MOST_ROWS],
        "steady": steady_lines(history, series),
        "doubts": history.notes,
    }


def _render(
    template: str, values: dict[str, object], pages: dict[str, str], patch: ShownPatch | None = None
) -> bytes:
    """Render one file; `pages` says which file holds which patch, and is empty for one page."""
    here = pages.get(patch.id, INDEX) if patch else INDEX

    def href(anchor: str) -> str:
        file = pages.get(anchor.partition("-")[0], INDEX)
        return f"#{anchor}" if file == here else f"{file}#{anchor}"

    page = page_environment().get_template(template)
    text = page.render(values, patch=patch, split=bool(pages), href=href)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def static_file(name: str) -> str:
    """Return a file of the package that needs no filling in."""
    loader = page_environment().loader
    assert loader is not None
    return loader.get_source(page_environment(), name)[0].strip()


def content_policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy (CSP level 3) that allows this page's own style and script alone."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _titles(review: Review) -> list[tuple[str, list[tuple[Revision, Patch] | None]]]:
    """Return patch titles in order of appearance and, for each, its patch in every revision."""
    revisions = review.series.revisions
    rows: dict[str, dict[int, Patch]] = {}
    for at, revision in enumerate(revisions):
        for patch in revision.patches:
            rows.setdefault(words.titled(patch), {}).setdefault(at, patch)
    return [
        (title, [(revision, row[at]) if at in row else None for at, revision in enumerate(revisions)])
        for title, row in rows.items()
    ]


@lru_cache(maxsize=1)
def page_environment() -> Environment:
    """Return the templates with their filters, and autoescaping on."""
    environment = Environment(
        loader=PackageLoader("lorelens"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=markup.shown,
    )
    environment.filters |= {
        "prose": markup.prose,
        "code": markup.code,
        "asked": markup.asked,
        "named": words.named,
        "titled": words.titled,
        "subject": words.subject,
        "here": words.here,
        "given": given,
        "claimed": claimed,
        "person": words.person,
        "day": words.day,
        "lore": words.lore_link,
        "revision_name": words.revision_name,
        "head_subject": words.head_subject,
    }
    environment.globals |= {"count": words.count, "patch_name": patch_name}
    environment.globals |= {"aside_lines": aside_lines}
    environment.globals |= {"links_of": links_of, "known_lines": known_lines}
    environment.globals |= {"CLAIMED": CLAIMED, "MOST_TOLD": MOST_TOLD}
    return environment
