// Makes and removes the folders of pods, off the io thread.
#include "pods/node/pod_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/log.h"
#include "pods/shim/process_tree.h"

namespace mizan::pods {
namespace {

std::optional<PodReport> read_report_file(int folder, const char* name) {
  const Result<std::string> text = read_file_at(folder, name);
  if (!text) return std::nullopt;
  Result<PodReport> report = read_report(*text);
  if (!report) return std::nullopt;
  return *std::move(report);
}

/// Whether the plan is of an earlier boot: then a shim may have had it, and its claim was lost with
/// the power.
bool is_plan_of_other_boot(int folder) {
  const Result<std::string> bytes = read_file_at(folder, kPlanFile);
  if (!bytes) return false;
  const Result<LaunchPlan> plan = decode_plan(*bytes);
  return plan && !plan->boot_id.empty() && plan->boot_id != this_boot_id();
}

Result<> make_parents(int folder, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (Result<> made = make_directory_at(folder, path.substr(0, slash), 0755); !made) return made;
  }
  return {};
}

Result<> make_volume_file(int folder, const VolumeFile& file) {
  if (Result<> made = make_parents(folder, file.path); !made) return made;
  if (file.directory) {
    if (Result<> made = make_directory_at(folder, file.path, file.mode); !made) return made;
  } else if (Result<> wrote = write_file_at(folder, file.path, file.bytes, false); !wrote) {
    return wrote;
  }
  // The umask must not narrow what the pod asked for.
  if (::fchmodat(folder, file.path.c_str(), file.mode, 0) != 0) return fail_errno(file.path);
  return {};
}

}  // namespace

FolderState inspect_folder(const std::string& path) {
  FolderState state;
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return state;
  state.claimed = is_claimed(folder.get());
  state.claim = read_claim(folder.get());
  // In this order: a shim that ends in between has written exit.json before it was gone.
  state.alive = state.claim && is_alive(*state.claim);
  state.other_boot = state.claim && state.claim->boot_id != this_boot_id();
  if (!state.claimed && is_plan_of_other_boot(folder.get()))
    state.claimed = state.other_boot = true;
  state.report = read_report_file(folder.get(), kExitFile);
  state.final = state.report.has_value();
  if (!state.final) state.report = read_report_file(folder.get(), kStatusFile);
  return state;
}

bool has_container_ended(const std::string& folder, const std::string& container,
                         std::uint32_t attempt) {
  const FolderState state = inspect_folder(folder);
  if (state.final || !state.claimed || (state.claim && !state.alive)) return true;
  if (!state.report) return false;
  const auto& all = state.report->containers;
  const auto found = std::ranges::find(all, container, &ContainerReport::name);
  if (found == all.end()) return false;
  return found->restarts > attempt || found->state == ContainerReport::State::kTerminated;
}

Result<> prepare_folder(const PodPlan& plan) {
  const std::string& path = plan.launch.folder;
  std::error_code error;
  const bool fresh = std::filesystem::create_directories(path, error);
  if (error) return fail(Code::kInternal, "making " + path + ": " + error.message());
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail_errno(path);
  if (is_claimed(folder.get())) return fail(Code::kAlreadyExists, "the pod was started already");
  // The way to volumes and working directories must be passable for the containers' users, the rest
  // unreadable.
  ::fchmod(folder.get(), 0711);
  for (const VolumeFile& file : plan.files) {
    if (Result<> made = make_volume_file(folder.get(), file); !made) return made;
  }
  if (Result<> wrote = write_file_at(folder.get(), kPlanFile, encode(plan.launch), true); !wrote)
    return wrote;
  if (fresh) {
    const Fd parent(::open(std::filesystem::path(path).parent_path().c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fsync(parent.get()) != 0) return fail_errno("syncing the pods folder");
  }
  return {};
}

void remove_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error)
    log_warn("node", "could not remove a pod's folder",
             {{"folder", folder}, {"error", error.message()}});
}

std::vector<std::string> list_folders(const std::string& data_dir) {
  std::vector<std::string> uids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir + "/pods", error)) {
    if (entry.is_directory(error)) uids.push_back(entry.path().filename());
  }
  return uids;
}

void kill_leftovers(const Cgroups* cgroups, const std::string& uid) {
  if (cgroups != nullptr) {
    for (const pid_t pid : cgroups->processes(uid)) ::kill(pid, SIGKILL);
    return;
  }
  for (const pid_t pid : processes_with_environment("MIZAN_POD_UID=" + uid)) ::kill(pid, SIGKILL);
}

}  // namespace mizan::pods
