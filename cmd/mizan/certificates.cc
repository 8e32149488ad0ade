// Certificates through OpenSSL 3.
#include "cmd/mizan/certificates.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

namespace mizan::cmd {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Memory = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

/// OpenSSL fails here only when memory or randomness is out: a broken world.
void require(bool ok, const char* step) {
  if (!ok) throw std::runtime_error(fmt::format("OpenSSL: {} failed", step));
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "making a key");
  return key;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string to_pem(X509* certificate) {
  Memory out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(out.get(), certificate) == 1, "writing a certificate");
  return text_of(out.get());
}

std::string to_pem(EVP_PKEY* key) {
  Memory out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing a key");
  return text_of(out.get());
}

Certificate certificate_from(const std::string& pem) {
  Memory in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
}

Key key_from(const std::string& pem) {
  Memory in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  require(extension != nullptr, "making a certificate extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate blank_certificate(EVP_PKEY* key, const char* common_name, Time now, int days) {
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  unsigned char serial[16];
  require(RAND_bytes(serial, sizeof serial) == 1, "drawing a serial number");
  serial[0] &= 0x7f;  // a serial is positive
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made.get()));
  BN_free(number);
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  X509_time_adj_ex(X509_getm_notBefore(made.get()), 0, -300, const_cast<time_t*>(&seconds));
  X509_time_adj_ex(X509_getm_notAfter(made.get()), days, 0, const_cast<time_t*>(&seconds));
  X509_set_pubkey(made.get(), key);
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return made;
}

bool is_address(const std::string& host) {
  unsigned char buffer[16];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

Certificate make_ca(EVP_PKEY* key, Time now) {
  Certificate ca = blank_certificate(key, "mizan CA", now, 3650);
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(ca.get(), key, EVP_sha256()) > 0, "signing the CA");
  return ca;
}

Certificate make_server(EVP_PKEY* key, X509* ca, EVP_PKEY* ca_key,
                        const std::vector<std::string>& hosts, Time now) {
  Certificate server = blank_certificate(key, "mizan", now, 365);
  X509_set_issuer_name(server.get(), X509_get_subject_name(ca));
  add_extension(server.get(), ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(server.get(), ca, NID_key_usage, "critical,digitalSignature");
  add_extension(server.get(), ca, NID_ext_key_usage, "serverAuth");
  add_extension(server.get(), ca, NID_authority_key_identifier, "keyid");
  std::string names;
  for (const std::string& host : hosts) {
    names += (names.empty() ? "" : ",") + std::string(is_address(host) ? "IP:" : "DNS:") + host;
  }
  add_extension(server.get(), ca, NID_subject_alt_name, names);
  require(X509_sign(server.get(), ca_key, EVP_sha256()) > 0, "signing the server certificate");
  return server;
}

bool still_good(X509* certificate, X509* ca, const std::vector<std::string>& hosts, Time now) {
  auto in_30_days = std::chrono::system_clock::to_time_t(now + std::chrono::days(30));
  if (X509_cmp_time(X509_get0_notAfter(certificate), &in_30_days) <= 0) return false;
  const Key ca_public(X509_get_pubkey(ca));
  if (X509_verify(certificate, ca_public.get()) != 1) return false;
  for (const std::string& host : hosts) {
    const bool named =
        is_address(host) ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
                         : X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
    if (!named) return false;
  }
  return true;
}

}  // namespace

Result<ServerCertificate> ensure_certificates(const DataDir& dir,
                                              const std::vector<std::string>& hosts, Time now) {
  Key ca_key = key_from(read_file(dir.path() / "pki/ca.key"));
  Certificate ca = certificate_from(read_file(dir.path() / "ca.crt"));
  if (!ca_key || !ca || X509_check_private_key(ca.get(), ca_key.get()) != 1) {
    ca_key = new_key();
    ca = make_ca(ca_key.get(), now);
    if (auto done = dir.write("pki/ca.key", to_pem(ca_key.get()), 0600); !done)
      return fail(done.error());
    if (auto done = dir.write("ca.crt", to_pem(ca.get()), 0644); !done) return fail(done.error());
  }
  Key key = key_from(read_file(dir.path() / "pki/server.key"));
  Certificate certificate = certificate_from(read_file(dir.path() / "pki/server.crt"));
  const bool usable = key && certificate &&
                      X509_check_private_key(certificate.get(), key.get()) == 1 &&
                      still_good(certificate.get(), ca.get(), hosts, now);
  if (!usable) {
    key = new_key();
    certificate = make_server(key.get(), ca.get(), ca_key.get(), hosts, now);
    if (auto done = dir.write("pki/server.key", to_pem(key.get()), 0600); !done)
      return fail(done.error());
    if (auto done = dir.write("pki/server.crt", to_pem(certificate.get()), 0644); !done)
      return fail(done.error());
  }
  return ServerCertificate{to_pem(ca.get()), to_pem(certificate.get()), to_pem(key.get())};
}

}  // namespace mizan::cmd
