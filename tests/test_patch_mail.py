"""Patch mails: against `git mailinfo`, against hand-made mails, and that no line is ever lost."""

from __future__ import annotations

import mailbox
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lorelens.fetch.mail.message import Address, Message, parse_message
from lorelens.fetch.patch.body import is_scissors
from lorelens.fetch.patch.patch_mail import PatchMail, parse_patch_mail

DIFF = """\
diff --git a/mm/pin.c b/mm/pin.c
index 1111111..2222222 100644
--- a/mm/pin.c
+++ b/mm/pin.c
@@ -1,3 +1,4 @@ int pin(void)
 {
-	return 0;
+	lock();
+	return 1;
 }
"""
OTHER = DIFF.replace("pin.c", "fork.c")


def mail(body: str, subject: str = "[PATCH] mm: pin it", *, verbatim: bool = True) -> Message:
    return Message(
        message_id="1@example.org", in_reply_to=None, references=(), to=(), cc=(), date=None, subject=subject,
        author=Address(name="Ann Other", email="ann@example.org"), body=body, lists=(), origin="",
        verbatim=verbatim, notes=(),
    )  # fmt: skip


def read(body: str, subject: str = "[PATCH] mm: pin it", *, verbatim: bool = True) -> PatchMail:
    patch = parse_patch_mail(mail(body, subject, verbatim=verbatim))
    assert patch is not None
    return patch


def quoted(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}\n" for line in text.splitlines())


# ---- against git


def mailinfo(raw: bytes, folder: Path, *options: str) -> tuple[dict[str, str], str, str]:
    """What `git mailinfo` says: its fields, the message, and the rest."""
    if shutil.which("git") is None:
        pytest.skip("no git")
    files = (folder / "message", folder / "rest")
    command = ["git", "mailinfo", "--encoding=UTF-8", *options, *map(str, files)]
    told = subprocess.run(command, input=raw, capture_output=True, check=True).stdout
    fields = dict(line.partition(": ")[::2] for line in told.decode("utf-8", "replace").splitlines())
    message, rest = (file.read_bytes().decode("utf-8", "replace") for file in files)
    return fields, message, rest


CASES = ["0001", "0002", "0004", "0005", "0007", "0008", "0010", "0011", "0013", "0014", "0016", "0017"]


@pytest.mark.parametrize("case", CASES)
def test_cases_of_git(case: str, shared: Path) -> None:
    folder = shared / "fixtures/git-mailinfo"
    info, message = ((folder / f"{part}{case}").read_text("utf-8") for part in ("info", "msg"))
    # git decodes the message, and leaves the patch in the mail's charset; here both are text
    rest = (folder / f"patch{case}").read_bytes().decode("latin-1" if case == "0005" else "utf-8")
    fields = dict(line.partition(": ")[::2] for line in info.splitlines())
    parsed = parse_message((folder / f"{case}.eml").read_bytes())
    patch = parse_patch_mail(parsed, scissors=False)  # the expected files were made without --scissors
    if case in ("0008", "0010"):
        assert parsed.subject.lower().startswith("re:")
    if patch is None:
        # A reply and a plain mail without a diff: git mailinfo answers for any mail, since the caller says
        # that it is a patch. Here the mail itself must say so.
        assert rest == ""
        assert case == "0008"
        return
    assert patch.author == Address(name=fields["Author"], email=fields["Email"])
    assert patch.title == fields["Subject"]
    assert patch.commit_message == message
    assert (patch.remarks + patch.diff + patch.tail).strip() == rest.removeprefix("---\n").strip()
    if fields["Date"].strip() == "bogus":
        assert patch.date is None
        assert [note.kind for note in patch.notes] == ["date"]


def test_scissors_as_git_cuts(shared: Path, tmp_path: Path) -> None:
    raw = (shared / "fixtures/git-mailinfo/0014.eml").read_bytes()
    fields, message, _ = mailinfo(raw, tmp_path, "--scissors")
    patch = parse_patch_mail(parse_message(raw))
    assert patch is not None
    assert (patch.title, patch.author.email) == (fields["Subject"], fields["Email"])
    assert patch.commit_message == message
    assert "discussion that inspired this patch" in patch.preface


@pytest.mark.slow
def test_every_mail_of_the_threads_as_git_reads_it(shared: Path, tmp_path: Path) -> None:
    """Author, title, message and rest of each mail that is a patch; each kind of deviation has its reason."""
    kinds: Counter[str] = Counter()
    for file in sorted((shared / "threads").glob("*/*.mbox")):
        for entry in mailbox.mbox(file):
            raw = entry.as_bytes()
            message = parse_message(raw)
            patch = parse_patch_mail(message)
            if patch is None or patch.quoted:
                kinds["no patch of its own"] += 1
                continue
            kinds[_deviation(patch, raw, *mailinfo(raw, tmp_path, "--scissors"))] += 1
    assert kinds.pop("unexplained", 0) == 0, kinds
    assert kinds["same"] >= 890
    assert sum(kinds.values()) - kinds["same"] - kinds["no patch of its own"] <= 30


def _deviation(patch: PatchMail, raw: bytes, fields: dict[str, str], message: str, rest: str) -> str:
    ours = (patch.author.name or patch.author.email, patch.author.email, patch.title, patch.commit_message)
    theirs = (fields.get("Author"), fields.get("Email"), fields.get("Subject"), message)
    whole = (patch.remarks + patch.diff + patch.tail).strip()
    if (ours, whole) == (theirs, rest.removeprefix("---\n").strip()):
        return "same"
    if b"format=flowed" in raw.lower():
        return "format=flowed, which git does not undo"
    if patch.preface.strip():
        return "an attached format-patch file, of which git takes the covering text for the commit message"
    if "�" in message or "�" in patch.commit_message:
        return "bytes that are not of the charset that the mail names: kept here, replaced by git"
    if sorted(whole.split("\n")) == sorted(rest.removeprefix("---\n").strip().split("\n")):
        return "text between two diffs, which stands behind them here"
    if b"multipart/mixed" in raw and len(whole) > len(rest):
        return "a patch attached with a type that git skips"
    return "unexplained"


@pytest.mark.parametrize(
    "line", ["-- >8 --", "---- 8< ----", "- - >% - -", "-- >8 -- cut here -- >8 --", "-- >8 -- and long text"]
)
def test_scissors_lines(line: str, tmp_path: Path) -> None:
    raw = f"From: A <a@example.org>\nSubject: x\n\nabove\n{line}\nbelow\n".encode()
    assert is_scissors(line) == (mailinfo(raw, tmp_path, "--scissors")[1] == "below\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(line=st.text(alphabet="->8<%x \t", min_size=1, max_size=24))
def test_scissors_lines_as_git_sees_them(line: str, tmp_path: Path) -> None:
    assume(line.strip() and line.strip("-") and not line.startswith("---"))
    raw = f"From: A <a@example.org>\nSubject: x\n\nabove\n{line}\nbelow\n".encode()
    assert is_scissors(line) == (mailinfo(raw, tmp_path, "--scissors")[1] == "below\n")


# ---- the commit message and what surrounds it


def test_in_body_headers_count_above_a_diff() -> None:
    head = "From: Carl =?utf-8?q?M=C3=BCller?= <carl@example.org>\nSubject: [PATCH v2] mm: pin\n both\n"
    patch = read(f"{head}\nWhy.\n---\n{DIFF}")
    assert (patch.author.name, patch.author.email) == ("Carl Müller", "carl@example.org")
    assert (patch.title, patch.commit_message) == ("mm: pin both", "Why.\n")


def test_remarks_and_trailers_are_told_apart() -> None:
    message = "Why.\n\nSigned-off-by: Ann Other <ann@example.org>\n"
    patch = read(f"{message}---\nv2: rebased\n\n mm/pin.c | 3 ++-\n\n{DIFF}-- \n2.43.0\n")
    assert patch.commit_message == message
    assert [str(trailer) for trailer in patch.trailers] == ["Signed-off-by: Ann Other <ann@example.org>"]
    assert patch.remarks == "v2: rebased\n\n mm/pin.c | 3 ++-\n\n"
    assert patch.diff == DIFF
    assert patch.tail.split() == ["--", "2.43.0"]


def test_an_attached_format_patch_file_is_the_patch() -> None:
    separator = f"From {'a' * 40} Mon Sep 17 00:00:00 2001"
    head = "From: Carl <carl@example.org>\nSubject: [PATCH] mm: pin\n\nWhy.\n---\n"
    patch = read(f"See the attachment.\n\n{separator}\n{head}{DIFF}")
    assert (patch.author.name, patch.title, patch.commit_message) == ("Carl", "mm: pin", "Why.\n")
    assert patch.preface.startswith("See the attachment.")


def test_a_notice_of_the_mm_tree_carries_its_author() -> None:
    above = f"The patch titled\n     Subject: mm: pin\nhas been added.\n\n{'-' * 54}\n"
    head = "From: Carl <carl@example.org>\nSubject: mm: pin\n\nWhy.\n---\n"
    patch = read(f"{above}{head}{DIFF}", "+ mm-pin.patch added to mm-unstable branch")
    assert (patch.author.name, patch.title, patch.commit_message) == ("Carl", "mm: pin", "Why.\n")


def test_base_and_ids_stand_anywhere_outside_the_diff() -> None:
    ids = f"base-commit: {'1' * 40}\nprerequisite-patch-id: {'2' * 40}\nprerequisite-patch-id: {'3' * 40}\n"
    below = f"{ids}change-id: 20210101-pin-0123\n-- \n2.43.0\n"
    patch = read(f"Why.\n\nDepends-on: <earlier@example.org>\n---\n{DIFF}\n{below}")
    assert patch.base_commit == "1" * 40
    assert patch.prerequisites == ("2" * 40, "3" * 40)
    assert (patch.change_id, patch.depends_on) == ("20210101-pin-0123", ("<earlier@example.org>",))


def test_a_base_that_is_no_commit_is_none() -> None:
    assert read(f"Why.\n---\n{DIFF}\nbase-commit: yesterday's\n").base_commit is None


def test_cover_letters_and_replies() -> None:
    cover = read("All of it.\n\n mm/pin.c | 2 +-\n", "[PATCH 0/2] mm: pin all")
    assert (cover.diff, cover.title, cover.subject.position) == ("", "mm: pin all", 0)
    assert parse_patch_mail(mail("Looks good.\n", "Re: [PATCH 0/2] mm: pin all")) is None
    assert parse_patch_mail(mail("What do you think?\n", "gup and you")) is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("  git://git.example.org/linux.git tags/mm-5.12", "git://git.example.org/linux.git tags/mm-5.12"),
        ("  ssh://git.example.org/linux.git next   ", "ssh://git.example.org/linux.git next"),
        ("  https://git.example.org/linux.git", "https://git.example.org/linux.git"),
    ],
)
def test_pull_requests(url: str, told: str) -> None:
    since = f"The following changes since commit {'1' * 40}:\n\n  A (2020)\n\n"
    body = f"{since}are available in the Git repository at:   \n \n{url}\n\nfor you\n"
    patch = read(body, "[GIT PULL] mm")
    assert (patch.pull_url, patch.diff) == (told, "")
    assert read(f"{body}\n{DIFF}", "[GIT] Networking").diff == DIFF
    assert parse_patch_mail(mail(quoted(body) + "\nPulled, thanks.\n", "Re: [GIT PULL] mm")) is None


# ---- where the diff begins and ends

HEADS = {
    "git": "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n",
    "mercurial": "diff -r 0123456789ab -r ba9876543210 x.c\n--- a/x.c\tFri Jan 01\n+++ b/x.c\tFri Jan 01\n",
    "bare": "--- a/x.c\n+++ b/x.c\n",
    "cvs": "Index: x.c\n" + "=" * 67 + "\n--- x.c\t(revision 1)\n+++ x.c\t(working copy)\n",
    "quilt": "Index: linux/x.c\n--- linux.orig/x.c\n+++ linux/x.c\n",
    "diff -u": "diff -urN a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("tail", ["", "-- \n2.43.0\n", "\n--\nTo unsubscribe\n", "\n- a list\n- of things\n"])
def test_a_diff_ends_with_its_last_hunk_line(head: str, tail: str) -> None:
    diff = f"{head}@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    patch = read(f"Why.\n\n{diff}{tail}")
    assert (patch.diff, patch.tail.strip(), patch.notes) == (diff, tail.strip(), ())


def test_a_second_diff_is_of_the_patch_and_a_signature_between_is_not() -> None:
    patch = read(f"Why.\n---\n{DIFF}-- \n2.43.0\n\n{OTHER}-- \n2.43.0\n")
    assert patch.diff == DIFF + OTHER
    assert patch.tail.count("2.43.0") == 2


def test_removed_dashes_are_no_signature_and_no_header() -> None:
    diff = "--- a/x.sql\n+++ b/x.sql\n@@ -1,4 +1,2 @@\n a\n-- \n--- old comment\n+++ new\n b\n"
    assert read(f"Why.\n\n{diff}-- \n2.43.0\n").diff == diff


@pytest.mark.parametrize("counts", ["-1,9 +1,9", "-1,3 +1,400", "-1,99999999 +1,4"])
def test_a_hunk_that_counts_too_much_swallows_nothing(counts: str) -> None:
    lying = DIFF.replace("-1,3 +1,4", counts)
    patch = read(f"Why.\n---\n{lying}{OTHER}-- \n2.43.0\n\nlist footer\n")
    assert patch.diff == lying + OTHER
    assert [note.kind for note in patch.notes] == ["hunk"]
    assert read(f"Why.\n---\n{OTHER}{lying}-- \n2.43.0\n\nlist footer\n").diff == OTHER + lying


@pytest.mark.parametrize("counts", ["-1,1 +1,1", "-1,2 +1,2", "-1 +1"])
def test_a_hunk_that_counts_too_little_loses_nothing(counts: str) -> None:
    lying = DIFF.replace("-1,3 +1,4", counts)
    patch = read(f"Why.\n---\n{lying}{OTHER}-- \n2.43.0\n")
    assert patch.diff == lying + OTHER
    assert [note.kind for note in patch.notes] == ["hunk"]


def test_a_wrapped_line_stays_in_the_diff() -> None:
    wrapped = DIFF.replace("+\treturn 1;", "+\treturn\n1;")
    patch = read(f"Why.\n---\n{wrapped}-- \n2.43.0\n")
    assert patch.diff == wrapped
    assert [note.kind for note in patch.notes] == ["wrapped"]


def test_files_without_hunks_and_binary_files() -> None:
    renamed = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
    binary = "diff --git a/p b/p\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 0\nHcmV\n\n"
    patch = read(f"Why.\n---\n{renamed}{binary}{DIFF}-- \n2.43.0\n")
    assert patch.diff == renamed + binary + DIFF


def test_a_reply_with_a_diff_of_its_own_is_a_suggestion_unless_it_says_more() -> None:
    assert read(f"How about\n\n{DIFF}", "Re: [PATCH] mm: pin it").suggested
    assert not read(f"Or so.\n\n-- >8 --\nSubject: mm: pin\n\nWhy.\n---\n{DIFF}", "Re: [PATCH] x").suggested


LINES = st.lists(
    st.sampled_from(
        [
            "", "text", "From: A <a@example.org>", "Subject: x", "---", "-- ", "-- >8 --",
            "diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1,2 +1,2 @@", "@@ -1 +1 @@", " c", "-d", "+e",
            "\\ No newline at end of file", "GIT binary patch", "literal 3", "Index: x", "> quoted",
            "index 1..2", "rename from x",
        ]
    ),
    max_size=40,
)  # fmt: skip


@given(LINES)
def test_no_line_is_lost(lines: list[str]) -> None:
    patch = read("\n".join(lines))
    if patch.quoted:
        return
    parts = (patch.preface, patch.commit_message, patch.remarks, patch.diff, patch.tail)
    kept = Counter("\n".join(parts).split("\n"))
    pairs = zip(["", *lines], lines, strict=False)
    folded = ("From:", "Subject:", " ")  # in-body headers are read, and a line below one may go on with it
    in_hunk = ("+", "@")
    expected = Counter(
        line for above, line in pairs if not line.startswith(folded) or above.startswith(in_hunk)
    )
    for line in expected.keys() - {"", "---"}:
        assert kept[line] >= expected[line], line


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_read(text: str, verbatim: bool) -> None:
    parse_patch_mail(mail(text, verbatim=verbatim))
    parse_patch_mail(mail(quoted(text) + quoted(DIFF), "Re: [PATCH] x", verbatim=verbatim))


# ---- quoted and damaged patches

PATCH = f"""\
Pages must be pinned.

Signed-off-by: Carl Müller <carl@example.org>
---
 mm/pin.c | 3 ++-
 1 file changed, 2 insertions(+), 1 deletion(-)

{DIFF}--\x20
2.43.0
"""
ASKED = "On Fri, 1 Jan 2021 at 10:00, Carl Müller <carl@example.org> wrote:\n"


def test_a_reply_that_quotes_the_whole_patch() -> None:
    answer = "\nAcked-by: Ann Other <ann@example.org>\n"
    patch = read(f"{ASKED}{quoted(PATCH)}{answer}", "Re: [PATCH v2 1/2] mm: pin it")
    assert patch.quoted
    assert (patch.author.name, patch.author.email) == ("Carl Müller", "carl@example.org")
    assert (patch.title, patch.commit_message.split("\n")[0]) == ("mm: pin it", "Pages must be pinned.")
    assert [trailer.name for trailer in patch.trailers] == ["Signed-off-by"]
    assert patch.diff == quoted(DIFF)
    assert patch.remarks.startswith(" mm/pin.c |")


def test_a_quoted_patch_by_somebody_else_than_who_sent_it() -> None:
    patch = read(f"{ASKED}{quoted('From: Dora <dora@example.org>' + chr(10) * 2 + PATCH)}", "Re: [PATCH] x")
    assert patch.author == Address(name="Dora", email="dora@example.org")


def test_remarks_between_the_quoted_lines_do_not_break_the_patch() -> None:
    lines = quoted(PATCH).split("\n")
    at = lines.index("> +\tlock();") + 1
    lines[at:at] = ["", "Which lock?", ""]
    patch = read(ASKED + "\n".join(lines), "Re: [PATCH] x")
    assert patch.quoted
    assert "Which lock?" in patch.diff  # raw, for repair_patch


@pytest.mark.parametrize(
    "partial",
    [
        PATCH.replace("+\treturn 1;\n", ""),
        PATCH.replace(" }\n", ""),
        PATCH.replace("1 file changed, 2", "2 files changed, 9"),
        PATCH[PATCH.index("diff --git") :],
        "I would do:\n\n" + DIFF,
        "On Monday, Dora wrote:\n" + PATCH,
    ],
    ids=["line cut", "end cut", "file cut", "no message", "a suggestion", "talk"],
)
def test_part_of_a_patch_in_a_quote_is_no_patch(partial: str) -> None:
    assert parse_patch_mail(mail(f"{ASKED}{quoted(partial)}\nNo.\n", "Re: [PATCH] x")) is None


def test_a_wrapped_quote_is_still_the_whole_patch() -> None:
    wrapped = quoted(PATCH).replace("> @@ -1,3 +1,4 @@ int pin(void)", "> @@ -1,3 +1,4 @@ int\n> pin(void)")
    assert read(ASKED + wrapped, "Re: [PATCH] x").quoted


def test_a_copy_that_lost_its_blanks() -> None:
    bare = "\n".join(" ".join(line.split()) for line in PATCH.split("\n"))
    patch = read(bare, verbatim=False)
    assert not patch.quoted
    assert patch.diff.split("\n")[-3:] == ["+ return 1;", "}", ""]
    assert patch.commit_message.endswith("<carl@example.org>\n")


def test_a_copy_that_lost_its_line_ends() -> None:
    trailers = "Acked-by: Dora Doe dora@example.org Signed-off-by: Carl Müller carl@example.org"
    stat = "mm/pin.c | 3 ++- 1 file changed, 2 insertions(+), 1 deletion(-)"
    joined = " ".join(DIFF.split("\n"))
    patch = read(f"Pages must be pinned.\n{trailers} --- {stat}\n{joined}", "", verbatim=False)
    assert [(trailer.name, trailer.value) for trailer in patch.trailers] == [
        ("Acked-by", "Dora Doe dora@example.org"),
        ("Signed-off-by", "Carl Müller carl@example.org"),
    ]
    assert patch.diff.startswith("diff --git a/mm/pin.c b/mm/pin.c index 1111111..2222222 100644 --- a/mm/")
    assert patch.remarks.strip().startswith("mm/pin.c | 3")


# quoted?, author, trailers, files: read off the documents by eye
SEEDS = {
    "000": (False, "Jarkko Sakkinen", "Suggested-by Signed-off-by", 2),
    "002": (True, "Thomas Hellstrom", "Cc Cc Cc Cc Cc Cc Cc Signed-off-by Acked-by", 3),
    "003": (False, "", "Tested-by Acked-by Reviewed-by Reviewed-by Suggested-by Cc Cc Cc Signed-off-by", 1),
    "004": (True, "Axel Rasmussen", "Signed-off-by", 5),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds(seed: str, shared: Path) -> None:
    text = next((shared / "seeds").glob(f"{seed}_*")).read_text("utf-8")
    subject, body, author = "", text, ""
    if seed in ("000", "002"):
        head, _, body = text.partition("\n\n\n")
        subject, author = head.split("\n")[0], head.split("From: ")[1].split("\n")[0]
    message = mail(body, subject, verbatim=False)
    patch = parse_patch_mail(message)
    quoted_patch, name, trailers, files = SEEDS[seed]
    assert patch is not None
    assert patch.quoted == quoted_patch
    assert patch.author.name == (name if quoted_patch else message.author.name)
    assert name in ("", author, patch.author.name)
    assert " ".join(trailer.name for trailer in patch.trailers) == trailers
    assert patch.diff.count("diff --git ") == files
