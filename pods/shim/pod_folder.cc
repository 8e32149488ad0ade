// Files of a pod's folder, with plain system calls: the shim that shares this code must stay small.
#include "pods/shim/pod_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace mizan::pods {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::unexpected<Error> fail_errno(std::string what, int error) {
  const int cause = error != 0 ? error : errno;
  const Code code = cause == ENOENT   ? Code::kNotFound
                    : cause == EEXIST ? Code::kAlreadyExists
                                      : Code::kInternal;
  return fail(code, std::move(what) + ": " + ::strerrordesc_np(cause));
}

Result<std::string> read_file_at(int directory, const std::string& name, std::size_t max_bytes) {
  const Fd file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(name);
  std::string bytes;
  char chunk[4096];
  while (true) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(name);
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes) return fail(Code::kTooLarge, name + " is too large");
  }
}

namespace {

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<> write_file_at(int directory, const std::string& name, std::string_view bytes,
                       bool durable) {
  const std::string fresh = name + ".new";
  const Fd file(::openat(directory, fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || !write_all(file.get(), bytes)) return fail_errno(fresh);
  if (::renameat(directory, fresh.c_str(), directory, name.c_str()) != 0) return fail_errno(name);
  // After the rename, so that one commit of the journal takes both; the directory's own sync finds
  // nothing left to do.
  if (durable && (::fsync(file.get()) != 0 || ::fsync(directory) != 0)) return fail_errno(name);
  return {};
}

Result<> make_directory_at(int directory, const std::string& name, mode_t mode) {
  if (::mkdirat(directory, name.c_str(), mode) != 0 && errno != EEXIST) return fail_errno(name);
  return {};
}

Result<> claim_pod(int folder) {
  const Fd file(::openat(folder, kClaimFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return fail_errno(kClaimFile);
  char line[128];
  const int size = std::snprintf(line, sizeof line, "%d %llu %s\n", ::getpid(),
                                 static_cast<unsigned long long>(start_time_of(::getpid())),
                                 this_boot_id().c_str());
  if (!write_all(file.get(), {line, static_cast<std::size_t>(size)})) return fail_errno(kClaimFile);
  return {};
}

std::optional<Claim> read_claim(int folder) {
  const Result<std::string> text = read_file_at(folder, kClaimFile, 4096);
  if (!text || !text->ends_with('\n')) return std::nullopt;
  const std::string_view line = std::string_view(*text).substr(0, text->size() - 1);
  const std::size_t first = line.find(' ');
  const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos) return std::nullopt;
  const auto pid = read_number(line.substr(0, first));
  const auto start = read_number(line.substr(first + 1, second - first - 1));
  if (!pid || !start) return std::nullopt;
  return Claim{static_cast<pid_t>(*pid), *start, std::string(line.substr(second + 1))};
}

bool is_claimed(int folder) { return ::faccessat(folder, kClaimFile, F_OK, 0) == 0; }

bool is_alive(const Claim& claim) {
  return claim.pid > 0 && claim.boot_id == this_boot_id() &&
         start_time_of(claim.pid) == claim.start_time;
}

std::string this_boot_id() {
  Result<std::string> text = read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 4096);
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *std::move(text);
}

std::uint64_t start_time_of(pid_t pid) {
  const Result<std::string> stat =
      read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/stat", 8192);
  if (!stat) return 0;
  // The name in parentheses may hold anything; what follows the last ')' is field 3.
  std::size_t at = stat->rfind(')');
  if (at == std::string::npos) return 0;
  const char state = at + 2 < stat->size() ? (*stat)[at + 2] : 'Z';
  if (state == 'Z' || state == 'X') return 0;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return 0;
  return read_number(std::string_view(*stat).substr(at + 1, stat->find(' ', at + 1) - at - 1))
      .value_or(0);
}

}  // namespace mizan::pods
