#!/usr/bin/python3
"""update-tap.py LISTEN SERVER PORT LOG: stands before a name server, passes every octet on, and logs the updates that the server
took (NOERROR) as nsupdate would be told them. TSIG_NAME and TSIG_SECRET verify that they are signed."""
import os, sys, threading
import dns.message, dns.opcode, dns.rcode, dns.rdataclass, dns.rdatatype, dns.tsigkeyring
import relay

LISTEN, SERVER, PORT, LOG = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
KEYS = dns.tsigkeyring.from_text({os.environ['TSIG_NAME']: os.environ['TSIG_SECRET']})
lock = threading.Lock()


def lines(update):
    yield f'zone {update.question[0].name}'
    for held in update.answer:
        kind = dns.rdatatype.to_text(held.rdtype)
        if held.deleting == dns.rdataclass.NONE:
            yield f'prereq nxrrset {held.name} IN {kind}'
        elif held.deleting == dns.rdataclass.ANY:
            yield f'prereq yxrrset {held.name} IN {kind}'
        for data in held:
            yield f'prereq yxrrset {held.name} IN {kind} {data}'
    for change in update.authority:
        kind = dns.rdatatype.to_text(change.rdtype)
        if change.deleting == dns.rdataclass.ANY:
            yield f'update delete {change.name} IN {kind}'
        for data in change:
            yield f'update delete {change.name} IN {kind} {data}' if change.deleting else f'update add {change.name} {change.ttl} IN {kind} {data}'
    yield 'send'


def conversation():
    asked = {}

    def query(octets):
        if octets[2] >> 3 & 15 == dns.opcode.UPDATE:
            asked[octets[:2]] = octets

    def answer(octets):
        update = asked.pop(octets[:2], None)
        if update is None or octets[3] & 15 != dns.rcode.NOERROR:
            return
        with lock, open(LOG, 'a') as log:
            log.write('\n'.join(lines(dns.message.from_wire(update, keyring=KEYS))) + '\n')

    return query, answer


relay.run(LISTEN, SERVER, PORT, conversation)
