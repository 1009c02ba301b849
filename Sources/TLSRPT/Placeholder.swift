// TLSRPT: filled by its first real content.
