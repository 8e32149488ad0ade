// The rules of planning, one function each.
#include "pods/node/pod_planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "pods/node/pod_resources.h"
#include "pods/pod_annotations.h"
#include "pods/resize/pod_size.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

constexpr const char* kTerminationLog = "/dev/termination-log";

std::unexpected<PlanRefusal> refuse(std::string reason, std::string message) {
  return std::unexpected(PlanRefusal{true, std::move(reason), std::move(message), ""});
}
std::unexpected<PlanRefusal> wait_for(std::string reason, std::string message, std::string event) {
  return std::unexpected(
      PlanRefusal{false, std::move(reason), std::move(message), std::move(event)});
}

bool has_mounts(Isolation isolation) {
  return isolation == Isolation::kMounts || isolation == Isolation::kUserMounts;
}

/// No "..", no absolute path: it stays inside the volume.
bool is_inside(const std::string& path) {
  if (path.starts_with('/')) return false;
  const std::string wrapped = "/" + path + "/";
  return wrapped.find("/../") == std::string::npos;
}

/// The files of a ConfigMap or Secret volume: all keys, or `items` with their paths and modes.
std::expected<std::vector<VolumeFile>, PlanRefusal> projected(
    const std::string& volume, const Json& source,
    const std::map<std::string, std::string>& values) {
  const auto mode =
      static_cast<mode_t>(resources::integer_field(source, "defaultMode").value_or(0644) & 0777);
  const std::string base = "volumes/" + volume + "/";
  std::vector<VolumeFile> files;
  const Json& items = array_field(source, "items");
  if (items.empty()) {
    for (const auto& [key, value] : values) files.push_back({base + key, false, value, mode});
    return files;
  }
  for (const Json& item : items) {
    const std::string key = text_field(item, "key"), path = text_field(item, "path");
    const auto value = values.find(key);
    if (value == values.end()) {
      if (resources::flag_field(source, "optional")) continue;
      return wait_for(
          "ContainerCreating",
          fmt::format(
              "MountVolume.SetUp failed for volume \"{}\" : references non-existent key: {}",
              volume, key),
          "FailedMount");
    }
    if (!is_inside(path))
      return refuse("InvalidVolume",
                    fmt::format("volume {}: path {} leaves the volume", volume, path));
    const auto own = resources::integer_field(item, "mode");
    files.push_back(
        {base + path, false, value->second, own ? static_cast<mode_t>(*own & 0777) : mode});
  }
  return files;
}

struct Volume {
  std::string source;  // as MountPlan::source
  bool read_only = false;
  std::vector<VolumeFile> files;
};

std::expected<Volume, PlanRefusal> plan_volume(const Json& volume, const PodSources& sources,
                                               const NodeFacts& facts) {
  const std::string name = text_field(volume, "name");
  Volume planned{"volumes/" + name, false, {{"volumes/" + name, true, "", 0777}}};
  if (resources::field(volume, "emptyDir") != nullptr) return planned;
  if (const Json* host = resources::field(volume, "hostPath")) {
    if (!facts.allow_host_path)
      return refuse("HostPathForbidden",
                    fmt::format("volume {} is a hostPath, which this server does not allow "
                                "(start it with --allow-host-path, or use an emptyDir)",
                                name));
    return Volume{text_field(*host, "path"), false, {}};
  }
  const Json* config = resources::field(volume, "configMap");
  const Json* secret = resources::field(volume, "secret");
  if (config == nullptr && secret == nullptr)
    return refuse(
        "UnsupportedVolume",
        fmt::format(
            "volume {} is of a kind that the embedded node does not have; emptyDir, configMap and "
            "secret are",
            name));
  const Json& source = config != nullptr ? *config : *secret;
  const std::map<std::string, Json>& known =
      config != nullptr ? sources.config_maps : sources.secrets;
  const std::string object = text_field(source, config != nullptr ? "name" : "secretName");
  const auto found = known.find(object);
  const bool missing = found == known.end() || found->second.is_null();
  if (missing && !resources::flag_field(source, "optional"))
    return wait_for("ContainerCreating",
                    fmt::format("MountVolume.SetUp failed for volume \"{}\" : {} \"{}\" not found",
                                name, config != nullptr ? "configmap" : "secret", object),
                    "FailedMount");
  planned.read_only = true;
  planned.files.front().mode = 0755;
  if (missing) return planned;
  auto files = projected(name, source, values_of(found->second));
  if (!files) return std::unexpected(files.error());
  for (VolumeFile& file : *files) planned.files.push_back(std::move(file));
  return planned;
}

class Planner {
 public:
  Planner(const Json& pod, const PodSources& sources, const NodeFacts& facts)
      : pod_(pod), spec_(object_field(pod, "spec")), sources_(sources), facts_(facts) {}

  std::expected<PodPlan, PlanRefusal> plan(Time started) {
    plan_launch(started);
    for (const Json& volume : array_field(spec_, "volumes")) {
      auto planned = plan_volume(volume, sources_, facts_);
      if (!planned) return std::unexpected(planned.error());
      for (VolumeFile& file : planned->files) plan_.files.push_back(std::move(file));
      volumes_[text_field(volume, "name")] = *std::move(planned);
    }
    const std::vector<const Json*> containers = all_containers(pod_);
    const std::size_t inits = array_field(spec_, "initContainers").size();
    for (std::size_t i = 0; i < containers.size(); ++i) {
      const Role role = i >= inits                   ? Role::kMain
                        : is_sidecar(*containers[i]) ? Role::kSidecar
                                                     : Role::kInit;
      auto planned = plan_container(*containers[i], role, containers.size() == 1);
      if (!planned) return std::unexpected(planned.error());
      plan_.launch.containers.push_back(*std::move(planned));
    }
    return std::move(plan_);
  }

 private:
  void plan_launch(Time started) {
    LaunchPlan& launch = plan_.launch;
    launch.uid = resources::uid_of(pod_);
    launch.boot_id = facts_.boot_id;
    launch.data_dir = facts_.data_dir;
    launch.folder = pod_folder_path(facts_.data_dir, launch.uid);
    launch.allocation = to_json(wanted_size(pod_)).dump();
    launch.isolation = facts_.isolation;
    const std::string restart = text_field(spec_, "restartPolicy", "Always");
    launch.restart = restart == "Never"       ? RestartPolicy::kNever
                     : restart == "OnFailure" ? RestartPolicy::kOnFailure
                                              : RestartPolicy::kAlways;
    launch.grace_ms =
        std::clamp<std::int64_t>(
            resources::integer_field(spec_, "terminationGracePeriodSeconds").value_or(30), 0,
            1'000'000) *
        1000;
    if (const auto deadline = resources::integer_field(spec_, "activeDeadlineSeconds")) {
      const auto at =
          started + std::chrono::seconds(std::clamp<std::int64_t>(*deadline, 0, 1'000'000'000));
      launch.deadline_ms =
          std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
    }
    launch.backoff_ms = facts_.restart_backoff.count();
  }

  Environment defaults_for(const ContainerPlan& container) const {
    const std::string work = plan_.launch.folder + "/containers/" + container.name;
    return {{"PATH", facts_.search_path},
            {"HOME", work + "/work"},
            {"TMPDIR", has_mounts(facts_.isolation) ? "/tmp" : work + "/tmp"},
            {"LANG", "C.UTF-8"},
            {"HOSTNAME", resources::name_of(pod_)}};
  }

  std::expected<ContainerPlan, PlanRefusal> plan_container(const Json& container, Role role,
                                                           bool alone) {
    ContainerPlan plan;
    plan.name = text_field(container, "name");
    plan.role = role;
    auto environment =
        container_environment(pod_, container, sources_, defaults_for(plan), facts_.allocatable);
    if (!environment)
      return wait_for("CreateContainerConfigError", environment.error().message, "Failed");
    for (const auto& [name, value] : *environment) plan.env.push_back(name + "=" + value);
    plan.env.push_back("MIZAN_POD_UID=" +
                       plan_.launch.uid);  // how leftovers are known when all else is lost
    for (const char* list : {"command", "args"}) {
      for (const std::string& word : resources::texts_field(container, list))
        plan.argv.push_back(expand(word, *environment));
    }
    plan.working_dir = text_field(container, "workingDir");
    plan.log_as_message =
        text_field(container, "terminationMessagePolicy") == "FallbackToLogsOnError";
    if (auto mounted = plan_mounts(container, plan, *environment); !mounted)
      return std::unexpected(mounted.error());
    plan_resources(container, plan, alone);
    return plan;
  }

  std::expected<void, PlanRefusal> plan_mounts(const Json& container, ContainerPlan& plan,
                                               const Environment& environment) {
    const Json& mounts = array_field(container, "volumeMounts");
    if (!mounts.empty() && !has_mounts(facts_.isolation))
      return refuse(
          "MountNamespaceUnavailable",
          fmt::format("container {} mounts volumes, but this host refuses mount namespaces",
                      plan.name));
    for (const Json& mount : mounts) {
      const std::string name = text_field(mount, "name"), target = text_field(mount, "mountPath");
      const auto volume = volumes_.find(name);
      if (volume == volumes_.end())
        return refuse("InvalidVolume",
                      fmt::format("container {} mounts {}, which spec.volumes does not name",
                                  plan.name, name));
      std::string sub = text_field(mount, "subPath");
      if (sub.empty()) sub = expand(text_field(mount, "subPathExpr"), environment);
      if (!is_inside(sub))
        return refuse("InvalidVolume", fmt::format("container {}: subPath {} leaves volume {}",
                                                   plan.name, sub, name));
      if (!target.starts_with('/') || target == "/")
        return refuse("InvalidVolume",
                      fmt::format("container {}: mountPath {} is not an absolute path below /",
                                  plan.name, target));
      MountPlan planned{volume->second.source, target, false, false};
      while (planned.target.ends_with('/')) planned.target.pop_back();
      if (!sub.empty()) planned.source += "/" + sub;
      planned.read_only = volume->second.read_only || resources::flag_field(mount, "readOnly");
      // A subPath of a writable volume is made when it is not there yet.
      if (!sub.empty() && !volume->second.read_only && planned.source.starts_with("volumes/"))
        plan_.files.push_back({planned.source, true, "", 0777});
      plan.mounts.push_back(std::move(planned));
    }
    plan_termination_log(container, plan);
    return {};
  }

  /// The usual path lies in /dev, which is costly to lay over: only for containers that speak of
  /// it.
  void plan_termination_log(const Json& container, ContainerPlan& plan) const {
    if (!has_mounts(facts_.isolation)) return;
    const std::string path = text_field(container, "terminationMessagePath", kTerminationLog);
    const auto mentions = [&](const std::string& text) {
      return text.find(path) != std::string::npos;
    };
    if (path != kTerminationLog || std::ranges::any_of(plan.argv, mentions) ||
        std::ranges::any_of(plan.env, mentions))
      plan.termination_log = path;
  }

  void plan_resources(const Json& container, ContainerPlan& plan, bool alone) const {
    const CgroupLimits limits = container_limits(container);
    if (facts_.cgroups != nullptr)
      plan.cgroup = facts_.cgroups->plan(plan_.launch.uid, plan.name, alone);
    if (facts_.cgroups == nullptr || !facts_.cgroups->limits_memory())
      plan.sampled_memory_limit = static_cast<std::uint64_t>(limits.memory_limit);
    plan.sample_memory = resources::annotation(pod_, kSampleAnnotation) == "true";
    // The server is the last thing to be killed when the machine runs out of memory.
    const std::string qos = qos_class(pod_);
    plan.oom_score = qos == "Guaranteed" ? 100 : qos == "Burstable" ? 500 : 1000;
  }

  const Json& pod_;
  const Json& spec_;
  const PodSources& sources_;
  const NodeFacts& facts_;
  PodPlan plan_;
  std::map<std::string, Volume> volumes_;
};

}  // namespace

std::expected<PodPlan, PlanRefusal> plan_pod(const Json& pod, const PodSources& sources,
                                             const NodeFacts& facts, Time started) {
  return Planner(pod, sources, facts).plan(started);
}

std::vector<std::string> containers_without_command(const Json& pod) {
  std::vector<std::string> names;
  for (const Json* container : all_containers(pod)) {
    if (resources::texts_field(*container, "command").empty())
      names.push_back(text_field(*container, "name"));
  }
  return names;
}

std::string pod_folder_path(const std::string& data_dir, const std::string& uid) {
  return data_dir + "/pods/" + uid;
}

}  // namespace mizan::pods
