// Manifests: filled by its first real content.
