"""Where pre-images come from: git repositories and plain directories."""
