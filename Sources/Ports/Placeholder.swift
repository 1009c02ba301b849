// Ports: filled by its first real content.
