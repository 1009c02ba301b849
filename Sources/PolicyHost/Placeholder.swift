// PolicyHost: filled by its first real content.
