// See fake_endpoint.h. One connection after the other, on a thread of its own.
#include "tests/rag/fake_endpoint.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>

namespace mizan::rag {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// A key and a certificate for 127.0.0.1, signed by itself, good for an hour.
void use_own_certificate(asio::ssl::context& context, const std::string& path) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const std::string text = "fake endpoint";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::FILE* const file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  SSL_CTX_use_certificate(context.native_handle(), certificate.get());
  SSL_CTX_use_PrivateKey(context.native_handle(), key.get());
}

}  // namespace

struct FakeEndpoint::Impl {
  Impl(Handler h, bool with_tls) : handler(std::move(h)), tls(with_tls) {}

  template <class Stream>
  void serve(Stream& stream, tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    boost::system::error_code error;
    http::read(stream, buffer, request, error);
    if (error) return;
    const FakeRequest seen{std::string(request.target()), request.body(),
                           std::string(request[http::field::authorization])};
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex);
      number = requests.size();
      requests.push_back(seen);
    }
    const FakeAnswer answer = handler(seen, number);
    if (answer.hang) {
      held.push_back(std::move(socket));  // open until the end
      return;
    }
    http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
    response.set(http::field::content_type, "application/json");
    response.body() = answer.body;
    response.prepare_payload();
    http::write(stream, response, error);
  }

  void loop() {
    while (!stopping) {
      boost::system::error_code error;
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      if (error || stopping) return;
      if (!tls) {
        serve(socket, socket);
        continue;
      }
      asio::ssl::stream<tcp::socket&> stream(socket, context);
      stream.handshake(asio::ssl::stream_base::server, error);
      if (!error) serve(stream, socket);
    }
  }

  Handler handler;
  bool tls;
  asio::io_context io;
  asio::ssl::context context{asio::ssl::context::tls_server};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
  std::vector<tcp::socket> held;
  mutable std::mutex mutex;
  std::vector<FakeRequest> requests;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

FakeEndpoint::FakeEndpoint(Handler handler, bool tls, const std::string& certificate_path)
    : impl_(std::make_unique<Impl>(std::move(handler), tls)) {
  if (tls) use_own_certificate(impl_->context, certificate_path);
  impl_->thread = std::thread([this] { impl_->loop(); });
}

FakeEndpoint::~FakeEndpoint() {
  impl_->stopping = true;
  boost::system::error_code ignored;
  tcp::socket wake(impl_->io);
  wake.connect(impl_->acceptor.local_endpoint(), ignored);  // accept returns
  impl_->thread.join();
}

std::string FakeEndpoint::base_url() const {
  return fmt::format("{}://127.0.0.1:{}/v1", impl_->tls ? "https" : "http",
                     impl_->acceptor.local_endpoint().port());
}

std::vector<FakeRequest> FakeEndpoint::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace mizan::rag
