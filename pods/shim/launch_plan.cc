// The plan's coding: fields in the order of the structs, integers as eight bytes, texts and lists
// with their length.
//
// One list of fields per struct serves both directions, so that they can't drift apart.
#include "pods/shim/launch_plan.h"

#include <cstring>
#include <type_traits>

namespace mizan::pods {
namespace {

constexpr std::string_view kMagic = "mizan launch plan 2\n";

class Writer {
 public:
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  void number(std::uint64_t value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_{kMagic};
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {
    sound_ = rest_.starts_with(kMagic);
    if (sound_) rest_.remove_prefix(kMagic.size());
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (!need(sizeof value)) return 0;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (!need(size)) return {};
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  /// A list's length; no element is smaller than a byte, so more elements than bytes is nonsense.
  std::uint64_t length() {
    const std::uint64_t size = number();
    return need(size) ? size : 0;
  }
  bool at_sound_end() const { return sound_ && rest_.empty(); }

 private:
  bool need(std::uint64_t size) {
    sound_ = sound_ && size <= rest_.size();
    return sound_;
  }
  std::string_view rest_;
  bool sound_ = false;
};

void put(Writer& out, const std::string& value) { out.text(value); }
void get(Reader& in, std::string& value) { value = in.text(); }

template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
void put(Writer& out, const T& value) {
  out.number(static_cast<std::uint64_t>(value));
}
template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
void get(Reader& in, T& value) {
  value = static_cast<T>(in.number());
}

template <class T>
void put(Writer& out, const std::vector<T>& values);
template <class T>
void get(Reader& in, std::vector<T>& values);

template <class Visit>
void fields(MountPlan& m, Visit visit) {
  visit(m.source, m.target, m.read_only, m.tmpfs);
}
template <class Visit>
void fields(CgroupPlan& c, Visit visit) {
  visit(c.join, c.oom_file, c.peak_file, c.cpu_file, c.stat_file);
}
template <class Visit>
void fields(ContainerPlan& c, Visit visit) {
  visit(c.name, c.role, c.argv, c.env, c.working_dir, c.mounts, c.termination_log, c.log_as_message,
        c.cgroup, c.sampled_memory_limit, c.sample_memory, c.oom_score);
}
template <class Visit>
void fields(LaunchPlan& p, Visit visit) {
  visit(p.uid, p.boot_id, p.data_dir, p.folder, p.allocation, p.isolation, p.restart, p.deadline_ms,
        p.grace_ms, p.backoff_ms, p.log_bytes, p.log_files, p.containers);
}

template <class T>
concept Struct = requires(T& value) { fields(value, [](auto&...) {}); };

template <Struct T>
void put(Writer& out, const T& value) {
  T copy = value;  // the one list of fields speaks of mutable ones
  fields(copy, [&out](auto&... each) { (put(out, each), ...); });
}
template <Struct T>
void get(Reader& in, T& value) {
  fields(value, [&in](auto&... each) { (get(in, each), ...); });
}

template <class T>
void put(Writer& out, const std::vector<T>& values) {
  out.number(values.size());
  for (const T& value : values) put(out, value);
}
template <class T>
void get(Reader& in, std::vector<T>& values) {
  const std::uint64_t size = in.length();
  values.clear();
  for (std::uint64_t i = 0; i < size; ++i) get(in, values.emplace_back());
}

}  // namespace

std::string_view to_string(Isolation isolation) {
  switch (isolation) {
    case Isolation::kMounts:
      return "MountNamespace";
    case Isolation::kUserMounts:
      return "UserNamespace";
    case Isolation::kLandlock:
      return "Landlock";
    case Isolation::kNone:
      return "None";
  }
  return "None";
}

bool is_below(const std::string& path, const std::string& directory) {
  return directory == "/" || path == directory ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

std::string encode(const LaunchPlan& plan) {
  Writer out;
  put(out, plan);
  return out.take();
}

Result<LaunchPlan> decode_plan(std::string_view bytes) {
  Reader in(bytes);
  LaunchPlan plan;
  get(in, plan);
  if (!in.at_sound_end())
    return fail(Code::kBadRequest, "the launch plan is cut short or from another version");
  return plan;
}

}  // namespace mizan::pods
