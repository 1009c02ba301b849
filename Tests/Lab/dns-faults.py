#!/usr/bin/python3
"""dns-faults.py LISTEN SERVER PORT FILE: stands before a name server and does to its messages what FILE says, a word a line:

udp-late SECONDS     answers over UDP come that much later
truncated            answers over UDP are empty and truncated (TC)
no-tcp               connections are ended at the first message
update-late SECONDS  the answer to the next update, which the server has taken at once, comes that much later
update-lost          that answer never comes, and its connection ends
hold                 the next update is not passed on until FILE is gone; FILE.held tells that it waits
"""
import os, sys, time
import relay

LISTEN, SERVER, PORT, FILE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


def faults():
    try:
        with open(FILE) as file:
            return {line.split()[0]: float((line.split() + ['0'])[1]) for line in file if line.strip()}
    except FileNotFoundError:
        return {}


def datagram(octets):
    now = faults()
    time.sleep(now.get('udp-late', 0))
    if 'truncated' in now:
        question = octets[12:octets.index(0, 12) + 5]
        return octets[:2] + bytes([octets[2] | 0x02, octets[3]]) + b'\0\1\0\0\0\0\0\0' + question
    return octets


def is_update(octets):
    return len(octets) > 3 and octets[2] >> 3 & 15 == 5


def query(octets):
    now = faults()
    if 'no-tcp' in now:
        raise ConnectionResetError
    if is_update(octets) and 'hold' in now:
        open(FILE + '.held', 'w').close()
        while os.path.exists(FILE):
            time.sleep(0.02)


def answer(octets):
    now = faults()
    if is_update(octets) and {'update-late', 'update-lost'} & now.keys():
        os.remove(FILE)
        time.sleep(now.get('update-late', 0))
        if 'update-lost' in now:
            raise ConnectionResetError


relay.run(LISTEN, SERVER, PORT, lambda: (query, answer), reply=datagram)
