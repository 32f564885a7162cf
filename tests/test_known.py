"""What a report says it knows of a comment's lines."""

from __future__ import annotations

from lorelens import pipeline
from lorelens.analyze.checks.build import diff_of
from lorelens.config import Options
from lorelens.reports.known import NO_PATH, known_lines
from lorelens.reports.to_json import review_document

PRE = """\
int shelf_fill(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_IO)
		return 0;
	return handle_mm_fault(vma);
}

int shelf_size(int a)
{
	return a;
}
"""
MAILS = """\
From a@x Mon Jan  1 00:00:00 2024
Message-ID: <p@x>
From: A Writer <a@x.org>
Date: Mon, 1 Jan 2024 00:00:00 +0000
Subject: [PATCH] mm: fill shelves

Fill them.

Signed-off-by: A Writer <a@x.org>
---
@DIFF@
From b@x Mon Jan  1 00:00:00 2024
Message-ID: <r@x>
In-Reply-To: <p@x>
From: A Reader <b@x.org>
Date: Mon, 1 Jan 2024 01:00:00 +0000
Subject: Re: [PATCH] mm: fill shelves

> -	if (vma->vm_flags & VM_IO)
> -		return 0;

Why does it go?

> -	return a;
> +	return a + 0;

Is that the same?
"""


def review(tmp_path):
    (tmp_path / "tree" / "mm").mkdir(parents=True)
    (tmp_path / "tree" / "mm" / "shelf.c").write_text(PRE)
    post = PRE.replace("\tif (vma->vm_flags & VM_IO)\n\t\treturn 0;\n", "").replace(
        "return a;", "return a + 0;"
    )
    diff = diff_of({"mm/shelf.c": PRE}, {"mm/shelf.c": post})
    (tmp_path / "mails.mbox").write_text(MAILS.replace("@DIFF@", diff))
    options = Options(sources=(str(tmp_path / "mails.mbox"),), trees=(str(tmp_path / "tree"),), offline=True)
    (found,) = pipeline.review(options)
    return found


def test_a_comment_meets_the_matrix_and_says_where_nothing_was_found(tmp_path):
    found = review(tmp_path)
    first, second = (known_lines(one, found) for one in found.series.comments)
    assert any(one.startswith("the matrix of shelf_fill()") and "VM_IO yes" in one for one in first)
    assert any(one.startswith("shelf_size(): no difference found") for one in second)
    assert second[-1] == NO_PATH
    document = review_document(found)
    assert [one["known"] for one in document["comments"]] == [first, second]
    (model,) = document["models"]
    assert model["rows"][0]["when"] == {"VM_IO": "yes"}
