// Whether one configuration is better than another on questions that neither was tuned on.
#pragma once

#include <string>
#include <vector>

#include "examples/rag/trial/engine.h"

namespace mizan::rag {

/// The mean of paired differences with a 95% interval: 10,000 bootstrap resamples of the
/// questions, from a fixed seed. Pairing by question takes out how hard each question is.
struct PairedDifference {
  double mean = 0;
  double low = 0;
  double high = 0;
  std::size_t questions = 0;
};
PairedDifference paired_difference(const std::vector<double>& ours,
                                   const std::vector<double>& theirs);

/// The configuration that the blog post's pipeline had: dense retrieval alone over chunks of 200
/// words without overlap, ten of them, a temperature of 0.5.
Assignments naive_assignments();

/// Assignments from "default", "naive", "NAME=VALUE,NAME=VALUE", or a file: a JSON object, or what
/// `kubectl get trial -o json` or mizan's REST say of a trial or an experiment's optimum.
Result<Assignments> read_configuration(const std::string& text);

}  // namespace mizan::rag
