/* handshakes PORT COUNT SEED THREADS NUMBER: full TLS handshakes with 127.0.0.1:PORT, each for a name drawn at random from COUNT,
 * or, with seed 0, for one after the other from the last on.
 *
 * No session is kept, so none is resumed. Each connection is closed in good order: the server's close is awaited, so that the
 * server too has seen the handshake to its end. The leaf must bear the name asked for. Client addresses go round a block of
 * loopback ones, so that ports in TIME_WAIT are no limit.
 * Prints: handshakes, seconds, p50 and p99 in milliseconds, failures.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int port;
static long count, number;
static unsigned long seed;
static atomic_long next, failures;
static double *times;
static SSL_CTX *context;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* The name of the n-th handshake is the same in every run with this seed (splitmix64). */
static unsigned long draw(unsigned long n) {
    unsigned long z = seed + (n + 1) * 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
    return z ^ (z >> 31);
}

static int shake(long n) {
    char name[300];
    snprintf(name, sizeof name, "mta-sts.zone%05lu.example", seed ? draw(n) % (unsigned long)count : (unsigned long)(count - 1 - n % count));
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1, ok = 0;
    struct timeval limit = {20, 0};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + n % 200)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SSL *ssl = NULL;
    if (bind(s, (struct sockaddr *)&from, sizeof from) || connect(s, (struct sockaddr *)&to, sizeof to)) goto end;
    ssl = SSL_new(context);
    SSL_set_fd(ssl, s);
    SSL_set_tlsext_host_name(ssl, name);
    if (SSL_connect(ssl) != 1) goto end;
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    if (!leaf || X509_check_host(leaf, name, 0, 0, NULL) != 1 || SSL_session_reused(ssl)) goto end;
    SSL_shutdown(ssl);
    char octet;
    while (SSL_read(ssl, &octet, 1) > 0) {}
    ok = 1;
end:
    if (ssl) SSL_free(ssl);
    close(s);
    return ok;
}

static void *work(void *unused) {
    (void)unused;
    for (long n; (n = atomic_fetch_add(&next, 1)) < number;) {
        double begun = now();
        if (!shake(n)) atomic_fetch_add(&failures, 1);
        times[n] = now() - begun;
    }
    return NULL;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "usage: handshakes PORT COUNT SEED THREADS NUMBER\n"), 64;
    port = atoi(argv[1]), count = atol(argv[2]), seed = strtoul(argv[3], NULL, 10), number = atol(argv[5]);
    int threads = atoi(argv[4]);
    times = calloc(number, sizeof *times);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    const unsigned char alpn[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context, alpn, 9);
    pthread_t all[256];
    double begun = now();
    for (int i = 0; i < threads && i < 256; i++) pthread_create(&all[i], NULL, work, NULL);
    for (int i = 0; i < threads && i < 256; i++) pthread_join(all[i], NULL);
    double seconds = now() - begun;
    qsort(times, number, sizeof *times, compare);
    printf("%ld %.4f %.3f %.3f %ld\n", number, seconds, times[number / 2] * 1e3, times[number * 99 / 100] * 1e3, (long)failures);
    return 0;
}
