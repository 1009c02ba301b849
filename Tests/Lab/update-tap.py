#!/usr/bin/python3
"""update-tap.py LISTEN SERVER PORT LOG: stands before a name server, passes every octet on, and logs the updates that the server
took (NOERROR) as nsupdate would be told them. TSIG_NAME and TSIG_SECRET verify that they are signed."""
import os, socket, sys, threading
import dns.message, dns.opcode, dns.rcode, dns.rdataclass, dns.rdatatype, dns.tsigkeyring

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


def messages(source, target, seen):
    """Passes a stream on, message by message; each goes to `seen` first."""
    buffer = b''
    try:
        while part := source.recv(65536):
            buffer += part
            while len(buffer) >= 2 and len(buffer) >= 2 + int.from_bytes(buffer[:2], 'big'):
                end = 2 + int.from_bytes(buffer[:2], 'big')
                seen(buffer[2:end])
                target.sendall(buffer[:end])
                buffer = buffer[end:]
    except OSError:
        pass
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def stream(client):
    server = socket.create_connection((SERVER, PORT))
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

    threading.Thread(target=messages, args=(client, server, query), daemon=True).start()
    messages(server, client, answer)
    client.close()


def datagram(front, octets, client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.settimeout(5)
        back.connect((SERVER, PORT))
        back.send(octets)
        try:
            front.sendto(back.recv(65536), client)
        except OSError:
            pass


def datagrams(front):
    while True:
        octets, client = front.recvfrom(65536)
        threading.Thread(target=datagram, args=(front, octets, client), daemon=True).start()


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((LISTEN, 53))
threading.Thread(target=datagrams, args=(udp,), daemon=True).start()
tcp = socket.create_server((LISTEN, 53))
print('listening', flush=True)
while True:
    threading.Thread(target=stream, args=(tcp.accept()[0],), daemon=True).start()
