#!/usr/bin/env python3
"""The policy host beside nginx and Caddy: the same certificates, on this machine, in the same run, over loopback.

run.py CERTADNS TOOLS [REPORT]   run inside Tests/Lab/namespace.sh; TOOLS holds certificates and handshakes, built from the C files
beside this one. Prints a table; REPORT gets it in place of the section's old one. Rounds alternate between the servers, which all
run all the time: what disturbs the machine disturbs all. CPU time is the server's own, from /proc.
"""
import datetime, json, os, platform, re, shutil, signal, socket, sqlite3, statistics, subprocess, sys, tempfile, time, urllib.request

CERTADNS, TOOLS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
REPORT = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
NAMES, FEW, ROUNDS, HANDSHAKES, THREADS = 10_000, 100, 5, 2_000, 8
BODY = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 604800\r\n'
WORK = tempfile.mkdtemp(prefix='certadns-bench-')
PEM, WEB = f'{WORK}/pem', f'{WORK}/web'
HZ = os.sysconf('SC_CLK_TCK')
children = []


def name(index):
    return f'mta-sts.zone{index:05}.example'


def spawn(*command, cwd=None, log):
    child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=open(log, 'w'), stderr=subprocess.STDOUT,
                             env=dict(os.environ, HOME=WORK, XDG_DATA_HOME=WORK, XDG_CONFIG_HOME=WORK))
    children.append(child)
    return child


def end(child):
    child.terminate()
    child.wait(30)
    children.remove(child)


def shake(port, count, seed, number, threads=THREADS):
    """Handshakes: (seconds, p50 ms, p99 ms, failures)."""
    out = subprocess.run([f'{TOOLS}/handshakes', str(port), str(count), str(seed), str(threads), str(number)],
                         capture_output=True, text=True, check=True).stdout.split()
    return float(out[1]), float(out[2]), float(out[3]), int(out[4])


def serves(port, index):
    """Whether a handshake for the name with this index, as the last of so many, succeeds."""
    return shake(port, index + 1, 0, 1, 1)[3] == 0


def until_served(port, index, begun, limit=90):
    while not serves(port, index):
        if time.monotonic() - begun > limit:
            sys.exit(f'no handshake at port {port} within {limit} s')
        time.sleep(0.002)
    return time.monotonic() - begun


def written(path, text):
    with open(path, 'w', newline='') as f:
        f.write(text)
    return path


class Server:
    """One server; `start` brings it up for so many names and gives the seconds until its first handshake."""

    def start(self, count):
        self.configure(count)
        begun = time.monotonic()
        self.child = spawn(*self.command(), cwd=self.folder, log=f'{self.folder}/log')
        return until_served(self.port, 0, begun)

    def stop(self):
        end(self.child)

    def processes(self):
        children = open(f'/proc/{self.child.pid}/task/{self.child.pid}/children').read().split()
        return [self.child.pid] + [int(child) for child in children]

    def cpu(self):
        """Seconds of CPU time so far."""
        ticks = 0
        for process in self.processes():
            fields = open(f'/proc/{process}/stat').read().rsplit(') ', 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / HZ

    def memory(self):
        """Resident MiB; pages that its processes share are counted once."""
        return sum(int(re.search(r'^Pss:\s+(\d+)', open(f'/proc/{p}/smaps_rollup').read(), re.M)[1]) for p in self.processes()) / 1024


class CertaDNS(Server):
    title, port = 'certadns', 8441

    def __init__(self):
        self.folder = f'{WORK}/certadns'
        os.makedirs(f'{self.folder}/zones')
        written(f'{self.folder}/certadns.yaml',
                'providers: {files: {type: zonefile, folder: files}}\n'
                f'policy_host: {{addresses: [127.0.0.1], listen: "127.0.0.1:{self.port}"}}\n'
                'observe: {resolvers: ["127.0.0.1:5353"], trust: [state/ca.pem]}\n')

    def command(self):
        return [CERTADNS, 'serve']

    def configure(self, count):
        """The store is filled by hand: issuing is not measured here."""
        shutil.rmtree(f'{self.folder}/state', ignore_errors=True)
        first = spawn(*self.command(), cwd=self.folder, log=f'{self.folder}/log')
        while 'listening' not in open(f'{self.folder}/log').read():
            time.sleep(0.02)
        end(first)
        self.fill(range(count))

    def fill(self, indices, copies_of=None):
        rows = []
        for index in indices:
            known = index if copies_of is None else copies_of
            chain, key = open(f'{PEM}/{name(known)}.pem').read().split('-----BEGIN PRIVATE KEY-----')
            if copies_of is None:
                key_file = os.open(f'{self.folder}/state/keys/{prints[known]}.pem', os.O_CREAT | os.O_WRONLY, 0o600)
                os.write(key_file, ('-----BEGIN PRIVATE KEY-----' + key).encode())
                os.close(key_file)
            facts = json.dumps(dict(names=[name(known)], notBefore='2026-01-01T00:00:00Z', notAfter='2036-01-01T00:00:00Z', issuer='bench', fingerprint=prints[known]))
            rows.append((name(index), facts, chain))
        with sqlite3.connect(f'{self.folder}/state/certadns.sqlite') as db:
            db.executemany('INSERT INTO certificate (host, facts, chain) VALUES (?, ?, ?)', rows)
            db.executemany('INSERT INTO policy (zone, id, body) VALUES (?, ?, ?)', [(row[0].removeprefix('mta-sts.'), '1x0123456789abcdef', BODY) for row in rows])
        db.close()

    def issue(self, index):
        self.fill([index])


class Nginx(Server):
    def __init__(self):
        self.folder = f'{WORK}/{self.title.replace(" ", "-")}'
        os.makedirs(self.folder)

    def command(self):
        return ['/usr/sbin/nginx', '-c', f'{self.folder}/nginx.conf']

    def configure(self, count):
        written(f'{self.folder}/nginx.conf',
                f'worker_processes auto; daemon off; user root; pid {self.folder}/pid; error_log {self.folder}/errors;\n'
                'events { worker_connections 10000; }\nhttp { access_log off; default_type text/plain; keepalive_requests 1000000000;\n'
                'server_names_hash_max_size 65536; server_names_hash_bucket_size 128; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off;\n'
                + '\n'.join(self.servers(count)) + '\n}\n')


class NginxVariable(Nginx):
    title, port = 'nginx variable', 8442

    def servers(self, count):
        pem = f'{PEM}/$ssl_server_name.pem'
        return [f'server {{ listen 127.0.0.1:{self.port} ssl backlog=1024; server_name ~^mta-sts; root {WEB}/$ssl_server_name; ssl_certificate {pem}; ssl_certificate_key {pem}; }}']

    def issue(self, index):
        os.rename(f'{WORK}/new.pem', f'{PEM}/{name(index)}.pem')


class NginxBlocks(Nginx):
    title, port = 'nginx blocks', 8443

    def servers(self, count):
        for index in range(count):
            pem, backlog = f'{PEM}/{name(index)}.pem', '' if index else ' backlog=1024'
            yield f'server {{ listen 127.0.0.1:{self.port} ssl{backlog}; server_name {name(index)}; root {WEB}/{name(index)}; ssl_certificate {pem}; ssl_certificate_key {pem}; }}'

    def issue(self, index):
        self.configure(index + 1)
        self.child.send_signal(signal.SIGHUP)


class Caddy(Server):
    title, port, admin = 'Caddy', 8444, 8445

    def __init__(self):
        self.folder = f'{WORK}/caddy'
        os.makedirs(self.folder)

    def command(self):
        return ['/usr/bin/caddy', 'run', '--config', f'{self.folder}/caddy.json']

    def configure(self, count):
        files = [dict(certificate=f'{PEM}/{name(index)}.pem', key=f'{PEM}/{name(index)}.pem') for index in range(count)]
        routes = [dict(handle=[dict(handler='vars', root=WEB + '/{http.request.host}'), dict(handler='file_server')])]
        server = dict(listen=[f'127.0.0.1:{self.port}'], protocols=['h1'], automatic_https=dict(disable=True), tls_connection_policies=[{}], routes=routes)
        written(f'{self.folder}/caddy.json', json.dumps(dict(
            admin=dict(listen=f'127.0.0.1:{self.admin}'), logging=dict(logs=dict(default=dict(level='ERROR'))),
            apps=dict(tls=dict(certificates=dict(load_files=files)), http=dict(servers=dict(policies=server))))))

    def issue(self, index):
        self.configure(index + 1)
        request = urllib.request.Request(f'http://127.0.0.1:{self.admin}/load', open(f'{self.folder}/caddy.json', 'rb').read(), {'Content-Type': 'application/json'})
        urllib.request.urlopen(request).close()


def requests(server, seconds=3):
    """Requests over 32 kept connections: (a second, p99 ms, CPU microseconds each)."""
    before = server.cpu()
    out = subprocess.run(['wrk', '-t2', '-c32', f'-d{seconds}', '--latency', f'https://{name(0)}:{server.port}/.well-known/mta-sts.txt'], capture_output=True, text=True).stdout
    used = server.cpu() - before
    if 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit(f'{server.title} answered wrk with errors:\n{out}')
    p99, unit = re.search(r'99%\s+([\d.]+)(us|ms|s)', out).groups()
    return (float(re.search(r'Requests/sec:\s+([\d.]+)', out)[1]), float(p99) * dict(us=1e-3, ms=1, s=1e3)[unit],
            used / int(re.search(r'(\d+) requests in', out)[1]) * 1e6)


def middle(values):
    return statistics.median(values)


def goal(words, holds):
    lines.append(f'{"met   " if holds else "MISSED"} {words}')


def table(head, rows):
    widths = [max(len(str(row[i])) for row in [head] + rows) for i in range(len(head))]
    for row in [head] + rows:
        lines.append('  '.join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width) for i, (cell, width) in enumerate(zip(row, widths))))


def main():
    global prints
    os.makedirs(PEM)
    made = subprocess.run([f'{TOOLS}/certificates', WORK, str(NAMES + 1)], capture_output=True, text=True, check=True).stdout
    prints = [line.split()[1] for line in made.splitlines()]
    for index in range(NAMES + 1):
        os.makedirs(f'{WEB}/{name(index)}/.well-known')
        written(f'{WEB}/{name(index)}/.well-known/mta-sts.txt', BODY)
    with open('/etc/hosts', 'a') as f:
        f.write(f'127.0.0.1 {name(0)}\n')
    servers = [CertaDNS(), NginxVariable(), NginxBlocks(), Caddy()]
    ours, variable, blocks, caddy = servers
    result = {server: {} for server in servers}

    for server in servers:
        server.start(FEW)
        shake(server.port, FEW, 0, 10 * FEW)
        requests(server, 1)
        result[server]['few'] = server.memory()
        server.stop()
    for server in servers:
        result[server]['start'] = server.start(NAMES)
        # Every name once, so that what a server keeps of it is there.
        failures = shake(server.port, NAMES, 0, NAMES)[3]
        if failures:
            sys.exit(f'{failures} handshakes with {server.title} failed')
    rounds = {server: dict(cpu=[], rate=[], p99=[], requests=[], slow=[], each=[]) for server in servers}
    for turn in range(ROUNDS):
        for server in servers[turn % 4:] + servers[:turn % 4]:
            before = server.cpu()
            seconds, _, p99, failures = shake(server.port, NAMES, 1 + turn, HANDSHAKES)
            if failures:
                sys.exit(f'{failures} handshakes with {server.title} failed')
            entry = rounds[server]
            entry['cpu'].append((server.cpu() - before) / HANDSHAKES * 1e6)
            entry['rate'].append(HANDSHAKES / seconds)
            entry['p99'].append(p99)
            rate, p99, each = requests(server)
            entry['requests'].append(rate)
            entry['slow'].append(p99)
            entry['each'].append(each)
    for server in servers:
        result[server]['many'] = server.memory()

    os.rename(f'{PEM}/{name(NAMES)}.pem', f'{WORK}/new.pem')
    for server in [variable, ours, blocks, caddy]:  # the first one puts the new certificate where all find it
        begun = time.monotonic()
        server.issue(NAMES)
        result[server]['new'] = until_served(server.port, NAMES, begun)
    for server in servers:
        server.stop()
    ours.fill(range(NAMES + 1, 100_000), copies_of=0)
    begun = time.monotonic()
    ours.child = spawn(*ours.command(), cwd=ours.folder, log=f'{ours.folder}/log')
    huge = until_served(ours.port, 0, begun)
    ours.stop()

    def row(words, digits, get):
        return [words] + [f'{get(server):.{digits}f}' for server in servers]

    pick = lambda key: lambda server: middle(rounds[server][key])
    table([f'{NAMES} names'] + [server.title for server in servers], [
        row('handshake: server CPU, µs', 0, pick('cpu')), row('handshakes a second', 0, pick('rate')), row('handshake p99, ms', 1, pick('p99')),
        row('requests a second, kept connections', 0, pick('requests')), row('request: server CPU, µs', 1, pick('each')), row('request p99, ms', 1, pick('slow')),
        row(f'memory at {FEW} names, MiB', 0, lambda s: result[s]['few']), row(f'memory at {NAMES} names, MiB', 0, lambda s: result[s]['many']),
        row('start to first handshake, s', 2, lambda s: result[s]['start']), row('new name served after, s', 2, lambda s: result[s]['new'])])
    lines.append(f'certadns with 100000 names in the store: {huge:.2f} s from start to first handshake')
    lines.append('')

    def ratio(key, other):
        """The middle of the rounds' own ratios: certadns to the other."""
        return middle([a / b for a, b in zip(rounds[ours][key], rounds[other][key])])

    for peer in (variable, blocks):
        goal(f'CPU of a handshake at most that of {peer.title}: {ratio("cpu", peer):.2f} of it', ratio('cpu', peer) <= 1)
        goal(f'handshakes a second at least those of {peer.title}: {ratio("rate", peer):.2f} times', ratio('rate', peer) >= 1)
    goal(f'requests a second at least those of Caddy: {ratio("requests", caddy):.2f} times, CPU of one {ratio("each", caddy):.2f}', ratio('requests', caddy) >= 1)
    for count, key in ((FEW, 'few'), (NAMES, 'many')):
        for peer in (variable, blocks, caddy):
            goal(f'memory at {count} names below {peer.title}: {result[ours][key] / result[peer][key]:.2f} of it', result[ours][key] < result[peer][key])
    goal(f'a new name served within 5 s: {result[ours]["new"]:.2f} s', result[ours]['new'] <= 5)
    goal(f'first handshake within a second of the start at 100000 names: {huge:.2f} s', huge <= 1)


def report():
    """Puts table and machine in place of the old ones in the section "Policy host"."""
    def said(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    here = os.path.dirname(os.path.abspath(__file__))
    commit = said('git', '-c', 'safe.directory=*', '-C', here, 'rev-parse', 'HEAD') or 'unknown'
    versions = [re.search(r'[\d.]+', subprocess.run(c, capture_output=True, text=True, env=dict(os.environ, HOME=WORK)).stderr + said(*c))[0] for c in (['/usr/sbin/nginx', '-v'], ['/usr/bin/caddy', 'version'])]
    text = open(REPORT).read()
    facts = (f'| date | {datetime.date.today()} |\n| commit | {commit} |\n| machine | {os.cpu_count()} cores, {platform.freedesktop_os_release()["PRETTY_NAME"]}, '
             f'release build; nginx {versions[0]}, Caddy {versions[1]} |\n| load before the run | {load:.1f} |\n')
    section = re.search(r'## Policy host\n.*?(?=\n## |\Z)', text, re.S)
    if not section:
        sys.exit(f'{REPORT} has no section "Policy host"')
    new = re.sub(r'(\| --- \| --- \|\n)(\|.*\n)*', lambda m: m[1] + facts, section[0], count=1)
    new = re.sub(r'```\n.*?```', lambda m: '```\n' + '\n'.join(lines) + '\n```', new, count=1, flags=re.S)
    written(REPORT, text[:section.start()] + new + text[section.end():])


lines = []
load = os.getloadavg()[0]
try:
    main()
    print('\n'.join(lines))
    if REPORT:
        report()
finally:
    for child in children:
        child.kill()
    shutil.rmtree(WORK, ignore_errors=True)
