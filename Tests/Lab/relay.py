"""Stands before a name server and passes every octet on; whoever uses it sees each message first."""
import socket, threading


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


def run(listen, server, port, conversation, datagram=lambda octets: None, reply=lambda octets: octets):
    """Serves for ever. `conversation()` gives for each stream what sees the queries and what sees the answers; `datagram` sees the
    queries that come by UDP, and `reply` says what becomes of their answers."""

    def stream(client):
        back = socket.create_connection((server, port))
        query, answer = conversation()
        threading.Thread(target=messages, args=(client, back, query), daemon=True).start()
        messages(back, client, answer)
        client.close()

    def one(front, octets, client):
        datagram(octets)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
            back.settimeout(5)
            back.connect((server, port))
            back.send(octets)
            try:
                front.sendto(reply(back.recv(65536)), client)
            except OSError:
                pass

    def datagrams(front):
        while True:
            octets, client = front.recvfrom(65536)
            threading.Thread(target=one, args=(front, octets, client), daemon=True).start()

    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((listen, 53))
    threading.Thread(target=datagrams, args=(udp,), daemon=True).start()
    tcp = socket.create_server((listen, 53))
    print('listening', flush=True)
    while True:
        threading.Thread(target=stream, args=(tcp.accept()[0],), daemon=True).start()
