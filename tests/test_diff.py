"""diff.py: every dialect of unified diff, every lie in one, and nothing lost of either."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lorelens.analyze.diff import FileDiff, parse_diff
from lorelens.analyze.diff_text import cut_diff

PLAIN = """\
diff --git a/mm/a.c b/mm/a.c
index 1111111aaaa..2222222bbbb 100644
--- a/mm/a.c
+++ b/mm/a.c
@@ -3,5 +3,6 @@ int f(void)
 one
-two
+TWO
+TWO and a half

 four
 five
@@ -20 +21,0 @@
-gone
"""


def only(text: str) -> FileDiff:
    parsed = parse_diff(text)
    assert len(parsed.files) == 1
    return parsed.files[0]


def test_a_git_diff():
    file = only(PLAIN)
    assert (file.path, file.pre_path, file.post_path) == ("mm/a.c", "mm/a.c", "mm/a.c")
    assert (file.pre_blob, file.post_blob) == ("1111111aaaa", "2222222bbbb")
    assert (file.binary, file.mode_changed, file.copied, file.failure) == (False, False, False, None)
    first, second = file.hunks
    assert (first.pre_start, first.pre_count, first.post_start, first.post_count) == (3, 5, 3, 6)
    assert first.section == "int f(void)"
    assert [(line.sign, line.text, line.pre, line.post) for line in first.lines] == [
        (" ", "one", 3, 3),
        ("-", "two", 4, None),
        ("+", "TWO", None, 4),
        ("+", "TWO and a half", None, 5),
        (" ", "", 5, 6),
        (" ", "four", 6, 7),
        (" ", "five", 7, 8),
    ]
    assert (second.pre_start, second.pre_count, second.post_start, second.post_count) == (20, 1, 21, 0)


HUNK = "@@ -1 +1 @@\n-a\n+b\n"


def cases(text: str) -> list[tuple[str, str, str]]:
    """Split a golden text: "## name => what is expected" and the diff below it."""
    blocks = [block.partition("\n") for block in text.split("## ")[1:]]
    return [(*head.split(" => "), diff) for head, _, diff in blocks]


HEADERS = cases("""
## no prefix => mm/a.c mm/a.c
diff --git mm/a.c mm/a.c
--- mm/a.c
+++ mm/a.c
## mnemonic prefix => mm/a.c mm/a.c
diff --git i/mm/a.c w/mm/a.c
--- i/mm/a.c
+++ w/mm/a.c
## taken back => mm/a.c mm/a.c
diff --git b/mm/a.c a/mm/a.c
--- b/mm/a.c
+++ a/mm/a.c
## diff -ru => mm/a.c mm/a.c
diff -ru one/mm/a.c two/mm/a.c
--- one/mm/a.c\t2020-01-01 00:00:00.0 +0000
+++ two/mm/a.c\t2020-01-02 00:00:00.0 +0000
## only names => mm/a.c mm/a.c
--- a/mm/a.c
+++ b/mm/a.c
## the tabs before the times lost => mm/a.c mm/a.c
--- a/mm/a.c 2020-01-01 00:00:00.0 +0000
+++ b/mm/a.c 2020-01-02 00:00:00.0 +0000
## of a patch queue => mm/a.c mm/a.c
--- a/mm/a.c~mm-fix-it
+++ a/mm/a.c
## kept originals => mm/a.c mm/a.c
--- x/mm/a.c.orig
+++ y/mm/a.c
## Mercurial => mm/a.c mm/a.c
diff -r 0123abcd mm/a.c
--- a/mm/a.c\tThu Jan 01 00:00:00 1970 +0000
+++ b/mm/a.c\tFri Jan 02 00:00:00 1970 +0000
## Subversion => mm/a.c mm/a.c
Index: mm/a.c
===================================================================
--- mm/a.c\t(revision 1)
+++ mm/a.c\t(working copy)
## quoted => mä/"x.c mä/"x.c
diff --git "a/m\\303\\244/\\"x.c" "b/m\\303\\244/\\"x.c"
--- "a/m\\303\\244/\\"x.c"
+++ "b/m\\303\\244/\\"x.c"
## renamed => x.c y.c
diff --git a/x.c b/y.c
similarity index 90%
rename from x.c
rename to y.c
--- a/x.c
+++ b/y.c
""")


@pytest.mark.parametrize(("name", "paths", "header"), HEADERS)
def test_headers(name, paths, header):
    file = only(header + HUNK)
    assert f"{file.pre_path} {file.post_path}" == paths
    assert file.path == file.post_path
    assert len(file.hunks) == 1
    assert file.failure is None


def test_blanks_in_a_name():
    header = "diff --git a/m m/a.c b/m m/a.c\n"
    assert only(header + "old mode 100644\nnew mode 100755\n").path == "m m/a.c"
    assert only(header + "--- a/m m/a.c\t\n+++ b/m m/a.c\t\n" + HUNK).path == "m m/a.c"


FILES = cases("""
## added => pre_path=None post_path=n.c pre_blob=None post_blob=1234567 mode_changed=False
diff --git a/n.c b/n.c
new file mode 100644
index 0000000..1234567
--- /dev/null
+++ b/n.c
@@ -0,0 +1 @@
+x
## added, names alone => path=n.c pre_path=None post_path=n.c
--- /dev/null
+++ b/n.c
@@ -0,0 +1 @@
+x
## removed => path=n.c pre_path=n.c post_path=None pre_blob=1234567 post_blob=None
diff --git a/n.c b/n.c
deleted file mode 100644
index 1234567..0000000
--- a/n.c
+++ /dev/null
@@ -1 +0,0 @@
-x
## added, diff -N => path=n.c pre_path=None post_path=n.c
diff -urN one/n.c two/n.c
--- one/n.c\t1970-01-01 00:00:00.0 +0000
+++ two/n.c\t2020-01-01 00:00:00.0 +0000
@@ -0,0 +1 @@
+x
## removed, Mercurial => path=n.c pre_path=n.c post_path=None
diff -r 0123abcd n.c
--- a/n.c\tThu Jan 01 00:00:00 1970 +0000
+++ /dev/null\tThu Jan 01 00:00:00 1970 +0000
@@ -1 +0,0 @@
-x
## added, without prefixes => path=mm/n.c pre_path=None
diff --git mm/n.c mm/n.c
new file mode 100644
--- /dev/null
+++ mm/n.c
@@ -0,0 +1 @@
+x
## added, empty => path=n pre_path=None post_path=n hunks=()
diff --git a/n b/n
new file mode 100644
index 0000000..e69de29
## renamed alone => path=y.c pre_path=x.c post_path=y.c hunks=() copied=False
diff --git a/x.c b/y.c
similarity index 100%
rename from x.c
rename to y.c
## copied => path=y.c pre_path=x.c post_path=y.c copied=True
diff --git a/x.c b/y.c
similarity index 100%
copy from x.c
copy to y.c
## mode alone => path=x.sh mode_changed=True hunks=() failure=None
diff --git a/x.sh b/x.sh
old mode 100644
new mode 100755
## binary, told => path=x.bin binary=True failure=None
diff --git a/x.bin b/x.bin
index 1234567..89abcde 100644
Binary files a/x.bin and b/x.bin differ
## binary, diff -r => path=x.bin binary=True
Binary files one/x.bin and two/x.bin differ
## binary, whole => path=x.bin binary=True hunks=()
diff --git a/x.bin b/x.bin
index 1234567..89abcde 100644
GIT binary patch
literal 3
KcmZQzU}$0h0RR92

literal 0
HcmV?d00001

""")


@pytest.mark.parametrize(("name", "expected", "text"), FILES)
def test_files(name, expected, text):
    parsed = parse_diff(text + PLAIN)
    assert parsed.files[1:] == (only(PLAIN),)
    for field in expected.split():
        key, _, value = field.partition("=")
        assert str(getattr(parsed.files[0], key)) == value
    assert parsed.notes == ()


REFUSED = cases("""
## absolute => absolute
--- /etc/passwd
+++ /etc/passwd
@@ -1 +1 @@
-a
+b
## absolute below a prefix => absolute
diff --git a//etc/passwd b//etc/passwd
--- a//etc/passwd
+++ b//etc/passwd
@@ -1 +1 @@
-a
+b
## leads outside => outside
--- a/../x
+++ b/../x
@@ -1 +1 @@
-a
+b
## renamed to outside => outside
diff --git a/x b/x
rename from x
rename to ../../x
## into the repository's own files => .git
--- a/.git/config
+++ b/.git/config
@@ -1 +1 @@
-a
+b
## with a control character => control
--- "a/x\\n.c"
+++ "b/x\\n.c"
@@ -1 +1 @@
-a
+b
## combined => combined
diff --cc mm/a.c
index 1111111,2222222..3333333
--- a/mm/a.c
+++ b/mm/a.c
@@@ -1,1 -1,1 +1,1 @@@
--a
 -b
++c
## counts too high => announces -3 +3 lines and has -2 +2
--- a/x
+++ b/x
@@ -1,3 +1,3 @@
 a
-b
+c
## counts too low => announces -2 +2 lines and has -2 +3
--- a/x
+++ b/x
@@ -1,2 +1,2 @@
 a
-b
+c
+d
## unreadable hunk => cannot be read
--- a/x
+++ b/x
@@ -1,x +1,2 @@
 a
## no lines => without lines
--- a/x
+++ b/x
@@ -0,0 +0,0 @@
## no name => names no file
diff --git x
index 1111111..2222222
@@ -1 +1 @@
-a
+b
""")


@pytest.mark.parametrize(("name", "why", "text"), REFUSED)
def test_what_cannot_be_trusted_says_so_and_the_next_file_is_whole(name, why, text):
    bad, good = parse_diff(text + PLAIN).files
    assert why in bad.failure.detail
    assert bad.failure in parse_diff(text + PLAIN).notes
    assert good == only(PLAIN)


def test_numbers_without_end():
    """Python refuses to read more than 4300 digits, with a ValueError."""
    text = f"--- a/x\n+++ b/x\n@@ -{'9' * 5000} +1 @@\n-a\n+b\n"
    assert "cannot be read" in only(text).failure.detail


def test_a_lying_hunk_keeps_its_lines_and_its_neighbours():
    text = PLAIN.replace("@@ -3,5 +3,6 @@", "@@ -3,50 +3,60 @@") + PLAIN.replace("mm/a.c", "mm/b.c")
    first, second = parse_diff(text).files
    assert [(hunk.pre_count, hunk.post_count) for hunk in first.hunks] == [(5, 6), (1, 0)]
    assert "hunk 1 (line 5 of the diff) announces -50 +60 lines and has -5 +6" in first.failure.detail
    assert second.failure is None


def test_lines_that_look_like_headers_are_lines_where_the_counts_say_so():
    """A removed "-- a" and an added "++ b" are "--- a" and "+++ b" in a hunk."""
    hunk = only(
        "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- a\n+++ b\n same\n@@ -9 +9 @@\n-a\n+b\n"
    ).hunks[0]
    assert [line.sign + line.text for line in hunk.lines] == ["--- a", "+++ b", " same"]


def test_no_newline_at_the_end():
    end = "\\ No newline at end of file\n"
    lines = only(f"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n{end}+b\n").hunks[0].lines
    assert [line.newline for line in lines] == [True, False, True]
    lines = only(f"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n{end}").hunks[0].lines
    assert [line.newline for line in lines] == [True, True, False]


def test_crlf_files_keep_it_and_crlf_mails_lose_it():
    body = "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"
    header = "--- a/x\n+++ b/x\n"
    assert [line.text for line in only(header + body).hunks[0].lines] == ["a\r", "b\r", "c\r"]
    parsed = parse_diff((header + body).replace("\r", "").replace("\n", "\r\n"))
    assert [line.text for line in parsed.files[0].hunks[0].lines] == ["a", "b", "c"]
    assert [note.kind for note in parsed.notes] == ["line-ends"]


def test_form_feeds_and_unicode_line_ends_are_content():
    line = "a\x0cb\x85c\u2028d\x1ee"
    assert only(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{line}\n+x\n").hunks[0].lines[0].text == line


def test_mail_around_a_diff():
    text = f"Hello,\n\nsee below.\n---\n mm/a.c | 2 +-\n\n{PLAIN}-- \n2.39.5\n\n_____\nlist mailing list\n"
    parsed = parse_diff(text)
    assert parsed.files == (only(PLAIN),)
    assert parsed.notes == ()


def test_stray_lines_are_told():
    cut = PLAIN.replace("@@ -20 +21,0 @@", "a wrapped line's rest\n@@ -20 +21,0 @@")
    parsed = parse_diff(cut)
    assert parsed.files == (only(PLAIN),)
    assert '1 line belongs to no hunk: "a wrapped line\'s rest"' in parsed.notes[0].detail


def test_notes_are_bounded():
    text = "".join(f"--- a/x{n}\n+++ b/x{n}\n@@ -1,9 +1,9 @@\n a\n" for n in range(500))
    parsed = parse_diff(text)
    assert len(parsed.files) == 500
    assert len(parsed.notes) == 21
    assert "480 more" in parsed.notes[-1].detail


def test_nothing():
    for text in (
        "",
        "\n",
        "text\n",
        "@@ -1 +1 @@\n-a\n+b\n",
        "diff --git a/x b/x\n",
        "--- a/x\n",
        "\0",
        "-- \n",
    ):
        assert parse_diff(text).files == ()


CASES = [PLAIN, *(case[2] for case in (*HEADERS, *FILES, *REFUSED))]
LINES = st.sampled_from([line for text in CASES for line in text.splitlines()] + ["-- ", "---", ""])


@given(st.lists(LINES, max_size=60))
@settings(max_examples=400, deadline=None)
def test_every_line_belongs_somewhere(lines):
    """Whatever the order of lines: each is counted once, and each hunk has just its lines."""
    sections, strays = cut_diff(lines)
    counted = sum(section.lines for section in sections) + sum(len(stray.lines) for stray in strays)
    assert counted == len(lines)
    raw = [line or " " for section in sections for hunk in section.hunks for line in hunk.lines]
    hunks = [hunk for file in parse_diff("".join(line + "\n" for line in lines)).files for hunk in file.hunks]
    read = [line.sign + line.text for hunk in hunks for line in hunk.lines]
    assert read == [line for line in raw if line[0] != "\\"]


@given(st.integers(0, 2**32), st.text(alphabet=' +-@\\\n\r\t,0123456789abdifgx/"', max_size=80))
@settings(max_examples=400, deadline=None)
def test_no_mutated_diff_raises(seed, insert):
    """Cut, doubled and overwritten text: a value comes back, and the counts of what it holds are true."""
    random_ = random.Random(seed)
    text = "".join(random_.sample(CASES, 4))
    for _ in range(random_.randrange(1, 6)):
        at, size = random_.randrange(len(text) + 1), random_.randrange(30)
        piece = random_.choice([insert, "", text[at : at + size] * 2, "\n"])
        text = text[:at] + piece + text[at + size :]
    for file in parse_diff(text).files:
        for hunk in file.hunks:
            assert hunk.pre_count == sum(line.sign != "+" for line in hunk.lines)
            assert hunk.post_count == sum(line.sign != "-" for line in hunk.lines)


def test_long_diffs_take_linear_time():
    """Ten thousand bad hunks and a megabyte of one line: seconds would show a quadratic step."""
    parse_diff("--- a/x\n+++ b/x\n" + "@@ -1,9 +1,9 @@\n a\n" * 10_000)
    parse_diff("--- a/" + "x " * 500_000 + "\n+++ b/" + '"\\' * 500_000 + "\n" + HUNK)
    parse_diff("diff --git " + '"a\\' * 300_000 + "\n" + "Binary files " * 100_000 + "\n")


def test_real_patches_keep_every_changed_line(shared):
    """Each line that a patch of threads/ adds or removes stands in a hunk or in a note."""
    mboxes = sorted((shared / "threads").glob("*/*.mbox"))[::5]
    for mbox in mboxes:
        text = mbox.read_text(errors="replace")
        for body in re.findall(r"(?ms)^diff --git .*?(?=^-- $|^From |\Z)", text):
            parsed = parse_diff(body)
            kept = sum(
                line.sign != " " for file in parsed.files for hunk in file.hunks for line in hunk.lines
            )
            signs = [line[:1] for line in body.split("\n") if not re.match(r"--- |\+\+\+ ", line)]
            assert kept == signs.count("+") + signs.count("-") or parsed.notes, mbox.name
