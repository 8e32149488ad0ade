// `kubectl exec` over WebSocket: the channels of v4.channel.k8s.io and v5.channel.k8s.io between a
// client and a process in a pod.
//
// The first byte of each message is its channel: 0 stdin, 1 stdout, 2 stderr, 3 how it ended (a
// Status), 4 the terminal's size, 255 (v5) a channel that the client closes.
#pragma once

#include <memory>
#include <string>

#include "api/http.h"
#include "api/ports.h"
#include "api/target.h"

namespace mizan::api {

/// Of ?container=&command=&stdin=&stdout=&stderr=&tty=. Errors: kBadRequest.
Result<ExecRequest> read_exec(const Query& query);

/// The subprotocol to answer with. Errors: kBadRequest when `request` is no WebSocket upgrade (old
/// clients ask for SPDY) or offers neither version.
Result<std::string> choose_exec_protocol(const Request& request);

/// 101 and what follows it. `key` is the client's Sec-WebSocket-Key.
Response exec_response(std::unique_ptr<ExecProcess> process, const std::string& protocol,
                       std::string_view key);

}  // namespace mizan::api
