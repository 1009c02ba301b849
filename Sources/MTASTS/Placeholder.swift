// MTASTS: filled by its first real content.
