// Files that a pod's containers write, read while they run: what metrics collectors follow.
//
// An interface in store/ because its reader (experiment/) and its writer (pods/) are peers, as with
// PodLogs. On Kubernetes nothing stands behind it: there a sidecar reads the files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace mizan::store {

struct FileRequest {
  std::string container;
  std::string path;        // absolute, as the container sees it
  bool directory = false;  // every file below it
};

/// Some bytes of one file, in order.
struct FilePiece {
  std::string name;     // the path below the directory that was asked for; empty for a file
  bool begins = false;  // the first bytes of a file: a new one, or another in its place
  std::string bytes;
};

/// Thread: io.
class FileStream {
 public:
  virtual ~FileStream() = default;
  /// Some more; empty at the end: the container has ended and all was read. A file that is not
  /// there (yet) is an empty one. Errors: kInvalid for what is no regular file, leads out of the
  /// container's volumes, or is too much to read.
  virtual Task<Result<std::vector<FilePiece>>> next() = 0;
  virtual void cancel() = 0;  // a next() in flight resumes with kCancelled
};

/// Thread: io.
class PodFiles {
 public:
  virtual ~PodFiles() = default;
  /// Errors: kNotFound: no such pod; kInvalid: the path is in no volume of the container.
  virtual Task<Result<std::unique_ptr<FileStream>>> open(std::string ns, std::string pod,
                                                         FileRequest request) = 0;
};

}  // namespace mizan::store
