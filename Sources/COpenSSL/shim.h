#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What a TLS client on OpenSSL makes of a server's chain (PEM, leaf first) for `host` at `now`, taking the chain's last certificate as
   trusted: signatures, dates, constraints, purpose and name. 0 and an empty `why` where it accepts; else a code and OpenSSL's words. */
static inline int certadns_server_chain(const char *pem, int length, const char *host, time_t now, char *why, size_t room) {
    int code = -1;
    why[0] = 0;
    BIO *bio = BIO_new_mem_buf(pem, length);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509 *leaf = NULL;
    X509 *certificate = NULL;
    if (!bio || !chain || !store || !context) {
        snprintf(why, room, "out of memory");
        goto end;
    }
    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (!leaf) leaf = certificate;
        if (!sk_X509_push(chain, certificate)) {
            X509_free(certificate);
            if (leaf == certificate) leaf = NULL;
            break;
        }
    }
    ERR_clear_error();
    if (!leaf) {
        snprintf(why, room, "there is no certificate in it");
        goto end;
    }
    X509_STORE_add_cert(store, sk_X509_value(chain, sk_X509_num(chain) - 1));
    if (!X509_STORE_CTX_init(context, store, leaf, chain)) {
        snprintf(why, room, "the verification can't be set up");
        goto end;
    }
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(rules, now);
    X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
    /* RFC 9525: the subject's common name is no name of a host. */
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!X509_VERIFY_PARAM_set1_host(rules, host, 0)) {
        snprintf(why, room, "'%s' is no host name", host);
        goto end;
    }
    code = X509_verify_cert(context) == 1 ? 0 : X509_STORE_CTX_get_error(context);
    if (code) {
        int depth = X509_STORE_CTX_get_error_depth(context);
        snprintf(why, room, "%s (certificate %d of the chain)", X509_verify_cert_error_string(code), depth + 1);
    }
end:
    ERR_clear_error();
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_pop_free(chain, X509_free);
    BIO_free(bio);
    return code;
}
