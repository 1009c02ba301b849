// DNSClient: filled by its first real content.
