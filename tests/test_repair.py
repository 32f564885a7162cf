"""repair: what comes out exact, what stays a guess, what passes untouched. Diffs are git's own."""

from __future__ import annotations

import difflib
import hashlib
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lorelens.config import Options
from lorelens.fetch.repair import Recovered, RecoveredFile, repair_patch
from lorelens.fetch.tree.source_tree import NoTree, PlainTree
from lorelens.pipeline import recover

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

# -- the patch, and what archives make of it -------------------------------------------------------

PRE = """\
// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>

struct shelf {
	spinlock_t lock;
	unsigned long nr_books;
	struct list_head books;
};

/*
 * Put a book on the shelf. The caller holds a reference, which the shelf
 * takes over.
 */
static int shelf_add(struct shelf *shelf, struct book *book)
{
	if (!book)
		return -EINVAL;

	spin_lock(&shelf->lock);
	list_add(&book->list, &shelf->books);
	shelf->nr_books++;
	spin_unlock(&shelf->lock);
	return 0;
}

static struct book *shelf_find(struct shelf *shelf, unsigned long key)
{
	struct book *book;

	list_for_each_entry(book, &shelf->books, list) {
		if (book->key == key)
			return book;
	}
	return NULL;
}

static void shelf_drain(struct shelf *shelf)
{
	struct book *book, *next;

	spin_lock(&shelf->lock);
	list_for_each_entry_safe(book, next, &shelf->books, list)
		list_del(&book->list);
	shelf->nr_books = 0;
	spin_unlock(&shelf->lock);
}
"""

PATCH = """\
diff --git a/mm/shelf.c b/mm/shelf.c
index 117c50a33ca7..cac82e1fdbee 100644
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct book *book)
 		return -EINVAL;
\x20
 	spin_lock(&shelf->lock);
+	if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL)) {
+		spin_unlock(&shelf->lock);
+		return -ENOSPC;
+	}
 	list_add(&book->list, &shelf->books);
 	shelf->nr_books++;
 	spin_unlock(&shelf->lock);
@@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf)
 	struct book *book, *next;
\x20
 	spin_lock(&shelf->lock);
-	list_for_each_entry_safe(book, next, &shelf->books, list)
+	list_for_each_entry_safe(book, next, &shelf->books, list) {
 		list_del(&book->list);
+		/* The last reference may go, which must not be under the lock. */
+		book_put_deferred(book, shelf->nr_books,
+				  BOOK_LAST);
+	}
 	shelf->nr_books = 0;
 	spin_unlock(&shelf->lock);
 }
"""  # noqa: E101

LEADING = """\
Take no more books than fit.
---
diff --git a/mm/shelf.c b/mm/shelf.c
index 117c50a33ca7..cac82e1fdbee 100644
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct book *book)
return -EINVAL;

spin_lock(&shelf->lock);
+	if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL)) {
+		spin_unlock(&shelf->lock);
+		return -ENOSPC;
+	}
list_add(&book->list, &shelf->books);
shelf->nr_books++;
spin_unlock(&shelf->lock);
@@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf)
struct book *book, *next;

spin_lock(&shelf->lock);
-	list_for_each_entry_safe(book, next, &shelf->books, list)
+	list_for_each_entry_safe(book, next, &shelf->books, list) {
list_del(&book->list);
+		/* The last reference may go, which must not be under the lock. */
+		book_put_deferred(book, shelf->nr_books,
+				  BOOK_LAST);
+	}
shelf->nr_books = 0;
spin_unlock(&shelf->lock);
}
--
2.39.5
"""

EXPANDED = """\
On Tuesday, Ann wrote:
> diff --git a/mm/shelf.c b/mm/shelf.c
> index 117c50a33ca7..cac82e1fdbee 100644
> --- a/mm/shelf.c
> +++ b/mm/shelf.c
> @@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct book *book)
>               return -EINVAL;
> \x20
>       spin_lock(&shelf->lock);
> +     if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL)) {
> +             spin_unlock(&shelf->lock);
> +             return -ENOSPC;
> +     }
>       list_add(&book->list, &shelf->books);
>       shelf->nr_books++;
>       spin_unlock(&shelf->lock);
> @@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf)
>       struct book *book, *next;
> \x20
>       spin_lock(&shelf->lock);
> -     list_for_each_entry_safe(book, next, &shelf->books, list)
> +     list_for_each_entry_safe(book, next, &shelf->books, list) {
>               list_del(&book->list);
> +             /* The last reference may go, which must not be under the lock. */
> +             book_put_deferred(book, shelf->nr_books,
> +                               BOOK_LAST);
> +     }
>       shelf->nr_books = 0;
>       spin_unlock(&shelf->lock);
>  }

Acked-by: Bob
"""

WRAPPED = """\
Ann wrote:
> diff --git a/mm/shelf.c b/mm/shelf.c
> index 117c50a33ca7..cac82e1fdbee 100644
> --- a/mm/shelf.c
> +++ b/mm/shelf.c
> @@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct
> book *book)
>  		return -EINVAL;
> \x20
>  	spin_lock(&shelf->lock);
> +	if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL))
> {
> +		spin_unlock(&shelf->lock);
> +		return -ENOSPC;
> +	}
>  	list_add(&book->list, &shelf->books);
>  	shelf->nr_books++;
>  	spin_unlock(&shelf->lock);
> @@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf)
>  	struct book *book, *next;
> \x20
>  	spin_lock(&shelf->lock);
> -	list_for_each_entry_safe(book, next, &shelf->books, list)
> +	list_for_each_entry_safe(book, next, &shelf->books, list) {
>  		list_del(&book->list);
> +		/* The last reference may go, which must not be under
> the lock. */
> +		book_put_deferred(book, shelf->nr_books,
> +				  BOOK_LAST);
> +	}
>  	shelf->nr_books = 0;
>  	spin_unlock(&shelf->lock);
>  }
"""

QUOTED = """\
Hi Ann,

> Take no more books than fit.
> ---
> diff --git a/mm/shelf.c b/mm/shelf.c
> index 117c50a33ca7..cac82e1fdbee 100644
> --- a/mm/shelf.c
> +++ b/mm/shelf.c
> @@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct book *book)
>  		return -EINVAL;
> \x20
>  	spin_lock(&shelf->lock);
> +	if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL)) {
> +		spin_unlock(&shelf->lock);
> +		return -ENOSPC;
> +	}
>  	list_add(&book->list, &shelf->books);
>  	shelf->nr_books++;

And this one?

>  	spin_unlock(&shelf->lock);

Should this not be -EAGAIN? The caller may drain the shelf and try
again.

> @@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf)
>  	struct book *book, *next;
> \x20
>  	spin_lock(&shelf->lock);
> -	list_for_each_entry_safe(book, next, &shelf->books, list)
> +	list_for_each_entry_safe(book, next, &shelf->books, list) {
>  		list_del(&book->list);
> +		/* The last reference may go, which must not be under the lock. */
> +		book_put_deferred(book, shelf->nr_books,
> +				  BOOK_LAST);
> +	}
>  	shelf->nr_books = 0;
>  	spin_unlock(&shelf->lock);
>  }
> --\x20
> 2.39.5

Thanks,
Bob
"""

JOINED = """\
Take no more books than fit. --- mm/shelf.c | 10 +++++++++-
diff --git a/mm/shelf.c b/mm/shelf.c index 117c50a33ca7..cac82e1fdbee 100644 --- a/mm/shelf.c +++ b/mm/shelf.c @@ -17,6 +17,10 @@ static int shelf_add(struct shelf *shelf, struct book *book) return -EINVAL;
spin_lock(&shelf->lock); + if (shelf->nr_books >= SHELF_MAX && !(book->flags & BOOK_SMALL)) { + spin_unlock(&shelf->lock); + return -ENOSPC; + } list_add(&book->list, &shelf->books); shelf->nr_books++; spin_unlock(&shelf->lock); @@ -39,8 +43,12 @@ static void shelf_drain(struct shelf *shelf) struct book *book, *next;
spin_lock(&shelf->lock); - list_for_each_entry_safe(book, next, &shelf->books, list) + list_for_each_entry_safe(book, next, &shelf->books, list) { list_del(&book->list); + /* The last reference may go, which must not be under the lock. */ + book_put_deferred(book, shelf->nr_books, + BOOK_LAST); + } shelf->nr_books = 0; spin_unlock(&shelf->lock); }
"""  # noqa: E501

DAMAGED = {
    "leading": LEADING,
    "expanded": EXPANDED,
    "wrapped": WRAPPED,
    "quoted": QUOTED,
    "joined": JOINED,
}
KINDS = {
    "leading": {"leading-blank"},
    "expanded": {"unquoted", "tabs"},
    "wrapped": {"unquoted", "unwrapped"},
    "quoted": {"unquoted"},
    "joined": {"header", "line-ends", "leading-blank", "indentation"},
}
"""The repairs that a reader must be told of, at least."""
CONFIRMED = "confirmed by the post-image's blob id"
GUESS = "a guess without a pre-image, not confirmed"


def blob(content: str | bytes) -> str:
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()


def git(folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run git as nobody in particular, below `folder` only."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    raw = text.encode("utf-8", "surrogateescape")
    return subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-c", "core.abbrev=12", *arguments],
        cwd=folder, input=raw, capture_output=True, env=environment, check=False,
    )  # fmt: skip


def only(recovered: Recovered) -> RecoveredFile:
    assert len(recovered.files) == 1
    return recovered.files[0]


def kinds(file: RecoveredFile) -> set[str]:
    return {repair.kind for repair in file.repairs}


@pytest.fixture
def tree(tmp_path: Path) -> PlainTree:
    """A directory that holds the pre-image."""
    path = tmp_path / "mm" / "shelf.c"
    path.parent.mkdir()
    path.write_text(PRE)
    return PlainTree(tmp_path)


def check_counts(diff: str) -> None:
    """Count the lines of each hunk, by hand."""
    old = new = 0
    for line in diff.split("\n")[:-1]:
        header = re.match(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", line)
        if header and old == new == 0:
            old, new = (1 if count is None else int(count) for count in header.groups())
        elif old or new:
            old -= line[:1] in (" ", "-", "")
            new -= line[:1] in (" ", "+", "")
            assert line[:1] in (" ", "+", "-", "\\", "")
            assert min(old, new) >= 0
    assert (old, new) == (0, 0)


# -- exact -----------------------------------------------------------------------------------------


@needs_git
def test_the_fixture_is_what_git_says(tree):
    assert git(tree.directory, "apply", "-", text=PATCH).returncode == 0
    post = (tree.directory / "mm/shelf.c").read_bytes()
    assert f"index {blob(PRE)[:12]}..{blob(post)[:12]} 100644" in PATCH


@pytest.mark.parametrize("way", DAMAGED)
def test_each_way_of_damage_comes_out_exact(way, tree):
    file = only(repair_patch(DAMAGED[way], tree))
    assert file.diff == PATCH
    assert (file.verified, file.failure, file.path) == (True, None, "mm/shelf.c")
    assert blob(file.post_image)[:12] == file.post_blob == "cac82e1fdbee"
    assert 1 <= file.tries <= 64
    assert kinds(file) >= KINDS[way]
    guessed = [repair for repair in file.repairs if repair.kind in ("tabs", "indentation", "unwrapped")]
    assert all(repair.detail.endswith(CONFIRMED) and repair.lines > 0 for repair in guessed)


def test_runs_of_white_space_made_one_blank(tree):
    text = "\n".join(" ".join(line.split()) for line in PATCH.split("\n"))
    file = only(repair_patch(text, tree))
    assert (file.verified, file.diff) == (True, PATCH)
    assert {"indentation", "leading-blank"} <= kinds(file)


def test_the_text_in_front_is_kept(tree):
    for way in ("leading", "quoted"):
        assert repair_patch(DAMAGED[way], tree).preamble == "Take no more books than fit.\n---\n"


def test_damage_on_damage(tree):
    """Tabs expanded by the first archive, then quoted with the lines' ends cut off their blanks."""
    text = "".join(f">> {line}".expandtabs(8).rstrip() + "\n" for line in PATCH.splitlines())
    file = only(repair_patch("Ann wrote:\n" + text, tree))
    assert (file.verified, file.diff) == (True, PATCH)


# -- without a tree --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", DAMAGED)
def test_without_a_tree_it_is_whole_and_unverified(way):
    file = only(repair_patch(DAMAGED[way], NoTree()))
    assert (file.verified, file.failure, file.tries, file.post_image) == (None, None, 0, None)
    check_counts(file.diff)
    assert file.diff.startswith(PATCH[: PATCH.index("@@")])
    assert kinds(file) >= KINDS[way]
    guessed = [repair for repair in file.repairs if repair.kind in ("indentation", "blanks", "leading-blank")]
    assert all(repair.detail.endswith(GUESS) for repair in guessed)


@needs_git
@pytest.mark.parametrize("way", ["expanded", "quoted"])
def test_without_a_tree_what_the_text_tells_is_made_again(way, tree):
    file = only(repair_patch(DAMAGED[way], NoTree()))
    assert file.diff == PATCH
    assert git(tree.directory, "apply", "--check", "-", text=file.diff).returncode == 0


def test_without_a_tree_context_at_a_hunks_start_is_right_but_for_its_indentation():
    """No text tells how a hunk's first lines are indented; all else is as it was."""
    file = only(repair_patch(LEADING, NoTree()))
    ours, theirs = file.diff.splitlines(), PATCH.splitlines()
    assert [[one[:1], *one[1:].split()] for one in ours] == [[one[:1], *one[1:].split()] for one in theirs]
    assert [line for line in ours if line[:1] in "+-@"] == [line for line in theirs if line[:1] in "+-@"]


@needs_git
def test_without_a_tree_one_wrapped_line_is_joined(tree):
    wrapped = PATCH.replace(" under the lock. */", "\nunder the lock. */")
    file = only(repair_patch("".join(f"> {line}\n" for line in wrapped.splitlines()), NoTree()))
    assert (file.diff, file.verified) == (PATCH, None)
    assert {"unquoted", "unwrapped"} <= kinds(file)
    assert git(tree.directory, "apply", "--check", "-", text=file.diff).returncode == 0


def test_another_version_of_the_file_proves_nothing(tree):
    (tree.directory / "mm/shelf.c").write_text("/* A line of another version. */\n" + PRE)
    file = only(repair_patch(LEADING, tree))
    assert (file.verified, file.failure, file.diff) == (None, None, PATCH)
    assert any("another version of the file" in repair.detail for repair in file.repairs)


# -- what is whole passes --------------------------------------------------------------------------

CHANGES: dict[str, tuple[bytes | None, bytes | None]] = {
    "modified": (PRE.encode(), PRE.replace("list_add(", "list_add_tail(").encode()),
    "crlf": (b"one\r\ntwo\r\nthree\r\n", b"one\r\n2\r\nthree\r\n"),
    "crlf dropped": (b"one\r\ntwo\r\n", b"one\ntwo\n"),
    "no newline": (b"one\ntwo", b"one\n2"),
    "newline added": (b"one\ntwo", b"one\ntwo\n"),
    "new": (None, b"int n;\n\nint m;\n"),
    "new and empty": (None, b""),
    "deleted": (b"int n;\n\nint m;\n", None),
    "binary": (b"\0\1\2" * 40, b"\0\2\1" * 40),
    "not UTF-8": (b"caf\xe9\nplain\n", b"caf\xe9\nPlain\n"),
    "form feed": (b"one\x0ctwo\x0bthree\x85\nfour\n", b"one\x0ctwo\x0bthree\x85\nFour\n"),
    "diff in a diff": (b"@@ -1 +1 @@\n--- a/x\n", b"@@ -1 +1 @@\n+++ a/x\n-- a\n++ b\n"),
}
PROVEN = set(CHANGES) - {"binary", "new and empty"}


def make_diff(folder: Path, pre: bytes | None, post: bytes | None, *arguments: str) -> str:
    """Return `git diff` of a repository made in `folder`: x.c goes from `pre` to `post`, then back."""
    git(folder, "init", "-q")
    path = folder / "x.c"
    if pre is not None:
        path.write_bytes(pre)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "pre")
    path.unlink(missing_ok=True)
    if post is not None:
        path.write_bytes(post)
    git(folder, "add", "-A")
    diff = git(folder, "diff", "--cached", "-M", *arguments).stdout.decode("utf-8", "surrogateescape")
    path.unlink(missing_ok=True)
    if pre is not None:
        path.write_bytes(pre)
    assert diff
    return diff


@needs_git
@pytest.mark.parametrize("name", CHANGES)
def test_an_undamaged_diff_passes(name, tmp_path):
    pre, post = CHANGES[name]
    diff = make_diff(tmp_path, pre, post, *(["--binary"] if name == "binary" else []))
    for place in (PlainTree(tmp_path), NoTree()):
        file = only(repair_patch(f"Why.\n---\n{diff}-- \n2.39.5\n", place))
        assert (file.diff, file.repairs, file.failure) == (diff, (), None)
    file = only(repair_patch(diff, PlainTree(tmp_path)))
    if name in PROVEN:
        assert (file.verified, file.post_image) == (True, post or b"")
    else:
        assert file.verified is not False


@needs_git
def test_a_rename_and_a_change_of_mode_pass(tmp_path):
    make_diff(tmp_path, PRE.encode(), PRE.encode() + b"\n")
    git(tmp_path, "reset", "-q", "--hard")
    git(tmp_path, "mv", "x.c", "y.c")
    (tmp_path / "y.c").chmod(0o755)
    git(tmp_path, "add", "-A")
    moved = git(tmp_path, "diff", "--cached", "-M").stdout.decode()
    assert "rename to y.c" in moved
    assert "new mode 100755" in moved
    file = only(repair_patch(moved, NoTree()))
    assert (file.diff, file.path, file.repairs, file.failure, file.verified) == (moved, "y.c", (), None, None)
    (tmp_path / "y.c").write_text(PRE.replace("nr_books", "nr_volumes", 1))
    git(tmp_path, "add", "-A")
    edited = git(tmp_path, "diff", "--cached", "-M").stdout.decode()
    git(tmp_path, "reset", "-q", "--hard")
    file = only(repair_patch(edited, PlainTree(tmp_path)))
    assert (file.diff, file.path, file.repairs, file.verified) == (edited, "y.c", (), True)


def test_two_diffs_in_one_text(tree):
    (tree.directory / "other.h").write_text("int one;\nint two;\n")
    other = (
        "diff --git a/other.h b/other.h\n"
        f"index {blob('int one;' + chr(10) + 'int two;' + chr(10))[:12]}.."
        f"{blob('int one;' + chr(10) + 'long two;' + chr(10))[:12]} 100644\n"
        "--- a/other.h\n+++ b/other.h\n@@ -1,2 +1,2 @@\n int one;\n-int two;\n+long two;\n"
    )
    for text in (PATCH + other, "Why.\n" + PATCH + other + "-- \n2.39.5\n"):
        first, second = repair_patch(text, tree).files
        assert (first.diff, first.verified, first.repairs) == (PATCH, True, ())
        assert (second.diff, second.verified, second.repairs) == (other, True, ())
    quoted = "".join(f"> {line}\n" for line in (PATCH + other).splitlines())
    first, second = repair_patch("Bob wrote:\n" + quoted + "\nFine.\n", tree).files
    assert [(f.path, f.verified) for f in (first, second)] == [("mm/shelf.c", True), ("other.h", True)]
    assert first.diff + second.diff == PATCH + other


@pytest.mark.parametrize(
    "text",
    ["", "\n", "No diff.\n-- \nBob\n", "> --- a\n> +++ b\n", "-one\n+two\n", "a - b\n---\n x.c | 2 +-\n"],
)
def test_a_text_without_a_diff_has_no_files(text):
    assert repair_patch(text, NoTree()).files == ()


# -- never wrongly exact ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("-ENOSPC", "-EAGAIN"),
        ("BOOK_SMALL", "B00K_SMALL"),
        ("struct book *book, *next;", "struct b00k *book, *next;"),
        ("+\tif (shelf->nr_books >=", "+\tif (shelf->nr_books >"),
        ("nr_books,\n", "nr_books,  \n"),
        ("..cac82e1fdbee", "..cac82e1fdbef"),
        ("+\t}\n \tshelf", " \t}\n+\tshelf"),
        ("@@ -39,8 +43,12 @@", "@@ -39,8 +43,11 @@"),
    ],
)
@pytest.mark.parametrize("tool", ["plain", "stripped"])
def test_an_altered_patch_is_not_exact(was, is_now, tool, tree):
    altered = PATCH.replace(was, is_now)
    assert altered != PATCH
    if tool == "stripped":
        altered = "".join(line.lstrip() + "\n" for line in altered.splitlines())
    file = only(repair_patch(altered, tree))
    if file.verified:  # white space and misplaced signs may be made good: by the id, to the very patch
        assert file.diff == PATCH
        assert "ENOSPC" not in was
        assert blob(file.post_image).startswith("cac82e1fdbee")
    else:
        assert file.verified is False or file.failure is not None


def test_an_id_that_is_too_short_proves_nothing(tree):
    for digits, verified in ((6, None), (7, True)):
        text = PATCH.replace("cac82e1fdbee", "cac82e1fdbee"[:digits])
        assert only(repair_patch(text, tree)).verified is verified


def test_a_path_that_leads_outside_is_not_looked_up(tree):
    for path in ("../../etc/passwd", "/etc/passwd", "mm/../../x"):
        file = only(repair_patch(PATCH.replace("mm/shelf.c", path), tree))
        assert file.verified is None
        assert file.failure is not None
        assert file.failure.kind == "path"


def test_a_hunk_that_lies_about_its_counts_says_which(tree):
    lying = PATCH.replace("@@ -39,8 +43,12 @@", "@@ -39,8 +43,40 @@")
    for place in (tree, NoTree()):
        file = only(repair_patch(lying, place))
        assert file.failure is not None
        assert file.verified is not True
        assert "hunk 2" in file.failure.detail


# -- laws ------------------------------------------------------------------------------------------

IGNORED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
QUIET = {"deadline": None, "suppress_health_check": IGNORED}
STATEMENTS = st.sampled_from(
    ["{", "}", "", "int n;", "n = f(a, b);", "if (n > 0)", "return n - 1;", "/* A note. */", "#define N 3",
     "out:", "f(first,", "second);", "--n;", "++n;", "-- ", "> n", "@@ -1 +1 @@", "\\", "x\t=  1;", "* star"]
)  # fmt: skip
INDENTS = st.sampled_from(["", "\t", "\t\t", "\t\t\t  "])
LINES = st.lists(st.tuples(INDENTS, STATEMENTS).map("".join), max_size=30)


def unified(pre: list[str], post: list[str]) -> str:
    """Return the diff as git words it, hunks by difflib."""
    sides = ["".join(line + "\n" for line in lines) for lines in (pre, post)]
    header = f"diff --git a/x.c b/x.c\nindex {blob(sides[0])[:12]}..{blob(sides[1])[:12]} 100644\n"
    body = difflib.unified_diff(*(side.split("\n")[:-1] for side in sides), "a/x.c", "b/x.c", lineterm="")
    return header + "".join(line + "\n" for line in body)


@settings(max_examples=150, **QUIET)
@given(LINES, LINES)
def test_undamaged_diffs_pass_untouched(tmp_path, pre, post):
    if pre == post:
        return
    (tmp_path / "x.c").write_text("".join(line + "\n" for line in pre))
    diff = unified(pre, post)
    for place, verified in ((PlainTree(tmp_path), True), (NoTree(), None)):
        file = only(repair_patch("A text.\n---\n" + diff, place))
        assert (file.diff, file.repairs, file.verified, file.failure) == (diff, (), verified, None)


def spoil(diff: str, rng: random.Random) -> str:
    """Damage some lines of a diff at random: each by what some mailer or archive does."""
    lines = []
    for line in diff.splitlines():
        way = rng.randrange(12)
        if way == 0:
            line = line.lstrip()
        elif way == 1:
            line = " ".join(line.split())
        elif way == 2:
            line = line.expandtabs(8)
        elif way == 3 and " " in line.strip():
            line = "\n".join(line.rsplit(" ", 1))
        elif way == 4 and rng.random() < 0.2:
            continue
        lines.append(line)
    return (" " if rng.random() < 0.2 else "\n").join(lines) + "\n"


@settings(max_examples=80, **QUIET)
@given(LINES, LINES, st.integers(0, 2**32))
def test_what_is_called_whole_holds_its_counts_and_what_is_called_exact_is(tmp_path, pre, post, seed):
    (tmp_path / "x.c").write_text("".join(line + "\n" for line in pre))
    text = spoil(unified(pre, post), random.Random(seed))
    for place in (PlainTree(tmp_path), NoTree()):
        for file in repair_patch(text, place).files:
            if file.failure is None:
                check_counts(file.diff)
            if file.verified:
                assert file.post_image == "".join(line + "\n" for line in post).encode()


PIECES = st.one_of(
    st.sampled_from(
        ["diff --git a/x b/x\n", "diff --git a/x.c b/x.c", "index 1234567..89abcde 100644\n", "--- a/x\n",
         "+++ b/x\n", "@@ -1,2 +1,2 @@", "@@ -0,0 +1 @@\n", "@@ -1 +0,0 @@ f\n", "\n", "> ", "+", "-",
         " ", "\t", "\\ No newline", "/dev/null", "GIT binary patch\n", "new file mode 100644\n",
         "rename from y\n", "Index: x\n", "\udcff", "\0"]
    ),
    st.text(max_size=12),
)  # fmt: skip


@settings(max_examples=300, **QUIET)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_raises(text):
    for file in repair_patch(text, NoTree()).files:
        opaque = "GIT binary patch" in file.diff or "diff --c" in file.diff
        if file.failure is None and not opaque:
            check_counts(file.diff)


# -- hostile ---------------------------------------------------------------------------------------

HEADER = "diff --git a/x.c b/x.c\nindex 1234567..89abcde 100644\n--- a/x.c\n+++ b/x.c\n"
HOSTILE = {
    "a million hunk headers": HEADER + "@@ -1,1 +1,1 @@\n" * 1_000_000,
    "hunk headers on one line": HEADER + "@@ -1 +1 @@ " * 100_000,
    "a huge line": HEADER + "@@ -1,3 +1,3 @@\n+" + "x" * 20_000_000,
    "a huge line of words": HEADER + "@@ -1,3 +1,3 @@ " + "x y " * 500_000,
    "a quoted abyss": (">" * 100_000 + "\n") * 30,
    "empty lines": HEADER + "@@ -1,3 +1,3 @@\n" + "\n" * 1_000_000,
    "markers": HEADER + "@@ -1,2 +1,2 @@\n" + "\\ No newline at end of file\n" * 30_000,
    "NULs": HEADER + "@@ -1,2 +1,2 @@\n" + "\0" * 1_000_000,
    "bytes": random.Random(5).randbytes(2_000_000).decode("utf-8", "surrogateescape"),
    "huge counts": HEADER + "@@ -999999999,999999999 +999999999,999999999 @@\n+x\n-y\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_bounded(name):
    """About a second each; work is counted (budget.py), not timed."""
    recovered = repair_patch(HOSTILE[name], NoTree())
    assert all(file.verified is None for file in recovered.files)
    for file in recovered.files:
        if file.failure is None:
            check_counts(file.diff)


# -- the documents that the project came from ------------------------------------------------------


@pytest.mark.parametrize(("seed", "files"), [("000", 2), ("001", 0), ("002", 3), ("003", 1), ("004", 5)])
def test_the_seeds_have_their_files(shared, seed, files):
    (path,) = (shared / "seeds").glob(f"{seed}_*.txt")
    _, recovered = recover(str(path), Options(sources=(str(path),)))
    assert len(recovered.files) == files
    for file in recovered.files:
        assert (file.failure, file.verified) == (None, None)
        assert file.repairs
        check_counts(file.diff)
