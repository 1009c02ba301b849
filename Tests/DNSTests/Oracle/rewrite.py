"""Reads one DNS message in hexadecimal a line, and writes it again as dnspython understands it: an oracle for the codec."""
import sys

import dns.message

for line in sys.stdin:
    message = dns.message.from_wire(bytes.fromhex(line.strip()), continue_on_error=False)
    print(message.to_wire(max_size=65535).hex())
