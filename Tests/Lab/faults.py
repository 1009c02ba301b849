#!/usr/bin/env python3
"""Strangers who misbehave at a policy host, one kind after the other, while a conforming client goes on fetching its policy.

faults.py PID ADDRESS PORT ROOTS NAME SERVE_LOG COUNT FETCHES [P99_MS]
COUNT connections at once of the kinds that hold connections. During each fault every fetch must get the policy, the process must live,
and stay below the limits that it printed at its start; with P99_MS the fetches' 99th percentile must too. Afterwards the connections
must be gone. Prints a table and "all held".
"""
import collections, functools, multiprocessing, os, re, resource, selectors, signal, socket, ssl, sys, time

PID, ADDRESS, PORT, ROOTS, NAME, LOG, COUNT, FETCHES = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5], sys.argv[6], int(sys.argv[7]), int(sys.argv[8])
P99 = float(sys.argv[9]) if len(sys.argv) > 9 else None
REQUEST = f'GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {NAME}\r\n'
PACE = 0.005
# What a test runner starts may have been told to ignore it, and attackers are ended by it.
signal.signal(signal.SIGTERM, signal.SIG_DFL)


def fail(words):
    print('FAILED:', words, flush=True)
    sys.exit(1)


def connect(number=0):
    """From one of a few addresses, since one has too few ports for all connections and those that have just ended."""
    s = socket.socket()
    s.settimeout(15)
    s.bind((f'127.0.1.{1 + number % 8}', 0))
    s.connect((ADDRESS, PORT))
    return s


@functools.cache
def client_hello():
    """What a client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        ssl.create_default_context(cafile=ROOTS).wrap_bio(incoming, outgoing, server_hostname=NAME).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


@functools.cache
def trusting(check):
    context = ssl.create_default_context(cafile=ROOTS)
    if not check:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def secure(s, name=NAME, check=True):
    return trusting(check).wrap_socket(s, server_hostname=name)


def holding(count, opening, each_second=b''):
    """So many connections, each begun by `opening`; who is shut out comes back. `each_second` is sent octet by octet."""
    def run(ready, stop):
        selector, held, number, turns = selectors.DefaultSelector(), set(), 0, collections.deque()

        def come():
            nonlocal number
            number += 1
            try:
                s = opening(number)
            except OSError:
                return
            s.setblocking(False)
            held.add(s)
            turns.append((time.monotonic() + 1, s, 0))
            selector.register(s, selectors.EVENT_READ)

        def go(s):
            selector.unregister(s)
            held.discard(s)
            s.close()

        while not stop.is_set():
            for _ in range(min(200, count - len(held))):
                come()
            if len(held) >= count:
                ready.set()
            for key, _ in selector.select(0.05):
                try:
                    if not key.fileobj.recv(4096):
                        go(key.fileobj)
                except (BlockingIOError, ssl.SSLWantReadError):
                    pass
                except OSError:
                    go(key.fileobj)
            # Each at its own second, as strangers who know nothing of each other.
            while each_second and turns and turns[0][0] <= time.monotonic():
                due, s, sent = turns.popleft()
                if s not in held:
                    continue
                try:
                    s.send(each_second[sent % len(each_second):][:1])
                    turns.append((due + 1, s, sent + 1))
                except OSError:
                    go(s)
        for s in list(held):
            s.close()
    return run


def repeating(act):
    """Does it again and again, some 200 times a second."""
    def run(ready, stop):
        while not stop.is_set():
            try:
                act()
            except (OSError, ssl.SSLError):
                pass
            ready.set()
            time.sleep(PACE)
    return run


def half_hello(number):
    s = connect(number)
    s.sendall(client_hello()[:100])
    return s


def answered(s, text, expected):
    try:
        s.sendall(text.encode())
    except OSError:
        pass  # it may have answered and closed already
    got = s.recv(4096)
    s.close()
    if got and not got.startswith(b'HTTP/1.1 ' + expected):
        os._exit(3)


def refused(name):
    def act():
        with connect() as s:
            try:
                secure(s, name, check=False).close()
            except (OSError, ssl.SSLError):
                return
            os._exit(3)  # it was given a certificate
    return act


def plain():
    with connect() as s:
        s.sendall((REQUEST + '\r\n').encode())
        if b'STSv1' in s.recv(4096):
            os._exit(3)


FAULTS = [
    (f'{COUNT} idle connections', holding(COUNT, connect)),
    (f'{COUNT} half-open TLS handshakes', holding(COUNT, half_hello)),
    (f'{COUNT // 10} idle TLS sessions', holding(COUNT // 10, lambda n: secure(connect(n)))),
    (f'{COUNT // 2} handshakes, an octet a second', holding(COUNT // 2, connect, client_hello())),
    (f'{COUNT // 10} requests, an octet a second', holding(COUNT // 10, lambda n: secure(connect(n)), REQUEST.encode())),
    ('oversized headers', repeating(lambda: answered(secure(connect()), REQUEST + 'x-big: ' + 'x' * 60_000 + '\r\n\r\n', b'431'))),
    ('wrong SNI', repeating(refused('mta-sts.unknown.example'))),
    ('no SNI', repeating(refused(None))),
    ('Host other than SNI', repeating(lambda: answered(secure(connect()), REQUEST.replace(NAME, 'mta-sts.other.example') + '\r\n', b'421'))),
    ('plain HTTP on the TLS port', repeating(plain)),
]


def fetch():
    begun = time.monotonic()
    with secure(connect()) as s:
        s.sendall((REQUEST + 'Connection: close\r\n\r\n').encode())
        answer = b''
        while part := s.recv(65536):
            answer += part
    if not answer.startswith(b'HTTP/1.1 200 OK\r\n') or b'STSv1' not in answer:
        fail(f'a conforming client got {answer[:200]!r}')
    return (time.monotonic() - begun) * 1e3


def descriptors():
    return len(os.listdir(f'/proc/{PID}/fd'))


def memory():
    return int(re.search(r'VmRSS:\s+(\d+)', open(f'/proc/{PID}/status').read())[1]) / 1024


def main():
    said = open(LOG).read()
    most = {key: int(re.search(rf'\b{key}=(\d+)', said)[1]) for key in ('connections', 'descriptors', 'memory')}
    for kind in (resource.RLIMIT_NOFILE,):
        resource.setrlimit(kind, (resource.getrlimit(kind)[1],) * 2)
    fetch()
    quiet = descriptors()
    print(f'limits: {most["descriptors"]} descriptors, {most["memory"]} MiB; before: {quiet} descriptors, {memory():.0f} MiB')
    print(f'{"fault":38} {"p50 ms":>8} {"p99 ms":>8} {"descriptors":>12} {"MiB":>6}')
    for words, attack in FAULTS:
        ready, stop = multiprocessing.Event(), multiprocessing.Event()
        attacker = multiprocessing.Process(target=attack, args=(ready, stop), daemon=True)
        attacker.start()
        if not ready.wait(60):
            fail(f'{words}: the attackers did not get in')
        times, peak = [], 0
        for _ in range(FETCHES):
            times.append(fetch())
            if len(times) % 20 == 1:
                peak = max(peak, descriptors())
        times.sort()
        p99, mib = times[min(len(times) - 1, len(times) * 99 // 100)], memory()
        print(f'{words:38} {times[len(times) // 2]:8.1f} {p99:8.1f} {peak:12} {mib:6.0f}', flush=True)
        if not attacker.is_alive():
            fail(f'{words}: an attacker got what it must not get')
        stop.set()
        attacker.join()
        if peak > most['descriptors'] or mib > most['memory']:
            fail(f'{words}: more than the printed limits')
        if P99 and p99 > P99:
            fail(f'{words}: a conforming fetch took {p99:.0f} ms at p99')
        end = time.monotonic() + 30
        while descriptors() > quiet + 8:
            if time.monotonic() > end:
                fail(f'{words}: {descriptors()} descriptors are left, {quiet} before')
            time.sleep(0.05)
    print('all held')


main()
