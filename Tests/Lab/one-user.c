// Preloaded (LD_PRELOAD), it lets a server that lives in a namespace whose only user is root believe that it became another one: every
// change succeeds and changes nothing but what it is told. Most of Postfix's programs refuse to run as root.
#include <grp.h>
#include <sys/types.h>
#include <unistd.h>

static uid_t real, effective;

int setuid(uid_t user) { real = effective = user; return 0; }
int seteuid(uid_t user) { effective = user; return 0; }
uid_t getuid(void) { return real; }
uid_t geteuid(void) { return effective; }
int setgid(gid_t group) { (void)group; return 0; }
int setegid(gid_t group) { (void)group; return 0; }
int setgroups(size_t count, const gid_t *groups) { (void)count; (void)groups; return 0; }
int initgroups(const char *user, gid_t group) { (void)user; (void)group; return 0; }
int chown(const char *path, uid_t user, gid_t group) { (void)path; (void)user; (void)group; return 0; }
int fchown(int file, uid_t user, gid_t group) { (void)file; (void)user; (void)group; return 0; }
