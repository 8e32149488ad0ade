// Reads CRI log files line by line, across rotations.
#include "pods/node/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace mizan::pods {
namespace {

constexpr std::size_t kLogChunk = 128 * 1024;
constexpr int kMostFiles = 100;

ino_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Where the last `lines` lines of the file begin; `lines` becomes how many are still wanted from
/// older files.
off_t tail_offset(const std::string& path, std::int64_t& lines) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  off_t end = ::lseek(file.get(), 0, SEEK_END);
  const off_t size = end;
  std::string chunk;
  while (end > 0) {
    const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(kLogChunk));
    chunk.resize(static_cast<std::size_t>(end - begin));
    const ssize_t got = ::pread(file.get(), chunk.data(), chunk.size(), begin);
    if (got <= 0) return 0;
    for (ssize_t i = got - 1; i >= 0; --i) {
      const off_t place = begin + i;
      if (chunk[static_cast<std::size_t>(i)] != '\n' || place == size - 1)
        continue;  // the end of the last line
      if (--lines == 0) return place + 1;
    }
    end = begin;
  }
  if (size > 0) --lines;  // the first line has no newline before it
  return 0;
}

}  // namespace

LogReader::LogReader(const std::string& directory, std::uint32_t attempt, store::LogOptions options,
                     Time now)
    : base_(directory + "/" + std::to_string(attempt) + ".log"), options_(std::move(options)) {
  if (options_.since_seconds)
    since_ = format_rfc3339_nano(now - std::chrono::seconds(*options_.since_seconds));
  if (options_.since_time) since_ = format_rfc3339_nano(*options_.since_time);
  left_ = options_.limit_bytes
              ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, *options_.limit_bytes))
              : std::numeric_limits<std::uint64_t>::max();
  exists_ = inode_of(base_) != 0;
  // Opened at once: what is there can be read even when the pod's folder goes away.
  if (options_.tail_lines) {
    seek_to_tail(std::max<std::int64_t>(0, *options_.tail_lines));
  } else {
    (void)open_next();
  }
}

std::string LogReader::path(int index) const {
  return index == 0 ? base_ : base_ + "." + std::to_string(index);
}

void LogReader::seek_to_tail(std::int64_t lines) {
  for (int index = 0; index < kMostFiles && inode_of(path(index)) != 0; ++index) {
    if (lines > 0) {
      const off_t at = tail_offset(path(index), lines);
      file_.reset(::open(path(index).c_str(), O_RDONLY | O_CLOEXEC));
      inode_ = inode_of(path(index));
      at_ = at;
      if (lines <= 0) return;
    } else if (index == 0) {  // nothing of what there is, only what follows
      file_.reset(::open(base_.c_str(), O_RDONLY | O_CLOEXEC));
      inode_ = inode_of(base_);
      at_ = ::lseek(file_.get(), 0, SEEK_END);
      return;
    }
  }
}

/// The file after the one that was read to its end; false when that is the present one.
bool LogReader::open_next() {
  int oldest = -1, own = -1;
  for (int index = 0; index < kMostFiles; ++index) {
    const ino_t inode = inode_of(path(index));
    if (inode == 0 && index > 0) break;
    if (inode == 0) continue;  // between rotating and opening anew
    oldest = index;
    if (file_ && inode == inode_) own = index;
  }
  if (own == 0 || oldest < 0) return false;
  const int next =
      own > 0 ? own - 1 : oldest;  // own < 0: rotated away while we read, or nothing read yet
  Fd file(::open(path(next).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return false;
  file_ = std::move(file);
  inode_ = status.st_ino;
  at_ = 0;
  pending_.clear();
  return true;
}

std::string LogReader::next() {
  while (left_ > 0) {
    if (!file_ && !open_next()) return {};
    std::string chunk(kLogChunk, '\0');
    const ssize_t got = ::pread(file_.get(), chunk.data(), chunk.size(), at_);
    if (got <= 0) {
      if (!open_next()) return {};
      continue;
    }
    at_ += got;
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
    const std::size_t end = pending_.rfind('\n');
    if (end == std::string::npos) continue;
    std::string text = format(std::string_view(pending_).substr(0, end + 1));
    pending_.erase(0, end + 1);
    if (text.size() > left_) text.resize(left_);
    left_ -= text.size();
    if (!text.empty()) return text;
  }
  return {};
}

std::string LogReader::format(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const std::size_t end = raw.find('\n');
    const std::string_view line = raw.substr(0, end);
    raw.remove_prefix(end + 1);
    // TIME STREAM TAG TEXT
    const std::size_t first = line.find(' ');
    const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
    const std::size_t third = second == line.npos ? line.npos : line.find(' ', second + 1);
    if (third == line.npos) continue;
    const std::string_view time = line.substr(0, first);
    if (!since_.empty() && time < since_) continue;
    if (options_.timestamps) (out += time) += ' ';
    out += line.substr(third + 1);
    if (line[second + 1] == 'F') out += '\n';  // P: the line goes on
  }
  return out;
}

}  // namespace mizan::pods
