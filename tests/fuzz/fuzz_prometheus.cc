// A trial's metrics page, whatever stands on it: what is found is what each line by itself says.
#include <algorithm>
#include <string>
#include <vector>

#include "experiment/prometheus_text.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mizan::experiment;
  const std::string_view text = mizan::fuzz::text_of(data, size);
  const std::vector<std::string> wanted = {"loss", R"(loss{phase="valid"})", "acc{", ""};
  MetricsNotes notes;
  const auto found = read_prometheus(text, wanted, notes);
  mizan::fuzz::require(found.size() <= wanted.size(), "one sample for each metric");

  std::vector<PrometheusSample> samples;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    if (auto sample = read_prometheus_line(text.substr(start, end - start)))
      samples.push_back(*std::move(sample));
    start = end + 1;
  }
  for (const auto& [metric, sample] : found) {
    mizan::fuzz::require(std::ranges::find(wanted, metric) != wanted.end(), "it was asked for");
    mizan::fuzz::require(std::ranges::find(samples, sample) != samples.end(), "a line says so");
  }
  return 0;
}
