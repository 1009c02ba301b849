// YAML: filled by its first real content.
