#!/usr/bin/python3
"""update-hold.py LISTEN SERVER PORT FILE: stands before a name server and passes every octet on. While FILE is there, an update waits
before it is passed on, and FILE.held tells that one does."""
import os, socket, sys, threading, time

LISTEN, SERVER, PORT, FILE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


def hold(message):
    if len(message) > 2 and message[2] >> 3 & 15 == 5 and os.path.exists(FILE):
        open(FILE + '.held', 'w').close()
        while os.path.exists(FILE):
            time.sleep(0.02)


def pump(source, target, holds):
    buffer = b''
    try:
        while part := source.recv(65536):
            buffer += part
            while len(buffer) >= 2 and len(buffer) >= 2 + int.from_bytes(buffer[:2], 'big'):
                end = 2 + int.from_bytes(buffer[:2], 'big')
                if holds:
                    hold(buffer[2:end])
                target.sendall(buffer[:end])
                buffer = buffer[end:]
    except OSError:
        pass
    for side in (source, target):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def stream(client):
    server = socket.create_connection((SERVER, PORT))
    threading.Thread(target=pump, args=(client, server, True), daemon=True).start()
    pump(server, client, False)


def datagram(front, octets, client):
    hold(octets)
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
