// Rendering: filled by its first real content.
