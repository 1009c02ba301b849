// Providers: filled by its first real content.
