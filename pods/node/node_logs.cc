// Log requests answered from the node's files, in kubelet's words.
#include "pods/node/node_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "controller/signal.h"
#include "core/executors.h"
#include "pods/node/log_reader.h"
#include "pods/node/pod_files.h"
#include "pods/node/pod_resources.h"
#include "pods/node/pod_status.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

/// What a container's log is of, found in the pod's folder.
struct Source {
  std::string folder, container;
  std::uint32_t attempt = 0;
};

const ContainerReport* container_in(const FolderState& state, const std::string& name) {
  if (!state.report) return nullptr;
  const auto found = std::ranges::find(state.report->containers, name, &ContainerReport::name);
  return found == state.report->containers.end() ? nullptr : &*found;
}

class NodeLogStream final : public store::LogStream {
 public:
  struct Chunk {
    std::string text;
    bool ended = false;
  };

  NodeLogStream(boost::asio::any_io_executor files, FolderWatcher& watcher, Source source,
                std::shared_ptr<LogReader> reader, bool follow)
      : files_(std::move(files)),
        source_(std::move(source)),
        reader_(std::move(reader)),
        follow_(follow) {
    if (!follow_) return;
    const auto wake = [changed = changed_, flag = dirty_] {
      *flag = true;
      changed->notify_all();
    };
    log_watch_ = watcher.watch(source_.folder + "/containers/" + source_.container, true, wake);
    folder_watch_ = watcher.watch(source_.folder, false, wake);
  }

  Task<Result<std::string>> next() override {
    while (!cancelled_) {
      *dirty_ = false;
      auto read = [reader = reader_, source = source_, follow = follow_] {
        return read_some(*reader, source, follow);
      };
      Chunk chunk = co_await run_on(files_, std::move(read));
      if (cancelled_) break;
      if (!chunk.text.empty() || chunk.ended) co_return std::move(chunk.text);
      // The seconds are for a shim that was killed: it tells nobody.
      if (!*dirty_) (void)co_await changed_->wait_for(std::chrono::seconds(2));
    }
    co_return fail(Code::kCancelled, "the log was closed");
  }

  void cancel() override {
    cancelled_ = true;
    changed_->notify_all();
  }

 private:
  static Chunk read_some(LogReader& reader, const Source& source, bool follow) {
    // First whether it has ended, then what there is: in the other order the last lines could be
    // missed.
    const bool ended =
        !follow || has_container_ended(source.folder, source.container, source.attempt);
    Chunk chunk{reader.next(), false};
    chunk.ended = chunk.text.empty() && (ended || reader.exhausted());
    return chunk;
  }

  boost::asio::any_io_executor files_;
  Source source_;
  std::shared_ptr<LogReader> reader_;
  bool follow_, cancelled_ = false;
  std::shared_ptr<controller::Signal> changed_ = std::make_shared<controller::Signal>();
  std::shared_ptr<bool> dirty_ = std::make_shared<bool>(true);
  std::shared_ptr<void> log_watch_, folder_watch_;
};

struct Opened {
  Source source;
  std::shared_ptr<LogReader> reader;
};

std::unexpected<Error> no_previous(const std::string& container, const std::string& pod) {
  return fail(
      Code::kBadRequest,
      fmt::format("previous terminated container \"{}\" in pod \"{}\" not found", container, pod));
}

Result<Opened> open_files(Source source, const std::string& pod, const store::LogOptions& options,
                          Time now) {
  const FolderState state = inspect_folder(source.folder);
  const ContainerReport* container = container_in(state, source.container);
  source.attempt = container == nullptr ? 0 : container->restarts;
  // A container that waits to be started again shows its last run.
  const bool waits = container != nullptr && container->state == ContainerReport::State::kWaiting &&
                     container->has_last;
  if (waits && source.attempt > 0) --source.attempt;
  if (options.previous) {
    if (container == nullptr || !container->has_last || (!waits && source.attempt == 0))
      return no_previous(source.container, pod);
    if (!waits) --source.attempt;
  }
  auto reader = std::make_shared<LogReader>(source.folder + "/containers/" + source.container,
                                            source.attempt, options, now);
  if (!reader->exists()) {
    const std::string reason =
        container == nullptr || container->reason.empty() ? "ContainerCreating" : container->reason;
    return fail(Code::kBadRequest,
                fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}",
                            source.container, pod, reason));
  }
  return Opened{std::move(source), std::move(reader)};
}

}  // namespace

Result<std::string> choose_container(const Json& pod, const std::string& wanted) {
  std::vector<std::string> names, init;
  for (const Json* container : all_containers(pod))
    names.push_back(resources::text_field(*container, "name"));
  const std::string name = resources::name_of(pod);
  if (!wanted.empty()) {
    if (std::ranges::find(names, wanted) != names.end()) return wanted;
    return fail(Code::kBadRequest,
                fmt::format("container {} is not valid for pod {}", wanted, name));
  }
  const std::size_t inits =
      resources::array_field(resources::object_field(pod, "spec"), "initContainers").size();
  const std::vector<std::string> mains(names.begin() + static_cast<std::ptrdiff_t>(inits),
                                       names.end());
  if (mains.size() == 1 && inits == 0) return mains.front();
  init.assign(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(inits));
  std::string message =
      fmt::format("a container name must be specified for pod {}, choose one of: [{}]", name,
                  fmt::join(mains, " "));
  if (!init.empty())
    message += fmt::format(" or one of the init containers: [{}]", fmt::join(init, " "));
  return fail(Code::kBadRequest, std::move(message));
}

NodeLogs::NodeLogs(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
                   FolderWatcher& watcher, const Clock& clock, std::string data_dir)
    : files_(std::move(files)),
      pods_(pods),
      watcher_(watcher),
      clock_(clock),
      data_dir_(std::move(data_dir)) {}

Task<Result<std::unique_ptr<store::LogStream>>> NodeLogs::open(std::string ns, std::string pod,
                                                               store::LogOptions options) {
  const auto object = pods_.get(ns, pod);
  if (!object) co_return fail(Code::kNotFound, fmt::format("pods \"{}\" not found", pod));
  CO_TRY(std::string container, choose_container(*object, options.container));
  Source source{pod_folder_path(data_dir_, resources::uid_of(*object)), std::move(container), 0};
  const bool follow = options.follow;
  auto open = [source = std::move(source), pod, options = std::move(options), now = clock_.now()] {
    return open_files(source, pod, options, now);
  };
  CO_TRY(Opened opened, co_await run_on(files_, std::move(open)));
  co_return std::make_unique<NodeLogStream>(files_, watcher_, std::move(opened.source),
                                            std::move(opened.reader), follow);
}

}  // namespace mizan::pods
