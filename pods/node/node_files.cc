// Follows files by the kernel's notes of changes in their directory, and a look now and then: a
// directory may not be there yet, and those below it are not watched.
#include "pods/node/node_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "controller/signal.h"
#include "core/executors.h"
#include "pods/node/file_reader.h"
#include "pods/node/pod_files.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using namespace std::chrono_literals;
using store::FilePiece;

struct WatchedSource {
  std::string folder, container;
  std::uint32_t attempt = 0;
  std::string watched;  // the directory on the host
  bool directory = false;
};

struct OpenedFiles {
  WatchedSource source;
  std::shared_ptr<FileReader> reader;
};

class NodeFileStream final : public store::FileStream {
 public:
  NodeFileStream(boost::asio::any_io_executor files, FolderWatcher& watcher, OpenedFiles opened)
      : files_(std::move(files)),
        watcher_(watcher),
        source_(std::move(opened.source)),
        reader_(std::move(opened.reader)) {
    folder_watch_ = watcher_.watch(source_.folder, false, waker());
  }

  Task<Result<std::vector<FilePiece>>> next() override {
    while (!cancelled_) {
      *dirty_ = false;
      if (!file_watch_) file_watch_ = watcher_.watch(source_.watched, true, waker());
      auto read = [reader = reader_, source = source_]() -> Result<Chunk> {
        // First whether it has ended, then what there is: in the other order the last bytes could
        // be missed.
        const bool ended = has_container_ended(source.folder, source.container, source.attempt);
        TRY(std::vector<FilePiece> pieces, reader->next());
        return Chunk{std::move(pieces), ended};
      };
      CO_TRY(Chunk chunk, co_await run_on(files_, std::move(read)));
      if (cancelled_) break;
      if (!chunk.pieces.empty() || chunk.ended) co_return std::move(chunk.pieces);
      const bool all_watched = file_watch_ != nullptr && !source_.directory;
      if (!*dirty_) (void)co_await changed_->wait_for(all_watched ? 2000ms : 500ms);
    }
    co_return fail(Code::kCancelled, "the file was closed");
  }

  void cancel() override {
    cancelled_ = true;
    changed_->notify_all();
  }

 private:
  struct Chunk {
    std::vector<FilePiece> pieces;
    bool ended = false;
  };

  std::function<void()> waker() const {
    return [changed = changed_, dirty = dirty_] {
      *dirty = true;
      changed->notify_all();
    };
  }

  boost::asio::any_io_executor files_;
  FolderWatcher& watcher_;
  WatchedSource source_;
  std::shared_ptr<FileReader> reader_;
  bool cancelled_ = false;
  std::shared_ptr<controller::Signal> changed_ = std::make_shared<controller::Signal>();
  std::shared_ptr<bool> dirty_ = std::make_shared<bool>(true);
  std::shared_ptr<void> folder_watch_, file_watch_;
};

/// A volume's directory; a link that a container laid into its own volume (subPath) is not
/// followed.
Result<Fd> open_root(int folder, const std::string& source) {
  if (source.starts_with('/')) {
    Fd root(::open(source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail_errno(source);
    return root;
  }
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  Fd root(static_cast<int>(::syscall(SYS_openat2, folder, source.c_str(), &how, sizeof how)));
  if (!root) return fail_errno(source);
  return root;
}

Result<OpenedFiles> open_files(const std::string& folder, const store::FileRequest& request) {
  const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_errno(folder);
  TRY(const std::string bytes, read_file_at(directory.get(), kPlanFile));
  TRY(const LaunchPlan plan, decode_plan(bytes));
  const auto container =
      std::ranges::find(plan.containers, request.container, &ContainerPlan::name);
  if (container == plan.containers.end())
    return fail(Code::kInvalid, fmt::format("there is no container {}", request.container));
  TRY(HostPlace place, place_of(*container, request.path));
  TRY(Fd root, open_root(directory.get(), place.root));

  OpenedFiles opened;
  opened.source.folder = folder;
  opened.source.container = request.container;
  opened.source.directory = request.directory;
  opened.source.watched = place.root.starts_with('/') ? place.root : folder + "/" + place.root;
  std::string below = place.relative;
  if (!request.directory) below.erase(std::min(below.rfind('/'), below.size()));
  if (!request.directory && place.relative.find('/') == std::string::npos) below.clear();
  if (!below.empty()) opened.source.watched += "/" + below;
  const FolderState state = inspect_folder(folder);
  if (state.report) {
    for (const ContainerReport& report : state.report->containers) {
      if (report.name == request.container) opened.source.attempt = report.restarts;
    }
  }
  opened.reader =
      std::make_shared<FileReader>(std::move(root), std::move(place.relative), request.directory);
  return opened;
}

}  // namespace

NodeFiles::NodeFiles(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
                     FolderWatcher& watcher, std::string data_dir)
    : files_(std::move(files)), pods_(pods), watcher_(watcher), data_dir_(std::move(data_dir)) {}

Task<Result<std::unique_ptr<store::FileStream>>> NodeFiles::open(std::string ns, std::string pod,
                                                                 store::FileRequest request) {
  const auto object = pods_.get(ns, pod);
  if (!object) co_return fail(Code::kNotFound, fmt::format("pods \"{}\" not found", pod));
  const std::string folder = pod_folder_path(data_dir_, resources::uid_of(*object));
  auto open = [folder, request = std::move(request)] { return open_files(folder, request); };
  CO_TRY(OpenedFiles opened, co_await run_on(files_, std::move(open)));
  co_return std::make_unique<NodeFileStream>(files_, watcher_, std::move(opened));
}

}  // namespace mizan::pods
