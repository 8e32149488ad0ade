// A process that does nothing but fork shims, so that starting a pod costs a fork of something
// small instead of an exec of the whole program with its libraries.
//
// It ends when the server's end of its socket closes; the shims that it forked go on. Messages are
// packets on a SOCK_SEQPACKET socket; each request is answered once, in order.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "pods/shim/launch_plan.h"

namespace mizan::pods {

struct HostRequest {
  enum class Kind : std::uint8_t { kStart, kProbe } kind = Kind::kStart;
  std::uint64_t id = 0;
  char folder[4000] = {};  // kStart: the pod's folder, absolute; sent up to its NUL
};

/// kStart: pid, with a pidfd as SCM_RIGHTS; or error, an errno. kProbe: what isolation is to be
/// had.
struct HostReply {
  std::uint64_t id = 0;
  std::int64_t pid = 0;
  std::int32_t error = 0;
  Isolation isolation = Isolation::kNone;
};

/// Serves requests on `socket` until it closes. Single-threaded; returns the exit code.
int run_shim_host(int socket);
/// The whole life of one shim, in this process.
int run_shim(const char* folder);

}  // namespace mizan::pods
