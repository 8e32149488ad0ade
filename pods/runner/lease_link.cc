// See lease_link.h.
#include "pods/runner/lease_link.h"

#include <fcntl.h>

#include <algorithm>

#include "resources/reading.h"

namespace mizan::pods {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kWait{25};
constexpr int kBelieved = 3;
constexpr seconds kBeyond{10};  // an answer that is not there so long after the wait won't come

/// Names of objects are made of letters that need no escape; a token's are, too.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_';
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      ((out += '%') += kDigits[byte >> 4U]) += kDigits[byte & 15U];
    }
  }
  return out;
}

}  // namespace

LeaseLink::LeaseLink(Config config) : config_(std::move(config)), silent_since_(Clock::now()) {}

void LeaseLink::working_on(const resources::WarmLease* lease) {
  trial_ = lease == nullptr ? "" : lease->trial;
  attempt_ = lease == nullptr ? "" : std::to_string(lease->attempt);
  if (!posting_) call_.reset();
  retry_at_ = {};
}

void LeaseLink::hand_in(const resources::WarmResult& result) {
  result_ = resources::compact(to_json(result));
  call_.reset();
  retry_at_ = {};
}

HttpCall::Order LeaseLink::order() const {
  const std::string at =
      "/rest/v1/namespaces/" + escaped(config_.ns) + "/pods/" + escaped(config_.pod);
  const std::string uid = "?uid=" + escaped(config_.pod_uid);
  HttpCall::Order order{
      .url = config_.url, .method = "GET", .target = {}, .token = config_.token, .body = {}};
  if (!result_.empty()) {
    order.method = "POST";
    order.target = at + "/lease:done" + uid;
    order.body = result_;
    return order;
  }
  order.target = at + "/lease" + uid + "&waitSeconds=" + std::to_string(kWait.count());
  if (!trial_.empty()) order.target += "&trial=" + escaped(trial_) + "&attempt=" + attempt_;
  return order;
}

void LeaseLink::begin(Clock::time_point now) {
  if (call_ && now > call_until_) failed("the server gives no answer", now);
  if (call_ || now < retry_at_) return;
  posting_ = !result_.empty();
  auto started = HttpCall::start(order());
  if (!started) return failed(started.error().message, now);
  call_ = *std::move(started);
  call_until_ = now + kWait + kBeyond;
  retry_at_ = call_until_ + milliseconds(1);
}

std::optional<LeaseLink::News> LeaseLink::step(Clock::time_point now) {
  if (!call_) return std::nullopt;
  auto answer = call_->step();
  if (!answer) return std::nullopt;
  call_.reset();
  if (!*answer) {
    failed(answer->error().message, now);
    return std::nullopt;
  }
  return read(**answer, now);
}

std::optional<LeaseLink::News> LeaseLink::read(const HttpAnswer& answer, Clock::time_point now) {
  const auto body = parse_json(answer.body);
  const Json object = body ? body->value : Json();
  const std::string detail =
      resources::text_field(object, "detail", "status " + std::to_string(answer.status));
  if (answer.status == 404 || answer.status == 410) {
    // Another server may have taken this one's port while it was away: only one that says so again
    // and again, and is where the file says, is believed.
    if (++gone_ > kBelieved) return News{News::Kind::kGone, {}, detail};
    failed("the server says: " + detail, now);
    return std::nullopt;
  }
  gone_ = 0;
  const bool posted = std::exchange(posting_, false);
  if (posted && (answer.status == 400 || answer.status == 409 || answer.status == 422)) {
    result_.clear();
    retry_at_ = {};
    return News{News::Kind::kRefused, {}, detail};
  }
  if (!posted && answer.status == 409) return News{News::Kind::kGone, {}, detail};
  if (answer.status != 200 || !object.is_object()) {
    failed("the server says: " + detail, now);
    return std::nullopt;
  }
  failures_ = 0;
  silent_since_ = now;
  last_complaint_.clear();
  retry_at_ = {};
  if (posted) {
    result_.clear();
    return News{News::Kind::kHanded, {}, {}};
  }
  News news;
  if (const Json* lease = resources::field(object, "lease"); lease != nullptr && lease->is_object())
    news.lease = resources::read_lease(*lease);
  return news;
}

void LeaseLink::failed(const std::string& why, Clock::time_point now) {
  call_.reset();
  posting_ = false;
  ++failures_;
  retry_at_ = now + std::min(milliseconds(50) * (1 << std::min(failures_, 6)), milliseconds(2000));
  find_server();
  if (failures_ < 5 || why == last_complaint_) return;
  complaint_ = why;
  last_complaint_ = why;
}

/// A server that was started anew may listen elsewhere, and then says so in a file.
void LeaseLink::find_server() {
  if (config_.url_file.empty()) return;
  const auto text = read_file_at(AT_FDCWD, config_.url_file, 4096);
  if (!text) return;
  const std::string url = text->substr(0, text->find_first_of("\r\n"));
  if (url.starts_with("http://")) config_.url = url;
}

}  // namespace mizan::pods
