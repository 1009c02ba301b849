#!/usr/bin/python3
"""update-hold.py LISTEN SERVER PORT FILE: stands before a name server and passes every octet on. While FILE is there, an update waits
before it is passed on, and FILE.held tells that one does."""
import os, sys, time
import relay

LISTEN, SERVER, PORT, FILE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


def hold(message):
    if len(message) > 2 and message[2] >> 3 & 15 == 5 and os.path.exists(FILE):
        open(FILE + '.held', 'w').close()
        while os.path.exists(FILE):
            time.sleep(0.02)


relay.run(LISTEN, SERVER, PORT, lambda: (hold, lambda octets: None), datagram=hold)
