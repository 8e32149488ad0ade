// Locking, tokens and the files that clients read.
#include "cmd/mizan/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace mizan::cmd {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system gave no random bytes for a token");
  }
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::path default_data_dir() {
  if (const std::string xdg = environment("XDG_DATA_HOME"); !xdg.empty())
    return fs::path(xdg) / "mizan";
  if (const std::string home = environment("HOME"); !home.empty()) {
    return fs::path(home) / ".local" / "share" / "mizan";
  }
  return "mizan-data";
}

Result<DataDir> DataDir::open(fs::path path) {
  std::error_code error;
  const bool existed = fs::exists(path, error);
  fs::create_directories(path, error);
  if (error) {
    return fail(Code::kForbidden,
                fmt::format("data directory {}: {}", path.string(), error.message()));
  }
  path = fs::canonical(path, error);
  if (!existed) fs::permissions(path, fs::perms::owner_all, error);
  fs::create_directories(path / "pki", error);
  fs::permissions(path / "pki", fs::perms::owner_all, error);

  const fs::path lock_path = path / "lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return fail(Code::kForbidden, fmt::format("data directory {}: can't write there: {}",
                                              path.string(), std::strerror(errno)));
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = trimmed(read_file(lock_path));
    const std::string address = trimmed(read_file(path / "address"));
    ::close(lock);
    return fail(
        Code::kAlreadyExists,
        fmt::format("data directory {} belongs to a running server (pid {}{}); stop it, or give "
                    "another --data-dir",
                    path.string(), pid.empty() ? "unknown" : pid,
                    address.empty() ? "" : ", " + address));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
    const std::string why = std::strerror(errno);
    ::close(lock);
    return fail(Code::kForbidden, fmt::format("data directory {}: {}", path.string(), why));
  }
  return DataDir(std::move(path), lock);
}

DataDir::DataDir(DataDir&& other) noexcept : path_(std::move(other.path_)), lock_(other.lock_) {
  other.lock_ = -1;
}

DataDir::~DataDir() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::string> DataDir::token(const std::string& name) const {
  const std::string file = name + ".token";
  if (std::string kept = trimmed(read_file(path_ / file)); kept.size() >= 32) return kept;
  std::string made = random_token();
  if (auto written = write(file, made + "\n", 0600); !written) return fail(written.error());
  return made;
}

Result<> DataDir::write(const std::string& name, const std::string& text, unsigned mode) const {
  const fs::path target = path_ / name;
  const fs::path part = path_ / (name + ".part");
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0)
    return fail(Code::kForbidden, fmt::format("{}: {}", part.string(), std::strerror(errno)));
  ::fchmod(file, mode);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const std::string why = written ? "" : std::strerror(errno);
  ::close(file);
  if (!written) return fail(Code::kForbidden, fmt::format("{}: {}", part.string(), why));
  std::error_code error;
  fs::rename(part, target, error);
  if (error) return fail(Code::kForbidden, fmt::format("{}: {}", target.string(), error.message()));
  return {};
}

std::optional<RunningServer> find_running_server(const fs::path& path) {
  const int lock = ::open((path / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return std::nullopt;
  const bool owned = ::flock(lock, LOCK_EX | LOCK_NB) != 0;  // ours ends with close
  ::close(lock);
  if (!owned) return std::nullopt;
  RunningServer server{trimmed(read_file(path / "address")),
                       trimmed(read_file(path / "admin.token")), read_file(path / "ca.crt")};
  if (server.address.empty() || server.admin_token.empty()) return std::nullopt;
  return server;
}

kubernetes::Endpoint endpoint_of(const RunningServer& server) {
  return {.address = server.address,
          .ca_certificate = server.ca_certificate,
          .bearer_token = server.admin_token};
}

std::string kubeconfig_for(const std::string& address, const std::string& ca_pem,
                           const std::string& token) {
  return fmt::format(R"(apiVersion: v1
kind: Config
clusters:
- name: mizan
  cluster:
    server: {}
    certificate-authority-data: {}
users:
- name: mizan
  user:
    token: {}
contexts:
- name: mizan
  context:
    cluster: mizan
    user: mizan
    namespace: default
current-context: mizan
)",
                     address, base64(ca_pem), token);
}

}  // namespace mizan::cmd
