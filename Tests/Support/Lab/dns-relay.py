#!/usr/bin/env python3
"""A relay before a real name server that counts UPDATE messages (RFC 2136) and can kill the client before one, after the server took it
and before the client hears of it, or once the client heard and asks the next question.

dns-relay.py LISTEN CONTROL SERVER, three addresses as host:port; UDP and TCP; messages pass as they are, signatures included.
The control port takes, by GET: /kill?nth=N&when=before|after|heard&pidfile=F, /count, /reset.
"""
import socket
import socketserver
import struct
import sys
import threading

import control


class World:
    """The updates so far, and the one that shall be somebody's last."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset({})

    def reset(self, _):
        self.updates, self.plan, self.is_heard = 0, None, False

    def kill(self, values):
        self.is_heard = False
        self.plan = {"nth": int(values["nth"]), "when": values["when"], "pidfile": values["pidfile"]}

    def begin(self, message):
        """Whom to kill, and when, at this message."""
        if self.is_heard:
            self.is_heard = False
            return self.plan | {"when": "before"}
        if len(message) < 12 or message[2] >> 3 & 15 != 5:
            return None
        with self.lock:
            self.updates += 1
            plan = self.plan
            return plan if plan and plan["nth"] == self.updates else None


def exact(stream, count):
    octets = b""
    while len(octets) < count:
        part = stream.recv(count - len(octets))
        if not part:
            raise EOFError
        octets += part
    return octets


def framed(stream):
    """The next message of a TCP stream (RFC 1035 section 4.2.2)."""
    return exact(stream, struct.unpack("!H", exact(stream, 2))[0])


class Stream(socketserver.BaseRequestHandler):
    """One TCP connection and its twin to the server; answers go back as they come."""

    def handle(self):
        with socket.create_connection(self.server.target, 10) as twin:
            twin.settimeout(None)
            threading.Thread(target=self.answers, args=(twin,), daemon=True).start()
            self.last = None
            try:
                while True:
                    message = framed(self.request)
                    plan = self.server.world.begin(message)
                    if plan and plan["when"] == "before":
                        return control.kill(plan["pidfile"])
                    if plan:
                        self.last = (message[:2], plan)
                    twin.sendall(struct.pack("!H", len(message)) + message)
            except (EOFError, OSError):
                twin.shutdown(socket.SHUT_RDWR)

    def answers(self, twin):
        try:
            while True:
                answer = framed(twin)
                if self.last and self.last[0] == answer[:2]:
                    if self.last[1]["when"] == "after":
                        return control.kill(self.last[1]["pidfile"])
                    self.server.world.is_heard = True
                self.request.sendall(struct.pack("!H", len(answer)) + answer)
        except (EOFError, OSError):
            pass


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        message, back = self.request
        plan = self.server.world.begin(message)
        if plan and plan["when"] == "before":
            return control.kill(plan["pidfile"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as twin:
            twin.settimeout(10)
            twin.sendto(message, self.server.target)
            try:
                answer = twin.recv(65535)
            except OSError:
                return None
        if plan and plan["when"] == "heard":
            self.server.world.is_heard = True
        elif plan:
            return control.kill(plan["pidfile"])
        return back.sendto(answer, self.client_address)


class TCP(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class UDP(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535


def main(listen, at, server):
    world = World()
    servers = [TCP(control.address(listen), Stream), UDP(control.address(listen), Datagram)]
    for one in servers:
        one.world, one.target = world, control.address(server)
    control.serve(control.address(at), {"kill": world.kill, "reset": world.reset, "count": lambda _: str(world.updates)})
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
