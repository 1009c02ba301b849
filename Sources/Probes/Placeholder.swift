// Probes: filled by its first real content.
