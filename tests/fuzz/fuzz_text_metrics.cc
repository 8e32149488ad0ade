// A trial's output: any split of the same bytes gives the same measurements.
#include <algorithm>
#include <string_view>
#include <vector>

#include "experiment/text_metrics.h"
#include "tests/fuzz/input.h"

namespace {

using mizan::store::Measurement;

/// `text` fed in pieces of `step` bytes.
std::vector<Measurement> read(std::string_view text, std::size_t step,
                              const mizan::experiment::TextMetricsOptions& options) {
  auto parser = mizan::experiment::TextMetricsParser::create(options);
  mizan::fuzz::require(parser.has_value(), "these filters are right");
  std::vector<Measurement> out;
  for (std::size_t at = 0; at < text.size(); at += step) parser->feed(text.substr(at, step), out);
  parser->finish(out);
  return out;
}

bool same(const std::vector<Measurement>& a, const std::vector<Measurement>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Measurement& x, const Measurement& y) {
        return x.metric == y.metric && x.value == y.value && x.time == y.time && x.step == y.step;
      });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  mizan::experiment::TextMetricsOptions options;
  options.metrics = {"loss", "valid-mlogloss"};
  if ((data[0] & 1U) != 0) options.filters = {"([a-z-]+):([0-9.]+)"};
  options.stamped_lines = (data[0] & 2U) != 0;
  const std::string_view text = mizan::fuzz::text_of(data + 2, size - 2);
  const auto whole = read(text, text.size() + 1, options);
  mizan::fuzz::require(same(whole, read(text, 1U + data[1] % 16U, options)),
                       "the split does not matter");
  for (const Measurement& measurement : whole) {
    mizan::fuzz::require(measurement.metric == "loss" || measurement.metric == "valid-mlogloss",
                         "only what was wanted");
  }
  return 0;
}
