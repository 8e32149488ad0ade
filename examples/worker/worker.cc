// The worker of warm pods in C++, as examples/worker/worker.py is in Python: memory by `size`
// (MiB), CPU by `rounds`, loss by `x`. For tests and benches too, it can misbehave: `misbehave` is
// one of leak, die, hang, lie, twice, garbage, flood, endless, fail, infeasible.
#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/json.h"

namespace {

using mizan::Json;
using Numbers = std::map<std::string, double>;

void say(const Json& line) { std::cout << line.dump() << std::endl; }

/// Lines from standard input; what has come already can be looked at without waiting.
class Orders {
 public:
  bool next(std::string& line) {
    while (buffer_.find('\n') == std::string::npos) {
      if (!fill()) return false;
    }
    const auto end = buffer_.find('\n');
    line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return true;
  }
  bool is_stopped(const std::string& trial) {
    pollfd in{STDIN_FILENO, POLLIN, 0};
    while (::poll(&in, 1, 0) > 0 && fill()) {
    }
    return buffer_.find(Json{{"stop", trial}}.dump()) != std::string::npos;
  }

 private:
  bool fill() {
    char chunk[4096];
    const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (got <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  std::string buffer_;
};

Numbers numbers_of(const Json& assignments) {
  Numbers numbers;
  for (const auto& [name, value] : assignments.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end != text.c_str()) numbers[name] = number;
  }
  return numbers;
}

double number(const Numbers& numbers, const char* name, double otherwise) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? otherwise : found->second;
}

void flood() {
  const std::string line(1023, 'x');
  for (int i = 0; i < 64 * 1024; ++i) std::cout << line << '\n';
}

/// What comes instead of a trial; empty: nothing, and the trial runs.
bool misbehave(const std::string& how, const std::string& trial) {
  if (how == "die") ::_exit(3);
  if (how == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
  if (how == "lie") say({{"done", trial + "-other"}});
  if (how == "garbage")
    std::cout << "{\"done\": 7}\n{{{\n\x01\xff\n[1,2]\n{\"metric\": []}" << std::endl;
  if (how == "flood") flood();
  if (how == "endless") std::cout << std::string(1U << 20U, 'y');
  if (how == "fail") say({{"done", trial}, {"error", "it was asked to fail"}});
  if (how == "infeasible") say({{"done", trial}, {"infeasible", "it was asked to be"}});
  return how == "fail" || how == "infeasible";
}

void run(Orders& orders, const std::string& trial, const Json& assignments) {
  const Numbers given = numbers_of(assignments);
  const std::string how = assignments.value("misbehave", "");
  if (misbehave(how, trial)) return;
  const auto size = static_cast<std::size_t>(number(given, "size", 1) * 1048576);
  const int rounds = static_cast<int>(number(given, "rounds", 1));
  const auto pause = std::chrono::duration<double>(number(given, "seconds", 0) / rounds);
  std::vector<char>* held = nullptr;
  // In pieces, as a program that loads data does: a sampler has time to see it grow.
  std::vector<std::vector<char>> pieces;
  for (std::size_t at = 0; at < size; at += 1048576)
    pieces.emplace_back(std::min<std::size_t>(1048576, size - at), 'x');
  if (how == "leak") held = new std::vector<char>(size, 'x');  // NOLINT: that is the point
  const double x = number(given, "x", 0);
  const double loss = std::pow(x - 0.3, 2) + 0.001 * number(given, "size", 1);
  for (int step = 1; step <= rounds; ++step) {
    std::int64_t sum = held == nullptr ? 0 : held->size() % 2;
    for (const auto& piece : pieces) {
      for (std::size_t i = 0; i < piece.size(); i += 4096) sum += piece[i];
    }
    say({{"metric", "loss"}, {"value", loss + (sum < 0 ? 1 : 0) + 1.0 / step}, {"step", step}});
    std::this_thread::sleep_for(pause);
    if (orders.is_stopped(trial)) break;
  }
  pieces.clear();
  malloc_trim(0);  // memory goes back before the pod may be made smaller
  say({{"done", trial}});
  if (how == "twice") say({{"done", trial}});
}

}  // namespace

int main() {
  Orders orders;
  for (std::string text; orders.next(text);) {
    const auto line = mizan::parse_json(text);
    if (!line || !line->value.is_object() || !line->value.contains("trial")) continue;
    run(orders, line->value.value("trial", ""), line->value.value("assignments", Json::object()));
  }
  return 0;
}
