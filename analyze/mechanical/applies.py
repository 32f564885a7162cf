"""Whether each patch applies to what the patches before it leave: known since the images were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .tool import TITLES, Said, State, ToolRun

if TYPE_CHECKING:
    from ..review import PatchReview


def applies(patches: Sequence[PatchReview]) -> Said:
    """Say of how many patches every file applies, and which do not."""
    broken = [one.patch.position for one in patches if _fails(one)]
    unknown = [one.patch.position for one in patches if not _fails(one) and not _whole(one)]
    files = [change for one in patches for change in one.files]
    exact = sum(file.verified is True for file in files)
    good = len(patches) - len(broken) - len(unknown)
    said = f"{good} of {len(patches)} patches apply; {exact} of {len(files)} files exact by blob id"
    if broken:
        said += f"; not applicable: patch {', '.join(map(str, broken[:10]))}"
    if unknown:
        said += f"; no pre-image at hand: patch {', '.join(map(str, unknown[:10]))}"
    state: State = "failed" if broken else "partly" if unknown else "ran"
    return Said(run=ToolRun(name="applies", title=TITLES["applies"], state=state, detail=said))


def _fails(patch: PatchReview) -> bool:
    return any(one.failure for one in patch.files) or any(one.failure for one in patch.recovered)


def _whole(patch: PatchReview) -> bool:
    images = (image for file in patch.files for image in (file.pre, file.post))
    return bool(patch.files) and all(image.whole for image in images if image is not None)
