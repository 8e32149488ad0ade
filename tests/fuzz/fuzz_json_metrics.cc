// JSON lines and Prometheus pages: no text does harm, and the split of a file does not matter.
#include <algorithm>
#include <vector>

#include "experiment/json_metrics.h"
#include "experiment/prometheus_text.h"
#include "tests/fuzz/input.h"

namespace {

using mizan::store::Measurement;

std::vector<Measurement> read(std::string_view text, std::size_t step) {
  mizan::experiment::JsonMetricsParser parser({"loss", "acc"});
  std::vector<Measurement> out;
  for (std::size_t at = 0; at < text.size(); at += step) parser.feed(text.substr(at, step), out);
  parser.finish(out);
  return out;
}

bool same(const Measurement& a, const Measurement& b) {
  return a.metric == b.metric && a.value == b.value && a.time == b.time;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text = mizan::fuzz::text_of(data + 1, size - 1);
  const auto whole = read(text, text.size() + 1);
  const auto cut = read(text, 1U + data[0] % 31U);
  mizan::fuzz::require(std::equal(whole.begin(), whole.end(), cut.begin(), cut.end(), same),
                       "the split does not matter");
  mizan::experiment::MetricsNotes notes;
  const auto samples = mizan::experiment::read_prometheus(text, {"loss", "acc{fold=\"1\"}"}, notes);
  mizan::fuzz::require(samples.size() <= 2, "one sample for each metric");
  return 0;
}
