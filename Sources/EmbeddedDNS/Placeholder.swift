// EmbeddedDNS: filled by its first real content.
