// An OpenAI-compatible server for tests, on 127.0.0.1: answers from a script, remembers what it was
// asked. It echoes; it is no model.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mizan::rag {

struct FakeRequest {
  std::string path;
  std::string body;
  std::string authorization;
};

struct FakeAnswer {
  unsigned status = 200;
  std::string body;
  bool hang = false;  // never answer
};

class FakeEndpoint {
 public:
  using Handler = std::function<FakeAnswer(const FakeRequest&, std::size_t number)>;

  /// `tls`: with a certificate of its own, whose PEM file is written to `certificate_path`.
  explicit FakeEndpoint(Handler handler, bool tls = false,
                        const std::string& certificate_path = {});
  ~FakeEndpoint();
  FakeEndpoint(const FakeEndpoint&) = delete;
  FakeEndpoint& operator=(const FakeEndpoint&) = delete;

  std::string base_url() const;
  std::vector<FakeRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mizan::rag
