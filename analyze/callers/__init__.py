"""Who calls what a patch changes: in the whole tree that the patch is for."""
