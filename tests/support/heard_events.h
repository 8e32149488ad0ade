// A Recorder that remembers what it is told: "Reason: message" of each event, in order.
#pragma once

#include <string>
#include <vector>

#include "controller/recorder.h"

namespace mizan::testing {

class HeardEvents final : public controller::Recorder {
 public:
  void record(const Json&, controller::EventType, std::string reason,
              std::string message) override {
    heard.push_back(reason + ": " + message);
  }
  std::vector<std::string> heard;
};

}  // namespace mizan::testing
