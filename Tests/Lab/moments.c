// Preloaded (LD_PRELOAD), it counts a program's moments and kills it outright at the one whose number is MOMENT: before each write to a
// file, flush, rename, link and removal under MOMENT_FOLDER, and before and after each write to a connection to MOMENT_PORT.
// MOMENT_LOG holds the number of moments so far and what the last one was; "in" in its third column tells that SQLite was in the middle
// of writing a transaction to its log, and the last two are the transactions that it wrote, and how often it flushed that log.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long moments;
static atomic_int in_transaction;
static atomic_long commits, flushes;

static void moment(const char *what, const char *where) {
    static int log = -2;
    long count = atomic_fetch_add(&moments, 1) + 1;
    const char *end = getenv("MOMENT"), *path = getenv("MOMENT_LOG");
    if (log == -2) log = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%8ld %-8s %-3s %s %ld %ld\n", count, what, in_transaction ? "in" : "out", where,
                          (long)commits, (long)flushes);
    if (log >= 0) {
        syscall(SYS_pwrite64, log, line, length, 0);
        syscall(SYS_ftruncate, log, length);
    }
    if (!end || count != atol(end)) return;
    for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

// The path behind a descriptor, if it lies in the folder that counts; otherwise NULL.
static const char *counted(int file, char *path) {
    char link[64];
    const char *folder = getenv("MOMENT_FOLDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0 || !folder) return NULL;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) || strstr(path, "-shm") ? NULL : path;
}

static int is_counted_peer(int file) {
    const char *port = getenv("MOMENT_PORT");
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    return port && !getpeername(file, (struct sockaddr *)&peer, &length) && peer.sin_family == AF_INET &&
           ntohs(peer.sin_port) == atoi(port);
}

// What the program starts lives.
__attribute__((constructor)) static void alone(void) { unsetenv("LD_PRELOAD"); }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// A frame of SQLite's log is its header of 24 octets, then the page; the header's second word is not 0 in the last frame of a transaction.
static ssize_t put(int file, const void *octets, size_t count, off64_t at) {
    static __thread int is_last;
    char path[PATH_MAX];
    const char *where = counted(file, path);
    int is_frame = where && strstr(where, "-wal") && at >= 32;
    if (where) moment("write", where);
    ssize_t done = syscall(SYS_pwrite64, file, octets, count, at);
    if (is_frame && count == 24) {
        is_last = memcmp((const char *)octets + 4, "\0\0\0", 4) != 0;
        in_transaction = 1;
    } else if (is_frame && is_last) {
        is_last = in_transaction = 0;
        commits++;
    }
    return done;
}

ssize_t pwrite64(int file, const void *octets, size_t count, off64_t at) { return put(file, octets, count, at); }
ssize_t pwrite(int file, const void *octets, size_t count, off_t at) { return put(file, octets, count, at); }

static int flush(int file, long call) {
    char path[PATH_MAX];
    const char *where = counted(file, path);
    if (where && strstr(where, "-wal")) flushes++;
    if (where) moment("flush", where);
    return (int)syscall(call, file);
}

int fsync(int file) { return flush(file, SYS_fsync); }
int fdatasync(int file) { return flush(file, SYS_fdatasync); }

int rename(const char *from, const char *to) {
    moment("rename", to);
    return NEXT(rename)(from, to);
}

int link(const char *from, const char *to) {
    moment("link", to);
    return NEXT(link)(from, to);
}

int unlink(const char *path) {
    moment("unlink", path);
    return NEXT(unlink)(path);
}

static ssize_t sent(int file, ssize_t done) {
    if (is_counted_peer(file)) moment("sent", "-");
    return done;
}

ssize_t write(int file, const void *octets, size_t count) {
    char path[PATH_MAX];
    const char *where = counted(file, path);
    if (where) moment("write", where);
    if (is_counted_peer(file)) moment("send", "-");
    return sent(file, syscall(SYS_write, file, octets, count));
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    if (is_counted_peer(file)) moment("send", "-");
    return sent(file, syscall(SYS_writev, file, parts, count));
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
    if (is_counted_peer(file)) moment("send", "-");
    return sent(file, syscall(SYS_sendmsg, file, message, flags));
}

ssize_t send(int file, const void *octets, size_t count, int flags) {
    if (is_counted_peer(file)) moment("send", "-");
    return sent(file, syscall(SYS_sendto, file, octets, count, flags, NULL, 0));
}
