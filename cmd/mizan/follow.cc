// Lists once, then lives on Server-Sent Events; lists again whenever the stream breaks.
#include "cmd/mizan/follow.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <map>
#include <set>

#include "cmd/mizan/run_view.h"
#include "cmd/mizan/server_events.h"

namespace mizan::cmd {
namespace {

std::string path_of(const std::string& ns, const std::string& name) {
  return fmt::format("/rest/v1/namespaces/{}/experiments/{}", kubernetes::url_encode(ns),
                     kubernetes::url_encode(name));
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// What is on the screen. A finished trial is printed once.
class Screen {
 public:
  explicit Screen(bool quiet) : quiet_(quiet), terminal_(::isatty(STDOUT_FILENO) == 1) {}

  void show_experiment(Json summary) {
    experiment_ = std::move(summary);
    draw_bar();
  }

  void show_trial(const Json& trial) {
    if (!is_finished_trial(trial) || !printed_.insert(string_at(trial, "name")).second || quiet_)
      return;
    if (terminal_) std::fputs("\r\033[K", stdout);
    const bool best = string_at(experiment_, "best.trial") == string_at(trial, "name");
    std::fputs((trial_line(experiment_, trial, best) + "\n").c_str(), stdout);
    draw_bar();
  }

  void finish() {
    if (terminal_ && !quiet_) std::fputs("\r\033[K", stdout);
    std::fflush(stdout);
  }

  const Json& experiment() const { return experiment_; }

 private:
  void draw_bar() {
    if (quiet_) return;
    if (terminal_)
      std::fputs(("\r\033[K" + progress_line(experiment_, terminal_width() - 1)).c_str(), stdout);
    std::fflush(stdout);
  }

  bool quiet_, terminal_;
  Json experiment_;
  std::set<std::string> printed_;
};

/// Fetches the experiment and its trials; returns the resourceVersion that the trials show.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters): follow_experiment() holds
// client and screen
Task<Result<std::string>> refresh(kubernetes::HttpsClient& client, std::string path,
                                  Screen& screen) {
  // NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)
  CO_TRY(const kubernetes::HttpResponse experiment, co_await client.get(path));
  if (experiment.status != 200) {
    co_return fail(experiment.status == 404 ? Code::kNotFound : Code::kUnavailable,
                   string_at(experiment.json(), "detail", "the experiment can't be read"));
  }
  CO_TRY(const kubernetes::HttpResponse trials, co_await client.get(path + "/trials"));
  const Json list = trials.json();
  Json summary = experiment.json();
  screen.show_experiment(summary.is_object() ? summary.value("summary", Json::object())
                                             : Json::object());
  if (const Json* items = find(list, "items"); items != nullptr && items->is_array()) {
    for (const Json& trial : *items) screen.show_trial(trial);
  }
  co_return string_at(list, "resourceVersion");
}

Task<> pause(std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Handles one event; false when the stream has told all it can.
bool apply_event(const ServerEvent& event, Screen& screen) {
  if (event.name == "reset") return false;
  const auto parsed = parse_json(event.data);
  if (!parsed) return true;
  const Json* summary = find(parsed->value, "summary");
  if (summary == nullptr) return true;
  if (event.name == "trial") screen.show_trial(*summary);
  if (event.name != "experiment") return true;
  if (string_at(parsed->value, "type") == "DELETED") return false;
  screen.show_experiment(*summary);
  return !is_finished_experiment(*summary);
}

/// Applies events until one says that the lists must be read again (true) or the stream breaks
/// (false).
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters): follow_experiment() holds
// client and screen
Task<bool> watch_events(kubernetes::HttpsClient& client, std::string target, std::string revision,
                        Screen& screen) {
  // NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)
  kubernetes::HttpRequest request{.target = std::move(target),
                                  .headers = {{"Last-Event-ID", std::move(revision)}}};
  auto stream = co_await client.open(std::move(request));
  if (!stream || (*stream)->status() != 200) co_return false;
  ServerEventParser parser;
  bool going_on = true;
  while (going_on) {
    const auto bytes = co_await (*stream)->next();
    if (!bytes || bytes->empty()) co_return false;
    parser.feed(*bytes, [&](const ServerEvent& event) {
      going_on = going_on && apply_event(event, screen);
    });
  }
  co_return true;
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the caller owns client
Task<Result<Json>> follow_experiment(kubernetes::HttpsClient& client, std::string ns,
                                     std::string name, bool quiet) {
  const std::string path = path_of(ns, name);
  const std::string events = fmt::format("/rest/v1/events?namespace={}&experiment={}",
                                         kubernetes::url_encode(ns), kubernetes::url_encode(name));
  Screen screen(quiet);
  for (int failures = 0; failures < 20;) {
    auto revision = co_await refresh(client, path, screen);
    if (!revision && revision.error().code == Code::kNotFound) co_return fail(revision.error());
    if (revision) {
      failures = 0;
      if (is_finished_experiment(screen.experiment())) {
        screen.finish();
        co_return screen.experiment();
      }
      // However the stream ends, the next list says what is true.
      if (co_await watch_events(client, events, *revision, screen)) continue;
    }
    ++failures;
    co_await pause(std::chrono::milliseconds(500));
  }
  co_return fail(Code::kUnavailable, client.endpoint().address + " does not answer");
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the caller owns client
Task<Result<>> print_result(kubernetes::HttpsClient& client, std::string ns, std::string name) {
  const std::string path = path_of(ns, name);
  CO_TRY(const kubernetes::HttpResponse experiment, co_await client.get(path));
  CO_TRY(const kubernetes::HttpResponse trials, co_await client.get(path + "/trials"));
  const Json object = experiment.json();
  const Json list = trials.json();
  std::vector<Json> items;
  if (const Json* found = find(list, "items"); found != nullptr && found->is_array()) {
    items.assign(found->begin(), found->end());
  }
  const Json* summary = find(object, "summary");
  constexpr std::size_t kRows = 10;
  std::fputs(result_text(summary == nullptr ? Json::object() : *summary, items, kRows).c_str(),
             stdout);
  std::fflush(stdout);
  co_return Result<>{};
}

}  // namespace mizan::cmd
