// Reads what a container writes into files, while it writes it: one file, or all below a directory.
//
// The files belong to a program that is not trusted: nothing is followed out of the directory it
// was given, only regular files are opened, and there is an end to how much is read. Blocks; files
// pool only, one call at a time.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "pods/shim/launch_plan.h"
#include "pods/shim/pod_folder.h"
#include "store/pod_files.h"

namespace mizan::pods {

/// Where a path of a container lies on the host: a directory that the container was given, and the
/// rest of the path below it.
struct HostPlace {
  std::string root;      // relative to the pod's folder, or absolute (hostPath)
  std::string relative;  // "" for the root itself
};
/// Errors: kInvalid: the path is in none of the container's volumes.
Result<HostPlace> place_of(const ContainerPlan& container, const std::string& path);

class FileReader {
 public:
  static constexpr std::uint64_t kMostBytes = 4ULL << 30U;  // of one container
  static constexpr std::size_t kMostFiles = 1024;

  /// `root`: the directory. `relative`: the file or directory below it.
  FileReader(Fd root, std::string relative, bool directory);

  /// Some more bytes, none when all that has been written is read. Errors: kInvalid, as FileStream.
  Result<std::vector<store::FilePiece>> next();

 private:
  struct Tail {
    Fd file;  // of a directory's files, only while there is something to read
    dev_t device = 0;
    ino_t inode = 0;
    off_t at = 0;
    bool begun = false;
  };

  Result<> read(const std::string& name, const std::string& path, Tail& tail,
                std::vector<store::FilePiece>& pieces);
  Result<bool> open_tail(const std::string& path, Tail& tail, bool& begins);
  void find_files(const std::string& path, int depth);

  Fd root_;
  std::string relative_;
  bool directory_;
  std::map<std::string, Tail> tails_;  // by path below the directory; "" for the one file
  std::uint64_t left_ = kMostBytes;
};

}  // namespace mizan::pods
