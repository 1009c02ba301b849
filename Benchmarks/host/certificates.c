/* certificates FOLDER COUNT: a CA, an intermediate and COUNT P-256 certificates, each with its key in one PEM file.
 *
 * FOLDER/ca.pem, FOLDER/pem/mta-sts.zoneNNNNN.example.pem (leaf, intermediate, key). Prints "name sha256-of-the-DER" a line.
 * Chains of two, as public CAs give them.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what) { fprintf(stderr, "certificates: %s\n", what); exit(1); }

static void extend(X509 *x, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!e || !X509_add_ext(x, e, -1)) die("an extension can't be made");
    X509_EXTENSION_free(e);
}

static X509 *certify(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer, int is_ca) {
    X509 *x = X509_new();
    unsigned char serial[16];
    if (!x || RAND_bytes(serial, sizeof serial) != 1) die("no certificate");
    serial[0] &= 0x7f;
    BIGNUM *n = BN_bin2bn(serial, sizeof serial, NULL);
    X509_set_version(x, 2);
    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    BN_free(n);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 90L * 86400);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    if (is_ca) {
        extend(x, issuer ? issuer : x, NID_basic_constraints, "critical,CA:TRUE");
        extend(x, issuer ? issuer : x, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        char san[300];
        snprintf(san, sizeof san, "DNS:%s", name);
        extend(x, issuer, NID_basic_constraints, "critical,CA:FALSE");
        extend(x, issuer, NID_key_usage, "critical,digitalSignature");
        extend(x, issuer, NID_ext_key_usage, "serverAuth");
        extend(x, issuer, NID_subject_alt_name, san);
    }
    extend(x, issuer ? issuer : x, NID_subject_key_identifier, "hash");
    if (!X509_sign(x, signer, EVP_sha256())) die("a signature failed");
    return x;
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: certificates FOLDER COUNT");
    char path[4096], name[300];
    EVP_PKEY *root_key = EVP_EC_gen("P-256"), *middle_key = EVP_EC_gen("P-256");
    X509 *root = certify("Bench root", root_key, NULL, root_key, 1);
    X509 *middle = certify("Bench intermediate", middle_key, root, root_key, 1);
    snprintf(path, sizeof path, "%s/ca.pem", argv[1]);
    FILE *f = fopen(path, "w");
    if (!f || !PEM_write_X509(f, root)) die("the folder can't be written");
    fclose(f);
    for (long i = 0; i < atol(argv[2]); i++) {
        snprintf(name, sizeof name, "mta-sts.zone%05ld.example", i);
        EVP_PKEY *key = EVP_EC_gen("P-256");
        X509 *leaf = certify(name, key, middle, middle_key, 0);
        snprintf(path, sizeof path, "%s/pem/%s.pem", argv[1], name);
        f = fopen(path, "w");
        if (!f || !PEM_write_X509(f, leaf) || !PEM_write_X509(f, middle) || !PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL))
            die("a certificate can't be written");
        if (fclose(f)) die("a certificate can't be written");
        unsigned char digest[32];
        unsigned int length = 0;
        if (!X509_digest(leaf, EVP_sha256(), digest, &length)) die("no digest");
        printf("%s ", name);
        for (unsigned j = 0; j < length; j++) printf("%02x", digest[j]);
        printf("\n");
        X509_free(leaf);
        EVP_PKEY_free(key);
    }
    return 0;
}
