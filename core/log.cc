// Writes log lines through spdlog, to stderr.
#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace mizan {
namespace {

struct Sink {
  std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("mizan",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  bool json = false;
};

Sink& sink() {
  static Sink instance;
  return instance;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\n\t") != std::string_view::npos;
}

void write(LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
  Sink& to = sink();
  const auto spd_level = level_of(level);
  if (!to.logger->should_log(spd_level)) return;
  const auto lenient = nlohmann::json::error_handler_t::replace;
  if (to.json) {
    nlohmann::json line{{"component", component}, {"message", message}};
    for (const auto& [name, value] : fields) line[std::string(name)] = value;
    std::string rest = line.dump(-1, ' ', false, lenient).substr(1);
    to.logger->log(spd_level, rest);
    return;
  }
  std::string text = std::string(component) + ": " + std::string(message);
  for (const auto& [name, value] : fields) {
    text += " " + std::string(name) + "=";
    text += needs_quotes(value) ? nlohmann::json(value).dump(-1, ' ', false, lenient) : value;
  }
  to.logger->log(spd_level, text);
}

}  // namespace

void configure_log(LogLevel level, bool json) {
  sink().json = json;
  if (json) {
    sink().logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)",
                               spdlog::pattern_time_type::utc);
  }
  sink().logger->set_level(level_of(level));
}

void log_debug(std::string_view component, std::string_view message, LogFields fields) {
  write(LogLevel::kDebug, component, message, fields);
}
void log_info(std::string_view component, std::string_view message, LogFields fields) {
  write(LogLevel::kInfo, component, message, fields);
}
void log_warn(std::string_view component, std::string_view message, LogFields fields) {
  write(LogLevel::kWarn, component, message, fields);
}
void log_error(std::string_view component, std::string_view message, LogFields fields) {
  write(LogLevel::kError, component, message, fields);
}

}  // namespace mizan
