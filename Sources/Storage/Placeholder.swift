// Storage: filled by its first real content.
