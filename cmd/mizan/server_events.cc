// Server-Sent Events, read as the HTML standard says (fields event, data, id; comments ignored).
#include "cmd/mizan/server_events.h"

namespace mizan::cmd {

void ServerEventParser::feed(std::string_view bytes,
                             const std::function<void(const ServerEvent&)>& on_event) {
  pending_.append(bytes);
  std::size_t start = 0;
  for (std::size_t end; (end = pending_.find('\n', start)) != std::string::npos; start = end + 1) {
    std::string_view text(pending_.data() + start, end - start);
    if (text.ends_with('\r')) text.remove_suffix(1);
    line(text, on_event);
  }
  pending_.erase(0, start);
}

void ServerEventParser::line(std::string_view text,
                             const std::function<void(const ServerEvent&)>& on_event) {
  if (text.empty()) {
    if (has_data_) on_event(event_);
    event_ = {.name = "", .data = "", .id = event_.id};
    has_data_ = false;
    return;
  }
  const auto colon = text.find(':');
  if (colon == 0) return;  // a comment keeps the connection alive
  const auto field = text.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id") event_.id = value;
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
}

}  // namespace mizan::cmd
