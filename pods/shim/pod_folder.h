// What lies in a pod's folder, DIR/pods/UID, and how it is written so that a crash never leaves
// half a file.
//
//   plan          what to run (launch_plan.h)          written by the node, before the shim starts
//   claim         who runs it                          written by the shim, once, with O_EXCL
//   orders        what to do differently (orders.h)    written by the node, with SIGUSR1 to the
//   shim allocation    what the node granted after a resize written by the node status.json   how
//   the containers are               written by the shim after each change
// exit.json     how they ended, in the same form     written by the shim, last; all output is in
// the logs then
//   containers/NAME/{0.log, work, tmp, katib, termination-log}      volumes/NAME/…
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace mizan::pods {

inline constexpr const char* kPlanFile = "plan";
inline constexpr const char* kOrdersFile = "orders";
inline constexpr const char* kAllocationFile = "allocation";
inline constexpr const char* kClaimFile = "claim";
inline constexpr const char* kStatusFile = "status.json";
inline constexpr const char* kExitFile = "exit.json";

/// A file descriptor with one owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// `what: strerror(errno)` as an Error of kInternal; `error` 0: the present errno.
std::unexpected<Error> fail_errno(std::string what, int error = 0);

/// The whole file below `directory` (AT_FDCWD: any path). Errors: kNotFound, kTooLarge past
/// `max_bytes`.
Result<std::string> read_file_at(int directory, const std::string& name,
                                 std::size_t max_bytes = 16U << 20U);
/// Written beside and renamed over, mode 0600, so that another process never reads half of it.
/// `durable`: on disk, with its name, before it returns; a power cut before that may leave a torn
/// file.
Result<> write_file_at(int directory, const std::string& name, std::string_view bytes,
                       bool durable);
Result<> make_directory_at(int directory, const std::string& name,
                           mode_t mode);  // right too when it is there

/// Which process has the pod. pid alone is reused; together with start time and boot it is not.
struct Claim {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks after boot, field 22 of /proc/PID/stat
  std::string boot_id;
  bool operator==(const Claim&) const = default;
};

/// Claims the pod for the calling process. Errors: kAlreadyExists when someone has.
Result<> claim_pod(int folder);
/// nullopt: nobody has, or the claimer died before it could say who it is.
std::optional<Claim> read_claim(int folder);
/// The claim file is there, whatever is in it: this pod must not be started again.
bool is_claimed(int folder);
/// The process of that claim is running now.
bool is_alive(const Claim& claim);

std::string this_boot_id();
/// 0: no such process.
std::uint64_t start_time_of(pid_t pid);

}  // namespace mizan::pods
