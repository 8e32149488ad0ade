// The program's log: a component, a verb in the past tense, and fields.
//
//   log_info("suggestion", "drew points", {{"experiment", "ns/a"}, {"count", "3"}});
//   -> 2026-11-23T20:19:10.123Z INFO suggestion: drew points experiment=ns/a count=3
// error: someone must act; warn: degraded and handled; info: an object changed state; debug: the
// rest. No secrets, no environment values, no bodies. spdlog is included by log.cc alone.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mizan {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };
using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Sets what goes to stderr. `json` writes one JSON object a line. Thread: call once, before others
/// log.
void configure_log(LogLevel level, bool json);

void log_debug(std::string_view component, std::string_view message, LogFields fields = {});
void log_info(std::string_view component, std::string_view message, LogFields fields = {});
void log_warn(std::string_view component, std::string_view message, LogFields fields = {});
void log_error(std::string_view component, std::string_view message, LogFields fields = {});

}  // namespace mizan
