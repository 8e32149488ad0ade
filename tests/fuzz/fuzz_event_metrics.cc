// TensorBoard event files: any split of the same bytes gives the same measurements.
#include <algorithm>
#include <vector>

#include "experiment/event_metrics.h"
#include "tests/fuzz/input.h"

namespace {

using mizan::store::Measurement;

std::vector<Measurement> read(std::string_view bytes, std::size_t step) {
  mizan::experiment::EventMetricsParser parser("/logs/train", {"loss", "train/accuracy"});
  std::vector<Measurement> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) parser.feed(bytes.substr(at, step), out);
  return out;
}

bool same(const Measurement& a, const Measurement& b) {
  return a.metric == b.metric && a.value == b.value && a.time == b.time && a.step == b.step;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes = mizan::fuzz::text_of(data + 1, size - 1);
  const auto whole = read(bytes, bytes.size() + 1);
  const auto cut = read(bytes, 1U + data[0] % 31U);
  mizan::fuzz::require(std::equal(whole.begin(), whole.end(), cut.begin(), cut.end(), same),
                       "the split does not matter");
  // The checksums keep most inputs out: what is inside a record is read without them too.
  mizan::experiment::Event event;
  mizan::experiment::read_event(bytes, event);
  return 0;
}
