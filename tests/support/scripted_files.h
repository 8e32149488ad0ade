// PodFiles for tests: the test says what a pod has written and when its container ends.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "controller/signal.h"
#include "store/pod_files.h"

namespace mizan::testing {

class ScriptedFiles final : public store::PodFiles {
 public:
  /// The file `name` ("" for a single one) of whatever path is asked for in `pod`.
  void write(const std::string& pod, const std::string& name, const std::string& bytes,
             bool begins = false) {
    Pod& of = pods_[pod];
    of.pieces.push_back({name, begins || !of.known[name], bytes});
    of.known[name] = true;
    of.changed.notify_all();
  }
  void end(const std::string& pod) {
    pods_[pod].ended = true;
    pods_[pod].changed.notify_all();
  }
  void refuse(Error error) { refusal_ = std::make_unique<Error>(std::move(error)); }

  std::size_t opens = 0;
  store::FileRequest asked;

  Task<Result<std::unique_ptr<store::FileStream>>> open(std::string, std::string pod,
                                                        store::FileRequest request) override {
    ++opens;
    asked = std::move(request);
    if (refusal_) co_return fail(*refusal_);
    co_return std::make_unique<Stream>(pods_[pod]);
  }

 private:
  struct Pod {
    std::deque<store::FilePiece> pieces;
    std::map<std::string, bool> known;
    bool ended = false;
    controller::Signal changed;
  };
  class Stream final : public store::FileStream {
   public:
    explicit Stream(Pod& pod) : pod_(pod) {}
    Task<Result<std::vector<store::FilePiece>>> next() override {
      while (!cancelled_ && at_ == pod_.pieces.size() && !pod_.ended) co_await pod_.changed.wait();
      if (cancelled_) co_return fail(Code::kCancelled, "cancelled");
      std::vector<store::FilePiece> pieces;
      if (at_ < pod_.pieces.size()) pieces.push_back(pod_.pieces[at_++]);
      co_return pieces;
    }
    void cancel() override {
      cancelled_ = true;
      pod_.changed.notify_all();
    }

   private:
    Pod& pod_;
    std::size_t at_ = 0;
    bool cancelled_ = false;
  };

  std::map<std::string, Pod> pods_;
  std::unique_ptr<Error> refusal_;
};

}  // namespace mizan::testing
