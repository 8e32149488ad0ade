// What a worker of a warm pod prints: cut into lines, read, framed, and found again. Whatever it
// says, another trial gets no line of it.
#include "pods/runner/framed_output.h"
#include "pods/runner/worker_protocol.h"
#include "pods/warm/trial_lines.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mizan::pods;
  const std::string_view text = mizan::fuzz::text_of(data, size);
  std::string log = "runner: begin a/1\n";
  LineCutter cutter;
  const auto take = [&](std::string_view line) {
    const WorkerLine read = read_worker_line(line);
    if (read.kind != WorkerLine::Kind::kDone) log += "a/1: " + read.text + "\n";
  };
  cutter.feed(text.substr(0, size / 2), take);
  cutter.feed(text.substr(size / 2), take);
  cutter.finish(take);
  log += "runner: end a/1 exit code 0\nrunner: begin b/1\nb/1: own\nrunner: end b/1 exit code 0\n";
  TrialLines lines("b", false, "");
  std::string own = lines.feed(log);
  own += lines.finish();
  mizan::fuzz::require(own == "own\n", "a trial gets no line of another");
  return 0;
}
