// LocalCA: filled by its first real content.
