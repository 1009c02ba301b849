// Reconciler: filled by its first real content.
