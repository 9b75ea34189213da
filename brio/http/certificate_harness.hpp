// Test-only: certificates that vouch for themselves, in files that the test removes.
#pragma once
#include <cstdio>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <brio/base/temporary_folder.hpp>

namespace brio::http::test {

struct CertificateParts {
    const char* names = "DNS:localhost,IP:127.0.0.1";
    long begins = -3600;  // seconds from now
    long ends = 3600;
    bool is_rsa = false;  // 2048 bits; else P-256
};

class Certificate {
public:
    explicit Certificate(const char* names) : Certificate(CertificateParts{.names = names}) {}
    explicit Certificate(CertificateParts parts = {})
        : key_(parts.is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")),
          certificate_(X509_new()) {
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
        X509_set_version(certificate_, 2);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), parts.begins);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), parts.ends);
        X509_set_pubkey(certificate_, key_);
        auto* name = X509_get_subject_name(certificate_);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                                   -1, -1, 0);
        X509_set_issuer_name(certificate_, name);
        for (auto const& [id, value] :
             {std::pair(NID_subject_alt_name, parts.names), std::pair(NID_basic_constraints, "CA:TRUE")}) {
            auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
            X509_add_ext(certificate_, extension, -1);
            X509_EXTENSION_free(extension);
        }
        X509_sign(certificate_, key_, EVP_sha256());
        write_certificate(path_);
        write_key(key_path_);
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
    ~Certificate() {
        X509_free(certificate_);
        EVP_PKEY_free(key_);
    }

    void write_certificate(const std::string& to) const {
        auto* stream = std::fopen(to.c_str(), "w");
        PEM_write_X509(stream, certificate_);
        std::fclose(stream);
    }
    void write_key(const std::string& to) const {
        auto* stream = std::fopen(to.c_str(), "w");
        PEM_write_PrivateKey(stream, key_, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(stream);
    }

    const std::string& path() const { return path_; }
    const std::string& key_path() const { return key_path_; }
    std::string file(const std::string& name) const { return folder_.file(name); }
    EVP_PKEY* key() const { return key_; }
    X509* certificate() const { return certificate_; }

private:
    TemporaryFolder folder_;
    std::string path_ = folder_.file("certificate.pem");
    std::string key_path_ = folder_.file("key.pem");
    EVP_PKEY* key_;
    X509* certificate_;
};

}  // namespace brio::http::test
