#!/usr/bin/env python3
"""Certificates from one Pebble by dns-01 through one BIND: certadns beside lego, turn about, in the same run.

run.py CERTADNS [CERTIFICATES]    prints a table; everything on loopback; servers end with the run.
One by one: a process a certificate, as lego is used. At once: one `certadns apply` beside eight lego processes.
Both sides publish a TXT value, have it validated, remove it and write chain and key; lego does not wait for its servers
(`--dns.disable-cp`), certadns looks at them. Its zones are applied before, so that only the certificate is due.
"""
import os, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

CERTADNS = os.path.abspath(sys.argv[1])
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 50
LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'Tests', 'Lab')
SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
ZONES = [f'zone{i:03}.example' for i in range(COUNT)]
children = []


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def spawn(*command, **options):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    children.append(child)
    return child


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit('a server did not come up')
        time.sleep(0.05)


def listening(port):
    with socket.socket() as s:
        return s.connect_ex(('127.0.0.1', port)) == 0


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        sys.exit(f'{command} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}')
    return done.stdout


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bind(work, port):
    os.makedirs(work)
    conf = [f'key lab-key {{ algorithm hmac-sha256; secret "{SECRET}"; }};',
            f'options {{ directory "{work}"; pid-file "{work}/named.pid"; lock-file none; session-keyfile "{work}/s.key"; listen-on port {port} {{ 127.0.0.1; }};'
            ' listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no; empty-zones-enable no; }; controls { };']
    for zone in ZONES:
        with open(f'{work}/{zone}.zone', 'w') as f:
            f.write(f'$ORIGIN {zone}.\n$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 5\n@ NS ns1\n@ MX 10 mx\nns1 A 127.0.0.1\nmx A 127.0.0.1\n')
        conf.append(f'zone "{zone}" {{ type primary; file "{work}/{zone}.zone"; allow-update {{ key lab-key; }}; allow-transfer {{ key lab-key; }}; }};')
    open(f'{work}/named.conf', 'w').write('\n'.join(conf))
    spawn('/usr/sbin/named', '-g', '-4', '-n', '2', '-c', f'{work}/named.conf', stdout=open(f'{work}/log', 'w'), stderr=subprocess.STDOUT)
    wait_for(lambda: 'running' in open(f'{work}/log').read(), 60)


def pebble(work, dns):
    port, management = free_port(), free_port()
    spawn(f'{LAB}/pebble.sh', work, stdout=subprocess.DEVNULL,
          env=dict(os.environ, PORT=str(port), MGMT_PORT=str(management), HTTP01_PORT=str(free_port()), TLSALPN_PORT=str(free_port()),
                   DNS_SERVER=f'127.0.0.1:{dns}', VALIDITY_S='7776000'))
    wait_for(lambda: os.path.exists(f'{work}/env') and os.path.getsize(f'{work}/env') > 0)
    return f'https://127.0.0.1:{port}/dir'


def project(path, ca, directory, dns, https):
    os.makedirs(f'{path}/zones')
    open(f'{path}/certadns.yaml', 'w').write(
        f'providers: {{primary: {{type: rfc2136, server: "127.0.0.1:{dns}", key: {{name: lab-key, secret: "env:SECRET"}}}}}}\n'
        f'issuer: {{type: acme, directory: "{directory}", trust: ["{ca}/ca.pem"], propagation: {{servers: ["127.0.0.1:{dns}"]}}}}\n'
        f'policy_host: {{addresses: [127.0.0.1], listen: "127.0.0.1:{https}"}}\n'
        f'observe: {{resolvers: ["127.0.0.1:{dns}"], https_port: {https}, trust: ["{ca}/issuing-root.pem"]}}\n')
    for zone in ZONES:
        open(f'{path}/zones/{zone}.yaml', 'w').write(
            f'zone: {zone}\nadd_ons: [email-authentication]\nmta_sts: {{mode: testing}}\ntls_rpt: {{rua: ["mailto:tls@{zone}"]}}\n')


def make_due(path):
    """As if every certificate held had been issued years ago."""
    with sqlite3.connect(f'{path}/state/certadns.sqlite', timeout=30) as db:
        db.execute("UPDATE certificate SET facts = json_set(facts, '$.notBefore', '2020-01-01T00:00:00Z')")
        db.execute("UPDATE zone SET applied = json_set(applied, '$.certificate.notBefore', '2020-01-01T00:00:00Z')")
        db.execute("UPDATE issuance SET state = json_remove(state, '$.renewal')")
    db.close()


def keys(path):
    return {name for name in os.listdir(f'{path}/state/keys') if len(name) > 64}


def main():
    work = tempfile.mkdtemp(prefix='certadns-issue-')
    met = False
    try:
        dns, https = free_port(), free_port()
        bind(f'{work}/bind', dns)
        directory = pebble(f'{work}/pebble', dns)
        path, env = f'{work}/project', dict(os.environ, SECRET=SECRET)
        project(path, f'{work}/pebble', directory, dns, https)
        lego_env = dict(os.environ, RFC2136_NAMESERVER=f'127.0.0.1:{dns}', RFC2136_TSIG_ALGORITHM='hmac-sha256.', RFC2136_TSIG_KEY='lab-key',
                        RFC2136_TSIG_SECRET=SECRET, RFC2136_TTL='60', LEGO_CA_CERTIFICATES=f'{work}/pebble/ca.pem')
        folders = iter(range(1000))

        def lego(zone, folder):
            run('lego', '--server', directory, '--email', 'ops@example.test', '--accept-tos', '--path', folder, '--dns', 'rfc2136', '--dns.disable-cp',
                '--dns.resolvers', f'127.0.0.1:{dns}', '--domains', f'mta-sts.{zone}', 'run', env=lego_env)

        def fresh_lego(width):
            folder = f'{work}/lego{next(folders)}'
            run('lego', '--server', directory, '--email', 'ops@example.test', '--accept-tos', '--path', folder, '--dns', 'rfc2136', '--dns.disable-cp',
                '--dns.resolvers', f'127.0.0.1:{dns}', '--domains', f'account.{ZONES[0]}', 'run', env=lego_env)  # the account, untimed, as ours has one

            def all_of_them():
                with ThreadPoolExecutor(width) as pool:
                    list(pool.map(lambda zone: lego(zone, folder), ZONES))
            seconds = timed(all_of_them)
            held = [name for name in os.listdir(f'{folder}/certificates') if name.startswith('mta-sts') and name.endswith('.key')]
            assert len(held) == COUNT, f'lego holds {len(held)} of {COUNT}'
            return seconds

        def ours(at_once):
            before = keys(path)
            make_due(path)

            def all_of_them():
                if at_once:
                    run(CERTADNS, 'apply', '--auto-approve', env=env, cwd=path)
                else:
                    for zone in ZONES:
                        run(CERTADNS, 'apply', '--auto-approve', zone, env=env, cwd=path)
            seconds = timed(all_of_them)
            fresh = keys(path) - before
            assert len(fresh) == COUNT, f'certadns renewed {len(fresh)} of {COUNT}'
            return seconds

        spawn(CERTADNS, 'serve', env=env, cwd=path, stdout=open(f'{work}/serve.out', 'w'), stderr=open(f'{work}/serve.log', 'w'))
        wait_for(lambda: listening(https))
        first = timed(lambda: run(CERTADNS, 'apply', '--auto-approve', env=env, cwd=path))
        rounds = {'ours': [], 'lego': [], 'ours at once': [], 'lego at once': []}
        for _ in range(2):
            rounds['lego'].append(fresh_lego(1))
            rounds['ours'].append(ours(False))
            rounds['lego at once'].append(fresh_lego(8))
            rounds['ours at once'].append(ours(True))
        best = {name: min(seconds) for name, seconds in rounds.items()}
        print(f'{COUNT} certificates by dns-01 from one Pebble through one BIND, best of 2, wall seconds\n')
        print(f'one by one   certadns {best["ours"]:.2f} s   lego {best["lego"]:.2f} s   ratio {best["lego"] / best["ours"]:.2f}')
        print(f'at once      certadns {best["ours at once"]:.2f} s   lego (8 processes) {best["lego at once"]:.2f} s   ratio {best["lego at once"] / best["ours at once"]:.2f}')
        print(f'             first apply of all, records, policies and read-back included: {first:.2f} s\n')
        goals = [(f'one by one not slower than lego by more than a tenth: {best["ours"] / best["lego"]:.2f}', best['ours'] <= 1.1 * best['lego']),
                 (f'at once faster than lego: {best["lego at once"] / best["ours at once"]:.1f} times', best['ours at once'] < best['lego at once'])]
        for words, holds in goals:
            print(f'{"met " if holds else "MISSED"}  {words}')
        met = all(holds for _, holds in goals)
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if met else 1)


main()
