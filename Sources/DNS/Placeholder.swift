// DNS: filled by its first real content.
