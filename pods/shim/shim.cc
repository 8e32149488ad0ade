// The shim's way in: descriptors, claim, plan, and then the supervisor.
#include "pods/shim/shim.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "pods/shim/shim_host.h"
#include "pods/shim/supervisor.h"

namespace mizan::pods {
namespace {

/// The server's terminal or pipe must not stay open for as long as a trial runs.
void leave_standard_streams() {
  const int null = ::open("/dev/null", O_RDWR);
  for (int stream = 0; stream < 3; ++stream) ::dup2(null, stream);
  if (null > 2) ::close(null);
}

int refuse(int folder, const std::string& message) {
  PodReport report;
  report.phase = "Failed";
  report.reason = "StartError";
  report.message = message;
  (void)write_file_at(folder, kExitFile, to_json(report), false);
  return kShimBroken;
}

}  // namespace

int run_shim(const char* path) {
  ::prctl(PR_SET_NAME, "mizan-shim");
  ::umask(077);
  Fd folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return kShimBroken;
  if (const Result<> claimed = claim_pod(folder.get()); !claimed)
    return claimed.error().code == Code::kAlreadyExists ? kShimAlreadyClaimed : kShimBroken;
  // Nothing below needs the directory one was started in, which may be one that somebody wants to
  // unmount.
  [[maybe_unused]] const int moved = ::chdir("/");
  const Result<std::string> bytes = read_file_at(folder.get(), kPlanFile);
  if (!bytes)
    return refuse(folder.get(), "the launch plan can't be read: " + bytes.error().message);
  Result<LaunchPlan> plan = decode_plan(*bytes);
  if (!plan) return refuse(folder.get(), plan.error().message);
  return Supervisor(std::move(folder), *std::move(plan)).run();
}

int shim_main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: mizan shim FOLDER\n", stderr);
    return 64;
  }
  if (std::strcmp(argv[1], "--host") == 0) {
    const Fd socket(::fcntl(0, F_DUPFD_CLOEXEC, 3));
    if (!socket) return 1;
    leave_standard_streams();
    ::syscall(SYS_close_range, static_cast<unsigned>(socket.get()) + 1, ~0U, 0U);
    return run_shim_host(socket.get());
  }
  ::setsid();
  leave_standard_streams();
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  return run_shim(argv[1]);
}

}  // namespace mizan::pods
