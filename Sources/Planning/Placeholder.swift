// Planning: filled by its first real content.
