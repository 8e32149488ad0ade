// Cuts streams into lines and appends them; one write for all lines of one read.
#include "pods/shim/log_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <vector>

namespace mizan::pods {
namespace {

constexpr std::size_t kLongestLine = 16 * 1024;  // containerd's: longer lines are cut into P pieces
constexpr std::size_t kFlushAt = 64 * 1024;

}  // namespace

std::string timestamp_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", utc.tm_year + 1900,
                    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec);
  return {text, static_cast<std::size_t>(size)};
}

LogWriter::LogWriter(int directory, std::uint32_t attempt, std::uint64_t max_bytes,
                     std::uint32_t max_files)
    : directory_(directory),
      name_(std::to_string(attempt) + ".log"),
      max_bytes_(max_bytes),
      max_files_(max_files == 0 ? 1 : max_files) {
  file_.reset(::openat(directory_, name_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  struct stat status{};
  if (file_ && ::fstat(file_.get(), &status) == 0)
    size_ = static_cast<std::uint64_t>(status.st_size);
}

void LogWriter::write(Stream stream, std::string_view bytes) {
  std::string& partial = partial_[static_cast<std::size_t>(stream)];
  while (!bytes.empty()) {
    const std::size_t room = kLongestLine - partial.size();
    const std::size_t newline = bytes.substr(0, room + 1).find('\n');
    if (newline != bytes.npos) {
      if (partial.empty()) {
        add_line(stream, 'F', bytes.substr(0, newline));
      } else {
        partial += bytes.substr(0, newline);
        add_line(stream, 'F', partial);
        partial.clear();
      }
      bytes.remove_prefix(newline + 1);
    } else if (bytes.size() > room) {  // no end in sight and the line is full
      partial += bytes.substr(0, room);
      add_line(stream, 'P', partial);
      partial.clear();
      bytes.remove_prefix(room);
    } else {
      partial += bytes;
      break;
    }
  }
  flush();
}

void LogWriter::finish(Stream stream) {
  std::string& partial = partial_[static_cast<std::size_t>(stream)];
  if (!partial.empty()) add_line(stream, 'F', partial);
  partial.clear();
  flush();
}

void LogWriter::add_line(Stream stream, char tag, std::string_view text) {
  out_ += timestamp_now();
  out_ += stream == Stream::kStdout ? " stdout " : " stderr ";
  out_ += tag;
  out_ += ' ';
  out_ += text;
  out_ += '\n';
  if (out_.size() >= kFlushAt || size_ + out_.size() >= max_bytes_) flush();
}

void LogWriter::flush() {
  std::string_view rest = out_;
  while (!rest.empty() && file_) {
    const ssize_t put = ::write(file_.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;  // a full disk: these lines are lost, the container goes on
    size_ += static_cast<std::uint64_t>(put);
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  out_.clear();
  if (size_ >= max_bytes_) rotate();
}

void LogWriter::rotate() {
  for (std::uint32_t index = max_files_ - 1; index > 0; --index) {
    const std::string older = name_ + "." + std::to_string(index);
    const std::string newer = index == 1 ? name_ : name_ + "." + std::to_string(index - 1);
    ::renameat(directory_, newer.c_str(), directory_, older.c_str());
  }
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (max_files_ == 1 ? O_TRUNC : 0);
  file_.reset(::openat(directory_, name_.c_str(), flags, 0600));
  size_ = 0;
}

std::string LogWriter::tail(int directory, std::uint32_t attempt, std::size_t max_lines,
                            std::size_t max_bytes) {
  const Fd file(
      ::openat(directory, (std::to_string(attempt) + ".log").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  // The prefix of each line is some 40 bytes; reading twice what may be kept is enough for a
  // message.
  const auto wanted = static_cast<off_t>(max_bytes * 2 + max_lines * 48);
  const off_t from = size > wanted ? size - wanted : 0;
  std::string raw(static_cast<std::size_t>(size - from), '\0');
  const ssize_t got = ::pread(file.get(), raw.data(), raw.size(), from);
  raw.resize(got > 0 ? static_cast<std::size_t>(got) : 0);

  std::vector<std::string_view> lines;
  std::string_view rest = raw;
  if (from > 0) rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    for (int space = 0; space < 3 && !line.empty(); ++space)
      line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    lines.push_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (lines.size() > max_lines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(max_lines));
  std::string text;
  for (const std::string_view line : lines) (text += line) += '\n';
  if (text.size() > max_bytes) text.erase(0, text.size() - max_bytes);
  return text;
}

}  // namespace mizan::pods
