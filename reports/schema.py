"""JSON schemas (draft 2020-12) out of the types in documents.py.

`python -m lorelens.reports.schema` writes them beside this module again. Only that needs msgspec, which is
in the `dev` extra: the shipped files are what everybody else reads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from . import diff_documents, documents, history_documents, lives_documents
from .diff_documents import DiffDocument
from .documents import RecoverDocument, ReviewDocument, SeriesDocument
from .store import values
from .store.values import HistoryDocument

DOCUMENTS: dict[str, Any] = {
    "diff": DiffDocument,
    "history": HistoryDocument,
    "recover": RecoverDocument,
    "review": ReviewDocument,
    "series": SeriesDocument,
}
"""File stem -> document type; the file is `<stem>.schema.json`."""


def build_schema(stem: str) -> str:
    """Return the text of `<stem>.schema.json`."""
    import msgspec

    document = DOCUMENTS[stem]
    (reference,), parts = msgspec.json.schema_components([document], ref_template="#/$defs/{name}")
    for name, part in parts.items():
        sources = (documents, history_documents, lives_documents, diff_documents, values)
        _describe(part, next(getattr(m, name) for m in sources if hasattr(m, name)))
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **reference, "$defs": parts}
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def _describe(part: dict[str, Any], document: type) -> None:
    """Put the texts that stand in `Annotated` into the schema of one TypedDict."""
    hints = get_type_hints(document, include_extras=True)
    for key, property_schema in part["properties"].items():
        hint = hints[key]
        if get_origin(hint) is Annotated:
            property_schema["description"] = get_args(hint)[1]


def schema_path(stem: str) -> Path:
    """Where the shipped schema lies."""
    return Path(__file__).with_name(f"{stem}.schema.json")


if __name__ == "__main__":
    for stem in DOCUMENTS:
        schema_path(stem).write_text(build_schema(stem))
