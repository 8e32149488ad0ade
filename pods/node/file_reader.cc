// Opens by openat2 with RESOLVE_BENEATH: the kernel refuses every way out of the directory.
#include "pods/node/file_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace mizan::pods {
namespace {

using store::FilePiece;

constexpr std::size_t kReadSize = 64U << 10U, kMostAtOnce = 256U << 10U;
constexpr int kDeepest = 8;

int open_beneath(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how));
}

bool is_not_there(int error) { return error == ENOENT || error == ENOTDIR; }

std::string joined(const std::string& directory, const std::string& name) {
  if (directory.empty() || name.empty()) return directory + name;
  return directory + "/" + name;
}

}  // namespace

Result<HostPlace> place_of(const ContainerPlan& container, const std::string& path) {
  const std::string own = "containers/" + container.name + "/";
  std::vector<MountPlan> mounts = container.mounts;
  // What every container has, unless it mounts something else there.
  for (const auto& [target, leaf] :
       {std::pair("/var/log/katib", "katib"), std::pair("/tmp", "tmp")})
    mounts.push_back({own + leaf, target, false, false});
  const MountPlan* found = nullptr;
  for (const MountPlan& mount : mounts) {
    if (is_below(path, mount.target) && (!found || mount.target.size() > found->target.size()))
      found = &mount;
  }
  if (found == nullptr || found->tmpfs)
    return fail(Code::kInvalid,
                fmt::format("{} is in no volume of container {}", path, container.name));
  HostPlace place{found->source, path.substr(found->target.size())};
  place.relative.erase(0, place.relative.find_first_not_of('/'));
  while (place.relative.ends_with('/')) place.relative.pop_back();
  return place;
}

FileReader::FileReader(Fd root, std::string relative, bool directory)
    : root_(std::move(root)), relative_(std::move(relative)), directory_(directory) {}

Result<std::vector<FilePiece>> FileReader::next() {
  std::vector<FilePiece> pieces;
  if (directory_) {
    find_files("", 0);
  } else {
    tails_.try_emplace("");
  }
  for (auto& [name, tail] : tails_) {
    if (Result<> done = read(name, joined(relative_, name), tail, pieces); !done)
      return fail(std::move(done).error());
  }
  return pieces;
}

/// New files below the directory; links to others are passed over.
void FileReader::find_files(const std::string& path, int depth) {
  const int fd = open_beneath(root_.get(), joined(relative_, path), O_DIRECTORY | O_NOFOLLOW);
  if (fd < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(fd), ::closedir);
  if (!listing) {
    ::close(fd);
    return;
  }
  while (const dirent* each = ::readdir(listing.get())) {
    const std::string leaf = each->d_name;
    struct stat status{};
    if (leaf == "." || leaf == ".." || tails_.size() >= kMostFiles ||
        ::fstatat(::dirfd(listing.get()), each->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    const std::string name = joined(path, leaf);
    if (S_ISDIR(status.st_mode) && depth < kDeepest) find_files(name, depth + 1);
    if (S_ISREG(status.st_mode)) tails_.try_emplace(name);
  }
}

/// False: there is nothing there (yet). `begins`: it is not what was read before.
Result<bool> FileReader::open_tail(const std::string& path, Tail& tail, bool& begins) {
  Fd file(open_beneath(root_.get(), path, 0));
  if (!file) {
    const int error = errno;
    if (is_not_there(error)) return false;
    const bool out = error == EXDEV || error == ELOOP;
    return fail(Code::kInvalid, out ? fmt::format("{} is a link that leads out of its volume", path)
                                    : fmt::format("{}: {}", path, std::strerror(error)));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(Code::kInvalid, fmt::format("{} is no regular file", path));
  const bool same = tail.begun && status.st_dev == tail.device && status.st_ino == tail.inode &&
                    status.st_size >= tail.at;
  begins = !same;
  if (!same) tail.at = 0;
  tail.device = status.st_dev;
  tail.inode = status.st_ino;
  tail.file = std::move(file);
  return true;
}

Result<> FileReader::read(const std::string& name, const std::string& path, Tail& tail,
                          std::vector<FilePiece>& pieces) {
  std::string chunk;
  std::size_t taken = 0;
  bool begins = !tail.begun;
  bool looked = false;  // whether the path still leads to the open file
  while (taken < kMostAtOnce) {
    if (!tail.file) {
      TRY(const bool there, open_tail(path, tail, begins));
      if (!there) return {};
      looked = true;
    }
    chunk.resize(kReadSize);
    const ssize_t got = ::pread(tail.file.get(), chunk.data(), chunk.size(), tail.at);
    if (got < 0) return fail_errno("reading " + path);
    if (got == 0) {
      if (directory_ || looked) {
        if (directory_) tail.file.reset();
        return {};
      }
      // All of this file is read; there may be another in its place, or it was cut.
      bool other = false;
      TRY(const bool there, open_tail(path, tail, other));
      looked = true;
      if (!there || !other) return {};
      begins = true;
      continue;
    }
    const auto size = static_cast<std::size_t>(got);
    if (size > left_)
      return fail(Code::kInvalid, fmt::format("more than {} GiB were written", kMostBytes >> 30U));
    left_ -= size;
    tail.at += got;
    taken += size;
    chunk.resize(size);
    pieces.push_back({name, begins, std::move(chunk)});
    begins = false;
    tail.begun = true;
    chunk = {};
  }
  return {};
}

}  // namespace mizan::pods
