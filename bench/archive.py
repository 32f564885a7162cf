"""List archives -> mboxes of the threads whose pre-images the trees hold: patches to try the checks on.

    python bench/archive.py ARCHIVE ... --tree PATH ... --into DIR [--files REGEX] [--limit N] [--known DIR]

An ARCHIVE is what `lorelens review` reads: a public-inbox repository (one epoch, or all), an mbox, a maildir;
the mails of one thread may be spread over several. A thread is kept where a tree has, under the blob id of an
index line, a file whose path REGEX matches. Threads that share the title of a patch are one history, and
DIR/threads/HISTORY has an mbox for each, as `bench/checks.py --shared DIR` reads them. About every second
history goes to DIR/held/threads instead: tune checks on the first half, and run the other once, to measure
(`--shared DIR/held`). Each half gets N histories at most, chosen by a hash of a message-id. What --known has
(mails, or titles of patches) is left out. DIR/index.jsonl says of each mbox what is at hand, in which tree.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lorelens.fetch.mail.message import Message
from lorelens.fetch.patch.subject import parse_subject
from lorelens.fetch.series.thread import Thread, build_threads
from lorelens.fetch.source.sources import RawMail, parse_raw, read_messages, read_raw
from lorelens.fetch.tree.source_tree import ManyTrees, SourceTree, open_tree
from lorelens.fetch.tree.wanted import Wanted, find_wanted

MM = (
    r"mm/.*\.c$|fs/(userfaultfd|dax|exec|aio|coredump|buffer)\.c$|fs/hugetlbfs/.*\.c$|fs/proc/(task_mmu|base)\.c$"
    r"|kernel/(fork|events/uprobes)\.c$|virt/kvm/.*\.c$|drivers/dax/.*\.c$|arch/x86/mm/.*\.c$"
)
MOST_PATCHES = 40
"""Of a thread: a stable release's review takes hours, and its patches were looked at."""
LOOKED_AT = re.compile(r"AUTOSEL|stable|backport|\b[3-7]\.\d+(\.\d+)?\b", re.IGNORECASE)
"""In a patch's brackets: what was merged before it was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A thread to keep."""

    thread: Thread
    """Its messages without bodies."""
    titles: frozenset[str]
    """Of its patches, in lower case."""
    held: Mapping[tuple[str, str], str]
    """(path, blob id) -> the first tree that has it."""
    wanted: int
    """Files that were looked for."""


class Trees:
    """Trees that are asked for a pre-image once."""

    def __init__(self, paths: Sequence[str]) -> None:
        tree = open_tree(paths)
        self.members: tuple[SourceTree, ...] = tree.trees if isinstance(tree, ManyTrees) else (tree,)
        self._known: dict[tuple[str, str], str | None] = {}

    def holder(self, path: str, blob: str) -> str | None:
        """Return the name of the first tree with that blob; in a directory it has to be at the path."""
        key = path, blob
        if key not in self._known:
            holders = (one.name for one in self.members if one.read(path, blob) is not None)
            self._known[key] = next(holders, None)
        return self._known[key]


def read_archives(
    archives: Iterable[Path], files: re.Pattern[str]
) -> tuple[list[Message], dict[str, tuple[Wanted, ...]]]:
    """Return all mails without their bodies, and by message-id what each patch wants of `files`."""
    messages: dict[str, Message] = {}
    wanted: dict[str, tuple[Wanted, ...]] = {}
    for archive in archives:
        counts: Counter[str] = Counter()
        for message in read_messages([archive]):
            counts["mails"] += 1
            if message.message_id not in messages:
                messages[message.message_id] = replace(message, body="", to=(), cc=(), notes=())
            if not _is_patch(message):
                continue
            counts["patches"] += 1
            found = tuple(one for one in find_wanted([message.body]) if one.blob and files.match(one.path))
            if found:
                counts["patches to these files"] += 1
                wanted[message.message_id] = tuple(replace(one, pieces=()) for one in found)
        print(archive, dict(counts), flush=True)
    return list(messages.values()), wanted


def _is_patch(message: Message) -> bool:
    subject = parse_subject(message.subject)
    return subject.is_patch and not subject.is_reply and "\n--- a/" in message.body


def find_threads(
    messages: Iterable[Message], wanted: Mapping[str, tuple[Wanted, ...]], trees: Trees
) -> Iterator[Found]:
    """Yield the threads that have a pre-image at hand."""
    for thread in build_threads(messages):
        patches = [one for one in thread.messages if one.message_id in wanted]
        subjects = [parse_subject(one.subject) for one in thread.messages]
        count = sum(one.is_patch and not one.is_reply for one in subjects)
        if not patches or count > MOST_PATCHES:
            continue
        if any(LOOKED_AT.search(word) for one in subjects for word in one.prefixes):
            continue
        asked = {(one.path, one.blob) for mail in patches for one in wanted[mail.message_id] if one.blob}
        held = {(path, blob): name for path, blob in sorted(asked) if (name := trees.holder(path, blob))}
        if held:
            titles = frozenset(parse_subject(one.subject).title.casefold() for one in patches)
            yield Found(thread=thread, titles=titles, held=held, wanted=len(asked))


def join_histories(found: Iterable[Found]) -> list[list[Found]]:
    """Put threads that share a patch's title together: the revisions of one series stay in one half."""
    of_title: dict[str, list[Found]] = {}
    for one in found:
        groups = {id(group): group for title in one.titles if (group := of_title.get(title)) is not None}
        joined = [*(member for group in groups.values() for member in group), one]
        of_title.update((title, joined) for member in joined for title in member.titles)
    return list({id(group): group for group in of_title.values()}.values())


def digest(history: Sequence[Found]) -> str:
    """Return what orders histories at random, and parts them: of the first thread's root, SHA-1."""
    return hashlib.sha1(history[0].thread.root.encode("utf-8", "replace")).hexdigest()


def known_mail(folders: Iterable[Path]) -> tuple[set[str], set[str]]:
    """Return message-ids and patches' titles of what lies in folders, at any depth."""
    ids: set[str] = set()
    titles: set[str] = set()
    for folder in folders:
        for message in read_messages([folder]):
            ids.add(message.message_id)
            titles.add(parse_subject(message.subject).title.casefold())
    return ids, titles


def write_mboxes(archives: Iterable[Path], places: Mapping[str, Path]) -> Counter[Path]:
    """Write each mail to its thread's mbox (mboxrd); return how many each got."""
    written: Counter[Path] = Counter()
    done: set[str] = set()
    for raw in read_raw(archives):
        for message in parse_raw(raw):
            place = places.get(message.message_id)
            if place is not None and message.message_id not in done:
                done.add(message.message_id)
                written[place] += 1
                with place.open("ab") as stream:
                    stream.write(mboxrd(raw))
    return written


def mboxrd(mail: RawMail) -> bytes:
    """Return a mail as it stands in an mboxrd file."""
    body = re.sub(rb"^(>*From )", rb">\1", mail.raw.replace(b"\r\n", b"\n"), flags=re.MULTILINE)
    return b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + body.rstrip(b"\n") + b"\n\n"


def name_of(found: Found) -> str:
    """Name a thread's mbox as those of the sample histories are: date, version, title."""
    first = next(one for one in found.thread.messages if parse_subject(one.subject).is_patch)
    subject = parse_subject(first.subject)
    date = f"{first.date:%Y%m%d}" if first.date else "undated"
    slug = re.sub(r"[^A-Za-z0-9]+", "-", subject.title).strip("-")[:50]
    return f"{date}_v{subject.version or 1}_{slug}"


def main() -> None:
    """Read the archives twice: for what to keep, and for its mails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--tree", action="append", required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--files", type=re.compile, default=re.compile(MM))
    parser.add_argument("--limit", type=int, default=300, help="histories in each half")
    parser.add_argument("--known", action="append", type=Path, default=[])
    arguments = parser.parse_args()
    messages, wanted = read_archives(arguments.archives, arguments.files)
    ids, titles = known_mail(arguments.known)
    found = list(find_threads(messages, wanted, Trees(arguments.tree)))
    histories = [
        history
        for history in sorted(join_histories(found), key=digest)
        if not any(
            one.titles & titles or ids & {m.message_id for m in one.thread.messages} for one in history
        )
    ]
    print(len(messages), "mails,", len(found), "threads in", len(histories), "histories with a file at hand")
    places: dict[str, Path] = {}
    rows: list[dict[str, object]] = []
    taken: Counter[str] = Counter()
    for history in histories:
        half = "held" if int(digest(history), 16) % 2 else "development"
        if taken[half] >= arguments.limit:
            continue
        taken[half] += 1
        folder = arguments.into / ("held/threads" if half == "held" else "threads") / digest(history)[:12]
        folder.mkdir(parents=True, exist_ok=False)
        names: Counter[str] = Counter()
        for one in history:
            names[name_of(one)] += 1
            again = f"_{names[name_of(one)]}" if names[name_of(one)] > 1 else ""
            place = folder / f"{name_of(one)}{again}.mbox"
            places.update((message.message_id, place) for message in one.thread.messages)
            rows.append(_row(one, half, place))
    write_mboxes(arguments.archives, places)
    (arguments.into / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(dict(taken), len(rows), "threads written")


def _row(found: Found, half: str, place: Path) -> dict[str, object]:
    by_tree: dict[str, list[str]] = defaultdict(list)
    for (path, blob), tree in found.held.items():
        by_tree[tree].append(f"{path} {blob}")
    return {
        "mbox": str(place),
        "half": half,
        "lists": sorted({name for message in found.thread.messages for name in message.lists}),
        "mails": len(found.thread.messages),
        "patches": len(found.titles),
        "files": found.wanted,
        "at hand": len(found.held),
        "trees": by_tree,
    }


if __name__ == "__main__":
    main()
