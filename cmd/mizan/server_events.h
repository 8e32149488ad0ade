// Server-Sent Events, cut out of a byte stream. Sans-I/O.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mizan::cmd {

/// One event of a Server-Sent Events stream.
struct ServerEvent {
  std::string name, data, id;
};

/// Cuts a byte stream into Server-Sent Events. Sans-I/O: any split of the same bytes gives the same
/// events.
class ServerEventParser {
 public:
  void feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& on_event);

 private:
  void line(std::string_view text, const std::function<void(const ServerEvent&)>& on_event);
  std::string pending_;
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace mizan::cmd
