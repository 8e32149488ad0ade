// PodLogs for tests: the test says what each pod has printed and when it ends.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "controller/signal.h"
#include "store/pod_logs.h"

namespace mizan::testing {

class ScriptedLogs final : public store::PodLogs {
 public:
  /// Adds to what `pod` has printed. Lines get the stamp of the log API when a reader asks for
  /// timestamps.
  void print(const std::string& pod, const std::string& text) {
    Log& log = logs_[pod];
    log.text += text;
    log.changed.notify_all();
  }
  void end(const std::string& pod) {
    logs_[pod].ended = true;
    logs_[pod].changed.notify_all();
  }
  /// What the next open() calls give, as often as said.
  void refuse(Error error, int times) {
    refusal_ = std::move(error);
    refusals_ = times;
  }
  /// Breaks the streams that are open.
  void break_streams() {
    ++breaks_;
    for (auto& [name, log] : logs_) log.changed.notify_all();
  }
  std::size_t opens = 0;
  std::size_t chunk = 1'000'000;  // bytes that one next() gives at most

  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string, std::string pod,
                                                       store::LogOptions options) override {
    ++opens;
    if (refusals_ > 0) {
      --refusals_;
      co_return fail(refusal_);
    }
    if (!logs_.contains(pod)) co_return fail(Code::kNotFound, "pods \"" + pod + "\" not found");
    co_return std::make_unique<Stream>(*this, logs_[pod], options);
  }

 private:
  struct Log {
    std::string text;
    bool ended = false;
    controller::Signal changed;
  };

  class Stream final : public store::LogStream {
   public:
    Stream(ScriptedLogs& logs, Log& log, const store::LogOptions& options)
        : logs_(logs),
          log_(log),
          follow_(options.follow),
          stamp_(options.timestamps),
          breaks_(logs.breaks_) {}
    Task<Result<std::string>> next() override {
      while (true) {
        if (cancelled_) co_return fail(Code::kCancelled, "cancelled");
        if (breaks_ != logs_.breaks_) co_return fail(Code::kUnavailable, "the connection broke");
        if (at_ < log_.text.size()) break;
        if (log_.ended || !follow_) co_return std::string();
        co_await log_.changed.wait();
      }
      std::string out;
      while (at_ < log_.text.size() && out.size() < logs_.chunk) {
        if (stamp_ && (at_ == 0 || log_.text[at_ - 1] == '\n')) out += stamp(line_++);
        out += log_.text[at_++];
      }
      co_return out;
    }
    void cancel() override {
      cancelled_ = true;
      log_.changed.notify_all();
    }

   private:
    static std::string stamp(int line) {
      return format_rfc3339_nano(Time() + std::chrono::hours(24 * 365 * 50) +
                                 std::chrono::milliseconds(line)) +
             " ";
    }
    ScriptedLogs& logs_;
    Log& log_;
    bool follow_, stamp_, cancelled_ = false;
    int breaks_;
    std::size_t at_ = 0;
    int line_ = 0;
  };

  std::map<std::string, Log> logs_;
  Error refusal_;
  int refusals_ = 0;
  int breaks_ = 0;
};

}  // namespace mizan::testing
